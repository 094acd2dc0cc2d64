"""The reference of a collection in one space: everything that is learned once and then never changes.

A reference holds the basis, the bank that stands for the manifold of real images, the shared covariances and the
class "real". Fingerprints are comparable only within the same reference; adding a generator does not touch it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import scipy.linalg

from ..geometry.artifact import ViewArtifacts, artifacts
from ..geometry.embedding import EmbeddedImages
from ..geometry.manifold import Manifold
from ..geometry.projection import LocalMean, Projection
from ..geometry.projection import from_json as projection_of
from ..geometry.projection import to_json as facts_of
from .discriminant import Discriminant
from .eight_bits import coarse, packed, unpacked
from .fisher import FisherLine
from .triangle import packed_triangle, packed_triangles, unpacked_triangle, unpacked_triangles


@dataclass(frozen=True)
class Basis:
    """Standardised principal directions of a space: ``mean`` and ``scale`` (D,), ``components`` (D, d)."""

    mean: np.ndarray
    scale: np.ndarray
    components: np.ndarray

    @classmethod
    def fit(cls, reals: np.ndarray, generated: np.ndarray, d: int) -> Basis:
        """From embeddings (n, D) of reals and of the generators at hand, each side with the same weight."""
        d = min(d, reals.shape[1], len(reals) + len(generated) - 2)
        mean = 0.5 * (reals.mean(axis=0) + generated.mean(axis=0))
        second = sum(0.5 / len(x) * np.einsum("nd,nd->d", x - mean, x - mean) for x in (reals, generated))
        scale = np.sqrt(second) + 1e-6
        sides = [(((x - mean) / scale).astype(np.float32), 0.5 / len(x)) for x in (reals, generated)]
        directions = _directions_in_span if len(reals) + len(generated) < len(mean) else _directions
        vectors = directions(sides, d)
        return cls(mean.astype(np.float32), scale.astype(np.float32), coarse(vectors))

    def coordinates(self, embeddings: np.ndarray) -> np.ndarray:
        """Embeddings (n, D) -> coordinates (n, d)."""
        return ((embeddings - self.mean) / self.scale) @ self.components

    def differences(self, coordinates: np.ndarray) -> np.ndarray:
        """A difference of coordinates (n, d), such as an artifact, as a difference of embeddings (n, D)."""
        return (coordinates @ self.components.T) * self.scale

    def embeddings(self, coordinates: np.ndarray) -> np.ndarray:
        """Coordinates (n, d) -> the embeddings (n, D) they stand for."""
        return self.differences(coordinates) + self.mean


def _directions(sides: Sequence[tuple[np.ndarray, float]], d: int) -> np.ndarray:
    """The d leading eigenvectors (D, d) of the weighted sum of z^T z over (z (n, D), weight)."""
    gram = np.zeros((sides[0][0].shape[1],) * 2, dtype=np.float64)
    for z, weight in sides:
        gram += weight * (z.T @ z)
    return _leading(gram, d)


def _directions_in_span(sides: Sequence[tuple[np.ndarray, float]], d: int) -> np.ndarray:
    """The same from fewer rows than dimensions, by the eigenvectors of z z^T (a second instead of a minute)."""
    rows = np.concatenate([z * np.sqrt(weight) for z, weight in sides]).astype(np.float64)
    orthonormal: np.ndarray = scipy.linalg.qr(rows.T @ _leading(rows @ rows.T, d), mode="economic")[0]
    return orthonormal


def _leading(symmetric: np.ndarray, d: int) -> np.ndarray:
    size = len(symmetric)
    vectors: np.ndarray = scipy.linalg.eigh(symmetric, subset_by_index=(size - d, size - 1))[1]
    return vectors[:, ::-1]


@dataclass(frozen=True)
class Spread:
    """How far members lie from their generator's mean, by the number n of views: squared distance a + b / n.

    Beyond ``most`` views, the number it was measured with, nothing more is gained.
    """

    a: float = 1.0
    b: float = 0.0
    most: int = 1

    def of(self, views: np.ndarray) -> np.ndarray:
        """Expected squared distance (n,) of images with ``views`` (n,) views."""
        return self.a + self.b / np.minimum(views, self.most)


@dataclass(frozen=True)
class Members:
    """How the images of a generator lie around its mean: their covariance ``within``, and their ``spread``."""

    within: Discriminant
    spread: Spread


@dataclass(frozen=True)
class Reference:
    """One collection in one space.

    ``within`` is the covariance of images within a generator, as they were made, and tells generators apart; after
    each further history images vary otherwise: ``changed``. ``contrast`` also counts the spread of real images and
    tells generated from real. ``real_means`` (R, d) are the class "real": one mean for each source and history of
    photos in ``real_labels``. ``founders`` (f, h, d): the means of the generators it was learned from.
    """

    space: str
    version: int
    basis: Basis
    manifold: Manifold
    projection: Projection
    within: Discriminant
    contrast: Discriminant
    real_means: np.ndarray
    real_labels: tuple[str, ...]
    spread: Spread
    changed: tuple[Members, ...] = ()
    founders: np.ndarray = field(default_factory=lambda: np.zeros((0, 1, 0), np.float32))

    def members(self, histories: int) -> list[Members]:
        """Of images as they were made and after each further history; the first speaks for those not measured."""
        as_made = Members(self.within, self.spread)
        known = [as_made, *self.changed][:histories]
        return known + [as_made] * (histories - len(known))

    def centre(self, history: int) -> np.ndarray:
        """The middle (d,) of the founders after that history, or as they were made where it was not measured."""
        return middle(self.founders, history) if len(self.founders) else np.zeros(self.dimension, np.float32)

    @cached_property
    def line(self) -> FisherLine:
        """What parts images by founders from photos."""
        return FisherLine.of(self.contrast, self.founders, self.real_means)

    @property
    def dimension(self) -> int:
        return int(self.basis.components.shape[1])

    def view_artifacts(self, embeddings: np.ndarray) -> np.ndarray:
        """Embeddings of views (n, D) -> their artifacts (n, d) in the basis. No view may come from the bank."""
        return artifacts(self.basis.coordinates(embeddings), self.manifold, self.projection)

    def artifacts_of(self, images: EmbeddedImages) -> ViewArtifacts:
        """The artifacts of embedded images in this space. None of them may be in the bank."""
        rows = self.view_artifacts(images.rows[self.space])
        return ViewArtifacts(rows, images.image_of_row, images.contents, images.histories, images.shows)

    def to_arrays(self) -> tuple[dict[str, np.ndarray], str]:
        """Arrays and one line of JSON that ``from_arrays`` takes back, value for value."""
        arrays = {
            "basis.mean": self.basis.mean,
            "basis.scale": self.basis.scale,
            **packed("basis.components", self.basis.components),
            **packed("bank.rows", self.manifold.rows),
            "bank.image_of_row": self.manifold.image_of_row.astype(np.int32),
            **packed_triangle("within", self.within.whitening),
            **packed_triangle("contrast", self.contrast.whitening),
            "real_means": self.real_means.astype(np.float32),
            "founders": self.founders.astype(np.float16),
        }
        facts: dict[str, Any] = {
            "space": self.space,
            "version": self.version,
            "projection": facts_of(self.projection),
            "real_labels": list(self.real_labels),
            "spread": list(astuple(self.spread)),
        }
        if self.changed:
            arrays |= packed_triangles("changed", [one.within.whitening for one in self.changed])
            facts["changed"] = [list(astuple(one.spread)) for one in self.changed]
        return arrays, json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], facts_json: str) -> Reference:
        facts: dict[str, Any] = json.loads(facts_json)
        changed = zip(unpacked_triangles("changed", arrays), facts.get("changed", ()), strict=True)
        return cls(
            space=facts["space"],
            version=facts["version"],
            basis=Basis(arrays["basis.mean"], arrays["basis.scale"], unpacked("basis.components", arrays)),
            manifold=Manifold(unpacked("bank.rows", arrays), arrays["bank.image_of_row"]),
            projection=projection_of(facts["projection"]) if "projection" in facts else LocalMean(facts["k"]),
            within=Discriminant(unpacked_triangle("within", arrays)),
            contrast=Discriminant(unpacked_triangle("contrast", arrays)),
            real_means=arrays["real_means"],
            real_labels=tuple(facts["real_labels"]),
            spread=Spread(*facts["spread"]),
            changed=tuple(Members(Discriminant(whitening), Spread(*spread)) for whitening, spread in changed),
            founders=arrays.get("founders", np.zeros((0, 1, 0))).astype(np.float32),
        )


def middle(founders: np.ndarray, history: int) -> np.ndarray:
    """The mean (d,) of founders' means (f, h, d) after a history, or as they were made where it was not measured."""
    return np.asarray(founders[:, history if history < founders.shape[1] else 0].mean(axis=0))


def half(values: np.ndarray) -> np.ndarray:
    """Rounded to float16 and back to float32: what is learned is what will be stored."""
    return np.ascontiguousarray(values, dtype=np.float16).astype(np.float32)
