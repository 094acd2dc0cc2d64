"""Means of few samples: what they owe to chance gives way to what generators have in common (empirical Bayes).

In hundreds of dimensions the mean of five artifacts lies farther from its generator than other generators do. But
generators differ mostly in the few directions that the founders of a collection span: there a new mean is believed;
elsewhere it is believed as far as its number of samples allows.
"""

from __future__ import annotations

import numpy as np

from .frame import Frame

OWN = 0.005  # variance of what is a generator's own, in each direction, where members vary by 1 (benchmarks.openset)
_SHARED = 0.05  # the least variance taken for a direction that founders span
_FOUNDERS = 3  # fewer span nothing that could be trusted


def steadied(means: np.ndarray, samples: np.ndarray, reference: Frame) -> np.ndarray:
    """Means (g, h, d) of ``samples`` (g,) different images each -> (g, h, d)."""
    if len(reference.founders) < _FOUNDERS or not len(means):
        return means
    noise = 1.0 / np.maximum(samples, 1)[:, None]
    found = np.empty_like(means)
    for history, members in enumerate(reference.members(means.shape[1])):
        whitening = members.within.whitening
        founders = reference.founders[:, min(history, reference.founders.shape[1] - 1)] @ whitening
        steady = _posterior_means(means[:, history] @ whitening, noise, founders)
        found[:, history] = np.linalg.solve(whitening.T, steady.T).T
    return found


def _posterior_means(means: np.ndarray, noise: np.ndarray, founders: np.ndarray) -> np.ndarray:
    """Whitened means (g, d), each with a variance ``noise`` (g, 1) in every direction, given the founders (f, d)."""
    centre = founders.mean(axis=0)
    _, lengths, directions = np.linalg.svd(founders - centre, full_matrices=False)
    directions, shared = directions[:-1], np.maximum(lengths[:-1] ** 2 / (len(founders) - 1), _SHARED)
    along = (means - centre) @ directions.T
    rest = means - centre - along @ directions
    steady: np.ndarray = centre + (along * shared / (shared + noise)) @ directions + rest * OWN / (OWN + noise)
    return steady
