"""Traces of lossy compression, found in decoded pixels alone (a PNG of the same pixels gets the same answer)."""

from __future__ import annotations

import numpy as np
import scipy.fft

_BLOCK = 8


def lossy_traces(pixels: np.ndarray) -> bool:
    """Whether uint8 (h, w, 3) pixels look as if a JPEG had quantised them on an 8 x 8 grid.

    Quantisation leaves more high-frequency coefficients near zero on the grid that was used than on grids shifted
    against it; smooth pictures have many zeros on every grid.
    """
    luma = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    aligned = _near_zero(luma, 0, 0)
    shifted = max(_near_zero(luma, 4, 0), _near_zero(luma, 0, 4), _near_zero(luma, 4, 4))
    return bool(aligned > shifted + _MARGIN)


_MARGIN = 0.05


def _near_zero(luma: np.ndarray, top: int, left: int) -> float:
    """Share of the upper-half coefficients of all blocks of that grid with a magnitude below half a grey level."""
    height, width = ((side - shift) // _BLOCK * _BLOCK for side, shift in zip(luma.shape, (top, left), strict=True))
    cut = luma[top : top + height, left : left + width]
    blocks = cut.reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).transpose(0, 2, 1, 3)
    coefficients = scipy.fft.dctn(blocks, axes=(2, 3), norm="ortho")
    high = np.add.outer(np.arange(_BLOCK), np.arange(_BLOCK)) >= _BLOCK - 1
    return float((np.abs(coefficients[:, :, high]) < 0.5).mean())
