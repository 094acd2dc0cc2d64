"""Among thousands, all spaces at once are asked about the first few alone, and say of them what they always say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fingerprints.attribution.calibration import JOINT, AtOnce, Calibration, Offsets
from fingerprints.model.evidence import Evidence
from fingerprints.model.joint import side_by_side
from fingerprints.model.shortlist import Shortlist, lengths_of
from registry.storage.snapshot import Collection
from small import COLLECTION, Small

IMAGES = 5


@pytest.fixture(scope="module")
def collection(small: Small) -> Collection:
    return small.snapshot().collection(COLLECTION)


@pytest.fixture(scope="module")
def artifacts(collection: Collection) -> dict[str, np.ndarray]:
    prints = {space: collection.fingerprint("nearest", space) for space in collection.spaces}
    return {space: one.artifacts[:IMAGES].astype(np.float32) for space, one in prints.items()}


@pytest.fixture(scope="module")
def rows(collection: Collection, artifacts: dict[str, np.ndarray]) -> np.ndarray:
    return side_by_side(collection.references, artifacts)


@pytest.fixture(scope="module")
def shortlist(collection: Collection) -> Shortlist:
    assert collection.joint is not None and collection.known_at_once is not None and collection.shortlist is None
    return Shortlist(collection.joint, collection.known, lengths_of(collection.known_at_once))


def agree(found: Evidence, expected: Evidence, chosen: np.ndarray) -> None:
    for name in ("likelihood", "distance", "share", "over_real"):
        values = getattr(found, name)
        np.testing.assert_allclose(values[chosen], getattr(expected, name)[chosen], rtol=1e-4, atol=1e-4)
        assert np.isnan(values[~chosen]).all()


def test_what_is_chosen_is_weighed_as_if_it_were_all(
    collection: Collection, shortlist: Shortlist, rows: np.ndarray
) -> None:
    views, chosen = np.arange(IMAGES) + 1, np.ones((IMAGES, len(collection.names)), dtype=bool)
    assert collection.known_at_once is not None
    expected, found = collection.known_at_once.weigh(rows, views), shortlist.weigh(rows, views, chosen)
    agree(found, expected, chosen)
    np.testing.assert_allclose(found.real_distance, expected.real_distance, rtol=1e-4)


def test_each_image_has_its_own_choice(collection: Collection, shortlist: Shortlist, rows: np.ndarray) -> None:
    """What another image has chosen changes nothing, and of what it has not chosen nothing is said."""
    views, chosen = np.ones(IMAGES, int), np.zeros((IMAGES, len(collection.names)), dtype=bool)
    chosen[np.arange(IMAGES), np.arange(IMAGES) % chosen.shape[1]] = True
    assert collection.known_at_once is not None
    found = shortlist.weigh(rows, views, chosen)
    agree(found, collection.known_at_once.weigh(rows, views), chosen)
    for image in range(IMAGES):
        alone = shortlist.weigh(rows[[image]], views[[image]], chosen[[image]])
        np.testing.assert_allclose(found.over_real[image], alone.over_real[0], rtol=1e-4, atol=1e-4)
    shared = shortlist.weigh(rows, views, chosen[:1])
    assert (np.isnan(shared.share[..., 0]) == ~chosen[0]).all()


def test_some_of_them_are_weighed_as_among_all(collection: Collection, shortlist: Shortlist, rows: np.ndarray) -> None:
    numbers, views, chosen = [2, 0], np.ones(IMAGES, int), np.ones((IMAGES, 2), dtype=bool)
    assert collection.known_at_once is not None
    whole = collection.known_at_once.select(numbers).weigh(rows, views)
    agree(shortlist.weigh(rows, views, chosen, numbers), whole, chosen)
    chosen[:, 0] = False
    agree(shortlist.weigh(rows, views, chosen, numbers), whole, chosen)


def evidence_of(rng: np.random.Generator, n: int, g: int) -> dict[str, Evidence]:
    """Random, of two histories, in one space and in all at once."""
    likelihood = rng.normal(scale=3.0, size=(2, n, g, 2))
    ones = np.ones((n, g, 2))
    return {
        space: Evidence(one, np.zeros(n), ones, np.ones(n), np.ones(n, int), ones, np.zeros(n))
        for space, one in zip(("one", JOINT), likelihood, strict=True)
    }


@pytest.fixture
def calibration(collection: Collection) -> Calibration:
    assert collection.calibration.at_once is not None
    return replace(collection.calibration, spaces=("one",), fusion=(1.0,), at_once=AtOnce(1.5, 0.7))


@pytest.mark.parametrize("count", [1, 3, 11, 12])
def test_what_was_not_compared_never_comes_out_first(calibration: Calibration, count: int) -> None:
    """Nor does it gain: those that were compared share out anew what the sum gives them together."""
    rng, n, g = np.random.default_rng(0), 400, 12
    evidence, offsets = evidence_of(rng, n, g), Offsets(rng.normal(size=g), np.ones(g, dtype=bool))
    by_sum = np.exp(calibration.by_history(evidence["one"].likelihood, offsets, None)).sum(axis=2)
    chosen = calibration.first(evidence, offsets, count)
    assert (chosen.sum(axis=1) == count).all()
    least = np.where(chosen, by_sum, np.inf).min(axis=1)
    assert (np.where(chosen, -np.inf, by_sum).max(axis=1) <= least).all()
    likelihood = np.where(chosen[..., None], evidence[JOINT].likelihood, np.nan)
    evidence[JOINT] = replace(evidence[JOINT], likelihood=likelihood)
    fused = evidence["one"].likelihood
    found = np.exp(calibration.by_history(fused, offsets, evidence[JOINT]))
    of_sum = np.exp(calibration.by_history(fused, offsets, None))
    np.testing.assert_allclose(found.sum(axis=1), of_sum.sum(axis=1))
    np.testing.assert_allclose(found[~chosen], of_sum[~chosen])
    assert chosen[np.arange(n), found.sum(axis=2).argmax(axis=1)].all()


def test_where_all_were_compared_nothing_is_left_to_the_sum(calibration: Calibration) -> None:
    rng = np.random.default_rng(1)
    evidence, offsets = evidence_of(rng, 50, 4), Offsets(np.zeros(4), np.ones(4, dtype=bool))
    assert calibration.first(evidence, offsets, 64).all()
    fused, joint = evidence["one"].likelihood, evidence[JOINT]
    nearly = replace(joint, likelihood=np.concatenate([joint.likelihood, np.full((50, 1, 2), np.nan)], axis=1))
    hopeless = np.concatenate([fused, np.full((50, 1, 2), -900.0)], axis=1)
    more = Offsets(np.zeros(5), np.ones(5, dtype=bool))
    np.testing.assert_allclose(
        calibration.by_history(hopeless, more, nearly)[:, :4], calibration.by_history(fused, offsets, joint)
    )
