"""Photos to train networks on: of those that are given, only what no benchmark tests on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from fingerprints.images.image import resize
from fingerprints.splits import is_test
from registry.intake.samples import Limits, Sample, read_samples

REGION = 96
_REGIONS = 8000


def read_photos(paths: Sequence[Path]) -> list[np.ndarray]:
    """Pixels (h, w, 3) of the photos that no benchmark tests on."""
    found = []
    for item in read_samples(paths, limits=Limits(max_files=1_000_000, max_total_bytes=10**12)):
        if isinstance(item, Sample) and item.image.shorter_side >= REGION and not is_test(np.array([item.content]))[0]:
            found.append(item.image.pixels)
    return found


def photo_regions(photos: Sequence[np.ndarray], count: int = _REGIONS) -> np.ndarray:
    """uint8 (about ``count``, REGION, REGION, 3): as many from each photo."""
    rng = np.random.default_rng(1)
    return np.stack([_region(photo, rng) for photo in photos for _ in range(count // len(photos) + 1)])


def _region(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """REGION x REGION pixels from anywhere in a photo, which is scaled down first: its own traces fade, sizes vary."""
    height, width = photo.shape[:2]
    least = REGION / min(height, width)
    scale = rng.uniform(max(least, 0.35), 1.0)
    if scale < 0.97:
        photo = resize(photo, max(REGION, round(width * scale)), max(REGION, round(height * scale)))
    y, x = rng.integers(photo.shape[0] - REGION + 1), rng.integers(photo.shape[1] - REGION + 1)
    return np.ascontiguousarray(photo[y : y + REGION, x : x + REGION])
