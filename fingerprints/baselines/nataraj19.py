"""Nataraj et al., "Detecting GAN generated fake images using co-occurrence matrices" (2019).

C_c(i, j) counts how often value j lies to the right of value i in channel c: three 256 x 256 matrices. The paper feeds
them to a convolutional network. Simplified for a CPU: the matrix is pooled to 32 x 32 and its square root (which gives
counts a constant variance) goes to a linear model.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from .parts.base import FeatureBaseline

_LEVELS, _POOL = 256, 8


class Nataraj19(FeatureBaseline):
    name = "Nataraj19"

    def feature(self, image: np.ndarray) -> np.ndarray:
        """(3 * 32 * 32,): the square root of the relative frequencies in bins of 8 x 8 levels."""
        bins = _LEVELS // _POOL
        left, right = (part.reshape(-1, 3).astype(int) // _POOL for part in (image[:, :-1], image[:, 1:]))
        pairs = left * bins + right
        counts = [np.bincount(pairs[:, c], minlength=bins * bins) for c in range(3)]
        return np.sqrt(np.concatenate(counts) / len(pairs)).astype(np.float32)

    def classifier(self) -> Any:
        return LogisticRegression(C=30.0, class_weight="balanced", max_iter=200)
