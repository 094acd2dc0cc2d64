"""JPEG traces are found in decoded pixels, and not in lossless pictures; and histories."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.images import codecs
from fingerprints.images.histories import AS_IS, HISTORIES, with_history
from fingerprints.images.image import ImageError, decode, from_pixels, png_bytes, resize
from fingerprints.images.traces import lossy_traces
from generators import crops, nearest_decoder, transposed_decoder


@pytest.fixture(scope="module")
def lossless(photos: list[np.ndarray]) -> list[np.ndarray]:
    """Photos scaled down (which removes their own JPEG) to 128 px, and a crop of each."""
    squares = [photo[: min(photo.shape[:2]), : min(photo.shape[:2])] for photo in photos]
    small = [resize(np.ascontiguousarray(square), 128, 128) for square in squares]
    return small + [image[32:96, 32:96] for image in small]


def test_lossless_pictures_have_no_traces(lossless: list[np.ndarray]) -> None:
    made = [decoder(image) for decoder in (nearest_decoder, transposed_decoder) for image in lossless]
    assert not any(lossy_traces(image) for image in lossless + made)


@pytest.mark.parametrize(("quality", "share"), [(98, 0.85), (95, 1.0), (90, 1.0), (85, 1.0), (75, 1.0)])
def test_jpeg_leaves_traces_up_to_the_highest_qualities(quality: int, share: float, lossless: list[np.ndarray]) -> None:
    found = [lossy_traces(codecs.jpeg(np.ascontiguousarray(image), quality)) for image in lossless]
    assert np.mean(found) >= share, found


def test_a_png_of_decoded_jpeg_pixels_has_the_same_traces(lossless: list[np.ndarray]) -> None:
    pixels = codecs.jpeg(lossless[0], 90)
    assert lossy_traces(decode(png_bytes(pixels)).pixels) == lossy_traces(pixels)


def test_flat_and_noisy_pictures_have_no_traces() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    for pixels in (np.zeros((64, 64, 3), np.uint8), noise, noise[:17, :30]):
        assert not lossy_traces(pixels)


# Histories


def test_every_history_gives_an_image_and_leaves_the_given_one_alone(photos: list[np.ndarray]) -> None:
    pixels = crops(photos[0], 128, 1, seed=0)[0]
    before = pixels.copy()
    pixels.setflags(write=False)
    for history in HISTORIES:
        changed = with_history(from_pixels(pixels, "here"), history)
        assert changed.origin == "here" and changed.pixels.dtype == np.uint8 and changed.pixels.shape[2] == 3
        np.testing.assert_array_equal(with_history(from_pixels(pixels), history).pixels, changed.pixels)
    np.testing.assert_array_equal(pixels, before)


def test_histories_do_what_they_say(photos: list[np.ndarray]) -> None:
    image = from_pixels(crops(photos[0], 128, 1, seed=0)[0])
    np.testing.assert_array_equal(with_history(image, AS_IS).pixels, image.pixels)
    np.testing.assert_array_equal(with_history(image, "jpeg 60").pixels, codecs.jpeg(image.pixels, 60))
    assert with_history(image, "scaled .75").pixels.shape == (96, 96, 3)
    half = resize(image.pixels, 64, 64)
    np.testing.assert_array_equal(with_history(image, "scaled .5, jpeg 85").pixels, codecs.jpeg(half, 85))


def test_an_unknown_history_is_refused() -> None:
    with pytest.raises(ValueError, match="no history is called 'sepia'; known: as is"):
        with_history(from_pixels(np.zeros((16, 16, 3), np.uint8)), "sepia")
    with pytest.raises(ImageError, match="expected uint8 pixels"):
        from_pixels(np.zeros((16, 16), np.uint8))
