"""Adding a generator: the processor's time from decoded samples to a draft that can be published."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from fingerprints.images.image import Image, from_pixels
from registry.contributions.batch import read_batch
from registry.contributions.contribute import draft
from registry.intake.samples import Sample
from registry.storage.card import Card
from registry.storage.collection import Collection

IMAGES, SIDE = 100, 384


def seconds_of_a_contribution(photos: Sequence[Image], collection: Collection) -> float:
    """Processor seconds, all threads together, of ``IMAGES`` images of ``SIDE`` px, each in all histories."""
    samples = [Sample(image, f"sample {number}") for number, image in enumerate(_pieces(photos))]
    start = time.process_time()
    *_, batch = read_batch(samples, collection)
    draft(batch, Card("newcomer"), collection)
    return time.process_time() - start


def _pieces(photos: Sequence[Image]) -> list[Image]:
    """Pieces of photos, somewhere in them."""
    rng, large = np.random.default_rng(0), [photo.pixels for photo in photos if photo.shorter_side > SIDE]
    found = []
    for number in range(IMAGES):
        pixels = large[number % len(large)]
        top, left = (int(rng.integers(0, side - SIDE + 1)) for side in pixels.shape[:2])
        found.append(from_pixels(np.ascontiguousarray(pixels[top : top + SIDE, left : left + SIDE])))
    return found
