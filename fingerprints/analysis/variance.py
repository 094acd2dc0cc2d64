"""How much of the differences between fingerprints a design choice explains (PERMANOVA; Anderson, 2001).

R^2 = 1 - (mean squared distance within levels, weighted) / (within all), the share of the variance of the points that
lies between the levels of an axis; it needs distances alone. Labels that say nothing explain (levels - 1) / (g - 1)
of it: the mean over permuted labels stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .permutation import p_value, shuffled


@dataclass(frozen=True)
class Explained:
    """``share`` of the variance; ``chance``: its mean for permuted labels; ``p``: share of those as high."""

    share: float
    chance: float
    p: float


def explained(squared: np.ndarray, labels: np.ndarray, units: np.ndarray, draws: int = 1000) -> Explained:
    """Squared distances (g, g) and labels (g,), permuted over ``units`` (g,) as in permutation.shuffled."""
    share = _share(squared, labels)
    null = [_share(squared, other) for other in shuffled(labels, units, draws)]
    return Explained(share, float(np.mean(null)), p_value(share, null))


def _share(squared: np.ndarray, labels: np.ndarray) -> float:
    """R^2: the sum of squares about a mean is the sum of squared distances of all pairs, over twice their number."""
    within = sum(float(squared[np.ix_(labels == level, labels == level)].mean(axis=0).sum()) for level in set(labels))
    return 1.0 - within / float(squared.mean(axis=0).sum())
