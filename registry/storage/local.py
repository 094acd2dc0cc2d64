"""What was changed here since a registry was synced or seeded, and how that goes on top of a newer edition of it.

Three manifests meet: ``base`` (what it was synced from), ``mine`` (what there is now), ``theirs`` (what was published).
An entry that was added here stays as long as it rests on the same reference; what cannot stay is named, never lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from fingerprints.errors import UserError

from .manifest import Manifest, by_entry

NOTHING: Manifest = {"collections": {}, "files": {}}
Groups = dict[tuple[str, str], dict[str, str]]


class Conflict(UserError, ValueError):
    """Something that was added here cannot stay; the text says what, why, and what to do."""


@dataclass(frozen=True)
class Additions:
    """``files`` (path -> digest), ``lines`` (collection -> generator -> line) and ``titles`` to put on top."""

    files: dict[str, str] = field(default_factory=dict)
    lines: dict[str, dict[str, object]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(f"{collection}/{name}" for collection, names in self.lines.items() for name in names)

    def on(self, theirs: Manifest) -> Manifest:
        """The published manifest with these on top."""
        collections = {
            name: {**facts, "generators": {**facts["generators"], **self.lines.get(name, {})}}
            for name, facts in theirs["collections"].items()
        }
        for name, title in self.titles.items():
            collections[name] = {"title": title, "generators": self.lines.get(name, {})}
        return {**theirs, "collections": collections, "files": {**theirs["files"], **self.files}}


def additions(base: Manifest, mine: Manifest, theirs: Manifest) -> Additions:
    """What was added here and is to be kept on top of ``theirs``. Raises Conflict.

    A collection that was created or changed here and that ``theirs`` lacks is kept whole. Entries that were removed
    here come back: a sync brings what was published.
    """
    groups = by_entry(base["files"]), by_entry(mine["files"]), by_entry(theirs["files"])
    kept = Additions()
    for collection, facts in mine["collections"].items():
        entries = [("", None), *facts["generators"].items()]
        changed = [name for name, _ in entries if _differ(collection, name, groups[1], groups[0])]
        if not changed:
            continue
        whole = collection not in theirs["collections"]
        if whole:
            kept.titles[collection] = facts["title"]
        for name, line in entries:
            if whole or (name in changed and _stays(collection, name, *groups[1:])):
                kept.files.update(groups[1][collection, name])
                if line is not None:
                    kept.lines.setdefault(collection, {})[name] = line
    return kept


def _stays(collection: str, name: str, mine: Groups, theirs: Groups) -> bool:
    """Whether a change goes on top; False when it was published meanwhile. Raises Conflict when it cannot."""
    if not _differ(collection, name, mine, theirs):
        return False
    if not name:
        raise Conflict(_refused(f"{collection} was rebuilt here, and is published with another reference"))
    if (collection, name) in theirs:
        raise Conflict(_refused(f"{collection}/{name} was added here, and another generator is published by that name"))
    if _references(mine[collection, ""]) != _references(theirs[collection, ""]):
        raise Conflict(_refused(f"{collection}/{name} was made here against a reference that is no longer published"))
    return True


def _refused(what: str) -> str:
    return f"{what}; remove it first (and add it again under a new name or reference), or discard it with --replace."


def _differ(collection: str, name: str, one: Groups, other: Groups) -> bool:
    return one.get((collection, name)) != other.get((collection, name))


def _references(files: dict[str, str]) -> dict[str, str]:
    return {path: digest for path, digest in files.items() if "/reference/" in path}
