"""An enlarged picture is known by what interpolation leaves; one that was not, or was made smaller, is left alone."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from fingerprints.images import codecs
from fingerprints.images.histories import scaled_by
from fingerprints.images.resampled import enlarged

FILTERS = ("nearest", "bilinear", "bicubic", "lanczos")


def made_larger(pixels: np.ndarray, factor: float, name: str) -> np.ndarray:
    return scaled_by(pixels, factor, PIL.Image.Resampling[name.upper()])


def factor_of(pixels: np.ndarray) -> float | None:
    found = enlarged(pixels)
    return found and found.factor


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("factor", [1.3, 1.5, 1.75, 3.0])
def test_the_factor_is_found(scene: np.ndarray, factor: float, name: str) -> None:
    assert factor_of(made_larger(scene, factor, name)) == pytest.approx(factor, rel=0.1)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("factor", [2.4, 4.0])
def test_or_it_is_seen_that_there_was_one(scene: np.ndarray, factor: float, name: str) -> None:
    assert enlarged(made_larger(scene[:200, :200], factor, name)) is not None


@pytest.mark.parametrize("name", ["bilinear", "bicubic", "lanczos"])
def test_and_after_saving(scene: np.ndarray, name: str) -> None:
    assert factor_of(codecs.jpeg(made_larger(scene, 1.5, name), 85)) == pytest.approx(1.5, rel=0.1)


def test_what_was_not_enlarged_says_nothing(scene: np.ndarray, photos: list[np.ndarray]) -> None:
    for pixels in (scene, codecs.jpeg(scene, 75), codecs.webp(scene, 80)):
        assert enlarged(pixels) is None
    assert sum(enlarged(photo) is not None for photo in photos) <= 1


def test_neither_does_what_shows_nothing(scene: np.ndarray) -> None:
    assert enlarged(np.full((300, 300, 3), 90, np.uint8)) is None
    assert enlarged(np.zeros((512, 512, 3), np.uint8)) is None
    assert enlarged(made_larger(scene[:40, :40], 2.0, "bicubic")) is None  # too small to tell


def test_the_picture_is_not_changed(scene: np.ndarray) -> None:
    before = scene.copy()
    enlarged(scene)
    assert (scene == before).all()
