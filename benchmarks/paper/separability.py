"""How far apart a method holds the generators: the paper's ratio of Frechet distances (section 4.4).

FD(i, j) = |m_i - m_j|^2 + tr(S_i + S_j - 2 (S_i S_j)^1/2) between Gaussians. The ratio is the mean FD of two generators
over the mean FD of two halves of one generator. The features are the scores that a method gives to test images
(its last layer), which every method has; with few images a class the ratio is comparable within a group alone.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np

_MIN_IMAGES = 10


def frechet_ratio(features: np.ndarray, labels: np.ndarray) -> float:
    """``features`` (n, d) with ``labels`` (n,): between generators over within. Small classes are left out."""
    groups = [features[labels == name] for name in np.unique(labels) if (labels == name).sum() >= _MIN_IMAGES]
    if len(groups) < 2:
        return float("nan")
    whole = [_gaussian(group) for group in groups]
    between = np.mean([frechet_distance(a, b) for a, b in combinations(whole, 2)])
    within = np.mean([frechet_distance(_gaussian(group[::2]), _gaussian(group[1::2])) for group in groups])
    return float(between / max(float(within), 1e-12))


def frechet_distance(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> float:
    """Between two Gaussians (mean (d,), covariance (d, d)). The trace of the root is that of sqrt(A) B sqrt(A)."""
    root = _root(one[1])
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other[1] @ root), 0.0)).sum()
    return float(((one[0] - other[0]) ** 2).sum() + np.trace(one[1]) + np.trace(other[1]) - 2 * cross)


def _gaussian(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rows.mean(axis=0), np.atleast_2d(np.cov(rows, rowvar=False))


def _root(symmetric: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(symmetric)
    root: np.ndarray = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return root
