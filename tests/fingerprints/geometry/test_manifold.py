"""The manifold's search is exact, whatever the order, the blocks and the number of rows an image has."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.geometry import manifold as manifold_module
from fingerprints.geometry.artifact import artifacts
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import LocalMean, Nearest

IMAGES, DIMENSION = 40, 6


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


@pytest.fixture
def bank(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Rows (n, d) and the image of each: one to five rows an image, images in no order and not numbered densely."""
    owners = rng.permutation(np.repeat(3 * np.arange(IMAGES), rng.integers(1, 6, IMAGES)))
    return rng.normal(size=(len(owners), DIMENSION)).astype(np.float32), owners


def brute_force(
    queries: np.ndarray, rows: np.ndarray, owners: np.ndarray, k: int, exclude: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """(n, k) owners and squared distances of the k nearest images, each by its nearest row, one query at a time."""
    found_owners, found_distances = [], []
    for number, query in enumerate(queries.astype(np.float64)):
        nearest = {}
        for row, owner in zip(rows.astype(np.float64), owners, strict=True):
            if exclude is None or owner != exclude[number]:
                squared = float(((query - row) ** 2).sum())
                nearest[int(owner)] = min(squared, nearest.get(int(owner), np.inf))
        order = sorted(nearest, key=lambda owner: nearest[owner])[:k]
        found_owners.append(order)
        found_distances.append([nearest[owner] for owner in order])
    return np.array(found_owners), np.array(found_distances)


@pytest.mark.parametrize("k", [1, 2, 7, IMAGES])
def test_search_is_exact_over_images_with_several_rows(k: int, bank, rng) -> None:
    rows, owners = bank
    queries = rng.normal(size=(25, DIMENSION)).astype(np.float32)
    manifold = Manifold(rows, owners)
    indices, squared = manifold.nearest(queries, k)
    expected_owners, expected_squared = brute_force(queries, rows, owners, k)
    np.testing.assert_array_equal(manifold.image_of_row[indices], expected_owners)
    np.testing.assert_allclose(squared, expected_squared, rtol=1e-4, atol=1e-4)
    chosen = ((manifold.rows[indices] - queries[:, None]) ** 2).sum(axis=2)
    np.testing.assert_allclose(chosen, expected_squared, rtol=1e-4, atol=1e-4)


def test_neighbours_are_distinct_images_nearest_first(bank, rng) -> None:
    rows, owners = bank
    manifold = Manifold(rows, owners)
    indices, squared = manifold.nearest(rng.normal(size=(30, DIMENSION)), 9)
    assert all(len(set(found)) == 9 for found in manifold.image_of_row[indices])
    assert (np.diff(squared, axis=1) >= 0).all()
    assert manifold.n_images == IMAGES and manifold.dimension == DIMENSION


def test_the_order_of_the_bank_changes_nothing(bank, rng) -> None:
    rows, owners = bank
    queries = rng.normal(size=(20, DIMENSION)).astype(np.float32)
    first, second = Manifold(rows, owners), Manifold(rows[::-1], owners[::-1])
    for k in (1, 8):
        a, b = first.nearest(queries, k), second.nearest(queries, k)
        np.testing.assert_array_equal(first.rows[a[0]], second.rows[b[0]])
        np.testing.assert_allclose(a[1], b[1], rtol=1e-5, atol=1e-5)


def test_blocks_change_nothing(bank, rng, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, owners = bank
    queries = rng.normal(size=(23, DIMENSION)).astype(np.float32)
    exclude = np.where(np.arange(23) % 2, 3 * np.arange(23), -1)
    manifold = Manifold(rows, owners)
    whole = manifold.nearest(queries, 5, exclude)
    for values in (1, 4 * len(rows)):
        monkeypatch.setattr(manifold_module, "_BLOCK_VALUES", values)
        parts = manifold.nearest(queries, 5, exclude)
        np.testing.assert_array_equal(parts[0], whole[0])
        np.testing.assert_allclose(parts[1], whole[1], rtol=1e-5, atol=1e-5)


def test_leave_one_out_is_exact(bank) -> None:
    rows, owners = bank
    manifold = Manifold(rows, owners)
    indices, squared = manifold.nearest(rows, 3, exclude=owners)
    expected_owners, expected_squared = brute_force(rows, rows, owners, 3, exclude=owners)
    np.testing.assert_array_equal(manifold.image_of_row[indices], expected_owners)
    np.testing.assert_allclose(squared, expected_squared, rtol=1e-4, atol=1e-4)


def test_a_member_is_its_own_neighbour_unless_it_is_left_out(bank) -> None:
    rows, owners = bank
    manifold = Manifold(rows, owners)
    np.testing.assert_array_equal(artifacts(rows, manifold, Nearest()), np.zeros_like(rows))
    assert (np.abs(artifacts(rows, manifold, Nearest(), exclude=owners)).max(axis=1) > 0).all()
    no_one = np.full(len(rows), -1)
    np.testing.assert_array_equal(
        artifacts(rows, manifold, LocalMean(4), exclude=no_one), artifacts(rows, manifold, LocalMean(4))
    )


def test_k_lies_between_one_and_the_images_available(bank) -> None:
    rows, owners = bank
    manifold = Manifold(rows, owners)
    for k in (0, -1, IMAGES + 1):
        with pytest.raises(ValueError, match=rf"between 1 and the {IMAGES} images available, found {k}"):
            manifold.nearest(rows[:2], k)
    with pytest.raises(ValueError, match=f"{IMAGES - 1} images"):
        manifold.nearest(rows[:2], IMAGES, exclude=owners[:2])
    assert manifold.nearest(rows[:2], IMAGES - 1, exclude=owners[:2])[0].shape == (2, IMAGES - 1)


@pytest.mark.parametrize(
    ("rows", "owners"),
    [(np.zeros((0, 3)), None), (np.zeros(3), None), (np.zeros((3, 2)), np.arange(2)), (np.zeros((2, 2, 2)), None)],
)
def test_a_bank_of_another_shape_is_refused(rows: np.ndarray, owners: np.ndarray | None) -> None:
    with pytest.raises(ValueError, match=r"a bank needs rows \(n, d\)"):
        Manifold(rows, owners)


def test_the_callers_arrays_stay_as_they_are(bank, rng) -> None:
    rows, owners = bank
    queries, exclude = rng.normal(size=(9, DIMENSION)).astype(np.float32), owners[:9].copy()
    given = [rows, owners, queries, exclude]
    before = [array.copy() for array in given]
    for array in given:
        array.setflags(write=False)
    manifold = Manifold(rows, owners)
    manifold.nearest(queries, 4, exclude)
    for array, copy in zip(given, before, strict=True):
        np.testing.assert_array_equal(array, copy)


def test_later_changes_to_the_callers_rows_do_not_reach_the_bank(rng) -> None:
    rows = rng.normal(size=(12, 3)).astype(np.float32)
    manifold = Manifold(rows)
    kept = manifold.rows.copy()
    rows[:] = 0
    np.testing.assert_array_equal(manifold.rows, kept)


def test_no_queries_give_no_neighbours(bank) -> None:
    rows, owners = bank
    indices, squared = Manifold(rows, owners).nearest(np.zeros((0, DIMENSION)), 2)
    assert indices.shape == squared.shape == (0, 2)


def test_golden_neighbours() -> None:
    """Two crops of image 0 lie nearest; only one of them counts."""
    manifold = Manifold(np.array([[1.0, 0.0], [0.0, 2.0], [0.0, 1.5], [3.0, 4.0]]), np.array([0, 1, 0, 2]))
    indices, squared = manifold.nearest(np.zeros((1, 2)), 3)
    np.testing.assert_array_equal(manifold.rows[indices[0]], [[1, 0], [0, 2], [3, 4]])
    np.testing.assert_allclose(squared[0], [1, 4, 25])
