"""Matrices in eight bits."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.model.eight_bits import coarse, packed, unpacked


@pytest.fixture
def values() -> np.ndarray:
    rng = np.random.default_rng(0)
    found = rng.standard_t(3, size=(60, 40)) * rng.lognormal(0, 4, size=40)
    found[:, 3] = 0
    return found.astype(np.float32)


def test_what_is_coarse_is_stored_and_read_value_for_value(values: np.ndarray) -> None:
    once = coarse(values)
    stored = packed("rows", once)
    assert tuple(stored) == ("rows", "rows.step") and stored["rows"].dtype == np.int8 and once.dtype == np.float32
    np.testing.assert_array_equal(unpacked("rows", stored), once)
    np.testing.assert_array_equal(coarse(once), once)


def test_no_value_is_off_by_more_than_half_a_step(values: np.ndarray) -> None:
    step = np.abs(values).max(axis=0) / 127
    assert (np.abs(coarse(values) - values) <= 0.501 * step).all()
    assert not coarse(values)[:, 3].any()


def test_files_of_earlier_versions_hold_the_values(values: np.ndarray) -> None:
    half = (values / np.abs(values).max()).astype(np.float16)
    np.testing.assert_array_equal(unpacked("rows", {"rows": half}), half.astype(np.float32))


def test_steps_of_another_number_of_columns_are_refused(values: np.ndarray) -> None:
    stored = packed("rows", values)
    stored["rows.step"] = stored["rows.step"][:-1]
    with pytest.raises(ValueError):
        unpacked("rows", stored)
    with pytest.raises(KeyError):
        unpacked("rows", {"rows": stored["rows"]})


def test_no_rows_at_all() -> None:
    stored = packed("rows", np.zeros((0, 4), np.float16))
    assert unpacked("rows", stored).shape == (0, 4)
