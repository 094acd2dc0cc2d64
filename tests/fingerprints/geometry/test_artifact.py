"""Artifacts: their sign, the means over views, and a planted fingerprint that is recovered."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.geometry.artifact import ViewArtifacts, artifacts
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import LocalMean, Nearest
from fingerprints.model.discriminant import Discriminant
from fingerprints.model.reference import Basis
from fingerprints.spaces import get_space
from generators import crops
from patterns import tiled, with_pattern

SPACES = ("dct", "residual", "frequency")


def test_an_artifact_is_generated_minus_real() -> None:
    manifold = Manifold(np.array([[1.0, 1.0], [9.0, 9.0]]))
    np.testing.assert_array_equal(artifacts(np.array([[1.5, 0.0]]), manifold, Nearest()), [[0.5, -1.0]])


# Views and images


@pytest.fixture
def part() -> ViewArtifacts:
    """Images of 1, 5, 3 and 16 views."""
    owners = np.repeat(np.arange(4), [1, 5, 3, 16])
    rows = np.random.default_rng(3).normal(size=(len(owners), 4)).astype(np.float32)
    return ViewArtifacts(rows, owners, np.array(["a", "b", "b", "c"]))


def test_an_image_counts_once_by_the_mean_of_its_views(part: ViewArtifacts) -> None:
    expected = [part.rows[part.image_of_row == image].mean(axis=0) for image in range(4)]
    np.testing.assert_allclose(part.per_image(), expected, atol=1e-6)
    np.testing.assert_array_equal(part.views(), [1, 5, 3, 16])


@pytest.mark.parametrize("keep", [1, 2, 3, 4, 5, 16, 40])
def test_thinning_keeps_the_mean_of_so_many_different_views(keep: int) -> None:
    """Constant views have that constant as mean, whatever the number that is kept."""
    counts = np.arange(1, 20)
    owners = np.repeat(np.arange(len(counts)), counts)
    part = ViewArtifacts(owners[:, None].astype(np.float32), owners, np.arange(len(counts)).astype(str))
    np.testing.assert_allclose(part.per_image(keep)[:, 0], np.arange(len(counts)), rtol=1e-6)
    np.testing.assert_array_equal(part.views(keep), np.minimum(counts, keep))


def test_thinning_to_at_least_all_views_changes_nothing(part: ViewArtifacts) -> None:
    np.testing.assert_allclose(part.per_image(16), part.per_image(), atol=1e-6)


def test_thinned_views_are_evenly_chosen() -> None:
    part = ViewArtifacts(np.arange(16, dtype=np.float32)[:, None], np.zeros(16, int), np.array(["a"]))
    for keep in (1, 2, 4, 8):
        assert part.per_image(keep)[0, 0] == pytest.approx(7.5, abs=0.6)


def test_selected_images_are_numbered_anew(part: ViewArtifacts) -> None:
    chosen = part.select(np.array([False, True, False, True]))
    np.testing.assert_array_equal(np.unique(chosen.image_of_row), [0, 1])
    np.testing.assert_array_equal(chosen.contents, ["b", "c"])
    np.testing.assert_allclose(chosen.per_image(), part.per_image()[[1, 3]], atol=1e-6)
    assert part.select(np.zeros(4, bool)).per_image().shape == (0, 4)


# A planted fingerprint


@pytest.fixture(scope="module")
def content(photos: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """64 px crops for the manifold and others for the generators, away from black and white: uint8 (n, 64, 64, 3)."""
    cut = [crops(photo, 64, 60, seed=20 + number) for number, photo in enumerate(photos)]
    bank, others = (np.stack([c for some in cut for c in some[part]]) for part in (slice(30), slice(30, 60)))
    return bank, np.clip(others, 2, 253)


@pytest.mark.parametrize("space", SPACES)
def test_a_planted_fingerprint_is_recovered(space: str, content) -> None:
    """The mean artifact without and with the pattern differ by what the pattern does to phi, and by little else."""
    bank, images = content
    embed, manifold = get_space(space).embed, Manifold(get_space(space).embed(bank))
    projection = LocalMean(10)
    marked = with_pattern(images[::2], tiled(8, seed=1))
    planted = (embed(marked) - embed(images[::2])).mean(axis=0)
    of_marked = artifacts(embed(marked), manifold, projection).mean(axis=0)
    of_others = artifacts(embed(images[1::2]), manifold, projection).mean(axis=0)
    assert np.corrcoef(of_marked - of_others, planted)[0, 1] > 0.7
    assert np.corrcoef(of_marked, planted)[0, 1] > 0.7


@pytest.mark.parametrize("space", SPACES)
def test_two_planted_fingerprints_are_told_apart(space: str, content) -> None:
    """Trained on half of the content, tested on the other half."""
    bank, images = content
    embed = get_space(space).embed
    made = [embed(with_pattern(images, pattern)) for pattern in (tiled(8, seed=1), tiled(4, seed=3))]
    basis = Basis.fit(embed(bank), np.concatenate([embeddings[::2] for embeddings in made]), 40)
    manifold = Manifold(basis.coordinates(embed(bank)))
    train, test = (
        [artifacts(basis.coordinates(embeddings[part::2]), manifold, LocalMean(8)) for embeddings in made]
        for part in (0, 1)
    )
    discriminant = Discriminant.fit(train, shrinkage=0.15)
    means = np.stack([group.mean(axis=0) for group in train])
    right = [
        (discriminant.log_likelihoods(group, means).argmax(axis=1) == truth).mean() for truth, group in enumerate(test)
    ]
    assert min(right) > 0.7, right  # chance is 0.5
