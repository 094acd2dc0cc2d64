"""The two projections: what holds for any bank, and known answers."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.geometry.artifact import artifacts
from fingerprints.geometry.denoiser import Denoiser
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import LocalMean, Nearest, from_json, to_json


@pytest.fixture
def manifold() -> Manifold:
    rng = np.random.default_rng(7)
    return Manifold(rng.normal(size=(60, 5)), np.repeat(np.arange(20), 3))


@pytest.fixture
def z() -> np.ndarray:
    return np.random.default_rng(8).normal(size=(17, 5)).astype(np.float32)


def test_nearest_is_idempotent(manifold: Manifold, z: np.ndarray) -> None:
    once = Nearest().project(z, manifold)
    np.testing.assert_array_equal(Nearest().project(once, manifold), once)


def test_the_local_mean_of_one_is_nearest(manifold: Manifold, z: np.ndarray) -> None:
    np.testing.assert_array_equal(LocalMean(1).project(z, manifold), Nearest().project(z, manifold))
    own = manifold.image_of_row
    np.testing.assert_array_equal(
        LocalMean(1).project(manifold.rows, manifold, own), Nearest().project(manifold.rows, manifold, own)
    )


def test_nearest_is_a_row_of_the_bank_and_no_other_row_is_closer(manifold: Manifold, z: np.ndarray) -> None:
    projected = Nearest().project(z, manifold)
    distance = np.linalg.norm(z - projected, axis=1)
    every = np.linalg.norm(z[:, None] - manifold.rows[None], axis=2)
    np.testing.assert_allclose(distance, every.min(axis=1), rtol=1e-5)
    assert all((manifold.rows == point).all(axis=1).any() for point in projected)


def test_the_local_mean_of_all_images_does_not_depend_on_the_query() -> None:
    rows = np.random.default_rng(1).normal(size=(12, 4)).astype(np.float32)
    projected = LocalMean(12).project(np.eye(4, dtype=np.float32), Manifold(rows))
    np.testing.assert_allclose(projected, np.tile(rows.mean(axis=0), (4, 1)), atol=1e-6)


def test_the_local_mean_is_the_mean_of_the_nearest_rows_of_distinct_images(manifold: Manifold, z: np.ndarray) -> None:
    indices, _ = manifold.nearest(z, 6)
    np.testing.assert_allclose(
        LocalMean(6).project(z, manifold), [manifold.rows[i].mean(axis=0) for i in indices], rtol=1e-5, atol=1e-6
    )


def test_leaving_out_reaches_the_projection(manifold: Manifold) -> None:
    rows, own = manifold.rows, manifold.image_of_row
    for projection in (Nearest(), LocalMean(3)):
        with_itself = np.linalg.norm(artifacts(rows, manifold, projection), axis=1)
        without = np.linalg.norm(artifacts(rows, manifold, projection, own), axis=1)
        assert (without > with_itself).mean() > 0.9


def test_the_callers_array_stays_as_it_is(manifold: Manifold, z: np.ndarray) -> None:
    before, bank = z.copy(), manifold.rows.copy()
    for projection in (Nearest(), LocalMean(4)):
        projected = projection.project(z, manifold)
        projected += 1  # what comes out is not a view of the bank
        artifacts(z, manifold, projection)[:] = 0
    np.testing.assert_array_equal(z, before)
    np.testing.assert_array_equal(manifold.rows, bank)


def test_k_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="k must be 1 or more, found 0"):
        LocalMean(0)


def test_golden_projection() -> None:
    manifold = Manifold(np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 6.0]]))
    z = np.array([[1.0, 0.5]])
    np.testing.assert_array_equal(Nearest().project(z, manifold), [[0, 0]])
    np.testing.assert_array_equal(LocalMean(2).project(z, manifold), [[2, 0]])
    np.testing.assert_array_equal(artifacts(z, manifold, LocalMean(2)), [[-1, 0.5]])


# What a reference stores


def test_a_projection_is_stored_by_its_name_and_choices() -> None:
    for projection in (Nearest(), LocalMean(7)):
        assert from_json(to_json(projection)) == projection
    with pytest.raises(ValueError, match="'denoiser' cannot be stored"):
        to_json(Denoiser((3, 8, 8)))
    with pytest.raises(ValueError, match="'centre'; known: nearest, local mean"):
        from_json({"name": "centre"})


def test_a_local_mean_takes_no_more_than_a_twentieth_of_the_images() -> None:
    rows = np.random.default_rng(0).normal(size=(200, 3)).astype(np.float32)
    assert LocalMean(16).fitted(Manifold(rows)) == LocalMean(10)
    assert LocalMean(16).fitted(Manifold(rows[:10])) == LocalMean(1)
    assert Nearest().fitted(Manifold(rows)) == Nearest()
