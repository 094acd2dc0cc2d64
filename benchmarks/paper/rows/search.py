"""The search for neighbours, most of the study's time, done once for all rows of one space."""

from __future__ import annotations

import hashlib

import numpy as np

from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import Projection


class SearchedOnce:
    """A projection that finds the ``k`` nearest of a block of embeddings in ``known``, where its sisters leave theirs.

    They must share the bank, and none may ask for more than ``k`` neighbours. The answer is the projection's own.
    """

    def __init__(self, projection: Projection, k: int, known: dict[bytes, tuple[np.ndarray, np.ndarray]]) -> None:
        self._projection, self._k, self._known = projection, k, known
        self.name = projection.name

    def fitted(self, manifold: Manifold) -> SearchedOnce:
        """Itself: its sisters share what it finds."""
        return self

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        """As the projection does."""
        key = hashlib.sha256(np.ascontiguousarray(z)).digest()
        if key not in self._known:
            self._known[key] = manifold.nearest(z, self._k, exclude)
        return self._projection.project(z, _Found(manifold.rows, *self._known[key]), exclude)


class _Found:
    """A manifold whose neighbours are known."""

    def __init__(self, rows: np.ndarray, indices: np.ndarray, squared: np.ndarray) -> None:
        self.rows, self._indices, self._squared = rows, indices, squared

    def nearest(
        self, queries: np.ndarray, k: int = 1, exclude: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        return self._indices[:, :k], self._squared[:, :k]
