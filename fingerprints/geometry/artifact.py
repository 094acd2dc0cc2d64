"""The artifact of an image: a(x) = phi(x) - pi(phi(x)) (ManiFPT, definition 1), generated minus real."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from .manifold import Manifold
from .projection import Projection


def artifacts(
    z: np.ndarray, manifold: Manifold, projection: Projection, exclude: np.ndarray | None = None
) -> np.ndarray:
    """Embeddings (n, d) -> artifacts (n, d). For images of the bank pass ``exclude`` (leave-one-out)."""
    return z - projection.project(z, manifold, exclude)


def evenly(count: int, keep: int) -> np.ndarray:
    """``keep`` of the numbers below ``count``, which is larger, evenly chosen."""
    return np.ceil(np.linspace(0, count - 1, keep + 2)[1:-1]).astype(int)  # steps of 1 or, at count - 1, less


def not_stated() -> np.ndarray:
    return np.zeros(0, dtype=int)


def or_zeros(stated: np.ndarray, images: int) -> np.ndarray:
    """A number of each image; when none is stated, 0: nothing happened to it, and it shows enough."""
    return stated if len(stated) else np.zeros(images, dtype=int)


@dataclass(frozen=True)
class ViewArtifacts:
    """The artifacts of all views of a set of images: ``rows`` (views, d), ``image_of_row`` (views,) ascending from 0.

    ``contents``, ``histories`` and ``shows`` (images,) as in EmbeddedImages. Views of one image are not independent
    samples: whatever the number of its crops, an image counts once, by the mean of its views (evidence that is summed
    over crops and divided by their number).
    """

    rows: np.ndarray
    image_of_row: np.ndarray
    contents: np.ndarray
    histories: np.ndarray = field(default_factory=not_stated)
    shows: np.ndarray = field(default_factory=not_stated)

    def __post_init__(self) -> None:
        for name in ("histories", "shows"):
            object.__setattr__(self, name, or_zeros(getattr(self, name), len(self.contents)))

    @property
    def as_made(self) -> ViewArtifacts:
        """The images that nothing happened to after they were made."""
        return self if not self.histories.any() else self.select(self.histories == 0)

    def views(self, keep: int | None = None) -> np.ndarray:
        """The number of views of each image (images,), at most ``keep`` of them."""
        counts = np.bincount(self.image_of_row, minlength=len(self.contents))
        return counts if keep is None else np.minimum(counts, keep)

    def per_image(self, keep: int | None = None) -> np.ndarray:
        """The mean artifact of each image (images, d), over all views or over ``keep`` of them, evenly chosen."""
        if keep not in self._means:
            self._means[keep] = self._mean(*((self.rows, self.image_of_row) if keep is None else self._thinned(keep)))
        return self._means[keep]

    @cached_property
    def _means(self) -> dict[int | None, np.ndarray]:
        """By ``keep``: taken once, however often images are selected."""
        return {}

    def _mean(self, rows: np.ndarray, owners: np.ndarray) -> np.ndarray:
        starts = np.searchsorted(owners, np.arange(len(self.contents)))
        counts = np.bincount(owners, minlength=len(self.contents))
        return np.asarray(np.add.reduceat(rows, starts, axis=0) / counts[:, None].astype(np.float32))

    def select(self, images: np.ndarray) -> ViewArtifacts:
        """The images where the boolean mask (images,) is true, numbered anew."""
        rows = images[self.image_of_row]
        numbers = np.cumsum(images) - 1
        chosen = ViewArtifacts(
            self.rows[rows],
            numbers[self.image_of_row[rows]],
            self.contents[images],
            self.histories[images],
            self.shows[images],
        )
        chosen._means.update({keep: means[images] for keep, means in self._means.items()})
        return chosen

    def _thinned(self, keep: int) -> tuple[np.ndarray, np.ndarray]:
        counts = self.views()
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        chosen = [
            start + (evenly(count, keep) if count > keep else np.arange(count))
            for start, count in zip(first, counts, strict=True)
        ]
        rows = np.concatenate(chosen)
        return self.rows[rows], self.image_of_row[rows]
