"""phi over images: the embeddings of all views, in all spaces, of a set of images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from .artifact import no_history, or_as_is
from .canonical import CanonicalForm
from .images import Image
from .spaces import get_space


@dataclass(frozen=True)
class EmbeddedImages:
    """Embeddings of a set of images: ``rows[space]`` is (views, d), ``image_of_row`` (views,) ascending from 0.

    ``contents`` (images,) says which images share a prompt, a latent or a source; those never straddle a split.
    ``histories`` (images,) numbers what each image went through (see histories.GENERATED), 0 if nothing.
    """

    rows: dict[str, np.ndarray]
    image_of_row: np.ndarray
    contents: np.ndarray
    histories: np.ndarray = field(default_factory=no_history)

    def __post_init__(self) -> None:
        object.__setattr__(self, "histories", or_as_is(self.histories, len(self.contents)))

    def __len__(self) -> int:
        return len(self.contents)

    def select(self, images: np.ndarray) -> EmbeddedImages:
        """The images where the boolean mask (images,) is true, numbered anew."""
        chosen = images[self.image_of_row]
        numbers = np.cumsum(images) - 1
        return EmbeddedImages(
            {space: rows[chosen] for space, rows in self.rows.items()},
            numbers[self.image_of_row[chosen]],
            self.contents[images],
            self.histories[images],
        )


def embed(image: Image, form: CanonicalForm, spaces: Sequence[str]) -> dict[str, np.ndarray]:
    """One image: space name -> (views, d) float32."""
    views = form.views(image)
    return {space: get_space(space).embed(views) for space in spaces}


def gather(
    images: Sequence[dict[str, np.ndarray]], contents: Sequence[str], histories: Sequence[int] = ()
) -> EmbeddedImages:
    """Put the embeddings of single images (from ``embed``) together; all as they were made without ``histories``."""
    if not images or len(images) != len(contents):
        raise ValueError(f"expected one content an image and at least one image, found {len(images)}, {len(contents)}.")
    spaces = list(images[0])
    counts = [len(image[spaces[0]]) for image in images]
    rows = {space: np.concatenate([image[space] for image in images]) for space in spaces}
    owners = np.repeat(np.arange(len(images)), counts)
    return EmbeddedImages(rows, owners, np.asarray(contents, dtype=str), np.asarray(histories, dtype=int))


def concatenate(sets: Sequence[EmbeddedImages]) -> EmbeddedImages:
    """Several sets as one, images numbered in order."""
    offsets = np.cumsum([0] + [len(s) for s in sets])
    spaces = list(sets[0].rows)
    return EmbeddedImages(
        {space: np.concatenate([s.rows[space] for s in sets]) for space in spaces},
        np.concatenate([s.image_of_row + offset for s, offset in zip(sets, offsets, strict=False)]),
        np.concatenate([s.contents for s in sets]),
        np.concatenate([s.histories for s in sets]),
    )
