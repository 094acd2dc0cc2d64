"""An answer is about the picture, not about the screen around it; nothing is said of several pictures at once."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.attribution.verdict import UNKNOWN
from fingerprints.images.image import from_pixels
from registry.answers.identify import Answer, identify
from registry.answers.stability import variants
from registry.answers.within import COLLAGE, looked_at
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Of the embedded registry: the small one covers small pictures only, in which nothing is looked for."""
    return Store(tmp_path_factory.mktemp("embedded")).snapshot()


def last(snapshot: Snapshot, pixels: np.ndarray) -> Answer:
    return list(identify(snapshot, from_pixels(pixels)))[-1]


def test_the_answer_is_that_of_the_picture_within(snapshot: Snapshot, photos: list[np.ndarray]) -> None:
    photo = photos[0][:240, :240]
    page = np.full((400, 500, 3), 255, np.uint8)
    page[100:340, 130:370] = photo
    framed, alone = last(snapshot, page), last(snapshot, photo)
    assert framed.verdict == alone.verdict and alone.within is None
    assert framed.to_json()["within"] == {"top": 100, "left": 130, "bottom": 340, "right": 370}
    assert any("240 x 240 pixels within, 130 from the left and 100 from the top" in note for note in framed.warnings)
    for inside, outside in zip(
        variants(snapshot, from_pixels(photo), alone), variants(snapshot, from_pixels(page), framed), strict=True
    ):
        assert (inside.answer and inside.answer.verdict) == (outside.answer and outside.answer.verdict)


def test_a_small_picture_is_taken_as_it_is(photos: list[np.ndarray]) -> None:
    page = np.zeros((180, 180, 3), np.uint8)
    page[20:160, 20:160] = photos[0][:140, :140]
    image = from_pixels(page)
    assert looked_at(image) == (image, None)


def test_of_a_collage_nothing_is_said(snapshot: Snapshot, photos: list[np.ndarray]) -> None:
    halves = [photo[:240, :240] for photo in photos[:2]]
    answer = last(snapshot, np.concatenate([halves[0], np.full((240, 8, 3), 255, np.uint8), halves[1]], axis=1))
    assert answer.verdict.verdict == UNKNOWN and COLLAGE in answer.warnings
