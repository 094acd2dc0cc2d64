"""Whitenings in eight bits."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.model.triangle import (
    coarse_triangle,
    packed_triangle,
    packed_triangles,
    unpacked_triangle,
    unpacked_triangles,
)

D = 30


@pytest.fixture
def whitening() -> np.ndarray:
    rng = np.random.default_rng(0)
    beside = np.triu(rng.standard_t(3, size=(D, D)), 1) * rng.lognormal(0, 3, size=(D, 1))
    return (beside + np.diag(1000 + rng.random(D))).astype(np.float32)


def test_what_is_coarse_is_stored_and_read_value_for_value(whitening: np.ndarray) -> None:
    once = coarse_triangle(whitening)
    stored = packed_triangle("within", once)
    assert stored["within"].dtype == np.int8 and stored["within"].shape == (D * (D - 1) // 2,)
    np.testing.assert_array_equal(unpacked_triangle("within", stored), once)
    np.testing.assert_array_equal(coarse_triangle(once), once)


def test_the_diagonal_stays_and_the_rest_is_off_by_half_a_step_of_its_row(whitening: np.ndarray) -> None:
    once, beside = coarse_triangle(whitening), np.triu(whitening, 1)
    np.testing.assert_array_equal(np.diagonal(once), np.diagonal(whitening))
    step = np.abs(beside).max(axis=1, keepdims=True) / 127
    assert (np.abs(np.triu(once, 1) - beside) <= 0.501 * step).all() and not np.tril(once, -1).any()


def test_several_are_stored_side_by_side(whitening: np.ndarray) -> None:
    given = [coarse_triangle(whitening), coarse_triangle(2.7 * whitening)]
    stored = packed_triangles("changed", given)
    np.testing.assert_array_equal(list(unpacked_triangles("changed", stored)), given)
    assert not list(unpacked_triangles("changed", {}))


def test_files_of_earlier_versions_hold_the_values(whitening: np.ndarray) -> None:
    half = (whitening / 1000).astype(np.float16)
    for stored in (half, half[np.triu_indices(D)]):
        np.testing.assert_array_equal(unpacked_triangle("within", {"within": stored}), half.astype(np.float32))
    of_two = np.stack([half[np.triu_indices(D)]] * 2)
    assert len(list(unpacked_triangles("changed", {"changed": of_two}))) == 2


@pytest.mark.parametrize("part", ["within.step", "within.diagonal"])
def test_parts_that_do_not_fit_are_refused(whitening: np.ndarray, part: str) -> None:
    stored = packed_triangle("within", whitening)
    rest = {name: values for name, values in stored.items() if name != part}
    with pytest.raises(KeyError):
        unpacked_triangle("within", rest)
    with pytest.raises(ValueError):
        unpacked_triangle("within", {**rest, part: stored[part][:-1]})
