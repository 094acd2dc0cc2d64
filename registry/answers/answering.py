"""One image in, its final answer out: identify as a function that can be sent to another machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from fingerprints.images.image import Image

from ..storage.card import CardError
from ..storage.files import BrokenFile
from ..storage.snapshot import Snapshot
from .identify import Answer, NotCovered, identify
from .stability import variants, with_stability

_PICTURES = ".png"  # of galleries: no answer needs them

Why = NotCovered | BrokenFile | CardError


class Answering:
    """image -> its final answer, or the error that says why there is none.

    What is sent are the files that answers are made from, and how much must be proved: no folder is shared, and a
    worker's own settings change nothing. They are unpacked into a temporary folder of the process that uses them.
    """

    def __init__(self, snapshot: Snapshot, collection: str | None = None, stability: bool = False) -> None:
        self._snapshot, self._collection, self._stability = snapshot, collection, stability
        self._origin = snapshot.origin

    def __call__(self, image: Image) -> Answer | Why:
        try:
            answer = list(identify(self._snapshot, image, self._collection))[-1]
            if self._stability:
                answer = with_stability(answer, list(variants(self._snapshot, image, answer)))
        except (NotCovered, BrokenFile, CardError) as error:
            return error
        return replace(answer, registry=self._origin)

    def __getstate__(self) -> dict[str, Any]:
        steps = {name: collection.strictness for name, collection in self._snapshot.collections.items()}
        return {**self.__dict__, "_snapshot": None, "files": dict(_files(self._snapshot.path)), "steps": steps}

    def __setstate__(self, state: dict[str, Any]) -> None:
        files, steps = state.pop("files"), state.pop("steps")
        self.__dict__.update(state)
        self._unpacked = tempfile.TemporaryDirectory(prefix="manifpt-answering-")
        revision = Path(self._unpacked.name, "revisions", "sent")
        for name, data in files.items():
            path = revision / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self._snapshot = Snapshot(revision)
        for name, step in steps.items():
            self._snapshot.collection(name).step = step


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix != _PICTURES:
            yield path.relative_to(folder).as_posix(), path.read_bytes()
