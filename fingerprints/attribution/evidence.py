"""What one space says about images: how well each generator, and the class "real", explains their artifacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..artifact import ViewArtifacts
from ..reference import Members, Reference
from .discriminant import Whitened
from .few_samples import steadied


@dataclass(frozen=True)
class Evidence:
    """Of n images against g generators in one space, each after h histories of its images.

    ``likelihood`` (n, g, h): log-likelihoods, up to a term shared by all of an image.
    ``over_real`` (n,): by how much the best generator's log-likelihood exceeds that of the best kind of real photo.
    ``views`` (n,): how many views each image had.
    ``distance`` (n, g, h) and ``real_distance`` (n,): squared distance to the members expected there; 1 is typical.
    """

    likelihood: np.ndarray
    over_real: np.ndarray
    distance: np.ndarray
    real_distance: np.ndarray
    views: np.ndarray


@dataclass(frozen=True)
class Known:
    """The generators (g,) of a reference as they are compared: whitened once, so that an answer costs one product.

    A generator has h means, one for each history of its images, and ``members`` how they vary. ``within``: for each
    history the means (g, d); ``contrast`` (g h + R, d), the kinds of real photos last; ``real`` (R, d).
    """

    reference: Reference
    members: Sequence[Members]
    determinants: Sequence[float]
    within: Sequence[Whitened]
    contrast: Whitened
    real: Whitened
    looseness: np.ndarray

    @classmethod
    def of(
        cls, reference: Reference, means: np.ndarray, looseness: np.ndarray, samples: np.ndarray | None = None
    ) -> Known:
        """From generator means (g, d), or (g, h, d) under h histories, of ``looseness`` (g,).

        ``samples`` (g,): from how many different images; None when the means are beyond doubt.
        """
        means = means if means.ndim == 3 else means[:, None]
        means = means if samples is None else steadied(means, samples, reference)
        members = reference.members(means.shape[1])
        return cls(
            reference,
            members,
            [one.within.log_determinant() for one in members],
            [one.within.whiten(means[:, history]) for history, one in enumerate(members)],
            reference.contrast.whiten(np.concatenate([means.reshape(-1, means.shape[-1]), reference.real_means])),
            reference.contrast.whiten(reference.real_means),
            looseness,
        )

    def weigh(self, artifacts: np.ndarray, views: np.ndarray) -> Evidence:
        """Image artifacts (n, d) with their number of views (n,).

        The mean over n views varies less the more views there are: the covariances are scaled accordingly, so that
        one crop weighs what one crop is worth.
        """
        weighed = [self._under(history, artifacts, views) for history in range(len(self.members))]
        expected = self.reference.spread.of(views)
        outer, real = self.reference.contrast.whiten(artifacts), len(self.real.rows)
        contrast = outer.log_likelihoods(self.contrast)
        return Evidence(
            likelihood=np.stack([likelihood for likelihood, _ in weighed], axis=2),
            over_real=(contrast[:, :-real].max(axis=1) - contrast[:, -real:].max(axis=1)) / expected,
            distance=np.stack([distance for _, distance in weighed], axis=2),
            real_distance=outer.squared_distances(self.real).min(axis=1) / expected,
            views=views,
        )

    def _under(self, history: int, artifacts: np.ndarray, views: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log-likelihoods and distances (n, g) after one history."""
        members, d = self.members[history], artifacts.shape[1]
        expected = members.spread.of(views)[:, None]
        squared = members.within.whiten(artifacts).squared_distances(self.within[history]) / expected
        likelihood = self.determinants[history] - 0.5 * d * (squared + np.log(expected))
        return likelihood, squared / np.clip(self.looseness, 0.5, 4.0)


def weigh(
    images: ViewArtifacts,
    reference: Reference,
    means: np.ndarray,
    looseness: np.ndarray,
    samples: np.ndarray | None = None,
    keep: int | None = None,
) -> Evidence:
    """Images, by all of their views or by ``keep`` of them, against generators as in Known.of."""
    return Known.of(reference, means, looseness, samples).weigh(images.per_image(keep), images.views(keep))


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
