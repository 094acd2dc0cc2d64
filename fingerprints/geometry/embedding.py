"""phi over images: the embeddings of all views, in all spaces, of a set of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ..errors import SpaceError
from ..images.canonical import CanonicalForm
from ..images.histories import AS_IS, with_history
from ..images.image import Image
from ..spaces import embed_each, get_space
from .artifact import evenly, no_history, or_as_is

CHANGED_VIEWS = 4  # of an image after a history: what is kept of it is its share in a mean
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class EmbeddedImages:
    """Embeddings of a set of images: ``rows[space]`` is (views, d), ``image_of_row`` (views,) ascending from 0.

    ``contents`` (images,) says which images share a prompt, a latent or a source; those never straddle a split.
    ``histories`` (images,) numbers what each image went through (see histories.GENERATED), 0 if nothing, -1 if
    something under which generators are not known.
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


def embed(
    image: Image, form: CanonicalForm, spaces: Sequence[str], most_views: int | None = None
) -> dict[str, np.ndarray]:
    """One image: space name -> (views, d) float32; at most so many views, evenly chosen."""
    return dict(embed_each(views_of(image, form, most_views), spaces))


def views_of(image: Image, form: CanonicalForm, most: int | None = None) -> np.ndarray:
    """uint8 (n, crop, crop, 3); at most so many, evenly chosen."""
    views = form.views(image)
    return views if most is None or len(views) <= most else views[evenly(len(views), most)]


@dataclass(frozen=True)
class Embed:
    """image -> its embeddings after a history, None when that leaves it too small for the canonical form.

    ``versions``: the spaces, with their versions where this was made: it can be sent to another machine, and raises
    ValueError there when they are others.
    """

    form: CanonicalForm
    versions: Mapping[str, int]
    history: str = AS_IS

    @classmethod
    def of(cls, form: CanonicalForm, spaces: Sequence[str], history: str) -> Embed:
        return cls(form, {space: get_space(space).version for space in spaces}, history)

    def __call__(self, image: Image) -> dict[str, np.ndarray] | None:
        check_versions(self.versions)
        changed = image if self.history == AS_IS else with_history(image, self.history)
        if not self.form.covers(changed.shorter_side):
            return None
        return embed(changed, self.form, list(self.versions), None if self.history == AS_IS else CHANGED_VIEWS)


def check_versions(versions: Mapping[str, int]) -> None:
    """SpaceError when a space is not of that version here: its embeddings would not be comparable."""
    other = [
        f"{space} {get_space(space).version}, not {v}" for space, v in versions.items() if get_space(space).version != v
    ]
    if other:
        raise SpaceError(
            f"the spaces here are of another version: {'; '.join(other)}. Use one version of this program."
        )


def each(function: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """``function`` of every item: the work on one shard, which another machine does."""
    return [function(item) for item in items]


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
