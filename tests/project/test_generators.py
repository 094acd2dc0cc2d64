"""The simulated generators do what the other tests build on."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.images import codecs
from generators import crops, nearest_decoder, transposed_decoder


@pytest.mark.parametrize("generator", [transposed_decoder, nearest_decoder])
def test_a_generator_keeps_size_and_content_and_is_deterministic(generator, photos: list[np.ndarray]) -> None:
    crop = crops(photos[1], 128, 1, seed=0)[0]
    before = crop.copy()
    made = generator(crop)
    assert made.shape == crop.shape and made.dtype == np.uint8
    np.testing.assert_array_equal(made, generator(crop))
    np.testing.assert_array_equal(crop, before)
    assert 1 < np.abs(made.astype(int) - crop).mean() < 25


def test_the_transposed_decoder_leaves_a_period_of_two_that_survives_jpeg(photos: list[np.ndarray]) -> None:
    def checkerboard(pixels: np.ndarray) -> float:
        grey = pixels.astype(float).mean(axis=2)
        return abs((grey[::2, ::2] - grey[1::2, ::2] - grey[::2, 1::2] + grey[1::2, 1::2]).mean())

    for crop in (crops(photo, 128, 1, seed=1)[0] for photo in photos):
        assert checkerboard(codecs.jpeg(transposed_decoder(crop), 75)) > 4 * checkerboard(crop)


def test_crops_are_aligned_different_and_the_same_for_a_seed(photos: list[np.ndarray]) -> None:
    first, again, other = (crops(photos[0], 64, 12, seed) for seed in (3, 3, 4))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))
    ramp = np.arange(160)[:, None, None] * np.ones((1, 160, 3))
    starts = {int(crop[0, 0, 0]) for crop in crops(ramp.astype(np.uint8), 64, 49, seed=0)}
    assert starts == {0, 16, 32, 48, 64, 80, 96}
    with pytest.raises(ValueError, match="no 50 aligned crops"):
        crops(ramp, 64, 50, seed=0)
