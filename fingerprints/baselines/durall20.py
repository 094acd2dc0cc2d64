"""Durall, Keuper and Keuper, "Watch your up-convolution" (CVPR 2020): the azimuthally averaged spectrum.

AI(k) = (1 / 2 pi) integral of |F(k cos t, k sin t)| dt: the grey spectrum in decibels, averaged over each circle of
integer radius and scaled to [0, 1]; the classifier is an SVM. Nothing is simplified.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from .parts.base import FeatureBaseline, grey, radial_mean


class Durall20(FeatureBaseline):
    name = "Durall20"

    def feature(self, image: np.ndarray) -> np.ndarray:
        """(min(h, w) // 2,): the profile of 20 log10 |F|, from zero frequency to Nyquist, its range scaled to 1."""
        spectrum = 20 * np.log10(np.abs(np.fft.fftshift(np.fft.fft2(grey(image)))) + 1e-8)
        profile = radial_mean(spectrum)
        return (profile - profile.min()) / max(float(np.ptp(profile)), 1e-8)

    def classifier(self) -> Any:
        return make_pipeline(StandardScaler(), SVC(C=10.0, class_weight="balanced", decision_function_shape="ovr"))
