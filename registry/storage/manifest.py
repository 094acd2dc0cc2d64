"""registry.json from outside, read with suspicion: its schema, the paths it names, what it says of generators.

The folder's layout is a closed list, so a path that is not part of it is refused whatever it tries: ``..``, absolute
paths, links to other places, or files that nobody would look at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .card import Card, CardError, valid_slug
from .files import BrokenFile
from .snapshot import SCHEMA

Manifest = dict[str, Any]
MAX_FILE_BYTES = 1 << 30
MAX_MANIFEST_BYTES = 1 << 28
_DIGEST = re.compile(r"[0-9a-f]{64}")
_NAME = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,79}"
_SLUG = r"[a-z0-9][a-z0-9._+-]{0,63}"
_LAYOUT = re.compile(
    rf"({_SLUG})/(?:collection\.json|reference/(?:{_NAME}\.safetensors|domain\.json)|"
    rf"generators/({_SLUG})/(?:card\.json|{_NAME}\.safetensors|gallery/{_NAME}\.png))"
)


def parse_manifest(data: bytes) -> Manifest:
    """The manifest in ``data``. Raises BrokenFile with the first thing that is wrong."""
    try:
        manifest = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BrokenFile(f"its registry.json cannot be read: {error}.") from error
    if not isinstance(manifest, dict) or manifest.get("schema") != SCHEMA:
        found = manifest.get("schema") if isinstance(manifest, dict) else None
        raise BrokenFile(f"its registry.json has schema {str(found)[:20]!r}; this version reads schema {SCHEMA}.")
    _check_files(manifest.get("files"))
    _check_collections(manifest.get("collections"), manifest["files"])
    return manifest


def check_path(path: str) -> None:
    """BrokenFile for a path that no file of a registry has."""
    match = _LAYOUT.fullmatch(path)
    if not match or ".." in path:
        raise BrokenFile(f"{path[:120]!r} is not a path that a registry has.")
    for slug in filter(None, match.groups()):
        try:
            valid_slug(slug)
        except CardError as error:
            raise BrokenFile(str(error)) from error


def entry_of(path: str) -> tuple[str, str]:
    """The collection and the generator that a file belongs to; the generator is "" for the collection's own files."""
    parts = path.split("/")
    return parts[0], parts[2] if parts[1] == "generators" else ""


def by_entry(files: Mapping[str, str]) -> dict[tuple[str, str], dict[str, str]]:
    """The files of a manifest, grouped by collection and generator."""
    groups: dict[tuple[str, str], dict[str, str]] = {}
    for path, digest in files.items():
        groups.setdefault(entry_of(path), {})[path] = digest
    return groups


def line_of(card: Card) -> dict[str, object]:
    """What registry.json, and so `list`, says of a generator."""
    return {
        "title": card.label,
        "family": card.family,
        "decoder": card.decoder,
        "samples": card.samples,
        "contents": card.contents,
    }


def _check_files(files: object) -> None:
    if not isinstance(files, dict):
        raise BrokenFile("its registry.json does not list its files.")
    for path, digest in files.items():
        check_path(path)
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise BrokenFile(f"its registry.json gives {path} a digest that is not a sha256.")


def _check_collections(collections: object, files: Mapping[str, str]) -> None:
    if not isinstance(collections, dict):
        raise BrokenFile("its registry.json does not list its collections.")
    listed = set()
    for name, facts in collections.items():
        if not isinstance(facts, dict) or not isinstance(facts.get("generators"), dict):
            raise BrokenFile(f"its registry.json does not list the generators of {str(name)[:80]!r}.")
        if not isinstance(facts.get("title"), str) or not facts["title"].isprintable():
            raise BrokenFile(f"its registry.json gives {str(name)[:80]!r} a title that is not one line of text.")
        listed |= {(name, ""), *((name, generator) for generator in facts["generators"])}
        for generator, line in facts["generators"].items():
            _check_line(generator, line)
    if stray := listed ^ {entry_of(path) for path in files}:
        collection, generator = min(stray)
        raise BrokenFile(f"its registry.json lists {collection}/{generator or '*'} without files, or files without it.")


def _check_line(generator: str, line: object) -> None:
    """A line must be one that a card could have given; Card refuses what may not be shown."""
    if not isinstance(line, dict):
        raise BrokenFile(f"its registry.json says nothing of {generator[:80]!r}.")
    try:
        if line_of(Card(name=generator, **line)) != line:
            raise BrokenFile(f"its registry.json says of {generator!r} what no card says.")
    except (CardError, TypeError) as error:
        raise BrokenFile(f"its registry.json says of {generator[:80]!r}: {error}") from error
