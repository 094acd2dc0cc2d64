"""A fingerprint under several histories: the mean that explains an image best speaks for its generator."""

from __future__ import annotations

import numpy as np

from fingerprints.artifact import ViewArtifacts
from fingerprints.attribution.discriminant import Discriminant
from fingerprints.attribution.evidence import Known
from fingerprints.fingerprint import Fingerprint
from fingerprints.manifold import Manifold
from fingerprints.reference import Basis, Reference, Spread
from registry.snapshot import known_under

D = 6
FLAT = Discriminant(np.eye(D, dtype=np.float32))
ORIGIN = np.zeros((1, D), np.float32)


def flat_reference() -> Reference:
    basis = Basis(np.zeros(D, np.float32), np.ones(D, np.float32), np.eye(D, dtype=np.float32))
    bank = Manifold(np.random.default_rng(0).normal(size=(20, D)))
    return Reference("toy", 1, basis, bank, 1, FLAT, FLAT, ORIGIN, ("photos",), Spread())


def images(as_made: float, changed: float) -> ViewArtifacts:
    """Ten images as they were made, around ``as_made`` in every coordinate, and the same ten after a history."""
    rows = np.random.default_rng(1).normal(scale=0.1, size=(20, D)) + np.repeat([as_made, changed], 10)[:, None]
    contents = np.tile(np.arange(10), 2).astype(str)
    return ViewArtifacts(rows.astype(np.float32), np.arange(20), contents, np.repeat([0, 1], 10))


def test_a_fingerprint_speaks_of_the_images_as_made_and_keeps_a_mean_for_each_history() -> None:
    made = Fingerprint.from_artifacts(images(3.0, -3.0), flat_reference(), histories=3)
    assert made.samples == made.contents == len(made.artifacts) == 10
    np.testing.assert_allclose(made.means[:, 0], [3.0, -3.0, 3.0], atol=0.15)  # the third history: no image had it
    np.testing.assert_array_equal(made.means[2], made.mean)


def test_an_image_after_a_history_is_still_given_to_its_generator() -> None:
    reference = flat_reference()
    prints = [Fingerprint.from_artifacts(images(*means), reference, 2) for means in ((3.0, -3.0), (1.0, 1.0))]
    scaled = np.full((1, D), -3.0, np.float32)
    looseness, one = np.ones(2), np.ones(1, int)
    aware = Known.of(reference, np.stack([p.means for p in prints]), looseness).weigh(scaled, one)
    blind = Known.of(reference, np.stack([p.mean for p in prints]), looseness).weigh(scaled, one)
    assert aware.likelihood.argmax() == 0 and blind.likelihood.argmax() == 1
    assert aware.over_real[0] > 0 > blind.over_real[0]
    assert aware.distance[0, 0] < 0.1


def test_the_mean_as_made_stands_in_for_a_history_that_is_not_known() -> None:
    made = Fingerprint.from_artifacts(images(3.0, -3.0), flat_reference(), histories=1)
    np.testing.assert_array_equal(known_under(made, 3), np.tile(made.mean, (3, 1)))
