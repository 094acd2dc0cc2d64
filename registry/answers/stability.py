"""Does the answer survive what commonly happens to a picture: another encoding, another size, a crop?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fingerprints.attribution.verdict import REAL, UNKNOWN
from fingerprints.images import codecs
from fingerprints.images.histories import scaled
from fingerprints.images.image import Image, from_pixels

from ..storage.snapshot import Snapshot
from .identify import Answer, identify


def _crop(pixels: np.ndarray) -> np.ndarray:
    """An eighth off the top and the left, on no block boundary."""
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(pixels[height // 8 + 3 :, width // 8 + 5 :])


VARIANTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "JPEG 90": lambda pixels: codecs.jpeg(pixels, 90),
    "JPEG 75": lambda pixels: codecs.jpeg(pixels, 75),
    "JPEG 50": lambda pixels: codecs.jpeg(pixels, 50),
    "WebP 90": lambda pixels: codecs.webp(pixels, 90),
    "resize .75": lambda pixels: scaled(pixels, 0.75),
    "resize .5": lambda pixels: scaled(pixels, 0.5),
    "crop": _crop,
}
_LOSSY = ("JPEG 90", "JPEG 75", "JPEG 50", "WebP 90")


@dataclass(frozen=True)
class Variant:
    """The answer for one variant of an image; None where its collection does not cover the variant."""

    name: str
    answer: Answer | None


def variants(snapshot: Snapshot, image: Image, answer: Answer) -> Iterator[Variant]:
    """Every variant, scored in the collection of the original's ``answer``; a lossless one covers no lossy variant."""
    form = snapshot.collection(answer.collection).form
    pixels = answer.within.of(image.pixels) if answer.within else image.pixels
    for name, change in VARIANTS.items():
        changed = from_pixels(change(pixels), image.origin)
        covered = form.covers(changed.shorter_side) and not (form.lossless and name in _LOSSY)
        yield Variant(name, list(identify(snapshot, changed, answer.collection))[-1] if covered else None)


def with_stability(answer: Answer, found: list[Variant]) -> Answer:
    """The answer with ``stable``: False when a variant's answer contradicts it or another's; a coarser answer is a loss
    of certainty, no contradiction. None when no variant is covered."""
    answers = [variant.answer for variant in found if variant.answer is not None]
    return replace(answer, stable=agree([answer, *answers]) if answers else None)


def agree(answers: Sequence[Answer]) -> bool:
    """Whether there is a source that all of these answers allow."""
    return bool(frozenset.intersection(*map(allowed, answers)))


def allowed(answer: Answer) -> frozenset[str]:
    """The sources that a verdict leaves: generators by name, or "real"."""
    verdict, every = answer.verdict, frozenset(candidate.generator for candidate in answer.verdict.candidates)
    if verdict.verdict == UNKNOWN:
        return every
    if verdict.verdict == REAL:
        return frozenset({REAL})
    if verdict.generator is not None:
        return frozenset({verdict.generator})
    return frozenset(verdict.among) or every - {REAL}
