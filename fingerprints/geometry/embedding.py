"""phi over images: the embeddings of all views, in all spaces, of a set of images."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np

from ..errors import SpaceError
from ..images.canonical import CanonicalForm, grid
from ..images.detail import Detail
from ..images.histories import AS_IS, with_history
from ..images.image import Image
from ..spaces import embed_each, get_space
from .artifact import evenly, not_stated, or_zeros

CHANGED_VIEWS = 4  # of an image after a history: what is kept of it is its share in a mean
T = TypeVar("T")
R = TypeVar("R")


def no_details() -> np.ndarray:
    return np.zeros((0, len(Detail._fields)))


@dataclass(frozen=True)
class EmbeddedImages:
    """Embeddings of a set of images: ``rows[space]`` is (views, d), ``image_of_row`` (views,) ascending from 0.

    ``contents`` (images,) says which images share a prompt, a latent or a source; those never straddle a split.
    ``histories`` (images,) numbers what each image went through (see histories.GENERATED), 0 if nothing, -1 if
    something under which generators are not known. ``details`` (images, fields of Detail): what can be seen in each.
    """

    rows: dict[str, np.ndarray]
    image_of_row: np.ndarray
    contents: np.ndarray
    histories: np.ndarray = field(default_factory=not_stated)
    details: np.ndarray = field(default_factory=no_details)

    def __post_init__(self) -> None:
        object.__setattr__(self, "histories", or_zeros(self.histories, len(self.contents)))
        if len(self.details) != len(self.contents):
            object.__setattr__(self, "details", np.tile(Detail.unknown(), (len(self.contents), 1)))

    @property
    def shows(self) -> np.ndarray:
        """(images,): how much each image shows of how it was made (detail.py)."""
        crops = np.bincount(self.image_of_row, minlength=len(self.contents))
        return np.asarray(Detail(*self.details.T).shows(crops))

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
            self.details[images],
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
    """image -> its embeddings after a history and what can be seen in it then, None when that leaves it too small for
    the canonical form.

    ``versions``: the spaces, with their versions where this was made: it can be sent to another machine, and raises
    ValueError there when they are others.
    """

    form: CanonicalForm
    versions: Mapping[str, int]
    history: str = AS_IS

    @classmethod
    def of(cls, form: CanonicalForm, spaces: Sequence[str], history: str) -> Embed:
        return cls(form, {space: get_space(space).version for space in spaces}, history)

    def __call__(self, image: Image) -> tuple[dict[str, np.ndarray], Detail] | None:
        check_versions(self.versions)
        changed = image if self.history == AS_IS else with_history(image, self.history)
        if not self.form.covers(changed.shorter_side):
            return None
        rows = embed(changed, self.form, list(self.versions), None if self.history == AS_IS else CHANGED_VIEWS)
        return rows, detail_of(changed, self.form)


def detail_of(image: Image, form: CanonicalForm) -> Detail:
    """What can be seen in the crops that are looked at, before they are in canonical form; unknown where they are not
    the image's own pixels, or it is one crop."""
    if form.resize is not None or form.max_crops == 1:
        return Detail.unknown()
    side, places = form.crop, grid(image.height, image.width, form)
    return Detail.of([image.pixels[top : top + side, left : left + side] for top, left in places], image.pixels)


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
    images: Sequence[dict[str, np.ndarray]],
    contents: Sequence[str],
    histories: Sequence[int] = (),
    details: Sequence[Detail] = (),
) -> EmbeddedImages:
    """Put the embeddings of single images (from ``embed``) together; all as they were made without ``histories``."""
    if not images or len(images) != len(contents):
        raise ValueError(f"expected one content an image and at least one image, found {len(images)}, {len(contents)}.")
    spaces = list(images[0])
    counts = [len(image[spaces[0]]) for image in images]
    rows = {space: np.concatenate([image[space] for image in images]) for space in spaces}
    owners = np.repeat(np.arange(len(images)), counts)
    seen = np.array(details, dtype=float) if details else no_details()
    return EmbeddedImages(rows, owners, np.asarray(contents, dtype=str), np.asarray(histories, dtype=int), seen)


def concatenate(sets: Sequence[EmbeddedImages]) -> EmbeddedImages:
    """Several sets as one, images numbered in order."""
    offsets = np.cumsum([0] + [len(s) for s in sets])
    spaces = list(sets[0].rows)
    return EmbeddedImages(
        {space: np.concatenate([s.rows[space] for s in sets]) for space in spaces},
        np.concatenate([s.image_of_row + offset for s, offset in zip(sets, offsets, strict=False)]),
        np.concatenate([s.contents for s in sets]),
        np.concatenate([s.histories for s in sets]),
        np.concatenate([s.details for s in sets]),
    )
