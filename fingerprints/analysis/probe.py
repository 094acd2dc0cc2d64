"""The design probe: which level of a design choice a fingerprint speaks for, also of a generator that it never saw.

Ridge regression (ridge.py) from the moments of a fingerprint to the levels of one axis. An estimate of P(level) divided
by the level's share in training is its likelihood ratio, so rare levels are not passed over. How strong the ridge is,
and which kernel is looked at, is chosen on the training generators alone, by leaving each unit of them out. Seeds of
one design are one unit: who leaves only one of them out has seen the design.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.special

from .ridge import dual, leave_out

RIDGES = (0.001, 0.01, 0.1, 1.0)  # in units of the mean squared distance of the training generators from their centre
_SHARPNESSES = np.geomspace(0.1, 10.0, 41)


@dataclass(frozen=True)
class Fold:
    """One test: which generators are ``held`` out (g,), and ``kernels`` (g, g) by the name of what is looked at.

    The inner products are of moments in a space that was itself learned without the generators held out; of those, only
    rows against the others are used. ``noise``: their sampling variance, as in ridge.dual.
    """

    held: np.ndarray
    kernels: Mapping[str, np.ndarray]
    noise: float = 0.0


def predict_held_out(folds: Sequence[Fold], codes: np.ndarray, units: np.ndarray) -> np.ndarray:
    """The likelihood ratios (draws, g, levels) of the levels for each generator, from a probe that never saw its unit.

    ``codes`` (draws, g): the level numbers, 0 and up; several labellings (the true one, then permuted ones) cost little
    more than one. ``units`` (g,): ValueError when one stands on both sides of a fold.
    """
    targets = one_hot(codes)
    found = np.zeros(targets.shape)
    for fold in folds:
        if set(units[fold.held]) & set(units[~fold.held]):
            raise ValueError("a unit stands on both sides of a fold; hold out all generators of a design together.")
        found[:, fold.held] = _predict(fold, targets[:, ~fold.held], units[~fold.held])
    return found


def one_hot(codes: np.ndarray) -> np.ndarray:
    """Level numbers (..., g) -> (..., g, levels)."""
    return np.asarray(np.eye(int(codes.max()) + 1)[codes])


def _predict(fold: Fold, targets: np.ndarray, units: np.ndarray) -> np.ndarray:
    """From the targets (draws, t, levels) of the training generators: ratios (draws, held, levels)."""
    train, held = ~fold.held, fold.held
    least = np.full(len(targets), np.inf)
    found = np.zeros((len(targets), int(held.sum()), targets.shape[2]))
    for kernel in fold.kernels.values():
        inner, across = kernel[np.ix_(train, train)], kernel[np.ix_(held, train)]
        for ridge in RIDGES:
            error = _error(leave_out(inner, units, ridge), targets)
            better = error < least
            least[better] = error[better]
            found[better] = _ratios(dual(inner, ridge, across, fold.noise), targets[better])
    return found


@dataclass(frozen=True)
class Probe:
    """A probe for one axis, to be asked about batches of images: ``levels`` and the training ``points`` (g, D).

    ``codes`` (g,) number the level of each. ``sharpness`` turns likelihood ratios into probabilities that fit
    how often it was right when each unit was left out.
    """

    levels: tuple[str, ...]
    points: np.ndarray
    codes: np.ndarray
    ridge: float
    sharpness: float

    @classmethod
    def fit(cls, points: np.ndarray, labels: np.ndarray, units: np.ndarray) -> Probe:
        """From the moments (g, D) of g generators, their labels (g,) and units (g,). Two levels or more are needed."""
        levels, codes = np.unique(labels, return_inverse=True)
        if len(levels) < 2:
            raise ValueError(f"a probe needs generators of two levels or more, found only {', '.join(levels)}.")
        targets, kernel = one_hot(codes)[None], points @ points.T
        matrices = [leave_out(kernel, units, ridge) for ridge in RIDGES]
        best = int(np.argmin([_error(matrix, targets)[0] for matrix in matrices]))
        sharpness = _sharpness(_ratios(matrices[best], targets)[0], targets[0])
        return cls(tuple(str(level) for level in levels), points, codes, RIDGES[best], sharpness)

    def probabilities(self, point: np.ndarray, images: int) -> np.ndarray:
        """The moments (D,) of a batch of images -> the probability of each level; even for few images."""
        matrix = dual(self.points @ self.points.T, self.ridge, point[None] @ self.points.T, noise=1.0 / images)
        ratios = _ratios(matrix, one_hot(self.codes)[None])[0, 0]
        return np.asarray(np.exp(_log_softmax(self.sharpness * ratios)))


def _sharpness(ratios: np.ndarray, targets: np.ndarray) -> float:
    """The likeliest, from ratios and targets (g, levels), had one more generator been answered wrongly.

    Few generators that are all answered rightly would otherwise make the probe certain.
    """
    wrong = (1 - targets) / (1 - targets).sum()
    likelihoods = [((targets + wrong) * _log_softmax(sharpness * ratios)).sum() for sharpness in _SHARPNESSES]
    return float(_SHARPNESSES[int(np.argmax(likelihoods))])


def _error(matrix: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """The squared error (draws,) of predictions, each level weighted by the inverse of its share."""
    squared = ((_apply(matrix, targets) - targets) ** 2).mean(axis=1)
    return np.asarray((squared / _shares(targets)).sum(axis=1))


def _ratios(matrix: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Likelihood ratios (draws, q, levels): predictions over the levels' shares in training."""
    return np.asarray(_apply(matrix, targets) / _shares(targets)[:, None])


def _shares(targets: np.ndarray) -> np.ndarray:
    return np.maximum(targets.mean(axis=1), 1e-9)  # a level that training lacks is never predicted, and divides by 0


def _apply(matrix: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """(q, g) applied to (draws, g, levels) -> (draws, q, levels)."""
    return np.asarray(np.einsum("qg,dgl->dql", matrix, targets, optimize=True))


def _log_softmax(scores: np.ndarray) -> np.ndarray:
    return np.asarray(scores - scipy.special.logsumexp(scores, axis=-1, keepdims=True))
