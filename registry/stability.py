"""Does the answer survive what commonly happens to a picture: another encoding, another size, a crop?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from fingerprints.histories import scaled
from fingerprints.images import Image, from_pixels, jpeg_round_trip, webp_round_trip

from .identify import Answer, identify
from .snapshot import Snapshot


def _crop(pixels: np.ndarray) -> np.ndarray:
    """An eighth off the top and the left, on no block boundary."""
    height, width = pixels.shape[:2]
    return np.ascontiguousarray(pixels[height // 8 + 3 :, width // 8 + 5 :])


VARIANTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "JPEG 90": lambda pixels: jpeg_round_trip(pixels, 90),
    "JPEG 75": lambda pixels: jpeg_round_trip(pixels, 75),
    "JPEG 50": lambda pixels: jpeg_round_trip(pixels, 50),
    "WebP 90": lambda pixels: webp_round_trip(pixels, 90),
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
    for name, change in VARIANTS.items():
        changed = from_pixels(change(image.pixels), image.origin)
        covered = form.covers(changed.shorter_side) and not (form.lossless and name in _LOSSY)
        yield Variant(name, list(identify(snapshot, changed, answer.collection))[-1] if covered else None)


def with_stability(answer: Answer, found: list[Variant]) -> Answer:
    """The answer with ``stable``: False when a variant names another source (a change to or from "unknown" is a loss of
    certainty, no contradiction); None when no variant is covered."""
    sources = [_source(variant.answer) for variant in found if variant.answer is not None]
    named = {source for source in (_source(answer), *sources) if source is not None}
    return replace(answer, stable=len(named) < 2 if sources else None)


def _source(answer: Answer) -> str | None:
    """The generator that is named, or "real"; None for "unknown"."""
    verdict = answer.verdict
    return None if verdict.verdict == "unknown" else verdict.generator or verdict.verdict
