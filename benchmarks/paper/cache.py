"""What an interrupted study finds again: trained networks by digest, and the figures of finished methods."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import pickle
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .methods import Method, Row
from .rows.data import Study, Views


def digest_of(row: Row, study: Study, train: Views) -> str:
    """Of the images and of the source of the method: a change of either is a new result."""
    digest = hashlib.sha256(f"{row.name} {row.schedule} {train.digest} {study.bank.digest}".encode())
    for path in row.sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fitted(row: Row, train: Views, digest: str, cache: Path) -> tuple[Method, float]:
    """The method fitted on ``train``, a network taken from the cache if it is there; the seconds that it took."""
    method = row.make()
    kept = cache / f"{digest}.pickle" if row.schedule else None
    if kept and kept.exists():
        method.fitted, method.classes, seconds = pickle.loads(kept.read_bytes())
        return method, float(seconds)
    start = time.perf_counter()
    method.fit(train)
    seconds = time.perf_counter() - start
    if kept:
        write(kept, pickle.dumps((method.fitted, method.classes, seconds)))
    return method, seconds


class Record:
    """The figures of one group in one JSON file, written after every method; several processes may add to it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.facts: dict[str, Any] = self._read()

    def has(self, part: str, name: str, digest: str) -> bool:
        return bool(self.facts.get(part, {}).get(name, {}).get("digest") == digest)

    def put(self, part: str, name: str, figures: Any) -> None:
        with self._alone():
            self.facts.setdefault(part, {})[name] = figures
            write(self._path, _json(self.facts))

    def update(self, facts: Mapping[str, Any]) -> None:
        with self._alone():
            self.facts.update(facts)
            write(self._path, _json(self.facts))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """With what others have written meanwhile, and no one else writing."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self.facts = self._read()
            yield
        finally:
            os.close(folder)

    def _read(self) -> dict[str, Any]:
        return dict(json.loads(self._path.read_text())) if self._path.exists() else {}


def _json(facts: Mapping[str, Any]) -> bytes:
    return (json.dumps(facts, indent=1, sort_keys=True) + "\n").encode()


def write(path: Path, data: bytes) -> None:
    """Through a temporary file in the same folder: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
