"""Kept answers on disk: a file each, by an id that nobody can guess, until it expires or is deleted.

A file has two lines of JSON: what is known of it, and what it shows. It is written whole or not at all, so that nothing
is lost or half there after a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fingerprints.errors import UserError
from fingerprints.files import write_atomically
from fingerprints.sentence import said
from fingerprints.settings import Settings
from registry.storage.store import Store

from .sweeping import Sweeper

_ID = re.compile(r"[A-Za-z0-9_-]{24}")
_LONGEST_DAYS = 36_500  # or dates end
_SWEEP_SECONDS = 3600.0
_LEFT_OVER = ".write-*"  # by a server that was stopped while it wrote


class NotKept(UserError, ValueError):
    """This answer gets no link; the text says why."""


@dataclass(frozen=True)
class Limits:
    """So many links at a time, each for so many days and of so many bytes at most; a 0 turns them off."""

    most: int
    days: int
    bytes: int

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        return cls(settings.most_links, min(settings.link_days, _LONGEST_DAYS), settings.link_bytes)

    @property
    def on(self) -> bool:
        return min(self.most, self.days, self.bytes) > 0


@dataclass(frozen=True)
class Facts:
    """``made`` and ``until``: in ISO 8601; ``deleting``: the digest of the secret that deletes it."""

    made: str
    until: str
    deleting: str

    @property
    def expired(self) -> bool:
        return datetime.fromisoformat(self.until) <= datetime.now(UTC)


@dataclass(frozen=True)
class Made:
    """A new link: ``secret`` is known to who made it, and stored nowhere."""

    id: str
    secret: str
    facts: Facts


class Links:
    """All kept answers of a server, below ``folder``."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.limits = limits
        self._folder = folder
        self._guard = threading.Lock()
        self._sweeper = Sweeper(_SWEEP_SECONDS, self.sweep)

    @classmethod
    def of(cls, store: Store, settings: Settings) -> Links:
        """In the folder of the registry, beside its revisions."""
        return cls(store.folder / "links", Limits.of(settings))

    def start(self) -> None:
        """Take away what expired while no server ran, and from now on what expires."""
        if self.sweep():
            self._sweeper.wake()

    def keep(self, shown: Mapping[str, Any]) -> Made:
        """``shown``: fit for JSON. Raises NotKept where links are off, too many, or this one is too large."""
        now, secret = datetime.now(UTC).replace(microsecond=0), secrets.token_urlsafe(18)
        until = now + timedelta(days=self.limits.days)
        made = Made(secrets.token_urlsafe(18), secret, Facts(now.isoformat(), until.isoformat(), _digest(secret)))
        data = f"{json.dumps(asdict(made.facts))}\n{json.dumps(shown)}\n".encode()
        with self._guard:
            self._check(len(data))
            self._write(made.id, data)
        self._sweeper.wake()
        return made

    def find(self, id_: str) -> tuple[Facts, dict[str, Any]] | None:
        """What is known of it and what it shows; None for what is not there, or no longer."""
        path = self._path(id_)
        facts = _facts(path) if path else None
        if path is None or facts is None or facts.expired:
            return None
        try:
            with path.open(encoding="utf-8") as kept:
                _, shown = kept
        except (OSError, ValueError):  # it has just been deleted, or is not ours
            return None
        return facts, json.loads(shown)

    def delete(self, id_: str, secret: str) -> bool:
        """Whether it was deleted: not without its secret."""
        path = self._path(id_)
        if path is None or not self.may_delete(id_, secret):
            return False
        path.unlink(missing_ok=True)
        return True

    def may_delete(self, id_: str, secret: str) -> bool:
        path = self._path(id_)
        facts = _facts(path) if path else None
        return facts is not None and hmac.compare_digest(facts.deleting, _digest(secret))

    def sweep(self) -> bool:
        """Take away what has expired; whether something is left."""
        for path in self._folder.glob(_LEFT_OVER):
            if _is_old(path):
                path.unlink(missing_ok=True)
        left = False
        for path in self._kept():
            facts = _facts(path)
            if facts is not None and facts.expired:
                path.unlink(missing_ok=True)
            else:
                left = True
        return left

    def _check(self, size: int) -> None:
        if not self.limits.on:
            raise NotKept(said("This server keeps no links."))
        if size > self.limits.bytes:
            raise NotKept(said("This answer is too large to be kept. Try it without the picture."))
        self.sweep()
        if sum(1 for _ in self._kept()) >= self.limits.most:
            raise NotKept(
                said("This server keeps as many links as it may. Try again in some days, or download the answer.")
            )

    def _write(self, id_: str, data: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomically(self._folder / f"{id_}.jsonl", data)
        except OSError as error:
            raise NotKept(said("The answer could not be written to this server's disk.")) from error

    def _path(self, id_: str) -> Path | None:
        """Of an id from outside; None for what cannot be one, and where links are off."""
        path = self._folder / f"{id_}.jsonl"
        return path if self.limits.on and is_id(id_) and path.is_file() else None

    def _kept(self) -> Iterator[Path]:
        return self._folder.glob("*.jsonl")


def is_id(id_: str) -> bool:
    """Whether this can be the id of a kept answer: nothing but letters, digits, - and _."""
    return _ID.fullmatch(id_) is not None


def _is_old(path: Path) -> bool:
    """False for a file that is gone: it has just been finished."""
    try:
        return path.stat().st_mtime < time.time() - _SWEEP_SECONDS
    except OSError:
        return False


def _facts(path: Path) -> Facts | None:
    """None for a file that is gone or not ours."""
    try:
        with path.open(encoding="utf-8") as kept:
            facts = Facts(**json.loads(kept.readline()))
            _ = facts.expired  # a time, or it is not ours
            return facts
    except (OSError, ValueError, TypeError):
        return None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()
