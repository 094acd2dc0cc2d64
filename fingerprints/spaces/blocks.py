"""The DCT of the 8 x 8 blocks of views, which several spaces begin with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft

from .base import luma_and_chroma

BLOCK = 8
_FLOOR = 0.1  # in grey levels: below it rounding noise, not the image, decides the logarithm


@dataclass(frozen=True)
class Blocks:
    """``planes`` (n, 3, h, w): luma and chroma; ``coefficients`` (n, 3, rows, columns, 8, 8) of their blocks, and the
    ``logs`` of their magnitudes."""

    planes: np.ndarray
    coefficients: np.ndarray
    logs: np.ndarray


def blocks_of(views: np.ndarray) -> Blocks:
    """Of uint8 views (n, h, w, 3)."""
    planes = luma_and_chroma(views)
    coefficients = block_coefficients(planes, BLOCK)
    return Blocks(planes, coefficients, log_magnitude(coefficients))


def block_coefficients(planes: np.ndarray, block: int) -> np.ndarray:
    """The orthonormal DCT of every whole block: (n, c, h, w) -> (n, c, rows, columns, block, block)."""
    n, channels, height, width = planes.shape
    rows, columns = height // block, width // block
    cut = planes[:, :, : rows * block, : columns * block]
    tiles = cut.reshape(n, channels, rows, block, columns, block)
    basis = scipy.fft.dct(np.eye(block, dtype=np.float32), axis=0, norm="ortho")
    # laid out as the shape says: what is computed from the coefficients goes through them in this order
    return np.ascontiguousarray(np.einsum("ui,ncribj,vj->ncrbuv", basis, tiles, basis, optimize=True))


def log_magnitude(coefficients: np.ndarray) -> np.ndarray:
    """log(|DCT| + 0.1), of the same shape."""
    return np.asarray(np.log(np.abs(coefficients) + np.float32(_FLOOR)))
