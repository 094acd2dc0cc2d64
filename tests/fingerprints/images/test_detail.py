"""What can be seen in an image: noise is measured where nothing else is, and hides traces from some strength on;
smooth, worn, drawn and reduced pictures are told."""

from __future__ import annotations

from functools import partial

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from fingerprints.geometry.embedding import detail_of
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.codecs import avif, jpeg, webp
from fingerprints.images.detail import ENOUGH, LITTLE, NOTHING, Detail
from fingerprints.images.histories import blurred, grained, reduced, toned
from fingerprints.images.image import from_pixels

SIDE = 256


def detail(*crops: np.ndarray) -> Detail:
    return Detail.of(crops, crops[0])


@pytest.fixture(scope="module")
def drawing() -> np.ndarray:
    canvas = PIL.Image.new("RGB", (SIDE, SIDE), (250, 240, 220))
    draw = PIL.ImageDraw.Draw(canvas)
    draw.ellipse((40, 60, 160, 180), (200, 60, 40), (20, 20, 20), 3)
    draw.rectangle((150, 150, 220, 230), (60, 120, 200), (20, 20, 20), 3)
    return np.asarray(canvas)


@pytest.mark.parametrize("strength", [2.0, 5.0, 12.0])
def test_the_quietest_blocks_show_the_strength_of_the_noise(strength: float) -> None:
    rng = np.random.default_rng(0)
    slope = np.broadcast_to(np.linspace(60, 180, 128)[:, None, None], (128, 128, 3))
    noisy = (slope + rng.normal(0, strength, (128, 128, 1)) + 0.5).astype(np.uint8)
    assert detail(noisy).quiet == pytest.approx(strength, rel=0.25)  # they are a little below it


def test_photos_are_not_too_noisy_and_dark_noisy_ones_are(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:SIDE, :SIDE]
        assert not detail(crop).noisy
        assert detail(grained(crop, 12)).noisy and detail(grained(toned(crop, 0.25), 12)).noisy
        assert not detail(toned(crop, 0.25)).noisy  # dark alone hides nothing


def test_smooth_is_what_has_no_fine_detail_anywhere(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:SIDE, :SIDE]
        assert detail(blurred(crop, 2.0)).smooth
        half = np.concatenate([crop[:128], blurred(crop, 2.0)[128:]])
        assert detail(half).smooth == detail(crop[:128], half[128:]).smooth  # a sharp half is detail enough
    rng = np.random.default_rng(0)
    assert not detail(rng.integers(100, 140, (128, 128, 3)).astype(np.uint8)).smooth


def test_blurred_is_what_shows_no_more_than_rounding_makes(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:SIDE, :SIDE]
        assert detail(blurred(crop, 2.0)).blurred
        assert not detail(crop).blurred and not detail(jpeg(crop, 50)).blurred
    assert not detail(grained(np.full((128, 128, 3), 120, np.uint8), 1)).blurred


def test_strong_compression_wears_detail_away(photos: list[np.ndarray]) -> None:
    before, after = (
        sum(detail(form(photo)).worn for photo in photos) for form in (np.asarray, partial(avif, quality=5))
    )
    assert before < len(photos) / 2 < after


def test_drawings_as_they_are_and_saved_again(drawing: np.ndarray) -> None:
    for shown in (drawing, jpeg(drawing, 85), webp(drawing, 85)):
        assert detail(shown).drawn and detail(shown).shows(9) == NOTHING


def test_photos_are_not_drawn_even_with_a_white_ground(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:SIDE, :SIDE].copy()
        assert not detail(crop).drawn and not detail(jpeg(crop, 75)).drawn
        crop[: SIDE // 2] = 255
        assert not detail(crop).drawn


def test_very_few_colours(photos: list[np.ndarray]) -> None:
    for colours, drawn in ((32, True), (256, False)):
        assert detail(reduced(photos[0][:SIDE, :SIDE], colours)).drawn == drawn


def test_a_palette_is_told_from_many_colours_and_from_grey(photos: list[np.ndarray]) -> None:
    for photo in photos:
        picture = PIL.Image.fromarray(photo)
        for dither in (PIL.Image.Dither.NONE, PIL.Image.Dither.FLOYDSTEINBERG):
            assert detail(np.asarray(picture.quantize(256, dither=dither).convert("RGB"))).palette
        assert not detail(photo).palette and not detail(np.asarray(picture.convert("L").convert("RGB"))).palette


def test_how_much_is_shown_of_one_and_of_many(photos: list[np.ndarray]) -> None:
    crop = next(photo[:SIDE, :SIDE] for photo in photos if detail(photo[:SIDE, :SIDE]).shows(9) == ENOUGH)
    each = [
        detail(crop),
        detail(grained(crop, 12)),
        detail(reduced(crop)),
        detail(blurred(crop, 3.0)),
        Detail.unknown(),
    ]
    amounts = [ENOUGH, LITTLE, LITTLE, NOTHING, ENOUGH]
    assert [int(one.shows(4)) for one in each] == amounts
    assert Detail(*np.array(each).T).shows(np.full(5, 4)).tolist() == amounts
    assert [int(one.shows(3)) for one in each] == [LITTLE, LITTLE, LITTLE, NOTHING, ENOUGH]  # a small picture


def test_it_is_measured_where_the_pixels_are_the_pictures_own(photos: list[np.ndarray]) -> None:
    image = from_pixels(photos[0])
    whole, one, resized = (
        CanonicalForm(128, None, 128, 9),
        CanonicalForm(128, None, 128),
        CanonicalForm(128, None, 128, 9, resize=128),
    )
    assert np.isfinite(detail_of(image, whole)).all()
    assert np.isnan([detail_of(image, form) for form in (one, resized)]).all()
