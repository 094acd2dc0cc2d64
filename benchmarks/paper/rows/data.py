"""The study's data: canonical views of one group, split once by content, the same for every method.

Test contents are those of every other benchmark (benchmarks/common/data.py). Training photos are split again: three
quarters are the sample of the manifold, the rest the class "real"; the three sets of photos share no content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import Image, from_pixels, resize
from fingerprints.splits import content_share, is_test
from registry.building.presets import PRESETS
from registry.building.sources import MOST_PHOTOS

from ...common.data import GROUPS, samples

REAL = "real"
_BANK_SHARE = 0.75
_MAX_REAL = 400  # photos of the class "real" in training, and in the test
_QUICK_IMAGES, _QUICK_CROPS = 40, 1


@dataclass(frozen=True)
class Views:
    """``pixels`` uint8 (views, h, w, 3), ``image_of_row`` (views,) from 0; ``labels`` and ``contents`` (images,)."""

    pixels: np.ndarray
    image_of_row: np.ndarray
    labels: np.ndarray
    contents: np.ndarray

    @property
    def row_labels(self) -> np.ndarray:
        return self.labels[self.image_of_row]

    @property
    def digest(self) -> str:
        parts = (self.pixels.tobytes(), self.image_of_row.tobytes(), "\n".join(self.labels).encode())
        return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()

    def select(self, images: np.ndarray) -> Views:
        """The images where the boolean mask (images,) is true, numbered anew."""
        rows = images[self.image_of_row]
        numbers = np.cumsum(images) - 1
        return Views(self.pixels[rows], numbers[self.image_of_row[rows]], self.labels[images], self.contents[images])

    def per_image(self, scores: np.ndarray) -> np.ndarray:
        """The mean over the views of each image: (views, c) -> (images, c)."""
        sums = np.zeros((len(self.labels), scores.shape[1]))
        np.add.at(sums, self.image_of_row, scores)
        return sums / np.bincount(self.image_of_row)[:, None]


@dataclass(frozen=True)
class Study:
    """One group: ``train`` and ``test`` hold the generators and "real", ``bank`` the manifold sample.

    ``originals`` are the decoded test images in the order of ``test``, before the canonical form.
    """

    name: str
    form: CanonicalForm
    train: Views
    test: Views
    bank: Views
    originals: Sequence[Image]

    def changed(self, images: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> Views:
        """The chosen test images (boolean mask) after ``change`` of their pixels, then in canonical form.

        Where the form does not cover the new size, the image is first scaled back to its old one.
        """
        rows = np.flatnonzero(images).tolist()
        altered = [from_pixels(self._covered(change(self.originals[i].pixels), self.originals[i])) for i in rows]
        return views_of(altered, self.test.labels[rows], self.test.contents[rows], self.form)

    def _covered(self, pixels: np.ndarray, before: Image) -> np.ndarray:
        return pixels if self.form.covers(min(pixels.shape[:2])) else resize(pixels, before.width, before.height)


def load_study(folder: Path, quick: bool = False) -> Study:
    """Read one group. ``quick``: at most 40 images of each generator and one crop of each image."""
    form = PRESETS[GROUPS[folder.name]].form
    if quick:
        form = replace(form, max_crops=min(form.max_crops, _QUICK_CROPS))
    found = _read(folder, form, _QUICK_IMAGES if quick else None)
    labels, contents = (np.array([getattr(item, key) for item in found]) for key in ("label", "content"))
    real = labels == REAL
    held = is_test(contents)
    banked = real & ~held & (content_share(contents, "manifold") < _BANK_SHARE)
    chosen = {
        "train": _at_most(~real & ~held, None) | _at_most(real & ~held & ~banked, _MAX_REAL),
        "test": _at_most(~real & held, None) | _at_most(real & held, _MAX_REAL),
        "bank": banked,
    }
    sets = {
        name: views_of([found[i].image for i in np.flatnonzero(mask)], labels[mask], contents[mask], form)
        for name, mask in chosen.items()
    }
    originals = [found[i].image for i in np.flatnonzero(chosen["test"])]
    return Study(folder.name, form, sets["train"], sets["test"], sets["bank"], originals)


def views_of(images: Sequence[Image], labels: np.ndarray, contents: np.ndarray, form: CanonicalForm) -> Views:
    """The canonical views of decoded images."""
    views = [form.views(image) for image in images]
    return Views(np.concatenate(views), np.repeat(np.arange(len(views)), [len(v) for v in views]), labels, contents)


def contents_of(study: Study) -> Mapping[str, int]:
    """How many contents each generator has, training and test together."""
    both = [(study.train.labels, study.train.contents), (study.test.labels, study.test.contents)]
    names = np.unique(study.train.labels[study.train.labels != REAL])
    return {str(n): sum(len(np.unique(contents[labels == n])) for labels, contents in both) for n in names}


@dataclass(frozen=True)
class _Labelled:
    image: Image
    label: str
    content: str


def _read(folder: Path, form: CanonicalForm, per_class: int | None) -> list[_Labelled]:
    found = []
    for path in sorted(folder.glob("*.parquet")):
        label = REAL if path.stem.startswith(REAL) else path.stem
        limit = MOST_PHOTOS if label == REAL else None
        if per_class:
            limit = 8 * per_class if label == REAL else per_class
        found += [
            _Labelled(sample.image, label, sample.content)
            for sample in samples(path, limit)
            if form.covers(sample.image.shorter_side)
        ]
    return found


def _at_most(images: np.ndarray, count: int | None) -> np.ndarray:
    """At most ``count`` of the images of a boolean mask, drawn evenly."""
    rows = np.flatnonzero(images)
    if count is not None and len(rows) > count:
        rows = np.sort(np.random.default_rng(0).choice(rows, count, replace=False))
    kept = np.zeros(len(images), dtype=bool)
    kept[rows] = True
    return kept
