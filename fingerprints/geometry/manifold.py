"""The manifold of real images, known only through a sample of real images embedded in one space."""

from __future__ import annotations

import numpy as np

_SELECT = 64  # columns in a block of which only the smallest is looked at first
_BLOCK_VALUES = 16_000_000  # distances held at once: 64 MB of float32


class Manifold:
    """A bank of real embeddings and exact search in it (ManiFPT, section 3.1: x* is the closest real sample).

    ``rows`` is (n, d); ``image_of_row`` (n,) says which image each row is a view of. Neighbours always come from
    distinct images: two crops of one photo are one witness of the manifold, not two.
    """

    def __init__(self, rows: np.ndarray, image_of_row: np.ndarray | None = None) -> None:
        images = np.arange(len(rows)) if image_of_row is None else np.asarray(image_of_row)
        if rows.ndim != 2 or len(rows) == 0 or images.shape != (len(rows),):
            raise ValueError(
                f"a bank needs rows (n, d) and one image number a row, found {rows.shape}, {images.shape}."
            )
        order = np.argsort(images, kind="stable")
        self.rows = np.ascontiguousarray(rows[order], dtype=np.float32)
        self.image_of_row = images[order]
        self._images, self._starts, self._counts = np.unique(self.image_of_row, return_index=True, return_counts=True)
        self._norms = np.einsum("nd,nd->n", self.rows, self.rows)

    @property
    def dimension(self) -> int:
        return int(self.rows.shape[1])

    @property
    def n_images(self) -> int:
        return len(self._images)

    def nearest(
        self, queries: np.ndarray, k: int = 1, exclude: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The k nearest rows of distinct images, nearest first: (indices into ``rows``, squared distances), (n, k).

        ``exclude`` (n,) names for each query an image of the bank to leave out (its own), -1 for none: without it a
        real image of the bank is its own neighbour, its artifact is zero, and the class "real" is free.
        """
        queries = np.asarray(queries, dtype=np.float32)
        available = self.n_images - (exclude is not None)
        if not 1 <= k <= available:
            raise ValueError(f"k must lie between 1 and the {available} images available, found {k}.")
        block = max(1, _BLOCK_VALUES // len(self.rows))
        parts = [
            self._nearest(queries[i : i + block], k, None if exclude is None else exclude[i : i + block])
            for i in range(0, max(1, len(queries)), block)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _nearest(self, queries: np.ndarray, k: int, exclude: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        distances = (-2.0 * queries) @ self.rows.T
        distances += self._norms  # |q|^2 is added at the end: it changes no order
        if exclude is not None:
            distances[exclude[:, None] == self.image_of_row[None, :]] = np.inf
        if self.n_images == len(self.rows):
            rows = _smallest(distances, k)
        else:
            images = _smallest(np.minimum.reduceat(distances, self._starts, axis=1), k)
            rows = self._closest_row_of(distances, images)
        squared = np.take_along_axis(distances, rows, axis=1) + np.einsum("nd,nd->n", queries, queries)[:, None]
        return rows, np.maximum(squared, 0.0)

    def _closest_row_of(self, distances: np.ndarray, images: np.ndarray) -> np.ndarray:
        """For each query (row of ``distances``) and each of its images, the row of that image that is closest."""
        steps = np.minimum(np.arange(self._counts.max()), self._counts[images][..., None] - 1)
        rows = self._starts[images][..., None] + steps
        queries = np.arange(len(distances))[:, None, None]
        best = np.argmin(distances[queries, rows], axis=2)
        return np.take_along_axis(rows, best[..., None], axis=2)[..., 0]


def _smallest(values: np.ndarray, k: int) -> np.ndarray:
    """The columns (n, k) of the k smallest of each row, the smallest first.

    In a row, the k-th smallest of the minima of k blocks or more is no smaller than its k-th smallest value: what lies
    above it need not be sorted.
    """
    n, columns = values.shape
    if columns < 4 * k * _SELECT:
        found = np.argpartition(values, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(values, found, axis=1), axis=1, kind="stable")
        return np.take_along_axis(found, order, axis=1)
    # a block is every so many-th column, so that the minima of all blocks are taken at once
    minima = values[:, : columns // _SELECT * _SELECT].reshape(n, _SELECT, -1).min(axis=1)
    limits = np.partition(minima, k - 1, axis=1)[:, k - 1]
    smallest = np.empty((n, k), dtype=np.intp)
    for row, limit, found in zip(values, limits, smallest, strict=True):
        few = np.flatnonzero(row <= limit)
        found[:] = few[np.argsort(row[few], kind="stable")[:k]]
    return smallest
