"""McCloskey and Albright, "Detecting GAN-generated imagery using color cues" (2018): saturation statistics.

Generators normalise their outputs and so leave fewer over- and under-exposed pixels than cameras. The feature is the
fraction of grey pixels at least t for t in 240, 245, 250, 255 and at most t for t in 0, 5, 10, 15; the classifier a
linear SVM. Nothing is simplified.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from .parts.base import FeatureBaseline, grey

_OVER, _UNDER = (240, 245, 250, 255), (0, 5, 10, 15)


class McCloskey18(FeatureBaseline):
    name = "McCloskey18"

    def feature(self, image: np.ndarray) -> np.ndarray:
        """(8,): f_over(t) = |{p : g(p) >= t}| / N, then f_under(t) = |{p : g(p) <= t}| / N."""
        g = np.round(grey(image))
        return np.array([(g >= t).mean() for t in _OVER] + [(g <= t).mean() for t in _UNDER])

    def classifier(self) -> Any:
        return make_pipeline(StandardScaler(), LinearSVC(class_weight="balanced", max_iter=5000))
