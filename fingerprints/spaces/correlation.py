"""Correlations of DCT coefficients: between neighbouring blocks, and between the colour channels of one block.

A decoder ties neighbouring pixels and channels together by its kernels; how strongly, at each frequency, is a trace
that the magnitudes of the coefficients (dct.py) do not show.
"""

from __future__ import annotations

import numpy as np

from ..sentence import said
from .blocks import Blocks, blocks_of

_PAIRS = ((0, 1), (0, 2), (1, 2))


class Correlation:
    """Of the coefficients and of their log magnitudes, over all 8 x 8 blocks: with the block below and to the right in
    each channel, and between channels."""

    name = "correlation"
    label = said("how neighbouring blocks and colours go together")
    version = 1

    begin = staticmethod(blocks_of)

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 24 -> float32 (n, 2 * (2 * 3 + 3) * 64)."""
        return self.of(blocks_of(views))

    def of(self, blocks: Blocks) -> np.ndarray:
        """The same from the blocks of the views."""
        parts: list[np.ndarray] = []
        for values in (blocks.coefficients, blocks.logs):
            parts.append(_correlation(values[:, :, 1:], values[:, :, :-1]))
            parts.append(_correlation(values[:, :, :, 1:], values[:, :, :, :-1]))
            parts += [_correlation(values[:, a : a + 1], values[:, b : b + 1]) for a, b in _PAIRS]
        return np.concatenate([part.reshape(len(values), -1) for part in parts], axis=1).astype(np.float32)


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson's over rows and columns: (n, c, rows, columns, 8, 8) twice -> (n, c, 8, 8); 0 where nothing varies."""
    a, b = (x - x.mean(axis=(2, 3), keepdims=True) for x in (a, b))
    product, squares = _mean_product(a, b), _mean_product(a, a) * _mean_product(b, b)
    return np.asarray(product / np.sqrt(squares + 1e-3))


def _mean_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The mean of a * b over rows and columns, without the product in memory."""
    return np.einsum("ncrkuv,ncrkuv->ncuv", a, b) / np.float32(a.shape[2] * a.shape[3])


SPACES = (Correlation(),)
