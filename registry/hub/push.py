"""Push: publish the registry that is in use, as one commit with what changed, for its owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..storage.audit import now
from ..storage.files import BrokenFile
from ..storage.manifest import check_path
from ..storage.origin import Origin, write_origin
from ..storage.snapshot import UNLISTED, Snapshot
from ..storage.store import Store, StoreError, disk_errors
from .client import Hub, Moved, RemoteFile
from .readme import GITATTRIBUTES, readme
from .sync import one_at_a_time


@dataclass(frozen=True)
class Pushed:
    """What was sent; nothing when the repository was as it should be already."""

    commit: str
    sent: tuple[str, ...]
    deleted: tuple[str, ...]


def push(store: Store, hub: Hub, private: bool | None = None, licence: str = "other") -> Pushed:
    """Create the repository if need be and bring it to the revision in use. Raises StoreError, HubError."""
    with disk_errors(), one_at_a_time(store):
        snapshot = store.snapshot()
        if problems := snapshot.verify():
            raise StoreError(f"nothing was pushed, because the registry here is damaged: {problems[0]}")
        hub.create(private)
        head = hub.head()
        tree = hub.tree(head)
        _refuse_overwriting(hub, head, tree, snapshot)
        files = contents(snapshot, hub.repo_id, licence)
        sent = {path: data for path, data in files.items() if path not in tree or not tree[path].holds(data)}
        deleted = frozenset(_registry_files(tree) - set(files))
        commit = hub.commit(head, _title(snapshot), "", sent, deleted) if sent or deleted else head
        write_origin(snapshot.path, Origin(hub.repo_id, commit, None, now(), snapshot.path.name))
        return Pushed(commit, tuple(sorted(sent)), tuple(sorted(deleted)))


def contents(snapshot: Snapshot, repo_id: str, licence: str) -> dict[str, bytes | Path]:
    """Everything that the repository of a revision holds."""
    files: dict[str, bytes | Path] = {path: snapshot.path / path for path in (*snapshot.files, "registry.json")}
    files["README.md"] = readme(snapshot, repo_id, licence).encode()
    files[".gitattributes"] = GITATTRIBUTES.encode()
    return files


def _refuse_overwriting(hub: Hub, head: str, tree: Mapping[str, RemoteFile], snapshot: Snapshot) -> None:
    """What others have published since may not be lost: the revision here must build on the head."""
    mine, theirs = snapshot.source, tree.get("registry.json")
    if theirs is None or (mine and (mine.repo_id, mine.commit) == (hub.repo_id, head)):
        return
    if hub.read(head, "registry.json", theirs.size) != (snapshot.path / "registry.json").read_bytes():
        raise Moved(
            f"nothing was pushed, because {hub.repo_id} holds a registry that yours does not build on; "
            f"take it first: python -m registry sync {hub.repo_id}"
        )


def _registry_files(tree: Mapping[str, RemoteFile]) -> set[str]:
    """The files of the repository that a push may delete. A stranger's file is not deleted, and not left either."""
    found = set(tree) - UNLISTED
    for path in sorted(found):
        try:
            check_path(path)
        except BrokenFile as error:
            raise StoreError(f"nothing was pushed: {error} Remove it from the repository, or use another.") from error
    return found


def _title(snapshot: Snapshot) -> str:
    return f"Registry {snapshot.path.name}: {sum(1 for _ in snapshot.listed())} generators"
