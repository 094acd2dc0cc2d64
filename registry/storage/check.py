"""What must be true of a revision from outside before it is used, beyond the digests of its files."""

from __future__ import annotations

from .files import BrokenFile, as_known
from .manifest import by_entry, line_of
from .snapshot import Collection, Snapshot

_PNG = b"\x89PNG\r\n\x1a\n"


def check_published(new: Snapshot, known: Snapshot | None) -> None:
    """BrokenFile when something in ``new`` cannot be used; what ``known`` holds with the same digests is trusted."""
    ours, trusted = by_entry(new.files), by_entry(known.files) if known else {}
    for collection in new.collections.values():
        same_core = ours[collection.name, ""] == trusted.get((collection.name, ""))
        if not same_core:
            collection.check_core()
        for name in collection.names:
            entry = collection.name, name
            same = same_core and ours[entry] == trusted.get(entry) and _line(new, *entry) == _line(known, *entry)
            if not same:
                check_entry(new, collection, name)


def check_entry(new: Snapshot, collection: Collection, name: str) -> None:
    """One generator: its card agrees with the list, its fingerprints with the reference, its pictures are pictures."""
    with as_known(f"{collection.name}/{name}"):
        collection.check_entry(name)
        if _line(new, collection.name, name) != line_of(collection.card(name)):
            raise BrokenFile(f"the card of {name} does not say what the list says of it.")
    for picture in (collection.path / "generators" / name / "gallery").glob("*"):
        with picture.open("rb") as opened:
            if opened.read(len(_PNG)) != _PNG:
                raise BrokenFile(f"{collection.name}/{name}: {picture.name} is not a PNG picture.")


def _line(snapshot: Snapshot | None, collection: str, name: str) -> object:
    return snapshot.manifest["collections"][collection]["generators"].get(name) if snapshot else None
