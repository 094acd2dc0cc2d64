"""A fingerprint under several histories: the mean that explains an image best speaks for its generator."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fingerprints.attribution.calibration import fuse
from fingerprints.geometry.artifact import ViewArtifacts
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import LocalMean
from fingerprints.images.histories import AS_IS, GENERATED, HISTORIES, UNKNOWN_HISTORY, grained
from fingerprints.learning.classes import Contrast, by_history, founders_of, learn_classes
from fingerprints.learning.crossfit import histories_of
from fingerprints.learning.withheld import NOTHING, Examples
from fingerprints.model.discriminant import Discriminant
from fingerprints.model.evidence import Known
from fingerprints.model.few_samples import steadied
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.model.reference import Basis, Reference, Spread
from registry.storage.collection import known_under

D = 6
FLAT = Discriminant(np.eye(D, dtype=np.float32))
ORIGIN = np.zeros((1, D), np.float32)


def flat_reference() -> Reference:
    basis = Basis(np.zeros(D, np.float32), np.ones(D, np.float32), np.eye(D, dtype=np.float32))
    bank = Manifold(np.random.default_rng(0).normal(size=(20, D)))
    return Reference("toy", 1, basis, bank, LocalMean(1), FLAT, FLAT, ORIGIN, ("photos",), Spread())


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
    assert aware.likelihood[0].max(axis=1).argmax() == 0 and blind.likelihood[0].max(axis=1).argmax() == 1
    assert aware.over_real[0].max() > 0 > blind.over_real[0].max()
    assert aware.distance[0, 0, 1] < 0.1


def test_the_mean_as_made_stands_in_for_a_history_that_is_not_known() -> None:
    made = Fingerprint.from_artifacts(images(3.0, -3.0), flat_reference(), histories=1)
    np.testing.assert_array_equal(known_under(made, 3), np.tile(made.mean, (3, 1)))


def test_members_vary_otherwise_after_each_history() -> None:
    """Half as much after the history: the same step away from the mean is then twice as far."""
    parts = []
    for centre in (3.0, -3.0):
        rows = np.random.default_rng(int(centre) + 9).normal(size=(400, D))
        rows[200:] *= 0.5
        contents = np.tile(np.arange(200), 2).astype(str)
        parts.append(
            ViewArtifacts((rows + centre).astype(np.float32), np.arange(400), contents, np.repeat([0, 1], 200))
        )
    real = {"photos": ViewArtifacts(np.random.default_rng(1).normal(size=(50, D)).astype(np.float32),
                                    np.arange(50), np.arange(50).astype(str))}  # fmt: skip
    reference = learn_classes(flat_reference(), Examples(parts, real), 0.01)
    arrays, facts = reference.to_arrays()
    again = Reference.from_arrays(arrays, facts)
    for one in (reference, again):
        as_made, scaled, unknown = one.members(3)
        assert 1.8 < scaled.within.log_determinant() / D / np.log(2) + 1 - as_made.within.log_determinant() / D < 2.2
        assert unknown.within is one.within
    np.testing.assert_allclose(again.founders, reference.founders)
    assert reference.founders.shape == (2, 2, D)


def test_all_spaces_see_one_history() -> None:
    """Two spaces that together speak for the second history of generator 0, and apart for others."""
    first = np.array([[[0.0, 5.0], [6.0, 0.0]]])
    second = np.array([[[0.0, 5.0], [0.0, 0.0]]])
    fused = fuse([1.0, 1.0], [first, second])
    assert fused.shape == (1, 2, 2) and np.unravel_index(fused.argmax(), fused.shape) == (0, 0, 1)
    assert first[0].max(axis=1).argmax() == 1


def test_the_mean_of_few_samples_is_believed_where_generators_differ() -> None:
    rng, d = np.random.default_rng(2), 200
    founders = np.zeros((5, 1, d), np.float32)
    founders[:, 0, :2] = rng.normal(scale=3, size=(5, 2))
    eye = Discriminant(np.eye(d, dtype=np.float32))
    reference = replace(flat_reference(), within=eye, contrast=eye, founders=founders)
    truth = np.zeros(d)
    truth[0] = 3.0
    noisy = (truth + rng.normal(size=d) / np.sqrt(5)).astype(np.float32)[None, None]
    few, many = (steadied(noisy, np.array([n]), reference)[0, 0] for n in (5, 100_000))
    assert np.linalg.norm(few - truth) < 0.2 * np.linalg.norm(noisy[0, 0] - truth)
    assert abs(few[0] - noisy[0, 0, 0]) < 0.2 * abs(noisy[0, 0, 0])
    np.testing.assert_allclose(many, noisy[0, 0], atol=0.01)
    alone = replace(reference, founders=founders[:2])
    np.testing.assert_array_equal(steadied(noisy, np.array([5]), alone), noisy)


def mixed() -> ViewArtifacts:
    """Ten images as they were made, and after two histories, of which generators are known under the first alone."""
    rows = np.random.default_rng(1).normal(scale=0.1, size=(30, D)) + np.repeat([3.0, -3.0, 50.0], 10)[:, None]
    contents = np.tile(np.arange(10), 3).astype(str)
    numbers = np.repeat([0, 1, UNKNOWN_HISTORY], 10)
    return ViewArtifacts(rows.astype(np.float32), np.arange(30), contents, numbers)


def test_what_generators_are_not_known_under_makes_no_mean() -> None:
    part = mixed()
    made = Fingerprint.from_artifacts(part, flat_reference(), histories=2)
    np.testing.assert_allclose(made.means[:, 0], [3.0, -3.0], atol=0.15)
    assert made.samples == 10 and histories_of([part]) == 2
    np.testing.assert_allclose(founders_of([part])[0, :, 0], [3.0, -3.0], atol=0.15)
    known = [one[0] for one in by_history([part])]
    assert [one.histories.tolist() for one in known] == [[0] * 10, [1] * 10]


def test_it_counts_for_what_generated_images_look_like() -> None:
    """In the contrast each history stands for itself: how far they lie from one another is no spread of a class."""
    real = {"photos | as is": images(0.0, 0.0)}
    spread = np.linalg.inv(Contrast(Examples([mixed()], real), 0.01).without(NOTHING).whitening.astype(float))
    assert np.abs(spread).max() < 1.0


def test_of_an_image_after_a_history_so_much_is_kept_as_of_any() -> None:
    """The mean of a changed image is taken from a selection, as from all: once, and the same."""
    part = mixed()
    chosen = part.select(part.histories == 1)
    np.testing.assert_array_equal(chosen.per_image(), part.per_image()[10:20])
    np.testing.assert_array_equal(part.as_made.per_image(), part.per_image()[:10])


def test_generators_are_known_under_some_of_the_histories_of_photos() -> None:
    assert GENERATED[0] == AS_IS and set(GENERATED) < set(HISTORIES)
    assert len(set(GENERATED)) == len(GENERATED)


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_gives_pixels_of_a_size_that_its_name_says(name: str) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    changed = HISTORIES[name](pixels)
    sizes = {
        ".75": 0.75,
        ".5": 0.5,
        ".35": 0.35,
        ".25": 0.25,
        ".6": 0.6,
        ".45": 0.45,
        ".8": 0.8,
        "1.2": 1.2,
        "1.5": 1.5,
        "2": 2.0,
    }
    factor = next((sizes[word] for word in name.replace(",", "").split() if word in sizes), 1.0)
    least = 8 if "cropped" in name or "cut" in name else 0  # rows and columns that are cut off
    for side, found in zip((64, 96), changed.shape[:2], strict=True):
        assert round(side * factor) - least <= found <= round(side * factor)
    assert changed.dtype == np.uint8 and (name == AS_IS) == np.array_equal(changed, pixels)


def test_grain_is_the_same_for_the_same_pixels_and_of_the_strength_asked_for() -> None:
    pixels = np.full((64, 64, 3), 128, np.uint8)
    grey, colour = grained(pixels, 10), grained(pixels, 10, colour=True)
    np.testing.assert_array_equal(grey, grained(pixels, 10))
    assert grey.std() == pytest.approx(10, abs=1) and colour.std() == pytest.approx(10, abs=1)
    assert (grey[..., 0] == grey[..., 1]).all() and (colour[..., 0] != colour[..., 1]).any()
    assert (grained(pixels + 1, 10) != grey + 1).any()
