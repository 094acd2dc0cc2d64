"""Scores with intervals: images of one content are drawn together, because they are not independent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import roc_auc_score

_DRAWS = 1000


@dataclass(frozen=True)
class Estimate:
    """A share with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def share(hits: np.ndarray, contents: np.ndarray) -> Estimate:
    """The mean of ``hits`` (n,), resampled over contents."""
    return _bootstrap(np.asarray(hits, float), contents, np.zeros(len(hits), dtype=int))


def balanced(hits: np.ndarray, contents: np.ndarray, labels: np.ndarray) -> Estimate:
    """The mean over classes of the mean of ``hits`` in each class."""
    return _bootstrap(np.asarray(hits, float), contents, labels)


def auroc(generated: np.ndarray, photos: np.ndarray) -> float:
    """How well the probability that a model made them (n,), (m,) tells generated images from photos."""
    truth = np.repeat([1, 0], [len(generated), len(photos)])
    return float(roc_auc_score(truth, np.append(generated, photos)))


def _bootstrap(hits: np.ndarray, contents: np.ndarray, labels: np.ndarray) -> Estimate:
    if len(hits) == 0:
        return Estimate(float("nan"), float("nan"), float("nan"))
    units, unit = np.unique(contents, return_inverse=True)
    classes, column = np.unique(labels, return_inverse=True)
    sums, counts = (np.zeros((len(units), len(classes))) for _ in range(2))
    np.add.at(sums, (unit, column), hits)
    np.add.at(counts, (unit, column), 1.0)
    draws = np.random.default_rng(0).multinomial(len(units), np.full(len(units), 1 / len(units)), size=_DRAWS)
    with np.errstate(invalid="ignore"):
        means = np.nanmean((draws @ sums) / (draws @ counts), axis=1)
    value = float(np.mean(sums.sum(axis=0) / counts.sum(axis=0)))
    low, high = np.quantile(means, [0.025, 0.975])
    return Estimate(value, float(low), float(high))
