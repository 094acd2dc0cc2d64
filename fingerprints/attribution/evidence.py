"""What one space says about images: how well each generator, and the class "real", explains their artifacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..reference import Reference


@dataclass(frozen=True)
class Evidence:
    """Of n images against g generators in one space.

    ``likelihood`` (n, g): log-likelihood of each generator, up to a term shared by all of them.
    ``over_real`` (n,): by how much the best generator's log-likelihood exceeds that of the best kind of real photo.
    ``views`` (n,): how many views each image had.
    ``distance`` (n, g) and ``real_distance`` (n,): squared distance to the members expected there; 1 is typical.
    """

    likelihood: np.ndarray
    over_real: np.ndarray
    distance: np.ndarray
    real_distance: np.ndarray
    views: np.ndarray


def weigh(
    artifacts: np.ndarray, views: np.ndarray, reference: Reference, means: np.ndarray, looseness: np.ndarray
) -> Evidence:
    """Image artifacts (n, d) with their number of views (n,), against generator means (g, d) of ``looseness`` (g,).

    The mean over n views varies less the more views there are: the covariance of the reference is scaled
    accordingly, so that one crop weighs what one crop is worth.
    """
    expected = reference.spread.of(views)
    contrast = reference.contrast.log_likelihoods(artifacts, np.concatenate([means, reference.real_means]))
    g = len(means)
    distance = reference.within.squared_distances(artifacts, means) / np.clip(looseness, 0.5, 4.0)
    return Evidence(
        likelihood=reference.within.log_likelihoods(artifacts, means) / expected[:, None],
        over_real=(contrast[:, :g].max(axis=1) - contrast[:, g:].max(axis=1)) / expected,
        distance=distance / expected[:, None],
        real_distance=reference.contrast.squared_distances(artifacts, reference.real_means).min(axis=1) / expected,
        views=views,
    )


def join(parts: Sequence[Evidence]) -> Evidence:
    """The evidence of several sets of images against the same generators, one after the other."""
    return Evidence(
        np.concatenate([part.likelihood for part in parts]),
        np.concatenate([part.over_real for part in parts]),
        np.concatenate([part.distance for part in parts]),
        np.concatenate([part.real_distance for part in parts]),
        np.concatenate([part.views for part in parts]),
    )
