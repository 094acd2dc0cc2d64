"""All spaces at once: what two spaces see alike counts once, and a collection keeps what was learned."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from fingerprints.attribution.calibration import JOINT, AtOnce, Calibration, Offsets
from fingerprints.geometry.artifact import ViewArtifacts
from fingerprints.images.image import decode
from fingerprints.learning.blocks import Rewhitening
from fingerprints.learning.classes import learn_classes
from fingerprints.learning.crossfit import Trials, cross_fit
from fingerprints.learning.joint import joint_trials, learn_joint
from fingerprints.learning.operating_point import OperatingPoint
from fingerprints.learning.withheld import Examples
from fingerprints.model.evidence import Known
from fingerprints.model.joint import Joint, all_side_by_side
from fingerprints.model.reference import Reference
from registry.answers.identify import identify, identify_together
from registry.storage.collection import JOINT_FILE
from registry.storage.files import BrokenFile
from registry.storage.store import Store
from small import COLLECTION, Small, flat_reference
from trials import calibrate

D, GENERATORS, IMAGES = 6, 5, 120
NAMES = [f"g{i}" for i in range(GENERATORS)]
PHOTOS = "photos | as is"


class Alike:
    """Two spaces that see the same noise: together they tell generators apart, and neither does alone."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        centres = rng.normal(size=(GENERATORS, 1, D))
        noise = 6 * rng.normal(size=(GENERATORS, IMAGES, D))
        contents = [np.array([f"{g}-{i}" for i in range(IMAGES)]) for g in range(GENERATORS)]
        self.references: dict[str, Reference] = {}
        self.generated: dict[str, list[ViewArtifacts]] = {}
        self.trials: dict[str, Trials] = {}
        photos = {}
        for sign, space in ((1, "first"), (-1, "second")):
            rows = (sign * centres + noise + 0.3 * rng.normal(size=noise.shape)).astype(np.float32)
            self.generated[space] = [
                ViewArtifacts(of_one, np.arange(IMAGES), names) for of_one, names in zip(rows, contents, strict=True)
            ]
            far = (9 + rng.normal(size=(IMAGES, D))).astype(np.float32)
            photos[space] = ViewArtifacts(far, np.arange(IMAGES), np.array([f"photo-{i}" for i in range(IMAGES)]))
            real = {PHOTOS: photos[space]}
            draft = flat_reference(rng.normal(size=(40, D)), space=space)
            self.references[space] = learn_classes(draft, Examples(self.generated[space], real), 0.05)
            self.trials[space] = cross_fit(self.references[space], Examples(self.generated[space], real), 0.05)
        self.rows = all_side_by_side(self.references, self.generated)
        [beside] = all_side_by_side(self.references, {space: [part] for space, part in photos.items()})
        self.real = {PHOTOS: beside}
        whole = [reference.within for reference in self.references.values()]
        rewhitening = Rewhitening(whole, [one.withins for one in self.trials.values()])
        self.of_all = joint_trials(Examples(self.rows, self.real), 0.1, rewhitening)

    def fit(self) -> Joint:
        return learn_joint(["first", "second"], Examples(self.rows, self.real), 0.1)


@pytest.fixture(scope="module")
def alike() -> Alike:
    return Alike()


@pytest.fixture(scope="module")
def apart(alike: Alike) -> Calibration:
    """Of each space for itself."""
    return calibrate(alike.trials, NAMES, OperatingPoint())


def share_right(calibration: Calibration, trials: dict[str, Trials]) -> float:
    evidence = {space: one.known for space, one in trials.items()}
    posterior = calibration.posterior(evidence, calibration.offsets_of(NAMES))
    np.testing.assert_allclose(posterior.candidates.sum(axis=1), 1.0, atol=1e-6)
    labels = next(iter(trials.values())).labels
    return float((posterior.shares.argmax(axis=1) == labels).mean())


def test_it_tells_apart_what_a_sum_over_spaces_does_not(alike: Alike, apart: Calibration) -> None:
    assert share_right(apart, alike.trials) < 0.6
    all_at_once = {**alike.trials, JOINT: alike.of_all}
    assert share_right(calibrate(all_at_once, NAMES, OperatingPoint()), all_at_once) > 0.85


def test_of_a_changed_image_it_speaks_beside_the_sum_over_spaces(alike: Alike, apart: Calibration) -> None:
    rng = np.random.default_rng(1)
    fused, offsets = rng.normal(size=(7, 3, 2)), Offsets(rng.normal(size=3), np.ones(3, dtype=bool))
    joint = alike.of_all.known
    joint = replace(joint, likelihood=rng.normal(size=(7, 3, 1)))
    found = replace(apart, at_once=AtOnce(0.5, 0.2)).by_history(fused, offsets, joint)
    of_sum = fused + offsets.values[:, None]
    np.testing.assert_allclose(logsumexp(found, axis=1), logsumexp(of_sum, axis=1))  # histories are as likely as before
    given = [0.5 * joint.likelihood[:, :, 0] + offsets.values, of_sum[:, :, 1] + 0.2 * joint.likelihood[:, :, 0]]
    for history, who in enumerate(given):
        np.testing.assert_allclose(softmax(found[:, :, history], axis=1), softmax(who, axis=1))
    np.testing.assert_array_equal(apart.by_history(fused, offsets, None), of_sum)


def test_its_trials_are_those_of_the_spaces(alike: Alike) -> None:
    first = alike.trials["first"]
    np.testing.assert_array_equal(first.labels, alike.of_all.labels)
    np.testing.assert_array_equal(first.sources, alike.of_all.sources)
    shapes = [one.likelihood.shape for one in first.strangers]
    assert [one.likelihood.shape for one in alike.of_all.strangers] == shapes


def test_it_is_written_and_read_value_for_value(alike: Alike) -> None:
    joint = alike.fit()
    again = Joint.from_arrays(*joint.to_arrays())
    np.testing.assert_array_equal(joint.within.whitening, again.within.whitening)
    np.testing.assert_array_equal(joint.contrast.whitening, again.contrast.whitening)
    np.testing.assert_array_equal(joint.founders, again.founders)
    np.testing.assert_allclose(joint.real_means, again.real_means, rtol=1e-3)
    assert (again.spaces, again.spread) == (joint.spaces, joint.spread)


def test_one_of_an_earlier_version_opens_and_tells_generators_apart(alike: Alike) -> None:
    """It knows no photos and no founders; what it said of generators, it says still."""
    joint = alike.fit()
    again = Joint.from_arrays({"within": joint.within.whitening}, joint.to_arrays()[1])
    known = {space: Known.of(one, means_of(alike, space), np.ones(GENERATORS)) for space, one in references(alike)}
    rows, views = alike.rows[0].per_image(), alike.rows[0].views()
    old, new = (one.known(known).weigh(rows, views) for one in (again, joint))
    np.testing.assert_array_equal(old.likelihood, new.likelihood)
    np.testing.assert_array_equal(old.distance, new.distance)
    assert np.isfinite(old.over_real).all() and np.isfinite(old.share).all()


def means_of(alike: Alike, space: str) -> np.ndarray:
    return np.stack([part.per_image().mean(axis=0) for part in alike.generated[space]])


def references(alike: Alike) -> list[tuple[str, Reference]]:
    return list(alike.references.items())


def test_means_are_where_images_are(alike: Alike) -> None:
    joint = alike.fit()
    known = {space: Known.of(one, means_of(alike, space), np.ones(GENERATORS)) for space, one in references(alike)}
    of_rows = np.stack([part.per_image().mean(axis=0) for part in alike.rows])
    at_once = joint.known(known)
    np.testing.assert_allclose(at_once.means[:, 0], of_rows, atol=2e-2)
    np.testing.assert_allclose(at_once.within[0].rows, joint.within.whiten(of_rows).rows, atol=1e-3)
    np.testing.assert_allclose(joint.centre(0), of_rows.mean(axis=0), atol=2e-2)
    np.testing.assert_array_equal(joint.centre(3), joint.centre(0))  # not measured: as they were made


def test_it_says_who_is_no_photo(alike: Alike) -> None:
    """Of its own, by the contrast: photos lie nearer to the mean of photos, generated images to their generator."""
    evidence = alike.of_all
    largest, of_photos = evidence.known.over_real.max(axis=1), evidence.photos.over_real.max(axis=1)
    assert (largest > 0).mean() > 0.95 and (of_photos < 0).mean() > 0.95
    assert np.median(evidence.photos.real_distance) < np.median(evidence.known.real_distance)


def test_a_collection_answers_with_it(small: Small, small_store: Store) -> None:
    snapshot = small_store.snapshot()
    assert snapshot.collection(COLLECTION).joint is not None and not snapshot.verify()
    paths = sorted(small.held_out["nearest"].iterdir())[:2]
    answers = [list(identify(snapshot, decode(path))) for path in paths]
    assert [answer.final for answer in answers[0]] == [False, False, True]
    assert identify_together(snapshot, [one[-1] for one in answers]).spaces == ("dct", "residual", "frequency")
    alone = identify_together(snapshot, [answers[0][-1]]).verdict
    assert alone.probability == pytest.approx(answers[0][-1].verdict.probability, rel=1e-4)


def test_one_that_is_broken_is_said_to_be(small_store: Store) -> None:
    path: Path = small_store.snapshot().collection(COLLECTION).path / JOINT_FILE
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(BrokenFile, match="joint"):
        small_store.snapshot().collection(COLLECTION).check_core()


def test_spaces_alone_give_it_no_word(apart: Calibration) -> None:
    assert apart.at_once is None
