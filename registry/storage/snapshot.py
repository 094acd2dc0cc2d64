"""One revision of a registry, opened for reading. A revision never changes, so neither does a snapshot.

The folder's layout (each revision folder is also the content of a Hub repository):

    registry.json                                       schema, what `list` prints, sha256 of every other file
    <collection>/collection.json                        title, canonical form, spaces, calibration
    <collection>/reference/<space>.safetensors         and, if it has them: joint.safetensors, of all spaces at once;
                                                        domain.json, of what its pictures show
    <collection>/generators/<slug>/card.json, <space>.safetensors, gallery/*.png
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from .card import valid_slug
from .collection import Collection, NotFound, listed
from .files import BrokenFile, read_json, sha256_of
from .origin import LOCAL, Origin, read_origin

SCHEMA = 1
UNLISTED = frozenset({"registry.json", "README.md", ".gitattributes"})


@dataclass(frozen=True)
class Listed:
    """One line of `list`: what registry.json says of a generator."""

    collection: str
    name: str
    title: str
    family: str
    decoder: str
    samples: int
    contents: int


class Snapshot:
    """A revision folder. Opening reads registry.json alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: dict[str, Any] = read_json(path / "registry.json")
        if not isinstance(self.manifest, dict) or self.manifest.get("schema") != SCHEMA:
            found = self.manifest.get("schema") if isinstance(self.manifest, dict) else None
            raise BrokenFile(f"registry.json has schema {found!r}; this version reads schema {SCHEMA}.")

    @cached_property
    def revision(self) -> str:
        return revision_id(self.path / "registry.json")

    @property
    def source(self) -> Origin | None:
        """The commit that it came from. Read each time: another commit may hold the same revision."""
        return read_origin(self.path)

    @property
    def origin(self) -> str:
        """What an answer says of where it came from: "local", or owner/name@commit (see Origin.label)."""
        source = self.source
        return source.label(self.path.name) if source else LOCAL

    @property
    def files(self) -> dict[str, str]:
        with listed():
            files: dict[str, str] = self.manifest["files"]
        return files

    @cached_property
    def collections(self) -> dict[str, Collection]:
        with listed():
            return {
                name: Collection(self.path / valid_slug(name), facts["generators"], self.files)
                for name, facts in sorted(self.manifest["collections"].items())
            }

    def collection(self, name: str) -> Collection:
        if name not in self.collections:
            raise NotFound(f"there is no collection {name!r}; there are {', '.join(self.collections) or 'none'}.")
        return self.collections[name]

    def covering(self, shorter_side: int) -> list[Collection]:
        return [c for c in self.collections.values() if c.form.covers(shorter_side)]

    def listed(self) -> Iterator[Listed]:
        """Every generator, from registry.json alone."""
        with listed():
            for collection, facts in sorted(self.manifest["collections"].items()):
                for name, line in sorted(facts["generators"].items()):
                    yield Listed(collection, name, **{f.name: line[f.name] for f in fields(Listed)[2:]})

    def verify(self) -> list[str]:
        """What is wrong, one sentence each; empty when every file is there, whole, listed and readable."""
        found = {p.relative_to(self.path).as_posix() for p in self.path.rglob("*") if p.is_file()} - UNLISTED
        problems = [f"{path} is listed but missing." for path in sorted(set(self.files) - found)]
        if self.path.parent.name == "revisions" and self.path.name != revision_id(self.path / "registry.json"):
            problems.append(
                "registry.json is not the one that this revision is named after: it was changed or damaged."
            )
        problems += [f"{path} is not listed." for path in sorted(found - set(self.files))]
        for path in sorted(found & set(self.files)):
            if sha256_of(self.path / path) != self.files[path]:
                problems.append(f"{path} does not have the listed digest: it was changed or damaged.")
        return problems or self._schema_problems()

    def _schema_problems(self) -> list[str]:
        problems = []
        for collection in self.collections.values():
            try:
                collection.check_core()
                _ = collection.histories, collection.cards, collection.means
            except (ValueError, KeyError, TypeError) as error:
                problems.append(str(error))
        return problems


def revision_id(manifest: Path) -> str:
    """A revision is named by the digest of its registry.json, which holds the digest of everything else."""
    return sha256_of(manifest)[:16]
