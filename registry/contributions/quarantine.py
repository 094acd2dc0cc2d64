"""Contributions that wait for the owner's word: whole, but not in the registry, and part of no answer.

    pending/<id>/entry.json, files/...      waits
    settled/<id>/...                        was accepted or rejected, and can be undone

A contribution moves between the two by one rename. ``accept`` adds it to the registry first: if the power fails in
between, it still waits, and accepting it again finds that it is there. The log is written before each rename: no
decision is without its line.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from fingerprints.files import write_atomically

from ..storage.audit import note, now
from ..storage.card import Card
from ..storage.files import BrokenFile, as_known, canonical_json, read_json, sha256, write_new
from ..storage.store import Store, StoreError, disk_errors, locked

MOST_WAITING = 200
_SETTLED_KEPT = 100
PENDING, SETTLED = "pending", "settled"


@dataclass(frozen=True)
class Waiting:
    """One contribution. ``reasons`` speak against it, ``remarks`` are to be known; ``decision``: "" while it waits,
    then "accepted" or "rejected"."""

    id: str
    collection: str
    card: Card
    reasons: tuple[str, ...]
    remarks: tuple[str, ...]
    time: str
    by: str
    decision: str = ""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "card": self.card.to_json()}


def hold(
    store: Store,
    collection: str,
    card: Card,
    files: Mapping[str, bytes],
    reasons: Sequence[str] = (),
    remarks: Sequence[str] = (),
    by: str = "",
) -> Waiting:
    """Keep a contribution until the owner decides. Raises StoreError."""
    held = Waiting(secrets.token_hex(8), collection, card, tuple(reasons), tuple(remarks), now(), by)
    with _locked(store):
        if sum(1 for _ in _folders(store, PENDING)) >= MOST_WAITING:
            raise StoreError(f"{MOST_WAITING} contributions wait for the owner already; try again another day.")
        building = Path(tempfile.mkdtemp(dir=_folder(store, PENDING), prefix=".building-"))
        try:
            for path, data in files.items():
                write_new(building / "files" / path, data)
            write_new(building / "entry.json", canonical_json(held.to_json()))
            _note(store, "received", held, by)
            os.rename(building, _folder(store, PENDING) / held.id)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    return held


def pending(store: Store, where: str = PENDING) -> list[Waiting]:
    """What waits (or, of ``SETTLED``, what was decided), the oldest first. Damaged ones are left out."""
    found = []
    for folder in _folders(store, where):
        try:
            found.append(_read(folder))
        except BrokenFile:
            continue
    return sorted(found, key=lambda held: (held.time, held.id))


def find(store: Store, what: str, where: str = PENDING) -> Waiting:
    """By id, or by name where only one bears it. Raises StoreError."""
    there = pending(store, where)
    found = [held for held in there if held.id == what] or [held for held in there if held.card.name == what]
    if not found:
        raise StoreError(f"{what!r} is not {'waiting' if where == PENDING else 'among what was decided'}.")
    if len(found) > 1:
        raise StoreError(f"{len(found)} are called {what!r}; say which: {', '.join(held.id for held in found)}.")
    return found[0]


def accept(store: Store, what: str, by: str = "") -> str:
    """Add it to the registry. Returns the new revision. Raises StoreError."""
    with _locked(store):
        held = find(store, what)
        files = _files(_folder(store, PENDING) / held.id)
        if _is_in(store, held, files):
            revision = store.revision or ""
        else:
            revision = store.add(held.collection, held.card, files)
        _note(store, "accepted", held, by, revision=revision)
        _settle(store, held, "accepted")
    return revision


def reject(store: Store, what: str, by: str = "") -> Waiting:
    """Put it aside. Raises StoreError."""
    with _locked(store):
        held = find(store, what)
        _note(store, "rejected", held, by)
        _settle(store, held, "rejected")
    return held


def undo(store: Store, what: str, by: str = "") -> Waiting:
    """Take a decision back: it waits again, and is in the registry no more. Raises StoreError, NotFound."""
    with _locked(store):
        held = find(store, what, SETTLED)
        if held.decision == "accepted" and _is_in(store, held, _files(_folder(store, SETTLED) / held.id)):
            store.remove(held.collection, held.card.name)
        _note(store, "undone", held, by)
        _move(store, held, SETTLED, PENDING, "")
    return held


def withdraw(store: Store, id_: str) -> None:
    """The contributor takes back what nobody has decided on yet. Raises StoreError."""
    with _locked(store):
        held = find(store, id_)
        _note(store, "withdrawn", held, held.by)
        shutil.rmtree(_folder(store, PENDING) / held.id)


@contextmanager
def _locked(store: Store) -> Iterator[None]:
    """One program at a time. Not the store's own lock, which ``accept`` takes inside of this one."""
    with disk_errors():
        for where in (PENDING, SETTLED):
            _folder(store, where).mkdir(exist_ok=True)
        busy = "another program is deciding on contributions; try again in a minute."
        with locked(_folder(store, PENDING) / ".lock", busy):
            yield


def _folder(store: Store, where: str) -> Path:
    return store.folder / where


def _folders(store: Store, where: str) -> list[Path]:
    folder = _folder(store, where)
    return [path for path in folder.iterdir() if not path.name.startswith(".")] if folder.exists() else []


def _read(folder: Path) -> Waiting:
    facts = read_json(folder / "entry.json")
    with as_known(f"entry.json of {folder.name} is not as this version knows it"):
        reasons, remarks = (tuple(map(str, facts[key])) for key in ("reasons", "remarks"))
        collection, time, by, decision = (str(facts[key]) for key in ("collection", "time", "by", "decision"))
        return Waiting(folder.name, collection, Card.from_json(facts["card"]), reasons, remarks, time, by, decision)


def _files(folder: Path) -> dict[str, bytes]:
    root = folder / "files"
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def _is_in(store: Store, held: Waiting, files: Mapping[str, bytes]) -> bool:
    """Whether the registry holds these very files under that name."""
    listed = store.snapshot().files
    prefix = f"{held.collection}/generators/{held.card.name}"
    return all(listed.get(f"{prefix}/{path}") == sha256(data) for path, data in files.items())


def _settle(store: Store, held: Waiting, decision: str) -> None:
    _move(store, held, PENDING, SETTLED, decision)
    old = pending(store, SETTLED)[:-_SETTLED_KEPT]
    for gone in old:
        shutil.rmtree(_folder(store, SETTLED) / gone.id, ignore_errors=True)


def _move(store: Store, held: Waiting, before: str, after: str, decision: str) -> None:
    source = _folder(store, before) / held.id
    write_atomically(source / "entry.json", canonical_json(replace(held, decision=decision).to_json()))
    os.rename(source, _folder(store, after) / held.id)


def _note(store: Store, action: str, held: Waiting, by: str, **more: str) -> None:
    about = {"id": held.id, "collection": held.collection, "name": held.card.name}
    note(store.folder, action, by=by, **about, **more)
