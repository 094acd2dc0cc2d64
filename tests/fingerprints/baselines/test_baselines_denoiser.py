"""The learned projection: real images stay where they are, and what a generator adds is left in the artifact."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.geometry.artifact import artifacts
from fingerprints.geometry.denoiser import Denoiser
from fingerprints.geometry.manifold import Manifold
from fingerprints.spaces import get_space
from patterns import FIXED, SIDE, content


def pictures(count: int, first: int, pattern: np.ndarray | float = 0.0) -> np.ndarray:
    made = np.stack([content(first + i) for i in range(count)]) + pattern
    return get_space("rgb").embed(np.clip(np.round(made), 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def manifold() -> Manifold:
    return Manifold(pictures(150, 0))


def test_a_planted_fingerprint_is_left_in_the_artifact(manifold: Manifold) -> None:
    projection = Denoiser((3, SIDE, SIDE), steps=300)
    clean = artifacts(pictures(150, 5000), manifold, projection)
    marked = artifacts(pictures(150, 6000, FIXED), manifold, projection)
    expected = FIXED.transpose(2, 0, 1).ravel() / 255
    assert np.corrcoef(marked.mean(axis=0), expected)[0, 1] > 0.7
    assert abs(np.corrcoef(clean.mean(axis=0), expected)[0, 1]) < 0.2
    assert clean.std() < marked.std()


def test_the_same_seed_gives_the_same_projection(manifold: Manifold) -> None:
    queries = pictures(3, 9000)
    one, two = (Denoiser((3, SIDE, SIDE), steps=5).project(queries, manifold) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert one.shape == queries.shape


def test_each_manifold_has_a_network_of_its_own(manifold: Manifold) -> None:
    projection, queries = Denoiser((3, SIDE, SIDE), steps=5), pictures(3, 9000)
    first = projection.project(queries, manifold)
    other = projection.project(queries, Manifold(pictures(150, 300)))
    assert np.abs(first - other).max() > 0
    np.testing.assert_array_equal(projection.project(queries, manifold), first)


def test_other_spaces_are_refused() -> None:
    with pytest.raises(ValueError, match="RGB space"):
        Denoiser((3, SIDE, SIDE)).project(np.zeros((1, 10), np.float32), Manifold(np.zeros((2, 10), np.float32)))
