"""The fingerprint of a generator: the set of artifacts of its images (ManiFPT, definition 2), in one space."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..geometry.artifact import ViewArtifacts
from ..geometry.embedding import EmbeddedImages
from .eight_bits import packed, unpacked
from .reference import Reference

KEPT_ARTIFACTS = 80


@dataclass(frozen=True)
class Fingerprint:
    """F_G in one space, in the coordinates of a reference's basis.

    ``artifacts`` (m, d): the artifact of up to 80 images (the mean over an image's views); ``mean`` (d,) over all
    ``samples`` images; ``contents``: how many of those differ in prompt, latent or source (crops are not samples,
    copies are not contents). ``looseness`` is the mean squared distance of its own images from the mean, in units of
    what the reference expects: 1 is typical, 2 is a generator twice as varied. ``norm`` is the mean of ||a||.
    ``changed`` (h, d): the means after each history of histories.GENERATED (scaled, ...), as far as the collection
    knows them. All else speaks of the images as they were made.
    """

    space: str
    artifacts: np.ndarray
    mean: np.ndarray
    samples: int
    contents: int
    looseness: float
    norm: float
    changed: np.ndarray

    @property
    def means(self) -> np.ndarray:
        """(1 + h, d): the mean of the images as they were made, then after each history."""
        return np.concatenate([self.mean[None], self.changed])

    @classmethod
    def of(cls, images: EmbeddedImages, reference: Reference, histories: int = 1) -> Fingerprint:
        """Compute it from embedded images; none of them may be in the reference's bank."""
        return cls.from_artifacts(reference.artifacts_of(images), reference, histories)

    @classmethod
    def from_artifacts(cls, images: ViewArtifacts, reference: Reference, histories: int = 1) -> Fingerprint:
        """From the artifacts of all views of the generator's images, under ``histories`` histories (1: as made)."""
        part = images.as_made
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
            changed=_changed(images, mean, histories),
        )

    def to_arrays(self, reference_digest: str) -> tuple[dict[str, np.ndarray], str]:
        """Arrays and one line of JSON that ``from_arrays`` takes back, with the digest of the reference it was made
        against."""
        facts = {
            "looseness": self.looseness,
            "norm": self.norm,
            "samples": self.samples,
            "contents": self.contents,
            "space": self.space,
            "reference": reference_digest,
        }
        arrays: dict[str, np.ndarray] = {
            **packed("artifacts", self.artifacts),
            "mean": self.mean.astype(np.float32),
            "changed": self.changed.astype(np.float32),
        }
        return arrays, json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], facts_json: str) -> tuple[Fingerprint, str]:
        """The fingerprint and that digest. Raises KeyError, TypeError or ValueError."""
        facts: dict[str, Any] = json.loads(facts_json)
        digest, mean = str(facts.pop("reference")), arrays["mean"]
        changed = arrays.get("changed", np.zeros((0, len(mean)), np.float32))  # older files know no histories
        artifacts = unpacked("artifacts", arrays).astype(np.float16)
        return cls(artifacts=artifacts, mean=mean, changed=changed, **facts), digest


def _changed(images: ViewArtifacts, mean: np.ndarray, histories: int) -> np.ndarray:
    """The mean (histories - 1, d) after each history; ``mean`` where no image was large enough to go through it."""
    found = np.tile(mean, (histories - 1, 1)).astype(np.float32)
    for number in range(1, histories):
        if (images.histories == number).any():
            found[number - 1] = images.select(images.histories == number).per_image().mean(axis=0)
    return found


def _spread_over(n: int, keep: int) -> np.ndarray:
    """At most ``keep`` indices, evenly over range(n)."""
    return np.unique(np.linspace(0, n - 1, min(n, keep)).round().astype(int))


def _looseness(per_image: np.ndarray, views: np.ndarray, mean: np.ndarray, reference: Reference) -> float:
    n = len(per_image)
    if n < 2:
        return 1.0
    ratio = reference.within.squared_distances(per_image, mean[None])[:, 0] / reference.spread.of(views)
    return float(ratio.mean() * n / (n - 1))
