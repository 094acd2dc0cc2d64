"""Review and merge a proposal: everything that can be recomputed is, on the registry as it would be with the entry.

A pull request may add one generator's folder, nothing else. Its files are fetched at one commit and verified against
that commit's tree; what is published is exactly what was reviewed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from fingerprints.errors import UserError

from ..analysis.quality import LOOKS_REAL, quality
from ..contributions.suspicions import suspicions
from ..storage.card import Card, CardError
from ..storage.check import check_entry
from ..storage.files import BrokenFile, canonical_json, link, read_json, sha256_of, write_new
from ..storage.local import Additions
from ..storage.manifest import check_path, entry_of, line_of
from ..storage.snapshot import Snapshot
from ..storage.store import Store, disk_errors
from .client import Hub, RemoteFile
from .readme import licence_of, readme
from .sync import Published, fetch, one_at_a_time, read_published

_MAX_FILES, _MAX_BYTES = 40, 64 << 20


class _Refused(UserError, ValueError):
    """The first thing that speaks against a proposal so clearly that nothing more is looked at."""


@dataclass(frozen=True)
class Review:
    """What was found. ``reasons`` speak against it, ``remarks`` are to be known; without reasons it is accepted.

    ``commit`` is what was reviewed, ``name`` the generator ("" when the proposal is not one generator's folder).
    """

    number: int
    author: str
    commit: str
    collection: str = ""
    name: str = ""
    reasons: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class _Candidate:
    """The published registry with the proposed entry in it, as a folder that goes away; ``files`` are the entry's."""

    published: Published
    snapshot: Snapshot
    files: tuple[str, ...]

    @property
    def is_published(self) -> bool:
        """Whether the very same entry has been published already."""
        files = self.published.manifest["files"]
        return all(files.get(path) == self.snapshot.files[path] for path in self.files)


def review(store: Store, hub: Hub, number: int) -> Review:
    """Look at a pull request; nothing is changed, here or there. Raises HubError, SyncError."""
    with _examined(store, hub, number) as (found, _):
        return found


def merge(store: Store, hub: Hub, number: int) -> tuple[Review, str | None]:
    """Review again and, if accepted, publish the entry with a new registry.json in one commit on the newest one, then
    close the pull request. Returns the commit, None when it was not accepted. Raises HubError, SyncError; Moved when
    somebody else published in between."""
    with _examined(store, hub, number) as (found, candidate):
        if candidate is None or not found.accepted:
            return found, None
        commit = candidate.published.commit
        if not candidate.is_published:
            title = f"Add {found.collection}/{found.name} (pull request {number})"
            commit = hub.commit(commit, title, f"Reviewed at {found.commit}.", _additions(hub, candidate))
        hub.close(number, f"Published in {commit}.")
        return found, commit


@contextmanager
def _examined(store: Store, hub: Hub, number: int) -> Iterator[tuple[Review, _Candidate | None]]:
    with disk_errors(), one_at_a_time(store), _folder(store) as folder:
        asked, commit = hub.pull_request(number), hub.head(f"refs/pr/{number}")
        found, candidate = Review(number, asked.author, commit), None
        published = read_published(hub, hub.head())
        try:
            if asked.status not in {"open", "draft"}:
                raise _Refused(f"the pull request is {asked.status}.")
            candidate = _built(store, hub, commit, published, folder)
            found = _judged(candidate, found)
        except (_Refused, BrokenFile, CardError) as error:
            found = replace(found, reasons=(str(error),))
        yield found, candidate


@contextmanager
def _folder(store: Store) -> Iterator[Path]:
    """For one review, on the registry's own disk; also clears away what a killed one left."""
    for left in store.folder.glob(".review-*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=store.folder, prefix=".review-") as scratch:
        yield Path(scratch)


def _built(store: Store, hub: Hub, commit: str, published: Published, folder: Path) -> _Candidate:
    """The registry as it would be; what the files are is checked. Raises _Refused, BrokenFile, CardError."""
    added = _added(hub, commit, published)
    _bring_proposed(hub, commit, added, folder)
    _refuse_taken(published, added, folder)
    _bring_published(store, hub, published, folder)
    return _Candidate(published, _with_entry(published, added, folder), tuple(added))


def _added(hub: Hub, commit: str, published: Published) -> dict[str, RemoteFile]:
    """The files of the one entry that the pull request adds. Raises _Refused when it does anything else."""
    main = set(hub.history(published.commit))
    base = next((ancestor for ancestor in hub.history(commit) if ancestor in main), None)
    if base is None:
        raise _Refused("the pull request does not build on this repository's main branch.")
    before = published.tree if base == published.commit else hub.tree(base)
    after = hub.tree(commit)
    for path, file in before.items():
        if after.get(path) != file:
            raise _Refused(
                f"it {'changes' if path in after else 'removes'} {path}; a proposal only adds one generator."
            )
    added = {path: file for path, file in after.items() if path not in before}
    for path in added:
        check_path(path)
    entries = {entry_of(path) for path in added}
    if len(entries) != 1 or not all(name for _, name in entries):
        raise _Refused("it does not add exactly one generator: " + (", ".join(sorted(added)[:5]) or "no file") + ".")
    if len(added) > _MAX_FILES or sum(file.size for file in added.values()) > _MAX_BYTES:
        raise _Refused(f"it is larger than a generator's folder: {len(added)} files.")
    return added


def _bring_proposed(hub: Hub, commit: str, added: Mapping[str, RemoteFile], folder: Path) -> None:
    """The entry's files, verified against the commit's tree."""
    for path, file in added.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        hub.fetch(commit, path, file.size, target, lambda count: None)
        if not file.holds(target):
            raise BrokenFile(f"{path} came damaged from {hub.repo_id}.")


def _refuse_taken(published: Published, added: Mapping[str, RemoteFile], folder: Path) -> None:
    collection, name = entry_of(next(iter(added)))
    if collection not in published.manifest["collections"]:
        raise _Refused(f"there is no collection {collection!r} in this registry.")
    files = {
        path: digest for path, digest in published.manifest["files"].items() if entry_of(path) == (collection, name)
    }
    if files and files != {path: sha256_of(folder / path) for path in added}:
        raise _Refused(f"{collection} has another generator by the name {name!r} already.")


def _bring_published(store: Store, hub: Hub, published: Published, folder: Path) -> None:
    """The published registry beside the entry; hard links where its files are here already."""
    incoming = store.folder / "incoming"
    for _ in fetch(store, hub, published, incoming):
        pass
    for path, digest in published.manifest["files"].items():
        if not (folder / path).exists():
            link(incoming / digest, folder / path)
    shutil.rmtree(incoming, ignore_errors=True)


def _with_entry(published: Published, added: Mapping[str, RemoteFile], folder: Path) -> Snapshot:
    """List the entry in a new registry.json."""
    collection, name = entry_of(next(iter(added)))
    card = Card.from_json(read_json(folder / collection / "generators" / name / "card.json"))
    files = {path: sha256_of(folder / path) for path in added}
    manifest = Additions(files, {collection: {name: line_of(card)}}).on(published.manifest)
    write_new(folder / "registry.json", canonical_json(manifest))
    snapshot = Snapshot(folder)
    check_entry(snapshot, snapshot.collection(collection), name)
    return snapshot


def _judged(candidate: _Candidate, found: Review) -> Review:
    """What the numbers of the entry say."""
    where, name = entry_of(candidate.files[0])
    collection = candidate.snapshot.collection(where)
    prints = {space: collection.fingerprint(name, space) for space in collection.spaces}
    worth = quality(prints, collection, name)
    remarks = worth.sentences()
    if worth.recognised < 0.5:
        remarks.append("It is a weak fingerprint: most of its own images would not be recognised by it.")
    if worth.looks_real > LOOKS_REAL:
        remarks.append("Real photos may be among its samples, or they were scaled or re-saved.")
    reasons = tuple(suspicions(prints, collection.card(name), collection))
    return replace(found, collection=collection.name, name=name, reasons=reasons, remarks=tuple(remarks))


def _additions(hub: Hub, candidate: _Candidate) -> dict[str, bytes | Path]:
    """The files of the commit that publishes an entry."""
    snapshot, published = candidate.snapshot, candidate.published
    page = published.tree.get("README.md")
    licence = licence_of(hub.read(published.commit, "README.md", page.size)) if page else "other"
    files: dict[str, bytes | Path] = {path: snapshot.path / path for path in (*candidate.files, "registry.json")}
    return {**files, "README.md": readme(snapshot, hub.repo_id, licence).encode()}
