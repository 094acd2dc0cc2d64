"""pi: the projection of an embedding onto the manifold of real images; one small strategy each.

A recipe names its projection (fingerprints/learning/fitting.py), and a reference stores it. To add one, write its class
here; one that a reference shall be able to store is a dataclass of numbers and words, and stands in ``STORED``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from .manifold import Manifold


class Projection(Protocol):
    """Where on the manifold an embedding is taken to belong."""

    name: str

    def fitted(self, manifold: Manifold) -> Projection:
        """The same, made ready for one manifold."""
        ...

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        """Embeddings (n, d) -> points of the manifold (n, d); ``exclude`` as in Manifold.nearest."""
        ...


@dataclass(frozen=True)
class Nearest:
    """The paper's projection (ManiFPT, section 3.1): the nearest real sample under squared L2."""

    name = "nearest"

    def fitted(self, manifold: Manifold) -> Nearest:
        return self

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        indices, _ = manifold.nearest(z, 1, exclude)
        return manifold.rows[indices[:, 0]]


@dataclass(frozen=True)
class LocalMean:
    """The mean of the k nearest real samples: a local, flat estimate of the manifold.

    One neighbour adds its own content to the artifact as noise; averaging k of them keeps the definition and drops
    that noise (the flat case of the Riemannian centre of mass, arXiv 2506.22802). LocalMean(1) equals Nearest.
    """

    k: int
    name = "local mean"

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k must be 1 or more, found {self.k}.")

    def fitted(self, manifold: Manifold) -> LocalMean:
        """Of at most a twentieth of the images: more would be no neighbours."""
        return LocalMean(max(1, min(self.k, manifold.n_images // 20)))

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        indices, _ = manifold.nearest(z, self.k, exclude)
        return manifold.rows[indices].mean(axis=1)


STORED: dict[str, Callable[..., Projection]] = {kind.name: kind for kind in (Nearest, LocalMean)}


def to_json(projection: Projection) -> dict[str, Any]:
    """Its name and its choices; ValueError for one that a reference cannot store."""
    if projection.name not in STORED:
        raise ValueError(f"the projection {projection.name!r} cannot be stored; these can: {', '.join(STORED)}.")
    return {"name": projection.name, **vars(projection)}


def from_json(facts: Mapping[str, Any]) -> Projection:
    choices = dict(facts)
    name = choices.pop("name")
    if name not in STORED:
        raise ValueError(f"no projection is called {name!r}; known: {', '.join(STORED)}.")
    return STORED[name](**choices)
