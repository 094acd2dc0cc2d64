"""How noisy each part of an image is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_TO_DEVIATION = np.float32(np.sqrt(np.pi / 2) / 6)  # from mean absolute second differences across and down, of noise
_BLOCK = 16  # px


def noise_of_blocks(crops: Sequence[np.ndarray]) -> np.ndarray:
    """(blocks,): the standard deviation of the noise in grey levels in each block of uint8 (h, w, 3) crops, if there is
    nothing but noise (Immerkaer, "Fast noise variance estimation", 1996)."""
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
