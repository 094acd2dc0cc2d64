"""Noise is measured where nothing else is, and hides traces from some strength on."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from fingerprints.images.codecs import avif, jpeg
from fingerprints.images.histories import blurred, grained, toned
from fingerprints.images.noise import is_blurred, is_smooth, is_worn, noise_floor, noise_hides


@pytest.mark.parametrize("strength", [2.0, 5.0, 12.0])
def test_the_floor_is_the_strength_of_the_noise(strength: float) -> None:
    rng = np.random.default_rng(0)
    slope = np.broadcast_to(np.linspace(60, 180, 128)[:, None, None], (128, 128, 3))
    noisy = (slope + rng.normal(0, strength, (128, 128, 1)) + 0.5).astype(np.uint8)
    assert noise_floor([noisy]) == pytest.approx(strength, rel=0.25)  # the quietest blocks are a little below it


def test_photos_are_not_too_noisy_and_dark_noisy_ones_are(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:256, :256]
        assert not noise_hides([crop])
        assert noise_hides([grained(crop, 12)]) and noise_hides([grained(toned(crop, 0.25), 12)])
        assert not noise_hides([toned(crop, 0.25)])  # dark alone hides nothing


def test_smooth_is_what_has_no_fine_detail_anywhere(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:256, :256]
        assert is_smooth([blurred(crop, 2.0)])
        half = np.concatenate([crop[:128], blurred(crop, 2.0)[128:]])
        assert is_smooth([half]) == is_smooth([crop[:128], half[128:]])  # a sharp half is detail enough
    rng = np.random.default_rng(0)
    assert not is_smooth([rng.integers(100, 140, (128, 128, 3)).astype(np.uint8)])


def test_blurred_is_what_shows_no_more_than_rounding_makes(photos: list[np.ndarray]) -> None:
    for photo in photos:
        crop = photo[:256, :256]
        assert is_blurred([blurred(crop, 2.0)]) and not is_blurred([crop]) and not is_blurred([jpeg(crop, 50)])
    assert not is_blurred([grained(np.full((128, 128, 3), 120, np.uint8), 1)])


def test_strong_compression_wears_detail_away(photos: list[np.ndarray]) -> None:
    before, after = (sum(is_worn([form(photo)]) for photo in photos) for form in (np.asarray, partial(avif, quality=5)))
    assert before < len(photos) / 2 < after
