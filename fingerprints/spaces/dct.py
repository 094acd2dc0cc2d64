"""Block-DCT statistics: how the coefficients of 8 x 8 and 16 x 16 blocks are distributed.

Up-sampling layers and image decoders leave their period in local frequency content; the mean and the spread of
the log magnitude of each DCT coefficient over all blocks of a view catch it (the idea of Giudice21, with two block
sizes, spread beside mean, and chroma beside luma).
"""

from __future__ import annotations

import numpy as np

from ..sentence import said
from .blocks import Blocks, block_coefficients, blocks_of, log_magnitude

_LARGE = 16


class BlockDCT:
    """Mean and standard deviation over blocks of log(|DCT| + 0.1), 8 and 16 px, luma and two chroma."""

    name = "dct"
    label = said("the statistics of small blocks")
    version = 1
    begin = staticmethod(blocks_of)

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 3 * 2 * (64 + 256))."""
        return self.of(blocks_of(views))

    def of(self, blocks: Blocks) -> np.ndarray:
        """The same from the blocks of the views."""
        large = log_magnitude(block_coefficients(blocks.planes, _LARGE))
        return np.concatenate([_statistics(blocks.logs), _statistics(large)], axis=1)


def _statistics(logs: np.ndarray) -> np.ndarray:
    """(n, c, rows, columns, b, b) -> (n, c * 2 * b**2): per coefficient mean, then standard deviation, over blocks."""
    n, channels, rows, columns, block, _ = logs.shape
    flat = logs.reshape(n, channels, rows * columns, block * block)
    mean = flat.mean(axis=2)
    centred = flat - mean[:, :, None]
    variance = np.einsum("ncbu,ncbu->ncu", centred, centred) / np.float32(rows * columns)
    return np.concatenate([mean, np.sqrt(variance)], axis=2).reshape(n, -1).astype(np.float32)


SPACES = (BlockDCT(),)
