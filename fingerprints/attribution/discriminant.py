"""The closed-form discriminant: Gaussian classes that share one covariance (linear discriminant analysis).

With the covariance in the reference, a class is its mean and nothing else: a new generator is one vector, no training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg


@dataclass(frozen=True)
class Discriminant:
    """``whitening`` W is (d, d), W W^T the inverse of the shared covariance: whitened, it is the identity."""

    whitening: np.ndarray

    @classmethod
    def fit(
        cls, groups: Sequence[np.ndarray], shrinkage: float, weights: Sequence[float] | None = None
    ) -> Discriminant:
        """From the samples (n_i, d) of each class: the weighted mean of their covariances, shrunk to a sphere.

        S = (1 - shrinkage) S_pooled + shrinkage (trace S_pooled / d) I. ``weights`` defaults to degrees of freedom.
        """
        freedoms = np.array([max(len(group) - 1, 0) for group in groups], dtype=float)
        share = freedoms / freedoms.sum() if weights is None else np.asarray(weights, float) / np.sum(weights)
        d = groups[0].shape[1]
        pooled = np.zeros((d, d))
        for group, weight, freedom in zip(groups, share, freedoms, strict=True):
            if freedom > 0:
                centred = group.astype(np.float64) - group.mean(axis=0)
                pooled += (weight / freedom) * (centred.T @ centred)
        shrunk = (1 - shrinkage) * pooled + shrinkage * np.trace(pooled) / d * np.eye(d)
        lower = scipy.linalg.cholesky(shrunk, lower=True)
        inverse = scipy.linalg.solve_triangular(lower, np.eye(d), lower=True)
        return cls(np.ascontiguousarray(inverse.T, dtype=np.float32))

    def log_likelihoods(self, artifacts: np.ndarray, means: np.ndarray) -> np.ndarray:
        """log N(a; mean, S) up to a term that all classes share: (n, classes)."""
        y, m = artifacts @ self.whitening, means @ self.whitening
        return y @ m.T - 0.5 * np.einsum("cd,cd->c", m, m)

    def squared_distances(self, artifacts: np.ndarray, means: np.ndarray) -> np.ndarray:
        """Squared Mahalanobis distances to each mean, divided by d: (n, classes); about 1 for members."""
        y, m = artifacts @ self.whitening, means @ self.whitening
        squared = np.einsum("nd,nd->n", y, y)[:, None] - 2 * y @ m.T + np.einsum("cd,cd->c", m, m)
        return np.maximum(squared, 0.0) / y.shape[1]
