"""What one space says about images: how well each generator, and the class "real", explains their artifacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..reference import Reference
from .discriminant import Whitened


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


@dataclass(frozen=True)
class Known:
    """The generators (g,) of a reference as they are compared: whitened once, so that an answer costs one product.

    A generator has h means, one for each history of its images; the one that explains an image best speaks for it.
    ``within`` (g h, d); ``contrast`` (g h + R, d), the kinds of real photos last; ``real`` (R, d); ``looseness`` (g,).
    """

    reference: Reference
    within: Whitened
    contrast: Whitened
    real: Whitened
    looseness: np.ndarray

    @classmethod
    def of(cls, reference: Reference, means: np.ndarray, looseness: np.ndarray) -> Known:
        """From generator means (g, d), or (g, h, d) under h histories, of ``looseness`` (g,)."""
        means = means.reshape(-1, means.shape[-1])
        return cls(
            reference,
            reference.within.whiten(means),
            reference.contrast.whiten(np.concatenate([means, reference.real_means])),
            reference.contrast.whiten(reference.real_means),
            looseness,
        )

    def weigh(self, artifacts: np.ndarray, views: np.ndarray) -> Evidence:
        """Image artifacts (n, d) with their number of views (n,).

        The mean over n views varies less the more views there are: the covariance of the reference is scaled
        accordingly, so that one crop weighs what one crop is worth.
        """
        expected = self.reference.spread.of(views)
        inner, outer = self.reference.within.whiten(artifacts), self.reference.contrast.whiten(artifacts)
        contrast, gh = outer.log_likelihoods(self.contrast), len(self.within.rows)
        g = len(self.looseness)
        by_history = inner.log_likelihoods(self.within).reshape(len(artifacts), g, gh // max(g, 1))
        likelihood = by_history.max(axis=2)
        # |a - m|^2 = |a|^2 - 2 (a.m - |m|^2 / 2): the distances need no second product with the means
        squared = np.maximum(inner.squares[:, None] - 2 * likelihood, 0.0) / inner.rows.shape[1]
        distance = squared / np.clip(self.looseness, 0.5, 4.0)
        return Evidence(
            likelihood=likelihood / expected[:, None],
            over_real=(contrast[:, :gh].max(axis=1) - contrast[:, gh:].max(axis=1)) / expected,
            distance=distance / expected[:, None],
            real_distance=outer.squared_distances(self.real).min(axis=1) / expected,
            views=views,
        )


def weigh(
    artifacts: np.ndarray, views: np.ndarray, reference: Reference, means: np.ndarray, looseness: np.ndarray
) -> Evidence:
    """Image artifacts (n, d) with their number of views (n,), against generators as in Known.of."""
    return Known.of(reference, means, looseness).weigh(artifacts, views)


def together(part: Evidence) -> Evidence:
    """One row for all images of ``part``, said to share a source: what each says adds up, distances are averaged."""
    return Evidence(
        part.likelihood.sum(axis=0, keepdims=True),
        part.over_real.sum(keepdims=True),
        part.distance.mean(axis=0, keepdims=True),
        part.real_distance.mean(keepdims=True),
        part.views.sum(keepdims=True),
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
