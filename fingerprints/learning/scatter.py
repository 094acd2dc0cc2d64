"""Covariances without each fold and each generator in turn, for little more than the cost of one.

Sums of products add up, so that those of all images less those of a fold are those of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .withheld import NOTHING, Withheld


@dataclass(frozen=True)
class Sample:
    """``rows`` (n, d) of one class, the fold (n,) of each, and the ``generator`` (its column), None for photos."""

    rows: np.ndarray
    folds: np.ndarray
    generator: int | None = None


@dataclass(frozen=True)
class _Sums:
    """Of n rows: their sum (d,) and the sum of their products (d, d)."""

    n: int
    total: np.ndarray
    products: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray) -> _Sums:
        return cls(len(rows), rows.sum(axis=0), rows.T @ rows)

    def less(self, other: _Sums) -> _Sums:
        return _Sums(self.n - other.n, self.total - other.total, self.products - other.products)

    @property
    def freedom(self) -> int:
        return max(self.n - 1, 0)

    def scatter(self) -> np.ndarray:
        """The sum of products around the mean (d, d)."""
        return np.asarray(self.products - np.outer(self.total, self.total) / max(self.n, 1))


class MeanCovariance:
    """The mean covariance (d, d) of several classes, without what is withheld in each turn. Each class weighs the same
    (``even``), or by its degrees of freedom."""

    def __init__(self, samples: Sequence[Sample], turns: Sequence[Withheld], even: bool = False) -> None:
        d = samples[0].rows.shape[1]
        self._even = even
        self._all, self._weight = np.zeros((d, d), np.float32), 0.0
        self._less = {turn: np.zeros((d, d), np.float32) for turn in turns if turn != NOTHING}
        self._lost = dict.fromkeys(self._less, 0.0)
        for sample in samples:
            self._add(sample)

    def without(self, turn: Withheld) -> np.ndarray:
        """One of the turns, or nothing."""
        if turn == NOTHING:
            return self._all / max(self._weight, 1e-12)
        return (self._all - self._less[turn]) / max(self._weight - self._lost[turn], 1e-12)

    def _add(self, sample: Sample) -> None:
        middle = sample.rows.mean(axis=0) if len(sample.rows) else 0.0  # small numbers lose no digits in products
        rows = sample.rows - middle
        whole = _Sums.of(rows)
        covariance, weight = self._weighted(whole)
        self._all += covariance
        self._weight += weight
        by_fold = {fold: rows[sample.folds == fold] for fold in np.unique(sample.folds)}
        for turn, less in self._less.items():
            if turn.generator is not None and turn.generator == sample.generator:
                less += covariance
                self._lost[turn] += weight
            elif turn.fold in by_fold:
                rest, left = self._weighted(whole.less(_Sums.of(by_fold[turn.fold])))
                less += covariance - rest
                self._lost[turn] += weight - left

    def _weighted(self, sums: _Sums) -> tuple[np.ndarray, float]:
        """The covariance times its weight, and the weight."""
        if not sums.freedom:
            return np.zeros_like(self._all), float(self._even and sums.n > 0)
        scale = 1.0 / sums.freedom if self._even else 1.0
        return scale * sums.scatter(), 1.0 if self._even else float(sums.freedom)
