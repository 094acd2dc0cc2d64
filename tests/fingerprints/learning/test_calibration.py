"""From evidence to probabilities, on data whose truth is known because it was made here."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from fingerprints.attribution.calibration import (
    ATYPICAL,
    LARGEST,
    AtOnce,
    Calibration,
    Line,
    Network,
    Offsets,
    p_values,
)
from fingerprints.attribution.verdict import MADE, STRICTNESS, decide, levels
from fingerprints.geometry.artifact import ViewArtifacts
from fingerprints.learning.classes import learn_classes
from fingerprints.learning.crossfit import Trials, cross_fit
from fingerprints.learning.generated import Detector
from fingerprints.learning.operating_point import Judged, OperatingPoint
from fingerprints.learning.tuning import Together
from fingerprints.learning.withheld import FOLDS, Examples
from fingerprints.model.evidence import Evidence, Known, join
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.model.reference import Reference
from small import flat_reference, weighed
from trials import calibrate

D, GENERATORS, IMAGES = 12, 6, 80
PHOTOS = 110  # of each kind; of few it cannot be said that hardly any lies as far out
FAR = 5.0  # how far generators lie from photos; nearer ones are harder to tell
NAMES = [f"g{i}" for i in range(GENERATORS)]


def part(rng: np.random.Generator, centre: np.ndarray, images: int = IMAGES) -> ViewArtifacts:
    rows = (centre + rng.normal(size=(images, len(centre)))).astype(np.float32)
    contents = np.array([f"{rng.integers(1 << 40)}" for _ in range(images)])
    return ViewArtifacts(rows, np.arange(images), contents)


class World:
    """Two spaces with the same generators, photos and splits."""

    def __init__(self, distance: float = FAR) -> None:
        self.references: dict[str, Reference] = {}
        self.generated: dict[str, list[ViewArtifacts]] = {}
        self.trials: dict[str, Trials] = {}
        names = [np.array([f"{g}-{i}" for i in range(IMAGES)]) for g in range(GENERATORS)]
        sources = {
            label: np.array([f"{label}-{i}" for i in range(PHOTOS)]) for label in ("photos | as is", "cameras | as is")
        }
        for seed, space in enumerate(("first", "second")):
            rng = np.random.default_rng(seed)
            centres = rng.normal(size=(GENERATORS, D))
            centres *= distance / np.linalg.norm(centres, axis=1, keepdims=True)
            generated = [replace(part(rng, c), contents=n) for c, n in zip(centres, names, strict=True)]
            real = {
                label: replace(part(rng, np.zeros(D), PHOTOS), contents=names_) for label, names_ in sources.items()
            }
            draft = flat_reference(rng.normal(size=(40, D)), space=space)
            self.references[space] = learn_classes(draft, Examples(generated, real), 0.05)
            self.generated[space] = generated
            self.trials[space] = cross_fit(self.references[space], Examples(generated, real), 0.05)


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def calibration(world: World) -> Calibration:
    return calibrate(world.trials, NAMES, OperatingPoint())


def known(world: World) -> dict[str, Evidence]:
    return {space: trials.known for space, trials in world.trials.items()}


def offsets(calibration: Calibration) -> Offsets:
    return calibration.offsets_of(NAMES)


# Cross-fitting


def test_every_image_is_tried_once_and_every_generator_once_as_a_stranger(world: World) -> None:
    trials = world.trials["first"]
    assert trials.known.likelihood.shape == (GENERATORS * IMAGES, GENERATORS, 1)
    np.testing.assert_array_equal(np.bincount(trials.labels), [IMAGES] * GENERATORS)
    assert sorted(trials.sources) == sorted(["photos | as is"] * PHOTOS + ["cameras | as is"] * PHOTOS)
    assert [s.likelihood.shape for s in trials.strangers] == [(IMAGES, GENERATORS - 1, 1)] * GENERATORS
    assert list(trials.left_out) == list(range(GENERATORS))


def test_each_row_of_evidence_says_what_it_is_about(world: World) -> None:
    trials = world.trials["first"]
    for kinds, evidence in (
        (trials.kinds, trials.known),
        (trials.photos_kinds, trials.photos),
        *zip(trials.strangers_kinds, trials.strangers, strict=True),
    ):
        assert len(kinds.views) == len(kinds.histories) == len(kinds.contents) == len(evidence.views)
        assert kinds.as_made.all() and not kinds.changed.any()
    owners = {f"{g}-{i}": g for g in range(GENERATORS) for i in range(IMAGES)}
    assert [owners[content] for content in trials.kinds.contents] == trials.labels.tolist()


def test_outsiders_are_strangers_that_nobody_was_left_out_for() -> None:
    rng = np.random.default_rng(4)
    generated = [part(rng, np.full(D, c), 20) for c in (2.0, -2.0, 0.5)]
    outside = [part(rng, np.full(D, c), 7) for c in (5.0, -5.0)]
    real = {"photos | as is": part(rng, np.zeros(D), 30)}
    reference = learn_classes(flat_reference(rng.normal(size=(40, D))), Examples(generated, real), 0.3)
    trials = cross_fit(reference, Examples(generated, real), 0.3, outside)
    assert list(trials.left_out) == [0, 1, 2, None]
    assert [one.likelihood.shape[:2] for one in trials.strangers] == [(20, 2)] * 3 + [(14, 3)]
    assert [len(kinds.contents) for kinds in trials.strangers_kinds] == [20, 20, 20, 14]


def test_an_image_has_no_part_in_the_mean_that_scores_it() -> None:
    """On pure noise with few images, own means would name most of them; held-out ones are at chance."""
    rng = np.random.default_rng(9)
    noise = [part(rng, np.zeros(D), 15) for _ in range(4)]
    real = {"photos | as is": part(rng, np.zeros(D), 40)}
    reference = learn_classes(flat_reference(rng.normal(size=(40, D))), Examples(noise, real), 0.3)
    trials = cross_fit(reference, Examples(noise, real), 0.3)
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
    real = {"photos | as is": part(rng, np.zeros(D), 30), "few | as is": part(rng, np.zeros(D), 2)}
    reference = learn_classes(flat_reference(rng.normal(size=(40, D))), Examples([*generated, alone], real), 0.3)
    trials = cross_fit(reference, Examples([*generated, alone], real), 0.3)
    assert len(trials.labels) == 46 and len(trials.sources) == 32
    assert all(np.isfinite(trials.known.likelihood).ravel())


def of_two() -> Trials:
    rng = np.random.default_rng(3)
    generated = [part(rng, np.full(D, c), 20) for c in (2.0, -2.0)]
    real = {"photos | as is": part(rng, np.zeros(D), 30)}
    reference = learn_classes(flat_reference(rng.normal(size=(40, D))), Examples(generated, real), 0.3)
    return cross_fit(reference, Examples(generated, real), 0.3)


def test_generators_are_no_strangers_where_there_are_only_two() -> None:
    assert list(of_two().strangers) == []
    assert FOLDS >= 2


def test_where_there_are_only_two_nobody_is_a_stranger() -> None:
    trials = of_two()
    calibration = calibrate({"one": trials}, NAMES[:2], OperatingPoint())
    posterior = calibration.posterior({"one": trials.known}, calibration.offsets_of(NAMES[:2]))
    assert (posterior.stranger < 0.01).all()
    assert (posterior.shares.argmax(axis=1) == trials.labels).mean() > 0.95


# The posterior


def test_probabilities_sum_to_one_and_lie_between_zero_and_one(world: World, calibration: Calibration) -> None:
    for evidence in (known(world), {space: trials.photos for space, trials in world.trials.items()}):
        posterior = calibration.posterior(evidence, offsets(calibration))
        assert posterior.candidates.shape[1] == GENERATORS + 1
        np.testing.assert_allclose(posterior.candidates.sum(axis=1), 1, atol=1e-6)
        np.testing.assert_allclose(posterior.shares.sum(axis=1), 1, atol=1e-6)
        known_or_not = posterior.names.sum(axis=1) * posterior.made + posterior.real + posterior.unknown
        np.testing.assert_allclose(known_or_not[~posterior.outside], 1, atol=1e-6)
        for values in (posterior.candidates, posterior.generated, posterior.stranger, posterior.p_value):
            assert (values >= 0).all() and (values <= 1).all()
        for values in (posterior.unknown, posterior.real_p_value, posterior.p_values, posterior.as_made):
            assert (values >= -1e-9).all() and (values <= 1 + 1e-9).all()


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


def test_a_space_that_is_not_looked_at_yet_says_nothing_of_generated(world: World, calibration: Calibration) -> None:
    """Its features are not known, so it is as if they were in the middle: both spaces together are surer."""
    assert isinstance(calibration.generated, Network)
    photos = {space: trials.photos for space, trials in world.trials.items()}
    first = {space: {"first": evidence["first"]} for space, evidence in (("made", known(world)), ("real", photos))}
    seen = calibration.seen(first["made"], offsets(calibration)).features
    not_known = [4, 5, 6, 7, seen.shape[1] - 1]  # FEATURES of the second space, and its line
    assert np.isnan(seen[:, not_known]).all() and np.isfinite(np.delete(seen, not_known, axis=1)).all()

    def apart(made: dict[str, Evidence], real: dict[str, Evidence]) -> float:
        of_made, of_real = (calibration.posterior(part, offsets(calibration)).generated for part in (made, real))
        return float(of_made.mean() - of_real.mean())

    assert 0.3 < apart(first["made"], first["real"]) <= apart(known(world), photos) + 0.02


def test_generated_looks_at_the_margin_of_the_likeliest(world: World, calibration: Calibration) -> None:
    """Calibrations from before that were learned with the largest of all, and say nothing of it: they keep it."""
    facts = json.loads(json.dumps(calibration.to_json()))
    assert facts.pop("margin") == "likeliest"
    before = Calibration.from_json(facts)
    photos = {space: trials.photos for space, trials in world.trials.items()}
    now, then = (one.seen(photos, offsets(one)) for one in (calibration, before))
    rows, best = np.arange(len(now.shares)), now.shares.argmax(axis=1)
    np.testing.assert_allclose(now.features[:, 0], photos["first"].over_real[rows, best])
    np.testing.assert_allclose(then.features[:, 0], photos["first"].over_real.max(axis=1))
    assert (then.features[:, 0] > now.features[:, 0]).any()


def test_odds_for_generated_are_no_higher_than_margin_and_line_of_all_spaces_at_once(calibration: Calibration) -> None:
    spaces = len(calibration.spaces)
    features = np.zeros((4, 4 * spaces + 6))
    features[:, 4 * spaces] = [-3.0, 1.0, 30.0, np.nan]
    features[:, -1] = [2.0, 0.5, -30.0, np.nan]
    sure = Line((0.0,) * features.shape[1], (0.0,) * features.shape[1], 5.0)
    capped = replace(calibration, generated=sure, at_once=AtOnce(1.0, 0.0))
    np.testing.assert_allclose(capped.made(features), expit([2.0, 1.0, 5.0, 5.0]))
    np.testing.assert_allclose(replace(capped, line=False).made(features), expit([0.0, 1.0, 5.0, 5.0]))
    np.testing.assert_allclose(replace(capped, margin=LARGEST).made(features), expit(5.0))
    np.testing.assert_allclose(replace(capped, at_once=None).made(features), expit(5.0))


def walk(world: World, steps: np.ndarray) -> dict[str, Evidence]:
    """An image that walks away from a generator's mean, at right angles to everything that tells classes apart."""
    evidence = {}
    for space, reference in world.references.items():
        prints = [Fingerprint.from_artifacts(p, reference) for p in world.generated[space]]
        means = np.stack([p.mean for p in prints])
        normal = np.linalg.svd((means - means[0])[1:])[2][-1]
        rows = means[0] + steps[:, None] * normal
        evidence[space] = Known.of(reference, means, np.ones(GENERATORS)).weigh(rows, np.ones(len(steps), int))
    return evidence


def test_a_stranger_is_the_likelier_the_farther_an_image_lies(world: World, calibration: Calibration) -> None:
    posterior = calibration.posterior(walk(world, np.linspace(0, 25, 40)), offsets(calibration))
    assert (np.diff(posterior.stranger) >= -0.02).all()
    assert (np.diff(posterior.p_value) <= 0).all()
    assert posterior.unknown[-1] > 0.5 > posterior.unknown[0]
    assert posterior.p_value[-1] < 0.02 and posterior.p_value[0] > 0.9


def test_no_weight_takes_the_strange_for_the_known(calibration: Calibration) -> None:
    """Farther away, less of the trace, and no generator that stands out: each makes a stranger likelier, or nothing."""
    far, shown, first = calibration.stranger.weights
    assert far >= 0 >= max(shown, first)


def test_a_picture_that_no_member_resembles_is_unknown(world: World, calibration: Calibration) -> None:
    """However well it goes with one of the generators: far out along a mean as noise is, it shows all of its trace."""
    evidence = {}
    for space, reference in world.references.items():
        means = np.stack([p.per_image().mean(axis=0) for p in world.generated[space]])
        evidence[space] = Known.of(reference, means, np.ones(GENERATORS)).weigh(4 * means[:1], np.ones(1, int))
    posterior = calibration.posterior(evidence, offsets(calibration))
    assert posterior.candidates[0].argmax() == 0 and posterior.candidates[0, 0] > 0.99
    assert posterior.outside[0] and max(posterior.p_value[0], posterior.real_p_value[0]) < ATYPICAL
    assert posterior.unknown[0] > 0.99
    assert decide(posterior, NAMES, [""] * GENERATORS, calibration).verdict == "unknown"
    trusting = replace(calibration, stranger=Line((0.0,) * 3, (0.0,) * 3, -9.0))
    founders = offsets(calibration)
    for values in (founders.values, np.zeros(GENERATORS)):  # also one whose offset happens to be none
        assert trusting.posterior(evidence, Offsets(values, founders.founders)).unknown[0] > 0.99
    later = Offsets(np.zeros(GENERATORS), np.zeros(GENERATORS, dtype=bool))
    added = trusting.posterior(evidence, later)  # of one added later, less is known
    assert added.p_value[0] < ATYPICAL and not added.outside[0] and added.unknown[0] < 0.05


def test_where_the_likeliest_was_added_later_it_says_how_many_were(world: World, calibration: Calibration) -> None:
    founders = np.arange(GENERATORS) >= 2
    posterior = calibration.posterior(known(world), Offsets(offsets(calibration).values, founders))
    of_founder = founders[posterior.shares.argmax(axis=1)]
    assert of_founder.any() and not of_founder.all()
    np.testing.assert_array_equal(posterior.added, np.where(of_founder, 0, 2))


def test_typical_images_are_hardly_ever_outside(world: World, calibration: Calibration) -> None:
    for evidence in (known(world), {space: trials.photos for space, trials in world.trials.items()}):
        assert calibration.posterior(evidence, offsets(calibration)).outside.mean() <= ATYPICAL


def test_p_values_of_members_are_uniform(world: World, calibration: Calibration) -> None:
    """A share p of genuine members has a p-value of at most p."""
    labels = world.trials["first"].labels
    posterior = calibration.posterior(known(world), offsets(calibration))
    own = posterior.shares.argmax(axis=1) == labels
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
    right = posterior.shares.argmax(axis=1) == world.trials["first"].labels
    assert right.mean() == pytest.approx(posterior.shares.max(axis=1).mean(), abs=0.05)
    photos = calibration.posterior({s: t.photos for s, t in world.trials.items()}, offsets(calibration))
    assert posterior.generated.mean() > 0.85 and photos.generated.mean() < 0.15


def test_a_generator_of_few_images_is_named_as_often_as_it_is_there() -> None:
    """The mean of few images is uncertain, which alone would send their images to the generators with many."""
    rng = np.random.default_rng(5)
    counts, dimension = (400, 400, 400, 20, 20, 20), 150
    centres = rng.normal(size=(len(counts), dimension))
    centres *= 2.6 / np.linalg.norm(centres, axis=1, keepdims=True)
    generated = [part(rng, centre, count) for centre, count in zip(centres, counts, strict=True)]
    real = {"photos | as is": part(rng, np.zeros(dimension), 60)}
    reference = learn_classes(flat_reference(rng.normal(size=(60, dimension))), Examples(generated, real), 0.1)
    trials = cross_fit(reference, Examples(generated, real), 0.1)
    calibration = calibrate({"one": trials}, NAMES, OperatingPoint())
    assert min(calibration.offsets[name] for name in NAMES[3:]) > max(calibration.offsets[name] for name in NAMES[:3])
    of_two = calibration.offsets_of(["g0", "another"])
    np.testing.assert_array_equal(of_two.values, [calibration.offsets["g0"], 0.0])
    np.testing.assert_array_equal(of_two.founders, [True, False])

    def found(offsets: Offsets) -> float:
        choice = calibration.posterior({"one": trials.known}, offsets).shares.argmax(axis=1)
        return float(np.mean([(choice == trials.labels)[trials.labels == g].mean() for g in range(len(counts))]))

    none = replace(offsets(calibration), values=np.zeros(len(counts)))
    assert found(offsets(calibration)) > found(none) + 0.02


def test_offsets_follow_the_generators() -> None:
    some = Offsets(np.array([0.1, 0.2, 0.3]), np.array([True, False, True]))
    for found, values, founders in (
        (some.select([2, 0]), [0.3, 0.1], [True, True]),
        (some.without(0), [0.2, 0.3], [False, True]),
        (some.with_one_added(), [0.1, 0.2, 0.3, 0.0], [True, False, True, False]),
    ):
        np.testing.assert_array_equal(found.values, values)
        np.testing.assert_array_equal(found.founders, founders)


# The operating point


@pytest.mark.parametrize("distance", [2.5, 3.5, FAR])
def test_calibration_keeps_its_operating_point(world: World, calibration: Calibration, distance: float) -> None:
    """Whatever the difficulty, the verdicts keep the limits on the images they were calibrated with, of which those
    networks speak that learned nothing from them."""
    point = OperatingPoint()
    if distance != FAR:
        world = World(distance)
        calibration = calibrate(world.trials, NAMES, point)
    trials = Together.of(world.trials)
    judged = Judged.of(calibration, trials, Detector.learn(calibration, trials).cross_fitted)
    assert judged.strangers is not None
    for step, limits in point.limits.items():
        bars = calibration.bars[step]
        on_known, on_photos, on_strangers = (
            levels(part, bars) for part in (judged.known, judged.photos, judged.strangers)
        )
        named = on_known.verdict == "generator"
        if named.any():
            assert (on_known.best == judged.labels)[named].mean() >= 1 - limits.wrong - 1e-9
        assert (on_known.verdict == "real").mean() <= limits.passed + 1e-9
        assert np.isin(on_photos.verdict, MADE).mean() <= limits.accused + 1e-9
        for source in np.unique(judged.sources):
            assert np.isin(on_photos.verdict, MADE)[judged.sources == source].mean() <= limits.accused_worst + 1e-9
        assert (on_strangers.verdict == "generator").mean() <= limits.misnamed + 1e-9
        assert (on_strangers.verdict == "among").mean() <= limits.misplaced + 1e-9
        assert (on_strangers.verdict == "real").mean() <= limits.passed_strangers + 1e-9
        if distance == 5.0 and step == "standard":
            assert named.mean() > 0.5, "an easy world is answered"


# What is kept


def test_calibration_survives_json(world: World, calibration: Calibration) -> None:
    again = Calibration.from_json(json.loads(json.dumps(calibration.to_json())))
    for name in ("spaces", "fusion", "stranger", "member_distances", "real_distances", "offsets", "at_once"):
        assert getattr(again, name) == getattr(calibration, name)
    assert (again.bars, again.stated) == (calibration.bars, calibration.stated)
    assert list(again.bars) == list(STRICTNESS)
    for part in (known(world), {space: trials.photos for space, trials in world.trials.items()}):
        np.testing.assert_array_equal(*(one.posterior(part, offsets(one)).generated for one in (again, calibration)))
    line = replace(calibration, generated=Line((1.0,) * 10, (0.0,) * 10, 0.5))
    assert Calibration.from_json(json.loads(json.dumps(line.to_json()))).generated == line.generated


def test_calibration_is_deterministic(world: World, calibration: Calibration) -> None:
    assert calibrate(world.trials, NAMES, OperatingPoint()) == calibration


# Calibrations of earlier versions, whose verdicts had no levels


def older(calibration: Calibration) -> dict[str, object]:
    """As an earlier version wrote it to collection.json."""
    return {
        "spaces": list(calibration.spaces),
        "fusion": list(calibration.fusion),
        "real_weights": [0.5, 0.5],
        "real_bias": 0.0,
        "unknown_weights": [2.0, -2.0, -2.0],
        "unreal_weights": [0.0, 0.0, -9.0],
        "member_distances": list(calibration.member_distances),
        "real_distances": list(calibration.real_distances),
        "name_threshold": 0.7,
        "changed_threshold": 0.7,
        "real_limit": 0.3,
        "real_threshold": 0.6,
        "offsets": dict(calibration.offsets),
        "at_once": None,
    }


@pytest.mark.parametrize("strictness", STRICTNESS)
def test_an_older_calibration_still_names_and_says_real_or_nothing(
    world: World, calibration: Calibration, strictness: str
) -> None:
    opened = Calibration.from_json(json.loads(json.dumps(older(calibration))))

    def words(evidence: dict[str, Evidence]) -> list[str]:
        parts = [{s: e.select(np.array([i])) for s, e in evidence.items()} for i in range(0, 400, 10)]
        posteriors = [opened.posterior(one, offsets(opened)) for one in parts if len(one["first"].views)]
        found = [decide(p, NAMES, ["one"] * GENERATORS, opened, strictness=strictness) for p in posteriors]
        assert all(one.probability == pytest.approx(float(np.clip(one.probability, 0, 1))) for one in found)
        return [one.generator or one.verdict for one in found]

    made = words(known(world))
    truth = [NAMES[label] for label in world.trials["first"].labels[:400:10]]
    assert np.mean([word == name for word, name in zip(made, truth, strict=True)]) > 0.6
    photos = {space: join([trials.photos] * 2) for space, trials in world.trials.items()}
    real = words(photos)
    assert np.mean([word == "real" for word in real]) > 0.6
    nowhere = words({space: join([one] * 400) for space, one in walk(world, np.array([25.0])).items()})
    assert set(nowhere) == {"unknown"}
    assert {*made, *real} <= {*NAMES, "real", "unknown"}, "they know no other levels"


def test_an_older_calibration_of_all_spaces_at_once_opens(calibration: Calibration) -> None:
    facts = older(calibration)
    facts["at_once"] = {"weight": 0.15, "beside": 0.04, "unknown_weights": [0.1, -1.5, -0.3]}
    opened = Calibration.from_json(facts)
    assert opened.at_once is not None and (opened.at_once.weight, opened.at_once.beside) == (0.15, 0.04)
    assert opened.stranger.weights == (0.1, -1.5, 0.0) and opened.stranger.bias == -0.3
    assert isinstance(opened.generated, Line) and len(opened.generated.weights) == 4 * 3 + 2
