"""Dzanic, Shah and Witherden, "Fourier spectrum discrepancies in deep network generated images" (NeurIPS 2020).

Real spectra decay like a power law towards the highest frequencies, generated ones do not. The radial magnitude m(r),
normalised by its value at r = r_max / 2, is fitted by b r^a on r > .75 r_max; the feature is the exponent, the start
and the end of the fitted part, and the profile for r > r_max / 2 itself, because the three numbers were meant for real
against generated alone; the classifier is k nearest neighbours. Nothing is simplified.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from .parts.base import FeatureBaseline, grey, radial_mean


class Dzanic20(FeatureBaseline):
    name = "Dzanic20"

    def feature(self, image: np.ndarray) -> np.ndarray:
        """(3 + min(h, w) // 4,): exponent a, log m at .75 r_max and at r_max; log m(r) for r > r_max / 2."""
        magnitude = radial_mean(np.abs(np.fft.fftshift(np.fft.fft2(grey(image)))))
        half = len(magnitude) // 2
        log_m = np.log(magnitude[half:] / (magnitude[half] + 1e-8) + 1e-8)
        log_r = np.log(np.arange(half, len(magnitude)) / len(magnitude))
        tail = log_r > np.log(0.75)
        exponent, _ = np.polyfit(log_r[tail], log_m[tail], 1)
        return np.concatenate([[exponent, log_m[tail][0], log_m[-1]], log_m])

    def classifier(self) -> Any:
        return make_pipeline(StandardScaler(), KNeighborsClassifier(15, weights="distance"))
