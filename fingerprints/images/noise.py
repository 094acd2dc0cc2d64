"""How noisy and how smooth an image is: where noise hides a trace, or nothing is fine enough to carry one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_TO_DEVIATION = np.float32(np.sqrt(np.pi / 2) / 6)  # from mean absolute second differences across and down, of noise
_BLOCK, _QUIET = 16, 0.1  # px; the share of blocks that show noise alone, because little else is in them
_DETAILED = 0.9  # the share of blocks that show less than the most detailed ones
_HIDES, _HIDES_OF_LIGHT = 1.5, 0.09  # grey levels, of which a phone's night mode leaves more; of the mean grey level
_SMOOTH = 1.2  # grey levels; benchmarks.field.parts prints how many photos and generated images have less
_WORN = 0.5  # grey levels, of half of the blocks
_BLURRED = 0.28  # grey levels, a little more than rounding alone makes


def noise_floor(crops: Sequence[np.ndarray]) -> float:
    """The standard deviation of the noise in grey levels, as the quietest blocks of uint8 (h, w, 3) crops show it
    (Immerkaer, "Fast noise variance estimation", 1996)."""
    return float(np.quantile(_of_all(crops), _QUIET))


def noise_hides(crops: Sequence[np.ndarray]) -> bool:
    """Is there so much noise, or so little light beside it, that the trace of a generator, of about one grey level,
    would not be seen?"""
    floor, light = noise_floor(crops), float(np.mean([crop.mean() for crop in crops]))
    return floor >= _HIDES or floor >= _HIDES_OF_LIGHT * light


def is_smooth(crops: Sequence[np.ndarray]) -> bool:
    """Is there next to no fine detail even where there is most: blurred, enlarged, out of focus? Such photos are the
    likeliest to be taken for generated ones."""
    return float(np.quantile(_of_all(crops), _DETAILED)) < _SMOOTH


def is_worn(crops: Sequence[np.ndarray]) -> bool:
    """Is there next to no fine detail in half of the picture, as strong compression leaves it? A generator's trace may
    be gone with it."""
    return float(np.median(_of_all(crops))) < _WORN


def is_blurred(crops: Sequence[np.ndarray]) -> bool:
    """Is nothing left of fine detail but what rounding makes? Then no trace can be seen, whoever made the image."""
    return float(np.quantile(_of_all(crops), _DETAILED)) < _BLURRED


def _of_all(crops: Sequence[np.ndarray]) -> np.ndarray:
    """The standard deviation of the noise in each block of all crops, if there is nothing but noise."""
    return np.concatenate([_of_blocks(crop) for crop in crops])


def _of_blocks(crop: np.ndarray) -> np.ndarray:
    """From second differences across and down, which are blind to edges and slopes."""
    residual = np.abs(_second_difference(_second_difference(crop @ _LUMA).T)).T * _TO_DEVIATION
    rows, columns = (side // _BLOCK for side in residual.shape)
    cut = residual[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK)
    return np.asarray(cut.sum(axis=1).sum(axis=2).ravel() / np.float32(_BLOCK**2))


def _second_difference(rows: np.ndarray) -> np.ndarray:
    """(n, w) -> (n, w), along each row; nothing changes beyond its ends."""
    return np.diff(np.pad(np.diff(rows), ((0, 0), (1, 1))))
