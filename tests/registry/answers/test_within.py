"""An answer is about the picture, not about the screen around it; nothing is said of several pictures at once."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from fingerprints.attribution.verdict import UNKNOWN
from fingerprints.images.histories import scaled_by
from fingerprints.images.image import Image, from_pixels
from registry.answers.identify import Answer, as_it_is, identify
from registry.answers.stability import variants
from registry.answers.within import COLLAGE, looked_at, scaled_back
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


def larger(pixels: np.ndarray, factor: float) -> Image:
    return from_pixels(scaled_by(pixels, factor, PIL.Image.Resampling.BICUBIC))


def test_an_enlarged_picture_is_answered_scaled_back(snapshot: Snapshot, scene: np.ndarray) -> None:
    given = larger(scene, 1.75)
    image, found = scaled_back(given)
    assert found and found.factor == pytest.approx(1.75, rel=0.05)
    assert image.pixels.shape[0] == pytest.approx(320, abs=10) and "scaled back to" in image.notes[-1]
    (*_, answer), (*_, of_smaller) = identify(snapshot, given), as_it_is(snapshot, image, careful=True)
    assert answer.verdict == of_smaller.verdict and answer.enlarged == found
    assert answer.regions and of_smaller.regions
    ends = [top + answer.regions.side for top, _ in answer.regions.places]
    assert len(ends) == len(of_smaller.regions.places) and max(ends) == pytest.approx(560, abs=4)


def test_a_little_enlarged_is_answered_as_it_is(scene: np.ndarray) -> None:
    """And so is what would be too small afterwards."""
    for given in (larger(scene, 1.3), larger(scene[:120, :280], 1.75)):
        image, found = scaled_back(given)
        assert found and image.pixels is given.pixels and "riginal says more." in image.notes[-1]
