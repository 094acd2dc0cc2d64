"""Where a registry lives on disk: revisions, the pointer to the one in use, and changes that are whole or not at all.

    current                 one line: the revision in use
    seed                    one line: the embedded revision that the folder was seeded from
    incoming/               files of a sync that has not finished, by digest
    origins/<id>.json       the commit that a revision came from
    audit.jsonl             what was done, line by line (audit.py)
    pending/, settled/      contributions that wait for the owner, and what was decided (quarantine.py)
    indexes/                derived from revisions of many generators (index.py)
    lock                    one writer at a time, over processes
    revisions/<id>/         a Snapshot

A change writes a new folder (unchanged files are hard links), then moves ``current`` by one os.replace. Readers hold
a Snapshot and never wait.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from fingerprints.errors import UserError
from fingerprints.files import write_atomically
from fingerprints.settings import Settings

from .audit import note
from .card import Card
from .check import check_published
from .files import BrokenFile, canonical_json, copy_folder, link, sha256, write_new
from .local import NOTHING, Conflict, additions
from .manifest import Manifest, by_entry, line_of, parse_manifest
from .origin import Origin, origin_path, read_origin, write_origin
from .snapshot import SCHEMA, NotFound, Snapshot, revision_id

BUILTIN = Path(__file__).parent.parent / "builtin"
_KEPT_REVISIONS = 3
_LOCK_SECONDS = 60.0
Entries = Mapping[tuple[str, str], Mapping[str, str]]  # (collection, generator or "") -> path -> digest


class StoreError(UserError, ValueError):
    """The change cannot be made; nothing was changed. The text says why."""


class Store:
    """A registry folder, seeded from the embedded registry on first use. Without one, that of the settings."""

    def __init__(self, folder: Path | None = None, builtin: Path | None = BUILTIN) -> None:
        self.folder = folder or Settings.read().folder
        self.notes: list[str] = []
        self._cached: Snapshot | None = None
        self._guard = threading.Lock()
        try:
            (self.folder / "revisions").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be used as a registry: {error.strerror}.") from error
        if builtin is not None and (builtin / "registry.json").exists():
            self._seed(builtin)

    @property
    def revision(self) -> str | None:
        """The revision in use, None in an empty registry."""
        return _one_line(self.folder / "current")

    def snapshot(self) -> Snapshot:
        """The revision in use now. Hold on to it for the length of one answer."""
        revision = self.revision
        if revision is None:
            raise StoreError(f"the registry at {self.folder} is empty; create a collection or sync one.")
        with self._guard:
            if self._cached is None or self._cached.path.name != revision:
                path = self.folder / "revisions" / revision
                if not path.is_dir():
                    raise BrokenFile(
                        f"{self.folder} cannot be read: its file current names {revision!r}, which is not there."
                    )
                self._cached = Snapshot(path)
            return self._cached

    def add(self, collection: str, card: Card, files: Mapping[str, bytes]) -> str:
        """A new generator: its card and its other files by path inside its folder. Returns the new revision."""
        prefix = f"{collection}/generators/{card.name}"
        with self._lock():
            snapshot = self.snapshot()
            if card.name in snapshot.collection(collection).names:
                raise StoreError(f"{collection} already has a generator {card.name!r}; choose another name.")
            contents = {f"{prefix}/{path}": data for path, data in files.items()}
            contents[f"{prefix}/card.json"] = canonical_json(card.to_json())
            return self._publish(
                snapshot,
                contents,
                drop="",
                listed={collection: {card.name: line_of(card)}},
                check=lambda new: new.collection(collection).check_entry(card.name),
            )

    def remove(self, collection: str, name: str) -> str:
        """Take a generator out. Returns the new revision; older ones still hold it until they are pruned."""
        with self._lock():
            snapshot = self.snapshot()
            if name not in snapshot.collection(collection).names:
                raise NotFound(f"{collection} has no generator {name!r}.")
            return self._publish(snapshot, {}, f"{collection}/generators/{name}/", {collection: {name: None}})

    def replace_collection(
        self, collection: str, title: str, files: Mapping[str, bytes], cards: Mapping[str, Card]
    ) -> str:
        """A whole collection, new or anew: its files by path inside the collection's folder."""
        with self._lock():
            snapshot = self.snapshot() if self.revision else None
            contents = {f"{collection}/{path}": data for path, data in files.items()}
            for name, card in cards.items():
                contents[f"{collection}/generators/{name}/card.json"] = canonical_json(card.to_json())
            lines: dict[str, dict[str, object] | None] = {name: line_of(card) for name, card in cards.items()}
            return self._publish(snapshot, contents, f"{collection}/", {collection: lines}, {collection: title})

    def adopt(
        self, manifest: bytes, incoming: Path, origin: Origin, replace: bool = False
    ) -> tuple[str, tuple[str, ...]]:
        """A published revision whose files lie in ``incoming`` by digest, verified, with what was added here on top.

        Returns the new revision and the entries that were kept. ``replace`` lets go of them; without it, StoreError
        when one cannot be kept.
        """
        theirs = parse_manifest(manifest)
        with self._lock(), disk_errors():
            current = self.snapshot() if self.revision else None
            mine = NOTHING if current is None or replace else current.manifest
            kept = additions(self._base_of(current), mine, theirs)
            revision = self._adopted(manifest, incoming, origin, current, {})
            if kept.files:
                revision = self._adopted(canonical_json(kept.on(theirs)), incoming, origin, current, kept.files)
            note(self.folder, "synced", repository=origin.repo_id, commit=origin.commit, revision=revision)
            write_atomically(self.folder / "current", f"{revision}\n".encode())
            self._prune(keep={revision, current.path.name if current else revision})
        return revision, kept.names

    def _adopted(
        self, manifest: bytes, incoming: Path, origin: Origin, current: Snapshot | None, here: Container[str]
    ) -> str:
        """The folder of a revision, checked where it differs from the current one, which has the files ``here``."""
        revision = sha256(manifest)[:16]

        def fill(building: Path) -> None:
            for path, digest in parse_manifest(manifest)["files"].items():
                mine = current is not None and path in here
                link(current.path / path if mine else incoming / digest, building / path)  # type: ignore[union-attr]
            write_new(building / "registry.json", manifest)
            check_published(Snapshot(building), current)

        self._place(revision, fill)
        write_origin(self.folder / "revisions" / revision, origin)
        return revision

    def _base_of(self, current: Snapshot | None) -> Manifest:
        """What the current revision was synced or seeded from, before anything was changed here."""
        origin = current.source if current else None
        name = origin.base if origin else _one_line(self.folder / "seed")
        path = self.folder / "revisions" / (name or "none")
        return Snapshot(path).manifest if path.exists() else NOTHING

    def revisions(self) -> list[Snapshot]:
        """Every revision that is still here and can be read, the one in use first."""
        folders = [p for p in (self.folder / "revisions").iterdir() if not p.name.startswith(".")]
        found = []
        for path in sorted(folders, key=lambda p: p.name != self.revision):
            with suppress(BrokenFile):  # pruned by another program meanwhile, or damaged
                found.append(Snapshot(path))
        return found

    def _publish(
        self,
        base: Snapshot | None,
        contents: Mapping[str, bytes],
        drop: str,
        listed: Mapping[str, Mapping[str, dict[str, object] | None]],
        titles: Mapping[str, str] | None = None,
        check: Callable[[Snapshot], object] = lambda new: None,
    ) -> str:
        """Write the base without what begins with ``drop``, plus ``contents``, as a revision; check it; point to it."""
        manifest = _next_manifest(base, contents, drop, listed, titles or {})
        written = canonical_json(manifest)
        revision = sha256(written)[:16]

        keep = {revision, base.path.name if base else revision}

        def fill(building: Path) -> None:
            for path, data in {**contents, "registry.json": written}.items():
                write_new(building / path, data)
            entries = by_entry(manifest["files"])
            _share(base, building, {entry: files for entry, files in entries.items() if not entry[1]})
            check(Snapshot(building))
            self._take_over(building, entries, keep)
            _share(base, building, entries)

        with disk_errors():
            self._place(revision, fill)
            if base is not None and base.source is not None:
                write_origin(self.folder / "revisions" / revision, base.source)
            self._note(listed, revision)
            write_atomically(self.folder / "current", f"{revision}\n".encode())
        self._prune(keep)
        return revision

    def _note(self, listed: Mapping[str, Mapping[str, object]], revision: str) -> None:
        """Before the change is made, so that none is without its line."""
        for collection, lines in listed.items():
            for name, line in lines.items():
                action = "removed" if line is None else "added"
                note(self.folder, action, collection=collection, name=name, revision=revision)

    def _place(self, revision: str, fill: Callable[[Path], object]) -> None:
        """The folder of a revision, whole or not there, unless there is one already."""
        target = self.folder / "revisions" / revision
        if target.exists():
            return
        building = Path(tempfile.mkdtemp(dir=self.folder / "revisions", prefix=".building-"))
        try:
            fill(building)
            building.chmod(0o755)
            os.rename(building, target)
        finally:
            shutil.rmtree(building, ignore_errors=True)  # nothing is there after the rename

    def _take_over(self, building: Path, entries: Entries, keep: set[str]) -> None:
        """The folders of generators that a revision has which is dropped with this change. There may be ten thousand:
        to move them all takes no time, to link them here and remove them there takes seconds."""
        spare = self._dropped(keep, kept=_KEPT_REVISIONS - 1)
        if not spare:
            return
        old = building.with_name(f"{building.name}-old")
        theirs = by_entry(Snapshot(spare[-1]).files)
        os.rename(spare[-1], old)  # a crash from here on leaves no revision that is not whole
        origin_path(spare[-1]).unlink(missing_ok=True)
        for (collection, generator), files in theirs.items():
            if generator and entries.get((collection, generator)) != files:
                shutil.rmtree(old / collection / "generators" / generator)
        for collection in {collection for collection, generator in theirs if generator}:
            there, here = old / collection / "generators", building / collection / "generators"
            for folder in _folders(here) - _folders(there):
                os.rename(here / folder, there / folder)
            if (building / collection).exists():
                shutil.rmtree(here, ignore_errors=True)
                os.rename(there, here)
        shutil.rmtree(old, ignore_errors=True)

    def _seed(self, builtin: Path) -> None:
        """First use, or a newer embedded registry and nothing added since: start from the embedded one."""
        embedded = revision_id(builtin / "registry.json")
        if not self._wants(embedded):
            return
        with self._lock(), disk_errors():
            if not self._wants(embedded):  # another program was first
                return
            self._place(embedded, lambda building: copy_folder(builtin, building))
            write_atomically(self.folder / "current", f"{embedded}\n".encode())
            write_atomically(self.folder / "seed", f"{embedded}\n".encode())

    def _wants(self, embedded: str) -> bool:
        """Whether to start from the embedded revision; a note where it is newer, but something was changed here."""
        seeded_from, revision = _one_line(self.folder / "seed"), self.revision
        if revision and (seeded_from == embedded or read_origin(self.folder / "revisions" / revision)):
            return False  # the newest edition, or a registry that follows a repository
        if revision in (None, seeded_from, embedded):
            return True
        self.notes.append(
            "This program embeds a newer registry, but yours has been changed since it was seeded, so it was "
            "left as it is. To take the new one, point --registry at an empty folder and add yours there."
        )
        return False

    @contextmanager
    def _lock(self) -> Iterator[None]:
        try:
            with locked(self.folder / "lock", "another program is changing this registry; try again in a minute."):
                yield
        except OSError as error:
            raise StoreError(f"{self.folder} cannot be changed: {error.strerror or error}.") from error

    def _prune(self, keep: set[str]) -> None:
        """Drop the oldest revisions, never the one in use, its predecessor or the seed; and what a crash left."""
        for path in self._dropped(keep, _KEPT_REVISIONS):
            shutil.rmtree(path, ignore_errors=True)
            origin_path(path).unlink(missing_ok=True)
        for path in (self.folder / "revisions").glob(".building-*"):
            shutil.rmtree(path, ignore_errors=True)
        indexes = sorted((self.folder / "indexes").glob("*"), key=lambda p: p.stat().st_mtime)
        for path in indexes[:-1]:  # the newest is what the next one is made from
            if not (self.folder / "revisions" / path.name).exists():
                shutil.rmtree(path, ignore_errors=True)

    def _dropped(self, keep: set[str], kept: int) -> list[Path]:
        """Revisions beyond the ``kept`` newest, the oldest last; never those to ``keep``, what they were synced from,
        or the seed."""
        origins = [read_origin(self.folder / "revisions" / name) for name in keep]
        keep = keep | {origin.base for origin in origins if origin} | {_one_line(self.folder / "seed") or ""}
        whole = [p for p in (self.folder / "revisions").iterdir() if not p.name.startswith(".")]
        newest = sorted(whole, key=lambda p: p.stat().st_mtime, reverse=True)
        return [p for p in newest[kept:] if p.name not in keep]


@contextmanager
def locked(path: Path, busy: str, kind: type[StoreError] = StoreError) -> Iterator[None]:
    """One program at a time. Where another one takes longer than a minute, the sentence ``busy`` as a StoreError."""
    try:
        with FileLock(path, timeout=_LOCK_SECONDS):
            yield
    except Timeout as error:
        raise kind(busy) from error


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the disk or a check says, as a StoreError: nothing is published before everything is written."""
    try:
        yield
    except (BrokenFile, Conflict) as error:
        raise StoreError(f"nothing was changed: {error}") from error
    except OSError as error:
        raise StoreError(f"nothing was changed: the disk said {error.strerror or error}.") from error


def _share(base: Snapshot | None, building: Path, entries: Entries) -> None:
    """Links to the base's files of those entries, where there are none yet. A generator's folder is whole or not
    there."""
    present = {name: _folders(building / name / "generators") for name in {collection for collection, _ in entries}}
    for (collection, generator), files in entries.items():
        if base is not None and generator not in present[collection]:
            for path in files:
                if generator or not (building / path).exists():
                    link(base.path / path, building / path)


def _folders(path: Path) -> set[str]:
    return set(os.listdir(path)) if path.exists() else set()


def _next_manifest(
    base: Snapshot | None,
    contents: Mapping[str, bytes],
    drop: str,
    listed: Mapping[str, Mapping[str, dict[str, object] | None]],
    titles: Mapping[str, str],
) -> Manifest:
    old = base.manifest if base else {"collections": {}, "files": {}}
    files = {path: digest for path, digest in old["files"].items() if not (drop and path.startswith(drop))}
    files.update({path: sha256(data) for path, data in contents.items()})
    collections = {
        name: {"title": facts["title"], "generators": dict(facts["generators"])}
        for name, facts in old["collections"].items()
    }
    for collection, title in titles.items():
        collections[collection] = {"title": title, "generators": {}}
    for collection, lines in listed.items():
        generators = collections[collection]["generators"]
        for name, line in lines.items():
            if line is None:
                generators.pop(name, None)
            else:
                generators[name] = line
    return {"schema": SCHEMA, "collections": collections, "files": files}


def _one_line(path: Path) -> str | None:
    """What a file of one line says; None where there is none. Raises BrokenFile."""
    try:
        return path.read_text().strip() or None
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:  # ValueError: no text
        raise BrokenFile(f"{path.name} in {path.parent.name} cannot be read: {error}.") from error
