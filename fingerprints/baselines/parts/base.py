"""What a baseline is: fit on labelled images, then a score for each class. Most are a feature and a linear model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol, Self

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

Images = Sequence[np.ndarray] | np.ndarray  # uint8 (h, w, 3) each, all of one size
_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


class Baseline(Protocol):
    """An attribution method of the literature. Images are uint8 (h, w, 3), all of one size."""

    name: str
    classes: np.ndarray

    def fit(self, images: Images, labels: np.ndarray) -> Self:
        """Learn from ``images`` with ``labels`` (n,)."""
        ...

    def scores(self, images: Images) -> np.ndarray:
        """(n, classes), larger is likelier, the columns in the order of ``classes``; sums over crops make sense."""
        ...


class FeatureBaseline(ABC):
    """A fixed feature of an image, then a classifier of scikit-learn."""

    name: str
    classes: np.ndarray

    @abstractmethod
    def feature(self, image: np.ndarray) -> np.ndarray:
        """uint8 (h, w, 3) -> (d,), d depending on the size of the image alone."""

    def classifier(self) -> Any:
        """A new, unfitted estimator of scikit-learn with predict_proba or decision_function."""
        return linear()

    def fit(self, images: Images, labels: np.ndarray) -> Self:
        self._model = self.classifier().fit(self._features(images), labels)
        self.classes = np.asarray(self._model.classes_)
        return self

    def scores(self, images: Images) -> np.ndarray:
        features = self._features(images)
        if hasattr(self._model, "predict_proba"):
            return np.log(self._model.predict_proba(features) + 1e-6)
        margins = self._model.decision_function(features)
        return np.asarray(margins if margins.ndim == 2 else np.column_stack([-margins, margins]))

    def _features(self, images: Images) -> np.ndarray:
        return np.stack([self.feature(image) for image in images])


def linear(c: float = 1.0) -> Any:
    """Standardised multinomial logistic regression, each class with the same weight."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=c, class_weight="balanced", max_iter=300))


def grey(image: np.ndarray) -> np.ndarray:
    """uint8 (h, w, 3) -> float32 luma (h, w), 0 to 255."""
    luma: np.ndarray = image.astype(np.float32) @ _LUMA
    return luma


def radii(height: int, width: int) -> np.ndarray:
    """The integer distance of each entry of a shifted spectrum (height, width) from zero frequency."""
    y, x = np.ogrid[:height, :width]
    return np.hypot(y - height // 2, x - width // 2).astype(int)


def radial_mean(spectrum: np.ndarray) -> np.ndarray:
    """The mean of a shifted spectrum (h, w) over each circle of integer radius, from zero frequency to the corners."""
    radius = radii(*spectrum.shape).ravel()
    means: np.ndarray = np.bincount(radius, spectrum.ravel()) / np.bincount(radius)
    return means
