"""The fingerprint of a generator: the set of artifacts of its images (ManiFPT, definition 2), in one space."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .artifact import ViewArtifacts
from .embedding import EmbeddedImages
from .reference import Reference

KEPT_ARTIFACTS = 200


@dataclass(frozen=True)
class Fingerprint:
    """F_G in one space, in the coordinates of a reference's basis.

    ``artifacts`` (m, d): the artifact of up to 200 images (the mean over an image's views); ``mean`` (d,) over all
    ``samples`` images; ``contents``: how many of those differ in prompt, latent or source (crops are not samples,
    copies are not contents). ``looseness`` is the mean squared distance of its own images from the mean, in units of
    what the reference expects: 1 is typical, 2 is a generator twice as varied. ``norm`` is the mean of ||a||.
    """

    space: str
    artifacts: np.ndarray
    mean: np.ndarray
    samples: int
    contents: int
    looseness: float
    norm: float

    @classmethod
    def of(cls, images: EmbeddedImages, reference: Reference) -> Fingerprint:
        """Compute it from embedded images; none of them may be in the reference's bank."""
        return cls.from_artifacts(reference.artifacts_of(images), reference)

    @classmethod
    def from_artifacts(cls, part: ViewArtifacts, reference: Reference) -> Fingerprint:
        """From the artifacts of all views of the generator's images."""
        per_image = part.per_image()
        mean = per_image.mean(axis=0)
        return cls(
            space=reference.space,
            artifacts=per_image[_spread_over(len(per_image), KEPT_ARTIFACTS)].astype(np.float16),
            mean=mean.astype(np.float32),
            samples=len(per_image),
            contents=len(np.unique(part.contents)),
            looseness=_looseness(per_image, part.views(), mean, reference),
            norm=float(np.linalg.norm(per_image, axis=1).mean()),
        )


def _spread_over(n: int, keep: int) -> np.ndarray:
    """At most ``keep`` indices, evenly over range(n)."""
    return np.unique(np.linspace(0, n - 1, min(n, keep)).round().astype(int))


def _looseness(per_image: np.ndarray, views: np.ndarray, mean: np.ndarray, reference: Reference) -> float:
    n = len(per_image)
    if n < 2:
        return 1.0
    ratio = reference.within.squared_distances(per_image, mean[None])[:, 0] / reference.spread.of(views)
    return float(ratio.mean() * n / (n - 1))
