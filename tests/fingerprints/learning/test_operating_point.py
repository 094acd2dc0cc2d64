"""The operating point: bars that keep the errors within their limits, and no higher than that takes."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.special import expit, softmax

from fingerprints.attribution.bars import Bars, Stated, with_little
from fingerprints.attribution.calibration import Posterior
from fingerprints.attribution.verdict import AMONG, GENERATOR, MADE, REAL, STRICTNESS, levels
from fingerprints.images.detail import ENOUGH, LITTLE
from fingerprints.learning.operating_point import (
    _LEAST_NAMED,
    Judged,
    Limits,
    OperatingPoint,
    _fit_stated,
    _odds,
    _stated,
    choose_bars,
)
from fingerprints.learning.tuning import by_kind, of_photos
from trials import calibration, kinds, together

GENERATORS = 6
SOURCES = ("camera | as is", "film | as is", "camera | cropped", "film | blurred")


def posterior(rng: np.random.Generator, labels: np.ndarray, odds: float, stranger: float, sure: float) -> Posterior:
    """Of images by these generators, -1 for none: log-odds of "generated" and of a stranger, times ``sure``."""
    n = len(labels)
    scores = rng.normal(scale=1.5, size=(n, GENERATORS))
    scores[labels >= 0, labels[labels >= 0]] += 3.0
    return Posterior(
        generated=expit(sure * (odds + 2.0 * rng.normal(size=n))),
        shares=softmax(sure * scores, axis=1),
        stranger=expit(sure * (stranger + rng.normal(size=n))),
        p_value=rng.uniform(size=n),
        real_p_value=rng.uniform(size=n),
        outside=np.zeros(n, dtype=bool),
        as_made=np.ones(n),
        added=np.zeros(n, dtype=int),
        shows=np.zeros(n, dtype=int),
    )


def judged(seed: int = 0, sure: float = 1.0, photos: float = -3.0) -> Judged:
    rng = np.random.default_rng(seed)
    labels = np.arange(600) % GENERATORS
    return Judged(
        known=posterior(rng, labels, 3.0, -2.0, sure),
        labels=labels,
        kinds=kinds("made", 600, (0, 0, 0, -1, -1)),
        photos=posterior(rng, np.full(800, -1), photos, 1.0, sure),
        sources=np.resize(np.array(SOURCES), 800),
        strangers=posterior(rng, np.full(300, -1), 2.0, 0.0, sure),
        strangers_kinds=kinds("stranger", 300, (0, -1)),
    )


@pytest.fixture(scope="module")
def images() -> Judged:
    return judged()


def errors(images: Judged, bars: Bars) -> dict[str, float]:
    """By the name of their limit."""
    known, photos = levels(images.known, bars), levels(images.photos, bars)
    assert images.strangers is not None and images.strangers_kinds is not None
    strange = levels(images.strangers, bars).verdict[images.strangers_kinds.as_made]
    made, changed = images.kinds.as_made, images.kinds.changed
    accused, named, given = np.isin(photos.verdict, MADE), known.verdict == GENERATOR, known.verdict == AMONG
    wrong = known.best != images.labels
    weight = by_kind(images.kinds) * given
    lost = ~known.sets[np.arange(len(given)), images.labels]
    as_is = np.char.endswith(images.sources, "as is")
    return {
        "accused": max(float(of_photos(images.sources) @ accused), float(accused[as_is].mean())),
        "accused_worst": max(float(accused[images.sources == source].mean()) for source in SOURCES),
        "misnamed": float((strange == GENERATOR).mean()),
        "misplaced": float((strange == AMONG).mean()),
        "wrong": float(wrong[named & made].mean()),
        "misled": float((named & wrong)[changed].mean()),
        "uncovered": float(weight @ lost / weight.sum()),
        "passed": float((known.verdict == REAL)[made].mean()),
        "passed_changed": float((known.verdict == REAL)[changed].mean()),
        "passed_strangers": float((strange == REAL).mean()),
    }


@pytest.mark.parametrize("step", STRICTNESS)
def test_the_bars_keep_each_limit_on_the_images_they_were_chosen_by(step: str, images: Judged) -> None:
    limits = OperatingPoint().limits[step]
    bars = choose_bars(images, limits)
    found = errors(images, bars)
    found["uncovered"] = errors(images, replace(bars, known=0.0))["uncovered"]  # of all sets that are small enough
    for name, error in found.items():
        assert error <= getattr(limits, name) + 1e-9, name
    assert bars.typical == limits.typical


def test_something_is_said_at_each_level(images: Judged) -> None:
    bars = choose_bars(images, Limits())
    words = levels(images.known, bars).verdict
    assert {GENERATOR, AMONG} <= set(words.tolist())
    assert (words == GENERATOR).mean() > 0.2 and (levels(images.photos, bars).verdict == REAL).mean() > 0.5


def test_stricter_limits_give_higher_bars(images: Judged) -> None:
    strict, standard, lax = (choose_bars(images, limits) for limits in OperatingPoint().limits.values())
    for name in ("generated", "named", "real"):
        heights = [getattr(bars, name) for bars in (strict, standard, lax)]
        assert heights == sorted(heights, reverse=True) and heights[0] > heights[2], name


def test_generated_is_never_said_of_what_is_hardly_so(images: Judged) -> None:
    """However far the photos are that the bars were chosen by: others may come nearer."""
    far = replace(images, photos=replace(images.photos, generated=np.zeros(len(images.sources))))
    assert choose_bars(far, Limits()).generated == pytest.approx(0.8, abs=0.01)


def test_the_bars_are_no_higher_than_they_must_be() -> None:
    """One step lower, and a limit is not kept; each is the lowest beside those that were chosen before it."""
    images, limits, steps = judged(photos=-1.5), Limits(), _odds(_LEAST_NAMED)
    bars = choose_bars(images, limits)
    for name in ("generated", "named", "real"):
        step = steps.index(getattr(bars, name))
        assert step > 0
        lower = replace(bars, **{name: steps[step - 1]})
        found = errors(images, lower)
        assert any(error > getattr(limits, limit) for limit, error in found.items()), name


def test_bars_are_chosen_by_the_images_that_show_enough(images: Judged) -> None:
    """Photos that show little are taken for generated ones more often; that costs the others nothing."""
    rng = np.random.default_rng(5)
    known, photos = (np.where(rng.uniform(size=n) < 0.3, LITTLE, ENOUGH) for n in (600, 800))
    doubtful = np.where(photos == LITTLE, 0.5 + 0.5 * images.photos.generated, images.photos.generated)
    mixed = replace(
        images,
        known=replace(images.known, shows=known),
        photos=replace(images.photos, shows=photos, generated=doubtful),
    )
    bars = {step: choose_bars(mixed, limits) for step, limits in OperatingPoint().limits.items()}
    alone = choose_bars(images, Limits())
    assert bars["standard"].generated <= alone.generated + 1e-9  # as if those few said nothing at all
    found = levels(mixed.photos, with_little(bars)["standard"]).verdict
    assert not (found == REAL)[photos == LITTLE].any()
    assert np.isin(found, MADE)[photos == LITTLE].mean() <= 0.03


def test_what_cannot_be_kept_is_never_said(images: Judged) -> None:
    """Photos that look generated for sure: no bar helps, so nobody is accused at all."""
    sure = replace(images, photos=replace(images.photos, generated=np.ones(len(images.sources))))
    bars = choose_bars(sure, Limits())
    assert not np.isin(levels(sure.photos, bars).verdict, MADE).any()
    assert not np.isin(levels(sure.known, bars).verdict, MADE).any()


def test_a_kind_of_few_photos_is_no_worst_kind(images: Judged) -> None:
    few = images.sources.copy()
    worst = np.argsort(-images.photos.generated)[:10]
    few[worst] = "phone | blurred"
    limits = replace(Limits(), accused=1.0)
    assert choose_bars(replace(images, sources=few), limits).generated <= choose_bars(images, limits).generated


def test_without_strangers_their_limits_bind_nothing(images: Judged) -> None:
    alone, limits = replace(images, strangers=None, strangers_kinds=None), Limits()
    found, usual = choose_bars(alone, limits), choose_bars(images, limits)
    assert found.generated == usual.generated and found.named <= usual.named


def test_strictness_scales_errors_and_neither_sets_nor_what_is_typical() -> None:
    limits = Limits()
    half = limits.times(0.5)
    kept = {"misplaced", "uncovered", "typical"}
    for name, value in vars(limits).items():
        assert getattr(half, name) == (value if name in kept else pytest.approx(0.5 * value))
    assert list(OperatingPoint().limits) == list(STRICTNESS)


@pytest.mark.parametrize("limit", [0.002, 0.02])
def test_generators_that_are_added_accuse_few_photos(images: Judged, limit: float) -> None:
    """As few as the limit says, on average over them; without photos to choose by there is no such bar."""
    nearer = [judged(seed, photos=0.0).photos for seed in (5, 6)]
    again = [replace(one, added=(np.arange(800) % 3 == 0).astype(int), stranger=0.3 * one.stranger) for one in nearer]
    limits = replace(Limits(), accused_added=limit)
    bars = choose_bars(replace(images, photos_added=again), limits)
    steps = _odds()
    lower = replace(bars, added=steps[steps.index(bars.added) - 1])

    def accused(asked: Bars) -> float:
        said = [(one.added > 0) & np.isin(levels(one, asked).verdict, (GENERATOR, AMONG)) for one in again]
        return float(np.mean([of_photos(images.sources) @ one for one in said]))

    assert accused(bars) <= limit
    assert limit < accused(lower) or bars.added == pytest.approx(0.8, abs=0.01)  # no lower, however few are accused
    assert choose_bars(images, limits) == replace(bars, added=None)


# Whole images are judged, and outsiders where there are any


def test_images_seen_by_part_of_their_views_choose_no_bar() -> None:
    trials = together(0)
    views = np.arange(len(trials.labels)) % 2  # every second one by a single view
    trials = replace(trials, kinds=replace(trials.kinds, views=views))
    generated = [np.full(len(part), 0.5) for part in (trials.labels, trials.sources)]
    generated += [np.full(len(kinds.contents), 0.5) for kinds in trials.strangers_kinds]
    found = Judged.of(calibration(), trials, generated)
    assert len(found.labels) == len(found.known.shares) == (views == 0).sum()
    np.testing.assert_array_equal(found.labels, trials.labels[views == 0])
    assert (found.known.generated == 0.5).all()


@pytest.mark.parametrize(
    ("outsiders", "unrelated", "count"),
    [(True, [], 30), (False, [], 4 * 30), (False, [1, 2], 2 * 30), (True, [1], 2 * 30)],
)
def test_strangers_are_outsiders_and_unrelated_generators_if_there_are_any(
    outsiders: bool, unrelated: list[int], count: int
) -> None:
    trials = together(0, outsiders=outsiders)
    generated = [np.full(len(part), 0.5) for part in (trials.labels, trials.sources)]
    generated += [np.full(len(kinds.contents), 0.5) for kinds in trials.strangers_kinds]
    found = Judged.of(calibration(), trials, generated, unrelated)
    assert found.strangers is not None and found.strangers_kinds is not None
    assert len(found.strangers.shares) == len(found.strangers_kinds.contents) == count
    np.testing.assert_allclose(found.strangers.shares.sum(axis=1), 1)


# What probabilities are stated


def test_probabilities_that_are_too_sure_are_taken_back() -> None:
    """Three times the log-odds that would be right: what is stated at each level is about the share that is right."""
    images = judged(1, sure=3.0)
    bars = choose_bars(images, Limits())
    stated = _stated(images, bars)
    assert stated[REAL].slope < 1 and stated[GENERATOR].slope < 1
    found = levels(images.photos, bars)
    called = found.verdict == REAL
    passed = (levels(images.known, bars).verdict == REAL).mean()
    mean = np.mean([stated[REAL](p) for p in found.probability[called]])
    assert mean == pytest.approx(called.mean() / (called.mean() + passed), abs=0.05)


def test_stated_says_what_share_is_right() -> None:
    rng = np.random.default_rng(0)
    odds = rng.normal(1.0, 1.5, size=4000)
    right = rng.uniform(size=4000) < expit(odds)
    found = _fit_stated(expit(2 * odds + 1), right, np.ones(4000))
    assert (found.slope, found.shift) == (pytest.approx(0.5, abs=0.1), pytest.approx(-0.5, abs=0.15))


def test_of_no_or_few_answers_the_probability_is_stated_as_it_was_found() -> None:
    nothing = np.zeros(0)
    assert _fit_stated(nothing, nothing.astype(bool), nothing) == Stated()
    few = _fit_stated(np.array([0.9, 0.8]), np.array([True, True]), np.ones(2))
    assert few(0.9) == pytest.approx(0.9, abs=0.05)


def test_a_step_is_stricter_in_all_errors_but_those_of_sets_and_of_what_is_typical() -> None:
    twice, once = Limits().times(2.0), Limits()
    same = {"misplaced", "uncovered", "typical"}
    for one in fields(Limits):
        factor = 1.0 if one.name in same else 2.0
        assert getattr(twice, one.name) == factor * getattr(once, one.name), one.name
