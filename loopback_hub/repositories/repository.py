"""One data set repository: blobs by content, commits, branches, tags and the references of pull requests.

Nothing here knows of HTTP or of permissions. A commit holds its whole tree as a mapping from path to blob.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatch
from functools import cached_property
from types import MappingProxyType

from .discussions import Discussion
from .errors import HubError, bad_request, conflict, no_entry, no_revision, stale_parent

LFS_FROM_BYTES = 10 * 1024 * 1024
# Some of the patterns that the Hub puts into the .gitattributes of a new data set repository.
_LARGE = ["bin", "gz", "npy", "npz", "parquet", "pt", "safetensors", "tar", "zip", "png", "jpg", "jpeg", "webp"]
DEFAULT_ATTRIBUTES = "".join(f"*.{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in _LARGE).encode()


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True)
class Blob:
    """The content of one file, kept in git or in the large file storage."""

    data: bytes
    lfs: bool

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def pointer(self) -> bytes:
        text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{self.sha256}\nsize {len(self.data)}\n"
        return text.encode()

    @cached_property
    def oid(self) -> str:
        """The git object id: of the content, or of the pointer that git holds in its place."""
        stored = self.pointer if self.lfs else self.data
        return hashlib.sha1(b"blob %d\0" % len(stored) + stored).hexdigest()


@dataclass(frozen=True)
class Commit:
    """A tree and the commit that it came from. There is one at most: the Hub squashes what it merges."""

    oid: str
    parent: str | None
    files: Mapping[str, Blob]
    title: str
    message: str
    author: str
    date: str

    @cached_property
    def folders(self) -> dict[str, str]:
        """folder -> an id that changes with whatever lies in it."""
        inside: dict[str, list[str]] = {}
        for path, blob in sorted(self.files.items()):
            parts = path.split("/")
            for depth in range(1, len(parts)):
                inside.setdefault("/".join(parts[:depth]), []).append(f"{path} {blob.oid}")
        return {folder: hashlib.sha1("\n".join(lines).encode()).hexdigest() for folder, lines in inside.items()}


@dataclass
class Repository:
    """``references`` maps refs/heads/..., refs/tags/... and refs/pr/... to commits; ``lfs`` holds uploaded objects."""

    id: str
    private: bool = False
    created: str = field(default_factory=now)
    commits: dict[str, Commit] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    lfs: dict[str, bytes] = field(default_factory=dict)
    discussions: list[Discussion] = field(default_factory=list)

    @property
    def owner(self) -> str:
        return self.id.split("/")[0]

    def reference(self, revision: str) -> str:
        """The full name of a branch, tag or pull request; empty when there is none, as for a sha."""
        names = (revision, f"refs/heads/{revision}", f"refs/tags/{revision}")
        return next((name for name in names if name in self.references), "")

    def resolve(self, revision: str) -> Commit:
        """The commit that a branch, a tag, refs/pr/N or a sha (7 digits or more) names; else RevisionNotFound."""
        if reference := self.reference(revision):
            return self.commits[self.references[reference]]
        if re.fullmatch("[0-9a-f]{7,40}", revision):
            found = [commit for oid, commit in self.commits.items() if oid.startswith(revision)]
            if len(found) == 1:
                return found[0]
        raise no_revision(revision)

    def history(self, commit: Commit) -> Iterator[Commit]:
        """The commit and its ancestors, newest first."""
        yield commit
        while commit.parent is not None:
            commit = self.commits[commit.parent]
            yield commit

    def commit(
        self, reference: str, files: Mapping[str, Blob], title: str, message: str = "", author: str = "owner"
    ) -> Commit:
        """Record a tree on top of the reference, and move the reference to it."""
        parent, date = self.references.get(reference), now()
        told = repr((parent, sorted((p, b.oid) for p, b in files.items()), title, message, author, date))
        oid = hashlib.sha1(told.encode()).hexdigest()
        commit = Commit(oid, parent, MappingProxyType(dict(files)), title, message, author, date)
        self.commits[oid] = commit
        self.references[reference] = oid
        if reference.startswith("refs/pr/"):
            self.discussion(int(reference.removeprefix("refs/pr/"))).committed(author, date, title, oid)
        return commit

    def discussion(self, num: int) -> Discussion:
        if not 0 < num <= len(self.discussions):
            raise HubError(404, f"There is no discussion {num}")
        return self.discussions[num - 1]

    def open_discussion(self, author: str, title: str, text: str, is_pull_request: bool = False) -> Discussion:
        date = now()
        discussion = Discussion(len(self.discussions) + 1, title, author, is_pull_request, date)
        discussion.comment(author, date, text)
        self.discussions.append(discussion)
        return discussion

    def open_pull_request(self, author: str, title: str, text: str, base: Commit, status: str = "open") -> Discussion:
        """A pull request that holds no commit of its own yet."""
        discussion = self.open_discussion(author, title, text, is_pull_request=True)
        discussion.status = status
        self.references[discussion.reference] = base.oid
        return discussion

    def blob(self, path: str, data: bytes, commit: Commit) -> Blob:
        """A file that is to go on top of a commit, stored where the Hub would store it."""
        blob = Blob(data, lfs=bool(data) and is_lfs(path, len(data), data[:512], commit))
        if blob.lfs:
            self.lfs[blob.sha256] = data
        return blob

    def merge_base(self, ours: Commit, theirs: Commit) -> Commit:
        """The newest commit that both come from."""
        known = {commit.oid for commit in self.history(ours)}
        return next(commit for commit in self.history(theirs) if commit.oid in known)

    def merged(self, ours: Commit, theirs: Commit) -> tuple[dict[str, Blob], list[str]]:
        """The tree of both, file by file, and the files that both changed differently since they parted."""
        base = self.merge_base(ours, theirs).files
        files, conflicting = dict(ours.files), []
        for path in sorted(set(base) | set(theirs.files)):
            was, wanted, found = base.get(path), theirs.files.get(path), ours.files.get(path)
            if wanted in (was, found):
                continue
            if found != was:
                conflicting.append(path)
            elif wanted is None:
                del files[path]
            else:
                files[path] = wanted
        return files, conflicting


def is_lfs(path: str, size: int, sample: bytes, commit: Commit) -> bool:
    """Where the Hub keeps a file: large, binary, or matched by a pattern of the commit's .gitattributes."""
    attributes = commit.files.get(".gitattributes", Blob(b"", lfs=False)).data.decode("utf-8", "replace")
    patterns = [line.split()[0] for line in attributes.splitlines() if "filter=lfs" in line]
    name = path.rsplit("/", 1)[-1]
    return size >= LFS_FROM_BYTES or b"\0" in sample or any(fnmatch(name, p) or fnmatch(path, p) for p in patterns)


def applied(files: Mapping[str, Blob], added: Mapping[str, Blob], deleted: Iterable[str]) -> dict[str, Blob]:
    """A tree after the operations of one commit. A deleted path that ends with "/" is a folder."""
    result = dict(files)
    for path in deleted:
        gone = [p for p in result if p.startswith(path)] if path.endswith("/") else [p for p in result if p == path]
        if not gone:
            raise no_entry(f"A file with this name doesn't exist: {path}")
        for each in gone:
            del result[each]
    return {**result, **added}


def check_parent(expected: str | None, head: Commit) -> None:
    """412 when somebody else has committed since ``expected``."""
    if expected is not None and not head.oid.startswith(expected):
        raise stale_parent()


def check_path(path: str) -> str:
    """The path, if git and the Hub would store a file there."""
    parts = path.split("/")
    if any(part in {"", ".", "..", ".git"} for part in parts) or "\0" in path or "\\" in path:
        raise bad_request(f"Invalid path in repository: {path!r}")
    return path


def check_fits(files: Mapping[str, Blob]) -> None:
    """No path may be both a file and a folder."""
    for path in files:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if "/".join(parts[:depth]) in files:
                raise conflict(f"{'/'.join(parts[:depth])} is both a file and a folder")
