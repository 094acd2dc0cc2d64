"""The closed-form discriminant: Gaussian classes that share one covariance (linear discriminant analysis).

With the covariance in the reference, a class is its mean and nothing else: a new generator is one vector, no training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg


@dataclass(frozen=True)
class Whitened:
    """``rows`` (n, d) in whitened coordinates, with their ``squares`` (n,), the squared norms."""

    rows: np.ndarray
    squares: np.ndarray

    def log_likelihoods(self, means: Whitened) -> np.ndarray:
        """As Discriminant.log_likelihoods, of artifacts and means that are whitened already."""
        return self.rows @ means.rows.T - 0.5 * means.squares

    def squared_distances(self, means: Whitened) -> np.ndarray:
        """As Discriminant.squared_distances, of artifacts and means that are whitened already."""
        squared = self.squares[:, None] - 2 * self.rows @ means.rows.T + means.squares
        return np.maximum(squared, 0.0) / self.rows.shape[1]


@dataclass(frozen=True)
class Apart:
    """What sets whitened means apart from ``centre`` (d,), the middle of all: ``along`` (g,), products with it, and the
    ``squares`` (g,) of their distances to it. Taken once, because means may be thousands."""

    centre: np.ndarray
    along: np.ndarray
    squares: np.ndarray

    @classmethod
    def of(cls, means: Whitened, centre: np.ndarray) -> Apart:
        along = means.rows @ centre
        return cls(centre, along, np.maximum(means.squares - 2 * along + centre @ centre, 1e-6))

    def shares(self, artifacts: Whitened, products: np.ndarray) -> np.ndarray:
        """How much of that artifacts (n, d) show, given their ``products`` (n, g) with the means: (n, g); 1 for the
        mean itself, 0 for the centre."""
        own = (artifacts.rows @ self.centre)[:, None]
        return np.asarray((products - own - self.along + self.centre @ self.centre) / self.squares)


@dataclass(frozen=True)
class Discriminant:
    """``whitening`` W (d, d), upper triangular: W W^T is the inverse of the shared covariance; whitened, it is I."""

    whitening: np.ndarray

    @classmethod
    def fit(
        cls,
        groups: Sequence[np.ndarray],
        shrinkage: float,
        weights: Sequence[float] | None = None,
        views: Sequence[np.ndarray] = (),
    ) -> Discriminant:
        """From the samples (n_i, d) of each class: the weighted mean of their covariances, shrunk.

        ``weights`` defaults to degrees of freedom; ``views`` (m_i, d) and the rest as in ``of``.
        """
        return cls.of(_pooled(groups, weights), shrinkage, _pooled(views, weights) if len(views) else None)

    @classmethod
    def of(cls, pooled: np.ndarray, shrinkage: float, of_views: np.ndarray | None = None) -> Discriminant:
        """From the mean covariance (d, d) of the images of each class.

        Images are few, so half of it gives way to the covariance ``of_views`` (d, d) of their views, of the same
        trace: views are many, and what varies in an image varies between images.
        Then S = (1 - shrinkage) S_pooled + shrinkage (trace S_pooled / d) I.
        """
        if of_views is not None:
            pooled = 0.5 * (pooled + of_views * np.trace(pooled) / np.trace(of_views))
        d = len(pooled)
        shrunk = (1 - shrinkage) * pooled + shrinkage * np.trace(pooled) / d * np.eye(d)
        lower = scipy.linalg.cholesky(shrunk, lower=True)
        inverse = scipy.linalg.solve_triangular(lower, np.eye(d), lower=True)
        return cls(np.ascontiguousarray(inverse.T, dtype=np.float32))

    def whiten(self, rows: np.ndarray) -> Whitened:
        """Artifacts or means (n, d) in the coordinates where the shared covariance is the identity."""
        whitened = rows @ self.whitening
        return Whitened(whitened, np.einsum("nd,nd->n", whitened, whitened))

    def log_determinant(self) -> float:
        """log |W|: what the density of whitened artifacts owes to the spread that was taken out."""
        return float(np.log(np.abs(np.diagonal(self.whitening))).sum(dtype=np.float64))  # W is triangular

    def log_likelihoods(self, artifacts: np.ndarray, means: np.ndarray) -> np.ndarray:
        """log N(a; mean, S) up to a term that all classes share: (n, classes)."""
        return self.whiten(artifacts).log_likelihoods(self.whiten(means))

    def squared_distances(self, artifacts: np.ndarray, means: np.ndarray) -> np.ndarray:
        """Squared Mahalanobis distances to each mean, divided by d: (n, classes); about 1 for members."""
        return self.whiten(artifacts).squared_distances(self.whiten(means))


def _pooled(groups: Sequence[np.ndarray], weights: Sequence[float] | None) -> np.ndarray:
    """The weighted mean (d, d) of the covariances of ``groups`` (n_i, d)."""
    freedoms = np.array([max(len(group) - 1, 0) for group in groups], dtype=float)
    share = freedoms / freedoms.sum() if weights is None else np.asarray(weights, float) / np.sum(weights)
    pooled = np.zeros((groups[0].shape[1],) * 2)
    for group, weight, freedom in zip(groups, share, freedoms, strict=True):
        if freedom > 0:
            centred = group - group.mean(axis=0)
            pooled += (weight / freedom) * (centred.T @ centred)
    return pooled
