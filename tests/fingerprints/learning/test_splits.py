"""Splits by content are the same everywhere and even."""

from __future__ import annotations

import numpy as np

from fingerprints.splits import TEST_SHARE, content_share, fold_of, is_test


def test_a_content_falls_on_one_side_whatever_surrounds_it() -> None:
    contents = np.array([f"prompt {i}" for i in range(100)])
    shares = content_share(contents, "bank")
    order = np.random.default_rng(0).permutation(100)
    np.testing.assert_array_equal(content_share(contents[order], "bank"), shares[order])
    np.testing.assert_array_equal(content_share(contents[[7, 7]], "bank"), shares[[7, 7]])


def test_shares_are_uniform_and_salts_independent() -> None:
    contents = np.arange(4000).astype(str)
    bank, fold = content_share(contents, "bank"), content_share(contents, "fold")
    assert bank.min() >= 0 and bank.max() < 1
    np.testing.assert_allclose(np.histogram(bank, bins=10, range=(0, 1))[0], 400, atol=80)
    assert abs(np.corrcoef(bank, fold)[0, 1]) < 0.05


def test_folds_are_numbered_from_zero_and_about_even() -> None:
    folds = fold_of(np.arange(1000).astype(str), 5)
    assert set(folds) == set(range(5))
    assert np.bincount(folds).min() > 150
    assert len(fold_of(np.array([], dtype=str), 5)) == 0


def test_golden_shares() -> None:
    """Another machine, another build: the same side. These values never change."""
    np.testing.assert_allclose(content_share(np.array(["a", "b"]), "bank"), [0.524972, 0.547268], atol=1e-6)


def test_the_test_contents_are_the_stated_share_and_the_same_in_every_order() -> None:
    contents = np.arange(2000).astype(str)
    held = is_test(contents)
    assert abs(held.mean() - TEST_SHARE) < 0.03
    np.testing.assert_array_equal(is_test(contents[::-1]), held[::-1])
