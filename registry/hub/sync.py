"""Sync: bring a commit of a Hub repository here, exactly and verified, or change nothing.

head of the revision -> the pinned commit? done, one request
tree and registry.json -> which digests are missing here? fetch those alone, going on where a killed sync stopped
all there, each with its sha256 -> a new revision, by one switch (Store.adopt)
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Generator, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ..storage.audit import now
from ..storage.files import BrokenFile, link, sha256, sha256_of
from ..storage.manifest import MAX_FILE_BYTES, MAX_MANIFEST_BYTES, Manifest, check_path, parse_manifest
from ..storage.origin import Origin, write_origin
from ..storage.snapshot import UNLISTED
from ..storage.store import Store, StoreError, disk_errors, locked
from .client import Hub, HubError, RemoteFile

_WORKERS = 8
_TELL_EVERY = 0.1  # seconds
_ROOM = 64 << 20  # bytes that stay free on the disk


class SyncError(StoreError):
    """The commit was not taken; what was in use still is. The text says why."""


@dataclass(frozen=True)
class Progress:
    """How far the download is."""

    files: int
    files_total: int
    bytes: int
    bytes_total: int
    seconds: float

    @property
    def rate(self) -> float:
        """Bytes a second."""
        return self.bytes / max(self.seconds, 1e-3)


@dataclass(frozen=True)
class Synced:
    """What is in use now. ``changed``: whether that is new; ``kept``: entries that were added here, still there."""

    origin: Origin
    revision: str
    changed: bool
    kept: tuple[str, ...] = ()
    files: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class Published:
    """The registry at a commit: its manifest, as it came and parsed, and the sizes and ids of its files."""

    commit: str
    data: bytes
    manifest: Manifest
    tree: dict[str, RemoteFile]

    @property
    def revision(self) -> str:
        return sha256(self.data)[:16]


def sync(
    store: Store, hub: Hub, revision: str | None = None, replace_local: bool = False
) -> Generator[Progress | Synced, None, None]:
    """Progress while files come, then what is in use. Raises SyncError, StoreError, HubError; nothing changed then.

    ``revision``: a branch, tag, commit or refs/pr/N; None is the newest, which must not be older than the one in use.
    """
    with disk_errors(), one_at_a_time(store):
        origin = Origin(hub.repo_id, hub.head(revision), revision, now(), "")
        snapshot = store.snapshot() if store.revision else None
        pinned = snapshot.source if snapshot else None
        if snapshot and pinned and (pinned.repo_id, pinned.commit) == (origin.repo_id, origin.commit):
            if snapshot.path.name == pinned.base or not replace_local:
                origin = replace(origin, base=pinned.base)
                write_origin(snapshot.path, origin)
                yield Synced(origin, snapshot.path.name, changed=False)
                return
        elif pinned and revision is None and pinned.repo_id == origin.repo_id:
            _refuse_rollback(hub, pinned, origin.commit)
        published = read_published(hub, origin.commit)
        incoming = store.folder / "incoming"
        progress = Progress(0, 0, 0, 0, 0.0)
        for progress in fetch(store, hub, published, incoming):
            yield progress
        origin = replace(origin, base=published.revision)
        new, kept = store.adopt(published.data, incoming, origin, replace_local)
        shutil.rmtree(incoming, ignore_errors=True)
        changed = snapshot is None or new != snapshot.path.name
        yield Synced(origin, new, changed, kept, progress.files, progress.bytes)


def read_published(hub: Hub, commit: str) -> Published:
    """The registry at a commit, checked as far as that goes without its files. Raises SyncError, HubError."""
    tree = hub.tree(commit)
    if "registry.json" not in tree:
        raise SyncError(f"{hub.repo_id} holds no registry: it has no registry.json.")
    if tree["registry.json"].size > MAX_MANIFEST_BYTES:
        raise SyncError(f"the registry.json of {hub.repo_id} is too large to be one.")
    data = hub.read(commit, "registry.json", tree["registry.json"].size)
    try:
        manifest = parse_manifest(data)
        _check_tree(tree, manifest["files"])
    except BrokenFile as error:
        raise SyncError(f"{hub.repo_id} was not taken: {error}") from error
    return Published(commit, data, manifest, tree)


def fetch(store: Store, hub: Hub, published: Published, incoming: Path) -> Iterator[Progress]:
    """Put every file of a published registry in ``incoming``, named by its digest and verified."""
    incoming.mkdir(exist_ok=True)
    missing = _link_known(store, published, incoming)
    sizes = {digest: published.tree[path].size for digest, path in missing.items()}
    if sum(sizes.values()) + _ROOM > shutil.disk_usage(incoming).free:
        raise SyncError(f"the disk has no room for the {sum(sizes.values()):,} bytes of {hub.repo_id}.")
    started, stop = time.perf_counter(), threading.Event()
    came: list[int] = []  # bytes; threads append to it

    def bring(digest: str, path: str) -> None:
        _fetch_verified(hub, published.commit, path, sizes[digest], incoming / digest, came, stop)

    pool = ThreadPoolExecutor(_WORKERS)
    try:
        waiting = {pool.submit(bring, digest, path) for digest, path in missing.items()}
        while waiting:
            done, waiting = wait(waiting, timeout=_TELL_EVERY, return_when=FIRST_EXCEPTION)
            for future in done:
                future.result()
            seconds = time.perf_counter() - started
            yield Progress(len(missing) - len(waiting), len(missing), sum(came), sum(sizes.values()), seconds)
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _refuse_rollback(hub: Hub, pinned: Origin, commit: str) -> None:
    """The history of what comes must hold what is in use; one request when that is among the newest commits."""
    if pinned.commit not in hub.history(commit):
        raise SyncError(
            f"{hub.repo_id} is at {commit[:12]} now, which does not build on {pinned.commit[:12]}, the one in use: it "
            "was rolled back or rewritten. To take it all the same, name it with --revision."
        )


def _check_tree(tree: dict[str, RemoteFile], files: dict[str, str]) -> None:
    found = set(tree) - UNLISTED
    for path in sorted(found):
        check_path(path)
    if lacking := sorted(found - set(files)):
        raise BrokenFile(f"its registry.json does not list {lacking[0]}.")
    if absent := sorted(set(files) - found):
        raise BrokenFile(f"its registry.json lists {absent[0]}, which is not there.")
    for path, digest in files.items():
        if tree[path].size > MAX_FILE_BYTES:
            raise BrokenFile(f"{path} is larger than any file of a registry.")
        if tree[path].sha256 not in (None, digest):
            raise BrokenFile(f"{path} is not the file that its registry.json lists.")


def _link_known(store: Store, published: Published, incoming: Path) -> dict[str, str]:
    """Hard-link what is here already and whole; returns the rest, digest -> path."""
    known = {digest: s.path / path for s in reversed(store.revisions()) for path, digest in s.files.items()}
    missing = {}
    for path, digest in published.manifest["files"].items():
        target = incoming / digest
        if not target.exists() and digest in known:
            with suppress(FileNotFoundError):  # its revision was pruned meanwhile
                link(known[digest], target)
        if not _is_whole(target, digest, published.tree[path]):
            target.unlink(missing_ok=True)
            missing[digest] = path
    return missing


def _is_whole(path: Path, digest: str, remote: RemoteFile) -> bool:
    """Whether a file here has the listed digest; and, where git keeps it, is the very file of the commit."""
    if not path.exists() or path.stat().st_size != remote.size:
        return False
    return sha256_of(path) == digest and (remote.sha256 is not None or remote.holds(path))


def _fetch_verified(
    hub: Hub, commit: str, path: str, size: int, target: Path, came: list[int], stop: threading.Event
) -> None:
    def tell(count: int) -> None:
        if stop.is_set():
            raise HubError("the sync was stopped.")
        came.append(count)

    part = target.with_suffix(".part")
    if resumed := part.exists():
        tell(part.stat().st_size)
    hub.fetch(commit, path, size, part, tell)
    if resumed and sha256_of(part) != target.name:  # what an earlier sync left was no beginning of this file
        tell(-part.stat().st_size)
        part.unlink()
        hub.fetch(commit, path, size, part, tell)
    if sha256_of(part) != target.name:
        part.unlink()
        raise SyncError(f"{path} came damaged from {hub.repo_id}: it does not have the digest in its registry.json.")
    with part.open("rb") as opened:
        os.fsync(opened.fileno())
    os.replace(part, target)


@contextmanager
def one_at_a_time(store: Store) -> Iterator[None]:
    """One program at a time talks to a Hub for this registry; changes that are made here need not wait for it."""
    busy = "another program is syncing this registry; try again when it is done."
    with locked(store.folder / "sync.lock", busy, SyncError):
        yield
