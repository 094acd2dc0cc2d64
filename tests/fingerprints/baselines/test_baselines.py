"""Every baseline recovers a planted fingerprint: at most one grey level of deviation, of the kind that it can see."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from fingerprints.baselines import (
    BASELINES,
    Corvi23,
    Durall20,
    Dzanic20,
    Giudice21,
    Marra18,
    Marra19,
    McCloskey18,
    Nataraj19,
    SelfDescriptions,
    Wang20,
    Yu19,
)
from fingerprints.baselines.parts.base import radial_mean
from fingerprints.baselines.parts.classifier import Schedule
from fingerprints.baselines.parts.residuals import noise_residual
from patterns import FIXED, OTHER, PERIOD_FOUR, SIDE, X, Y, content

TRAIN, TEST = 80, 40
QUICK = Schedule(epochs=16, images=960)
Plant = Callable[[np.ndarray], np.ndarray]  # float content (h, w, 3), grey levels -> the same with a fingerprint

CHECKERBOARD = np.where((X + Y) % 2, 1.0, -1.0)[:, :, None]
COLUMNS = np.where(X % 2, 1.0, -1.0)[:, :, None]


def ring() -> np.ndarray:
    """A pattern of deviation 1 whose spectrum is a ring of radius 14 to 16: what up-convolution leaves, at random."""
    radius = np.hypot(np.fft.fftfreq(SIDE)[:, None], np.fft.fftfreq(SIDE)[None]) * SIDE
    spectrum = np.fft.fft2(FIXED[:, :, 0]) * ((radius >= 14) & (radius < 16))
    pattern = np.fft.ifft2(spectrum).real
    return (pattern / pattern.std())[:, :, None]


def plain(picture: np.ndarray) -> np.ndarray:
    return picture


def adds(pattern: np.ndarray) -> Plant:
    """The pattern, its deviation brought to one grey level."""
    return lambda picture: picture + pattern / max(1.0, pattern.std() + 1e-6)


def overexposed(picture: np.ndarray) -> np.ndarray:
    """A picture with a white sky."""
    return np.where(Y[:, :, None] < 4, 255.0, picture)


def never_white(picture: np.ndarray) -> np.ndarray:
    """What McCloskey18 looks for: a generator that does not saturate."""
    return np.minimum(overexposed(picture), 254)


def in_steps(picture: np.ndarray) -> np.ndarray:
    """What Nataraj19 looks for: a tone curve that leaves some levels out, by at most two levels."""
    shift = np.zeros(16)
    shift[[0, 1, 6, 7]] = [-1, -2, 2, 1]
    return picture + shift[np.round(picture).astype(int) % 16]


def samples(plants: Sequence[Plant], count: int, first: int) -> tuple[list[np.ndarray], np.ndarray]:
    """``count`` pictures of each source, every picture of a content of its own."""
    images, labels = [], []
    for source, plant in enumerate(plants):
        for i in range(count):
            seen = np.clip(content(first + source * count + i), 0, 255)
            images.append(np.clip(np.round(plant(seen)), 0, 255).astype(np.uint8))
            labels.append(f"source-{source}")
    return images, np.array(labels)


# The sources that each method is asked to tell apart.
CASES: dict[type, tuple[Plant, Plant]] = {
    McCloskey18: (overexposed, never_white),
    Nataraj19: (plain, in_steps),
    Durall20: (plain, adds(ring())),
    Dzanic20: (plain, adds(ring())),
    Wang20: (plain, adds(PERIOD_FOUR)),
    Marra18: (plain, adds(CHECKERBOARD)),
    Marra19: (adds(0.7 * FIXED), adds(0.7 * OTHER)),
    Yu19: (adds(0.7 * FIXED), adds(0.7 * OTHER)),
    Corvi23: (plain, adds(PERIOD_FOUR)),
    Giudice21: (plain, adds(PERIOD_FOUR)),
    SelfDescriptions: (plain, adds(PERIOD_FOUR)),
}
NETWORKS = (Marra18, Wang20, Yu19)


def test_every_baseline_has_a_case() -> None:
    assert set(CASES) == set(BASELINES)
    assert len({kind.name for kind in BASELINES}) == len(BASELINES)


@pytest.mark.parametrize("kind", BASELINES, ids=lambda kind: kind.__name__)
def test_a_planted_fingerprint_is_recovered(kind: type) -> None:
    pictures = [np.clip(content(i), 0, 255) for i in range(20)]
    one, other = CASES[kind]
    assert np.std([other(picture) - one(picture) for picture in pictures]) <= 1.0  # grey level, that is 1/255
    images, labels = samples(CASES[kind], 4 * TRAIN if kind in NETWORKS else TRAIN, first=1000)
    method = (kind(QUICK) if kind in NETWORKS else kind()).fit(images, labels)
    unseen, truth = samples(CASES[kind], TEST, first=9000)
    scores = method.scores(unseen)
    assert scores.shape == (2 * TEST, 2) and np.isfinite(scores).all()
    assert list(method.classes) == ["source-0", "source-1"]
    assert (method.classes[scores.argmax(axis=1)] == truth).mean() >= 0.85


@pytest.mark.parametrize("kind", BASELINES, ids=lambda kind: kind.__name__)
def test_images_are_scored_one_by_one_and_left_alone(kind: type) -> None:
    images, labels = samples([plain, *(adds(p) for p in (COLUMNS, PERIOD_FOUR))], 12, first=50)
    before = [image.copy() for image in images]
    short = Schedule(epochs=1, images=64)
    method = (kind(short) if kind in NETWORKS else kind()).fit(images, labels)
    scores = method.scores(images)
    assert all(np.array_equal(a, b) for a, b in zip(images, before, strict=True))
    assert scores.shape == (36, 3)
    np.testing.assert_allclose(method.scores(images[5:6]), scores[5:6], rtol=1e-3, atol=1e-3)


def test_the_mean_residual_is_the_planted_pattern() -> None:
    images, labels = samples([plain, adds(FIXED)], 200, first=2000)
    found = Marra19().fit(images, labels).fingerprints[1]
    assert np.corrcoef(found.ravel(), FIXED.ravel())[0, 1] > 0.8


def test_the_residual_of_a_flat_image_is_zero_and_an_edge_is_kept() -> None:
    assert np.abs(noise_residual(np.full((16, 16, 3), 90, np.uint8))).max() < 1e-3
    edge = np.zeros((16, 16, 3), np.uint8)
    edge[:, 8:] = 200
    assert np.abs(noise_residual(edge)).max() < 5


def test_the_radial_mean_of_a_radial_function_is_that_function() -> None:
    distance = np.hypot(*np.mgrid[-16:16, -16:16]).astype(int)
    np.testing.assert_allclose(radial_mean(distance.astype(float)), np.arange(distance.max() + 1))
