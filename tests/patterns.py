"""Planted fingerprints: patterns of about one grey level, and pictures to hide them in."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from benchmarks.paper.rows.data import Views

SIDE = 32  # px of a picture of ``content``
Y, X = np.mgrid[:SIDE, :SIDE]
PERIOD_FOUR = np.sqrt(2) * np.cos(np.pi / 2 * X + 0.4)[:, :, None]
FIXED, OTHER = np.random.default_rng(7).normal(0, 1, (2, SIDE, SIDE, 3))


def content(seed: int) -> np.ndarray:
    """A picture that shares nothing with another seed's: smooth colours and sensor noise."""
    rng = np.random.default_rng(seed)
    smooth = gaussian_filter(rng.normal(0, 1, (SIDE, SIDE, 3)), (4, 4, 0), mode="wrap")
    noise = rng.normal(0, 0.5, smooth.shape)
    return smooth / smooth.std() * rng.uniform(20, 40) + rng.uniform(100, 150) + noise


def tiled(period: int, seed: int, side: int = 64) -> np.ndarray:
    """A tile of one grey level up or down, repeated (side, side, 3): what decoders leave, with a std of 1 / 255."""
    tile = np.random.default_rng(seed).choice([-1, 1], size=(period, period, 3))
    return np.tile(tile, (side // period, side // period, 1))


def with_pattern(images: np.ndarray, pattern: np.ndarray) -> np.ndarray:
    assert pattern.std() <= 1
    return (images.astype(int) + pattern.astype(int)).astype(np.uint8)


def views(parts: dict[str, np.ndarray], first: int) -> Views:
    pixels = np.concatenate(list(parts.values()))
    contents = np.array([f"content-{first + i}" for i in range(len(pixels))])
    return Views(pixels, np.arange(len(pixels)), np.repeat(list(parts), [len(p) for p in parts.values()]), contents)
