"""Corvi et al., "Intriguing properties of synthetic images" (CVPR-W 2023): the statistics of the residual.

The feature is the autocorrelation of the noise residual in a window of 65 x 65 lags (where its peaks lie is the period
of the generator's up-sampling) and the power spectrum by radius and by angle; the classifier is linear. Simplified
for a CPU: a local Wiener filter in place of the learned denoiser, one image at a time in place of averages over many.
"""

from __future__ import annotations

import numpy as np

from .parts.base import FeatureBaseline, grey, radial_mean
from .parts.residuals import noise_residual

_LAGS = 32
_ANGLES = 16


class Corvi23(FeatureBaseline):
    name = "Corvi23"

    def feature(self, image: np.ndarray) -> np.ndarray:
        """The half-plane of lags up to 32 (or what the image has room for), 16 angles, and the radii to Nyquist."""
        power = np.abs(np.fft.fft2(noise_residual(grey(image)))) ** 2
        correlation = np.fft.fftshift(np.fft.ifft2(power).real)
        log_power = np.log(np.fft.fftshift(power) + 1e-3)
        return np.concatenate([_half_plane(correlation), radial_mean(log_power), _angular_mean(log_power)])


def _half_plane(correlation: np.ndarray) -> np.ndarray:
    """Lags (dy, dx) with dy >= 0, divided by the variance (lag 0): the other half is the same mirrored."""
    y, x = (side // 2 for side in correlation.shape)
    reach_y, reach_x = (min(_LAGS, (side - 1) // 2) for side in correlation.shape)
    window = correlation[y : y + reach_y + 1, x - reach_x : x + reach_x + 1]
    half: np.ndarray = (window / (correlation[y, x] + 1e-8)).ravel()
    return half


def _angular_mean(spectrum: np.ndarray) -> np.ndarray:
    """The mean over each of 16 sectors of the half-plane."""
    height, width = spectrum.shape
    y, x = np.mgrid[:height, :width]
    angle = np.arctan2(y - height // 2, x - width // 2) % np.pi
    sector = np.minimum((angle / np.pi * _ANGLES).astype(int), _ANGLES - 1).ravel()
    return np.bincount(sector, spectrum.ravel(), minlength=_ANGLES) / np.bincount(sector, minlength=_ANGLES)
