"""The ladder of an answer: each step adds up, and no bar contradicts the verdict."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from demo.answers.ladder import NEITHER, OTHERS, STRANGER, by_which, ladder, photo_or_generated, said_generators
from demo.answers.share import share_png, steps_shown, worth
from fingerprints.attribution.verdict import (
    AMONG,
    FAMILY,
    GENERATED,
    GENERATOR,
    MADE,
    REAL,
    UNKNOWN,
    Ranking,
    Verdict,
)
from fingerprints.images.image import decode, from_pixels
from levels import LEVELS, OUTSIDE, verdict_at
from registry.answers.identify import Answer
from registry.storage.card import Card

NAMES = ["a", "b", "c", "d", "e", "f", "g"]
CARDS = {name: Card(name, title=name.upper()) for name in NAMES}
MEMBERS = {GENERATOR: {"a"}, FAMILY: {"a", "b"}, AMONG: {"a", "b", "c"}}


def answer(level: str, stated: float | None = None) -> Answer:
    """At a level, with another stated probability if one is given."""
    verdict = verdict_at(level, NAMES, "one decoder")
    verdict = verdict if stated is None else replace(verdict, probability=stated)
    return Answer("p.png", "local", "0", "toy", verdict, ("dct",), final=True, strictness="standard")


def anyhow(rng: np.random.Generator, level: str) -> Verdict:
    """A verdict at a level with any other numbers, whether they fit together or not."""
    unknown, generated, stated = rng.uniform(size=3) ** rng.choice([0.1, 1, 10], size=3)
    candidates = Ranking([*NAMES, REAL], rng.dirichlet(np.full(8, 0.3)))
    return replace(
        verdict_at(level, NAMES), unknown=unknown, generated=generated, probability=stated, candidates=candidates
    )


@pytest.mark.parametrize("level", LEVELS)
def test_the_steps_sum_to_one_whatever_the_numbers_are(level: str) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        verdict = anyhow(rng, level)
        for shares in (photo_or_generated(verdict), by_which(verdict)):
            assert sum(shares.values()) == pytest.approx(1) and min(shares.values()) >= 0
        drawn = ladder(replace(answer(level), verdict=verdict), CARDS)
        assert [sum(bar.share for bar in step.bars) for step in drawn] == pytest.approx([1] * len(drawn))


def test_photo_is_what_is_left_of_what_is_not_generated() -> None:
    """Of an unknown picture nothing is stated: the shares are those that were found."""
    made, shares = LEVELS[UNKNOWN], photo_or_generated(verdict_at(UNKNOWN, NAMES))
    assert shares[GENERATED] == made.generated
    assert shares[REAL] == pytest.approx((1 - made.generated) * (1 - made.unreal))
    assert shares[NEITHER] == pytest.approx((1 - made.generated) * made.unreal)
    assert by_which(verdict_at(UNKNOWN, NAMES))[STRANGER] == pytest.approx(made.stranger)


@pytest.mark.parametrize(("level", "stated"), product(LEVELS, (None, 0.55, 0.999)))
def test_the_bars_of_the_verdict_show_its_probability(level: str, stated: float | None) -> None:
    verdict = answer(level, stated).verdict
    first, own = photo_or_generated(verdict), said_generators(verdict)
    if level in (REAL, GENERATED):
        assert first[level] == pytest.approx(verdict.probability)
    if own:
        held = sum(by_which(verdict)[name] for name in own)
        assert first[GENERATED] * held == pytest.approx(verdict.probability)


@pytest.mark.parametrize(("level", "stated"), product([*MADE, REAL], (None, 0.51, 0.999)))
def test_the_longest_bars_are_the_verdict(level: str, stated: float | None) -> None:
    first, *second = ladder(answer(level, stated), CARDS)
    assert max(first.bars, key=lambda bar: bar.share).kind == "best"
    assert [bar.name for bar in first.bars if bar.kind == "best"] == [REAL if level == REAL else GENERATED]
    if level in MEMBERS:
        (step,) = second
        assert {bar.name for bar in step.bars if bar.kind == "best"} == MEMBERS[level]
        assert sum(bar.share for bar in step.bars if bar.kind == "best") > 0.5


@pytest.mark.parametrize(
    ("level", "said"),
    [
        (GENERATOR, [True, True]),
        (FAMILY, [True, True]),
        (AMONG, [True, True]),
        (GENERATED, [True, False]),
        (REAL, [True]),
        (UNKNOWN, [False, False]),
        (OUTSIDE, [False]),
    ],
)
def test_it_goes_as_far_as_the_verdict_and_says_what_is_not_said(level: str, said: list[bool]) -> None:
    steps = ladder(answer(level), CARDS)
    assert [step.said for step in steps] == said
    assert all(step.said or (step.note and not any(bar.kind == "best" for bar in step.bars)) for step in steps)


def test_what_is_unlike_all_that_is_known_is_neither() -> None:
    (step,) = ladder(answer(OUTSIDE), CARDS)
    assert {bar.name: bar.kind for bar in step.bars} == {GENERATED: "other", REAL: "other", NEITHER: "unsure"}
    assert step.bars[-1].share > 0.99


def test_the_other_models_are_counted_and_the_members_always_shown() -> None:
    labels = [bar.label for bar in ladder(answer(AMONG), CARDS)[1].bars]
    assert labels == ["A", "B", "C", "D", "3 other models", "a model not in this registry"]
    rare = replace(answer(GENERATOR, 0.001), verdict=replace(answer(GENERATOR, 0.001).verdict, generator="g"))
    assert "g" in [bar.name for bar in ladder(rare, CARDS)[1].bars]


def test_links_lead_to_the_generators_alone() -> None:
    links = {bar.name: bar.link for step in ladder(answer(AMONG), CARDS) for bar in step.bars}
    assert links["a"] == "./gallery?generator=toy/a" and not any(links[name] for name in (REAL, STRANGER, OTHERS))


# The picture to share.


@pytest.mark.parametrize("level", LEVELS)
def test_the_picture_to_share_shows_what_is_said(level: str) -> None:
    shown = steps_shown(answer(level), CARDS)
    assert [step.name for step in shown] == (["made", "by"] if level in MEMBERS else ["made"])
    words = worth(replace(answer(level), stable=True), CARDS)
    assert ("Compared with 7 models" in words) == (level == REAL) and "Re-saved" in words


@pytest.mark.parametrize("level", LEVELS)
def test_the_picture_to_share_has_the_accent_where_something_is_said(level: str) -> None:
    image = from_pixels(np.zeros((64, 96, 3), np.uint8))
    pixels = decode(share_png(image, answer(level), CARDS)).pixels
    assert pixels.shape == (630, 1200, 3)
    accent, amber = ((pixels == colour).all(axis=2).any() for colour in ((15, 118, 110), (168, 96, 8)))
    assert accent == (level not in (UNKNOWN, OUTSIDE)) and amber == (level == OUTSIDE)


def test_long_names_leave_room_for_all_that_is_marked_or_for_none() -> None:
    image, long = from_pixels(np.zeros((64, 64, 3), np.uint8)), {n: Card(n, title=60 * n) for n in NAMES}
    few, many = (share_png(image, replace(answer(AMONG), stable=False), cards) for cards in (CARDS, long))
    assert (decode(few).pixels[:520] != decode(many).pixels[:520]).any()
    np.testing.assert_array_equal(decode(few).pixels[525:], decode(many).pixels[525:])
