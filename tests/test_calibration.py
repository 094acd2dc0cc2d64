"""From evidence to probabilities, on data whose truth is known because it was made here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fingerprints.artifact import ViewArtifacts
from fingerprints.attribution.calibration import ATYPICAL, Calibration, p_values
from fingerprints.attribution.evidence import Evidence, Known
from fingerprints.attribution.tuning import OperatingPoint, calibrate
from fingerprints.attribution.verdict import decide
from fingerprints.classes import learn_classes
from fingerprints.crossfit import FOLDS, Trials, cross_fit
from fingerprints.fingerprint import Fingerprint
from fingerprints.reference import Reference
from small import flat_reference, weighed

D, GENERATORS, IMAGES = 12, 6, 80
NAMES = [f"g{i}" for i in range(GENERATORS)]


def part(rng: np.random.Generator, centre: np.ndarray, images: int = IMAGES) -> ViewArtifacts:
    rows = (centre + rng.normal(size=(images, len(centre)))).astype(np.float32)
    contents = np.array([f"{rng.integers(1 << 40)}" for _ in range(images)])
    return ViewArtifacts(rows, np.arange(images), contents)


class World:
    """Two spaces with the same generators, photos and splits."""

    def __init__(self, distance: float = 5.0) -> None:
        self.references: dict[str, Reference] = {}
        self.generated: dict[str, list[ViewArtifacts]] = {}
        self.trials: dict[str, Trials] = {}
        names = [np.array([f"{g}-{i}" for i in range(IMAGES)]) for g in range(GENERATORS)]
        sources = {label: np.array([f"{label}-{i}" for i in range(IMAGES)]) for label in ("photos", "cameras")}
        for seed, space in enumerate(("first", "second")):
            rng = np.random.default_rng(seed)
            centres = rng.normal(size=(GENERATORS, D))
            centres *= distance / np.linalg.norm(centres, axis=1, keepdims=True)
            generated = [replace(part(rng, c), contents=n) for c, n in zip(centres, names, strict=True)]
            real = {label: replace(part(rng, np.zeros(D)), contents=names_) for label, names_ in sources.items()}
            draft = flat_reference(rng.normal(size=(40, D)), space=space)
            self.references[space] = learn_classes(draft, generated, real, 0.05)
            self.generated[space] = generated
            self.trials[space] = cross_fit(self.references[space], generated, real, 0.05)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def calibration(world: World) -> Calibration:
    return calibrate(world.trials, NAMES, OperatingPoint())


def known(world: World) -> dict[str, Evidence]:
    return {space: trials.known for space, trials in world.trials.items()}


def offsets(calibration: Calibration) -> np.ndarray:
    return calibration.offsets_of(NAMES)


# Cross-fitting


def test_every_image_is_tried_once_and_every_generator_once_as_a_stranger(world: World) -> None:
    trials = world.trials["first"]
    assert trials.known.likelihood.shape == (GENERATORS * IMAGES, GENERATORS, 1)
    np.testing.assert_array_equal(np.bincount(trials.labels), [IMAGES] * GENERATORS)
    assert sorted(trials.sources) == sorted(["photos"] * IMAGES + ["cameras"] * IMAGES)
    assert [s.likelihood.shape for s in trials.strangers] == [(IMAGES, GENERATORS - 1, 1)] * GENERATORS


def test_an_image_has_no_part_in_the_mean_that_scores_it() -> None:
    """On pure noise with few images, own means would name most of them; held-out ones are at chance."""
    rng = np.random.default_rng(9)
    noise = [part(rng, np.zeros(D), 15) for _ in range(4)]
    real = {"photos": part(rng, np.zeros(D), 40)}
    reference = learn_classes(flat_reference(rng.normal(size=(40, D))), noise, real, 0.3)
    trials = cross_fit(reference, noise, real, 0.3)
    held_out = (trials.known.likelihood[:, :, 0].argmax(axis=1) == trials.labels).mean()
    means = np.stack([p.per_image().mean(axis=0) for p in noise])
    own = np.concatenate(
        [weighed(p, reference, means).likelihood.argmax(axis=1) == g
         for g, p in enumerate(noise)]
    ).mean()  # fmt: skip
    assert own > held_out + 0.15 and held_out < 0.45


def test_a_generator_of_one_content_and_a_small_source_of_photos_can_be_tried() -> None:
    rng = np.random.default_rng(3)
    generated = [part(rng, np.full(D, c), 20) for c in (2.0, -2.0)]
    alone = ViewArtifacts(rng.normal(size=(6, D)).astype(np.float32), np.arange(6), np.array(["one"] * 6))
    real = {"photos": part(rng, np.zeros(D), 30), "few": part(rng, np.zeros(D), 2)}
    reference = learn_classes(flat_reference(rng.normal(size=(40, D))), [*generated, alone], real, 0.3)
    trials = cross_fit(reference, [*generated, alone], real, 0.3)
    assert len(trials.labels) == 46 and len(trials.sources) == 32
    assert all(np.isfinite(trials.known.likelihood).ravel())


def test_generators_are_no_strangers_where_there_are_only_two() -> None:
    rng = np.random.default_rng(3)
    generated = [part(rng, np.full(D, c), 20) for c in (2.0, -2.0)]
    real = {"photos": part(rng, np.zeros(D), 30)}
    reference = learn_classes(flat_reference(rng.normal(size=(40, D))), generated, real, 0.3)
    assert list(cross_fit(reference, generated, real, 0.3).strangers) == []
    assert FOLDS >= 2


# The posterior


def test_probabilities_sum_to_one_and_lie_between_zero_and_one(world: World, calibration: Calibration) -> None:
    for evidence in (known(world), {space: trials.photos for space, trials in world.trials.items()}):
        posterior = calibration.posterior(evidence, offsets(calibration))
        assert posterior.candidates.shape[1] == GENERATORS + 1
        np.testing.assert_allclose(posterior.candidates.sum(axis=1), 1, atol=1e-6)
        for values in (posterior.candidates, posterior.unknown, posterior.p_value):
            assert (values >= 0).all() and (values <= 1).all()


def test_partial_evidence_is_enough_and_more_of_it_is_better(world: World, calibration: Calibration) -> None:
    evidence, labels = known(world), world.trials["first"].labels
    right = {}
    for spaces in (("first",), ("second",), ("first", "second")):
        posterior = calibration.posterior({space: evidence[space] for space in spaces}, offsets(calibration))
        np.testing.assert_allclose(posterior.candidates.sum(axis=1), 1, atol=1e-6)
        right[spaces] = (posterior.candidates.argmax(axis=1) == labels).mean()
    assert right["first", "second"] >= max(right["first",], right["second",]) - 0.01
    assert right["first", "second"] > 0.9
    with pytest.raises(ValueError, match="no evidence from any of the spaces first, second"):
        calibration.posterior({}, offsets(calibration))


def test_unknown_rises_with_distance(world: World, calibration: Calibration) -> None:
    """An image that walks away from its generator's mean, at right angles to everything that tells classes apart."""
    evidence = {}
    for space, reference in world.references.items():
        prints = [Fingerprint.from_artifacts(p, reference) for p in world.generated[space]]
        means = np.stack([p.mean for p in prints])
        normal = np.linalg.svd((means - means[0])[1:])[2][-1]
        steps = means[0] + np.linspace(0, 25, 40)[:, None] * normal
        evidence[space] = Known.of(reference, means, np.ones(GENERATORS)).weigh(steps, np.ones(40, int))
    posterior = calibration.posterior(evidence, offsets(calibration))
    assert (np.diff(posterior.unknown) >= -0.02).all()
    assert posterior.unknown[-1] > 0.5 > posterior.unknown[0]
    assert posterior.p_value[-1] < 0.02 and posterior.p_value[0] > 0.9


def test_a_picture_that_no_member_resembles_is_unknown(world: World, calibration: Calibration) -> None:
    """However well it goes with one of the generators: far out along a mean as noise is, it shows all of its trace."""
    evidence = {}
    for space, reference in world.references.items():
        means = np.stack([p.per_image().mean(axis=0) for p in world.generated[space]])
        evidence[space] = Known.of(reference, means, np.ones(GENERATORS)).weigh(4 * means[:1], np.ones(1, int))
    posterior = calibration.posterior(evidence, offsets(calibration))
    assert posterior.candidates[0].argmax() == 0 and posterior.candidates[0, 0] > 0.99
    assert posterior.p_value[0] < ATYPICAL and posterior.unknown[0] > 0.99
    assert decide(posterior, NAMES, [""] * GENERATORS, calibration).verdict == "unknown"
    trusting = replace(calibration, unknown_weights=(0.0, 0.0, -9.0))
    for founders in (offsets(calibration), np.zeros(GENERATORS)):  # also one whose offset happens to be none
        assert trusting.posterior(evidence, founders).unknown[0] > 0.99
    added = trusting.posterior(evidence, np.full(GENERATORS, np.nan))  # of one added later, less is known
    assert added.p_value[0] < ATYPICAL and added.unknown[0] < 0.01


def test_p_values_of_members_are_uniform(world: World, calibration: Calibration) -> None:
    """A share p of genuine members has a p-value of at most p."""
    labels = world.trials["first"].labels
    posterior = calibration.posterior(known(world), offsets(calibration))
    own = posterior.candidates.argmax(axis=1) == labels
    values = posterior.p_value[own]
    for level in (0.05, 0.1, 0.25, 0.5, 0.9):
        assert (values <= level).mean() == pytest.approx(level, abs=0.06)


def test_p_values_are_conformal() -> None:
    members = np.sort(np.random.default_rng(0).gamma(3, size=199))
    fresh = np.random.default_rng(1).gamma(3, size=2000)
    values = p_values(fresh, members)
    for level in (0.05, 0.2, 0.5):
        assert (values <= level).mean() == pytest.approx(level, abs=0.07)
    np.testing.assert_allclose(p_values(np.array([-1.0, 1e9, 2.0]), [1.0, 2.0, 3.0]), [1.0, 0.25, 0.75])


def test_probabilities_mean_what_they_say(world: World, calibration: Calibration) -> None:
    """Of the answers around probability p about a share p is right."""
    posterior = calibration.posterior(known(world), offsets(calibration))
    best = posterior.candidates[:, :-1].max(axis=1)
    right = posterior.candidates[:, :-1].argmax(axis=1) == world.trials["first"].labels
    assert right.mean() == pytest.approx(best.mean(), abs=0.05)


def test_a_generator_of_few_images_is_named_as_often_as_it_is_there() -> None:
    """The mean of few images is uncertain, which alone would send their images to the generators with many."""
    rng = np.random.default_rng(5)
    counts, dimension = (400, 400, 400, 20, 20, 20), 150
    centres = rng.normal(size=(len(counts), dimension))
    centres *= 2.6 / np.linalg.norm(centres, axis=1, keepdims=True)
    generated = [part(rng, centre, count) for centre, count in zip(centres, counts, strict=True)]
    real = {"photos": part(rng, np.zeros(dimension), 60)}
    reference = learn_classes(flat_reference(rng.normal(size=(60, dimension))), generated, real, 0.1)
    trials = cross_fit(reference, generated, real, 0.1)
    calibration = calibrate({"one": trials}, NAMES, OperatingPoint())
    assert min(calibration.offsets[name] for name in NAMES[3:]) > max(calibration.offsets[name] for name in NAMES[:3])
    np.testing.assert_equal(calibration.offsets_of(["g0", "another"]), [calibration.offsets["g0"], np.nan])

    def found(offsets: np.ndarray) -> float:
        choice = calibration.posterior({"one": trials.known}, offsets).candidates[:, :-1].argmax(axis=1)
        return float(np.mean([(choice == trials.labels)[trials.labels == g].mean() for g in range(len(counts))]))

    assert found(offsets(calibration)) > found(np.zeros(len(counts))) + 0.02


# The operating point


@pytest.mark.parametrize("distance", [2.5, 3.5, 5.0])
def test_calibration_keeps_its_operating_point(distance: float) -> None:
    """Whatever the difficulty, the verdicts keep the limits on the images they were calibrated with."""
    world, point = World(distance), OperatingPoint()
    calibration = calibrate(world.trials, NAMES, point)
    names = NAMES

    def verdicts(evidence: dict[str, Evidence], names: list[str]) -> np.ndarray:
        posterior = calibration.posterior(evidence, calibration.offsets_of(names))
        rows = range(len(posterior.unknown))
        one = [type(posterior)(*(v[i : i + 1] for v in vars(posterior).values())) for i in rows]
        found = [decide(p, names, [""] * len(names), calibration) for p in one]
        return np.array([v.generator or v.verdict for v in found])

    on_known = verdicts(known(world), names)
    truth = np.array(names)[world.trials["first"].labels]
    named = np.char.startswith(on_known, "g")
    if named.any():
        assert (on_known == truth)[named].mean() >= point.right
    assert (on_known == "real").mean() <= point.passed + 1e-9
    on_photos = verdicts({space: trials.photos for space, trials in world.trials.items()}, names)
    sources = world.trials["first"].sources
    for source in np.unique(sources):
        assert np.char.startswith(on_photos[sources == source], "g").mean() <= point.accused + 1e-9
    on_strangers = np.concatenate(
        [
            verdicts({s: trials.strangers[i] for s, trials in world.trials.items()}, names[:i] + names[i + 1 :])
            for i in range(GENERATORS)
        ]
    )
    assert np.char.startswith(on_strangers, "g").mean() <= point.misnamed + 1e-9
    if distance == 5.0:
        assert named.mean() > 0.5, "an easy world is answered"


def test_calibration_survives_json(calibration: Calibration) -> None:
    import json

    assert Calibration.from_json(json.loads(json.dumps(calibration.to_json()))) == calibration


def test_calibration_is_deterministic(world: World, calibration: Calibration) -> None:
    assert calibrate(world.trials, NAMES, OperatingPoint()) == calibration
