"""A picture is found within what lies around it, to the pixel or nearly; others are left whole."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.field.frames import beside_a_photo, browser, letterboxed, phone
from fingerprints.images import codecs
from fingerprints.images.surroundings import Box, is_collage, picture_within

SCREENS = {
    "a browser's": (lambda pixels: browser(pixels, 1), 120),
    "a browser's, 2x": (lambda pixels: browser(pixels, 2), 240),
    "a phone's": (lambda pixels: phone(pixels, 1), 96),
    "a phone's, 2x": (lambda pixels: phone(pixels, 2), 192),
}


@pytest.mark.parametrize("screen", SCREENS)
def test_a_picture_on_a_screen_is_found(screen: str, photos: list[np.ndarray]) -> None:
    show, top = SCREENS[screen]
    for photo in photos:
        shown = show(photo)
        box = picture_within(shown)
        assert box is not None and abs(box.top - top) <= 1
        assert abs((box.left + box.right) - shown.shape[1]) <= 2  # in the middle, as it was put there
        ratio = (box.right - box.left) / (box.bottom - box.top)
        assert ratio == pytest.approx(photo.shape[1] / photo.shape[0], rel=0.02)


def test_bars_are_left_out(photos: list[np.ndarray]) -> None:
    """To the pixel, or with a few lines of the picture that are as dark as the bars."""
    for photo in photos:
        height, width = photo.shape[:2]
        top, left, bottom, right = picture_within(letterboxed(photo)) or Box(0, 0, 0, 0)
        assert (left, right) == (0, width)
        assert 0 <= top - height // 6 <= 8 and 0 <= height // 6 + height - bottom <= 8


@pytest.mark.parametrize("codec", [lambda p: codecs.jpeg(p, 80), lambda p: codecs.webp(p, 80)])
def test_after_a_lossy_codec_nearly_so(codec, photos: list[np.ndarray]) -> None:
    for photo in photos:
        exact, after = picture_within(browser(photo, 1)), picture_within(codec(browser(photo, 1)))
        assert exact is not None and after is not None
        assert max(abs(a - b) for a, b in zip(exact, after, strict=True)) <= 6


def test_a_picture_without_surroundings_is_left_whole(photos: list[np.ndarray]) -> None:
    rng = np.random.default_rng(0)
    ramp = np.broadcast_to(np.linspace(0, 255, 300).astype(np.uint8)[:, None, None], (300, 400, 3))
    plain = np.full((300, 400, 3), 200, np.uint8)
    thing = plain.copy()  # a round thing before a plain ground has no straight edges
    y, x = np.mgrid[:300, :400]
    disc = (y - 150) ** 2 + (x - 200) ** 2 < 100**2
    thing[disc] = rng.integers(0, 255, (int(disc.sum()), 3))
    for pixels in [*photos, ramp, plain, thing, rng.integers(0, 255, (256, 256, 3)).astype(np.uint8)]:
        assert picture_within(pixels) is None


def test_pictures_put_together_are_seen(photos: list[np.ndarray]) -> None:
    assert not any(is_collage(photo) for photo in photos)
    first, second = (photo[:256, :256] for photo in photos[:2])
    bar = np.full((256, 8, 3), 255, np.uint8)
    assert is_collage(np.concatenate([first, bar, second], axis=1))
    assert is_collage(np.concatenate([first, bar.swapaxes(0, 1), second]))
    assert not is_collage(np.concatenate([first, second], axis=1))  # nothing parts them
    put = beside_a_photo(photos[0])
    assert put is not None and is_collage(put) and is_collage(codecs.webp(put, 80))
