"""pi: the projection of an embedding onto the manifold of real images; one small strategy each."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .manifold import Manifold


class Projection(Protocol):
    """Where on the manifold an embedding is taken to belong."""

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        """Embeddings (n, d) -> points of the manifold (n, d); ``exclude`` as in Manifold.nearest."""
        ...


class Nearest:
    """The paper's projection (ManiFPT, section 3.1): the nearest real sample under squared L2."""

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        indices, _ = manifold.nearest(z, 1, exclude)
        return manifold.rows[indices[:, 0]]


class LocalMean:
    """The mean of the k nearest real samples: a local, flat estimate of the manifold.

    One neighbour adds its own content to the artifact as noise; averaging k of them keeps the definition and drops
    that noise (the flat case of the Riemannian centre of mass, arXiv 2506.22802). LocalMean(1) equals Nearest.
    """

    def __init__(self, k: int) -> None:
        if k < 1:
            raise ValueError(f"k must be 1 or more, found {k}.")
        self.k = k

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        indices, _ = manifold.nearest(z, self.k, exclude)
        return manifold.rows[indices].mean(axis=1)
