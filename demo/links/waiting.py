"""Answers that may yet be kept: in memory, few, and no longer than their upload would be."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field, replace

from registry.answers.identify import Answer
from registry.answers.stability import Variant
from registry.storage.snapshot import Collection

from ..answers.whole import Whole
from ..batch.light import light
from ..parts.figures import thumbnail
from .sweeping import Sweeper

_SECONDS = 3000.0  # the upload came some minutes before, and the page promises an hour
_MOST = 64  # of some 400 KB each
_SIDE = 1024  # px of the picture, at most


@dataclass(frozen=True)
class Given:
    """What is known of the picture that was given; ``small``: a JPEG of it without what its file said."""

    name: str
    width: int
    height: int
    format: str
    n_bytes: int
    digest: str
    small: bytes = field(repr=False)


@dataclass(frozen=True)
class Ready:
    """A whole answer without what no page draws, and without its picture's pixels."""

    given: Given
    answer: Answer
    found: tuple[Variant, ...] = field(repr=False)
    collection: Collection = field(repr=False)
    seconds: float


class Waiting:
    """By a key that only the visitor's own page knows; the oldest go first."""

    def __init__(self) -> None:
        self._ready: dict[str, tuple[float, Ready]] = {}
        self._guard = threading.Lock()
        self._sweeper = Sweeper(_SECONDS / 10, self._sweep)

    def add(self, whole: Whole) -> str:
        """Returns the key."""
        key, ready = secrets.token_urlsafe(18), _ready(whole)
        with self._guard:
            self._drop_old()
            for oldest in list(self._ready)[: max(len(self._ready) + 1 - _MOST, 0)]:
                del self._ready[oldest]
            self._ready[key] = (time.monotonic(), ready)
        self._sweeper.wake()
        return key

    def find(self, key: object) -> Ready | None:
        with self._guard:
            self._drop_old()
            return self._ready[key][1] if isinstance(key, str) and key in self._ready else None

    def drop(self, key: str) -> None:
        with self._guard:
            self._ready.pop(key, None)

    def _sweep(self) -> bool:
        with self._guard:
            self._drop_old()
            return bool(self._ready)

    def _drop_old(self) -> None:
        oldest = time.monotonic() - _SECONDS
        self._ready = {key: kept for key, kept in self._ready.items() if kept[0] >= oldest}


def _ready(whole: Whole) -> Ready:
    found = tuple(_bare(variant) for variant in whole.found)
    return Ready(_given(whole), light(whole.answer), found, whole.collection, whole.seconds)


def _given(whole: Whole) -> Given:
    image, small = whole.image, thumbnail(whole.image, _SIDE, whole.answer.within)
    return Given(image.origin, image.width, image.height, image.format, image.n_bytes, image.digest, small)


def _bare(variant: Variant) -> Variant:
    """What the cell of a variant needs."""
    if variant.answer is None:
        return variant
    return replace(variant, answer=replace(variant.answer, path="", artifacts={}, embeddings={}, regions=None))
