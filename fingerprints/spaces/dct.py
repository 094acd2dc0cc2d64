"""Block-DCT statistics: how the coefficients of 8 x 8 and 16 x 16 blocks are distributed.

Up-sampling layers and image decoders leave their period in local frequency content; the mean and the spread of
the log magnitude of each DCT coefficient over all blocks of a view catch it (the idea of Giudice21, with two block
sizes, spread beside mean, and chroma beside luma).
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from .base import luma_and_chroma

_FLOOR = 0.1  # in grey levels: below it rounding noise, not the image, decides the logarithm


class BlockDCT:
    """Mean and standard deviation over blocks of log(|DCT| + 0.1), 8 and 16 px, luma and two chroma."""

    name = "dct"
    label = "the statistics of small blocks"
    version = 1
    blocks = (8, 16)

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 3 * 2 * (64 + 256))."""
        planes = luma_and_chroma(views)
        return np.concatenate([_statistics(planes, block) for block in self.blocks], axis=1)


def _statistics(planes: np.ndarray, block: int) -> np.ndarray:
    """(n, c, h, w) -> (n, c * 2 * block**2): per coefficient mean, then standard deviation, over blocks."""
    coefficients = block_coefficients(planes, block)
    n, channels, rows, columns = coefficients.shape[:4]
    logs = log_magnitude(coefficients).reshape(n, channels, rows * columns, block * block)
    return np.concatenate([logs.mean(axis=2), logs.std(axis=2)], axis=2).reshape(n, -1).astype(np.float32)


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
    return np.asarray(np.log(np.abs(coefficients) + _FLOOR))


SPACES = (BlockDCT(),)
