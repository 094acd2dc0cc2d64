"""The paper's FREQ space at full size, for its reproduction: ``Frequency`` is the same, halved and binned."""

from __future__ import annotations

import numpy as np
import scipy.fft

from ..sentence import said

_EPSILON = 1e-12


class FullFrequency:
    """Per channel log(|fftshift(fft2(x))| + 1e-12) of the float image in [0, 1] (ManiFPT, section 4.1)."""

    name = "full-frequency"
    label = said("the whole spectrum in full detail")
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3) -> float32 (n, 3 * h * w), channel by channel."""
        channels = views.transpose(0, 3, 1, 2).astype(np.float32) / 255.0
        spectrum = scipy.fft.fftshift(scipy.fft.fft2(channels, axes=(-2, -1)), axes=(-2, -1))
        return np.log(np.abs(spectrum) + _EPSILON).reshape(len(views), -1).astype(np.float32)


SPACES = (FullFrequency(),)
