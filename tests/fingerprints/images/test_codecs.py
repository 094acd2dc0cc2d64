"""Lossy codecs: pixels in, as many pixels out, and little of them changed where the quality is high."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import PIL.Image
import pytest

from fingerprints.images import codecs
from fingerprints.images.image import decode, jpeg_bytes
from generators import crops

CODECS: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "jpeg": codecs.jpeg,
    "jpeg 4:4:4": lambda pixels, quality: codecs.jpeg(pixels, quality, subsampling=0),
    "progressive": lambda pixels, quality: codecs.jpeg(pixels, quality, progressive=True),
    "mozjpeg": codecs.mozjpeg,
    "webp": codecs.webp,
    "sharp webp": lambda pixels, quality: codecs.webp(pixels, quality, sharp=True),
    "avif": codecs.avif,
}


@pytest.fixture(scope="module")
def crop(photos: list[np.ndarray]) -> np.ndarray:
    """128 px of a photo, read-only."""
    pixels = crops(photos[0], 128, 1, seed=0)[0].copy()
    pixels.setflags(write=False)
    return pixels


def change(pixels: np.ndarray, coded: np.ndarray) -> float:
    return float(np.abs(pixels.astype(int) - coded.astype(int)).mean())


@pytest.mark.parametrize("name", CODECS)
def test_each_gives_the_same_shape_and_the_same_pixels_each_time(name: str, crop: np.ndarray) -> None:
    for pixels in (crop, np.ascontiguousarray(crop[:37, :50])):
        coded = CODECS[name](pixels, 80)
        assert coded.shape == pixels.shape and coded.dtype == np.uint8
        np.testing.assert_array_equal(CODECS[name](pixels, 80), coded)


@pytest.mark.parametrize("name", CODECS)
def test_each_changes_little_at_high_quality_and_more_below(name: str, crop: np.ndarray) -> None:
    high, middle, low = (change(crop, CODECS[name](crop, quality)) for quality in (95, 70, 20))
    assert 0 < high < 3.0
    assert high < middle < low


def test_jpeg_is_that_of_the_files_and_progressive_changes_no_pixel(crop: np.ndarray) -> None:
    np.testing.assert_array_equal(codecs.jpeg(crop, 75), decode(jpeg_bytes(crop, 75)).pixels)
    np.testing.assert_array_equal(codecs.jpeg(crop, 75, progressive=True), codecs.jpeg(crop, 75))
    assert change(crop, codecs.jpeg(crop, 90, subsampling=0)) < change(crop, codecs.jpeg(crop, 90))


def saved(monkeypatch: pytest.MonkeyPatch, encode: Callable[[], object]) -> PIL.Image.Image:
    """The file that an encoding wrote."""
    kept: list[bytes] = []
    opened = PIL.Image.open

    def noting(stored: io.BytesIO, formats: tuple[str, ...]) -> PIL.Image.Image:
        kept.append(stored.getvalue())
        return opened(stored, formats=formats)

    with monkeypatch.context() as patched:
        patched.setattr(PIL.Image, "open", noting)
        encode()
    return opened(io.BytesIO(kept[0]))


def test_mozjpeg_has_its_own_tables_and_is_progressive(crop: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = saved(monkeypatch, lambda: codecs.mozjpeg(crop, 50))
    usual = saved(monkeypatch, lambda: codecs.jpeg(crop, 50))
    assert "progressive" in ours.info and "progressive" not in usual.info
    table = ours.quantization[0]
    assert (table[0], table[1], table[-1]) == (16, 16, 255)  # Pillow lists them row by row; 418 is more than a byte
    assert ours.quantization[1] == table != usual.quantization[0], "colour has the same table as brightness"


@pytest.mark.parametrize(("quality", "first"), [(25, 32), (50, 16), (75, 8), (90, 3), (100, 1)])
def test_mozjpeg_scales_its_tables_as_libjpeg_does(
    quality: int, first: int, crop: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved(monkeypatch, lambda: codecs.mozjpeg(crop, quality)).quantization[0][0] == first
