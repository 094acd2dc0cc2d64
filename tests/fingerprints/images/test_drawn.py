"""Drawings are told from photos by plain areas and few colours."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from fingerprints.images.codecs import jpeg, webp
from fingerprints.images.drawn import has_palette, is_drawn

SIDE = 256


@pytest.fixture(scope="module")
def drawing() -> np.ndarray:
    canvas = PIL.Image.new("RGB", (SIDE, SIDE), (250, 240, 220))
    draw = PIL.ImageDraw.Draw(canvas)
    draw.ellipse((40, 60, 160, 180), (200, 60, 40), (20, 20, 20), 3)
    draw.rectangle((150, 150, 220, 230), (60, 120, 200), (20, 20, 20), 3)
    return np.asarray(canvas)


def test_drawings_as_they_are_and_saved_again(drawing: np.ndarray) -> None:
    for shown in (drawing, jpeg(drawing, 85), webp(drawing, 85)):
        assert is_drawn([shown])


def test_photos_are_not_even_with_a_white_ground(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:SIDE, :SIDE].copy()
        assert not is_drawn([crop]) and not is_drawn([jpeg(crop, 75)])
        crop[: SIDE // 2] = 255
        assert not is_drawn([crop])


def test_very_few_colours(photos: list[np.ndarray]) -> None:
    for colours, drawn in ((32, True), (256, False)):
        image = PIL.Image.fromarray(photos[0][:SIDE, :SIDE]).quantize(colours, dither=PIL.Image.Dither.FLOYDSTEINBERG)
        assert is_drawn([np.asarray(image.convert("RGB"))]) is drawn


def test_a_palette_is_told_from_many_colours_and_from_grey(photos: list[np.ndarray]) -> None:
    for photo in photos:
        picture = PIL.Image.fromarray(photo)
        for dither in (PIL.Image.Dither.NONE, PIL.Image.Dither.FLOYDSTEINBERG):
            assert has_palette([np.asarray(picture.quantize(256, dither=dither).convert("RGB"))])
        assert not has_palette([photo]) and not has_palette([np.asarray(picture.convert("L").convert("RGB"))])
