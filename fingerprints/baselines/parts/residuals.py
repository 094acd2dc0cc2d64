"""The noise residual that several methods begin with: an image minus its denoised self."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter

_WINDOW = 5
_NOISE_VARIANCE = 4.0  # of the noise that is taken out, in squared grey levels


def noise_residual(image: np.ndarray) -> np.ndarray:
    """uint8 (h, w[, 3]) -> float32 of the same shape: x - D(x) with D the local Wiener filter.

    D(x) = m + max(v - s, 0) / max(v, s) (x - m), m and v the mean and variance of the 5 x 5 window, s the variance of
    the noise: flat regions are averaged, edges kept.
    """
    x = image.astype(np.float32)
    size = (_WINDOW, _WINDOW) + (1,) * (x.ndim - 2)
    mean = uniform_filter(x, size)
    variance = uniform_filter(x * x, size) - mean * mean
    gain = np.maximum(variance - _NOISE_VARIANCE, 0.0) / np.maximum(variance, _NOISE_VARIANCE)
    residual: np.ndarray = (1.0 - gain) * (x - mean)
    return residual
