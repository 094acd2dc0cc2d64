"""The rules by which probabilities become a verdict: the most that is proved of an image."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fingerprints.attribution.bars import NEVER, Bars, Stated, with_little
from fingerprints.attribution.calibration import Calibration, Line, Posterior
from fingerprints.attribution.verdict import LARGEST_SET, REAL, Candidate, Verdict, decide, levels, smallest_sets
from fingerprints.images.detail import ENOUGH, LITTLE, NOTHING

NAMES, FAMILIES = ["a", "b", "c"], ["vq", "vq", ""]
BARS = Bars(generated=0.7, alone=0.8, named=0.6, covered=0.9, known=0.5, real=0.5, typical=0.05, added=0.5)
SILENT = Line((), (), 0.0)
CALIBRATION = Calibration(
    spaces=("dct",),
    fusion=(1.0,),
    generated=SILENT,
    stranger=SILENT,
    member_distances=(1.0,),
    real_distances=(1.0,),
    bars={
        "strict": replace(BARS, named=0.9, covered=0.99, known=0.95),
        "standard": BARS,
        "lax": replace(BARS, named=0.4, real=0.3),
    },
    stated={level: Stated() for level in ("real", "generated", "among", "generator", "unknown")},
)


def posterior(
    shares: Sequence[float],
    generated: float = 1.0,
    stranger: float = 0.0,
    real_p_value: float = 0.5,
    outside: bool = False,
    added: int = 0,
    shows: int = ENOUGH,
) -> Posterior:
    """Of one image."""
    return Posterior(
        generated=np.array([generated]),
        shares=np.array([shares]),
        stranger=np.array([stranger]),
        p_value=np.array([0.25 if not outside else 0.002]),
        real_p_value=np.array([real_p_value if not outside else 0.001]),
        outside=np.array([outside]),
        as_made=np.ones(1),
        added=np.array([added]),
        shows=np.array([shows]),
    )


def verdict(found: Posterior, doubt: float = 0.0, strictness: str = "standard") -> Verdict:
    return decide(found, NAMES, FAMILIES, CALIBRATION, doubt, strictness)


def test_a_generator_that_passes_the_bar_is_named() -> None:
    found = verdict(posterior([0.1, 0.8, 0.1], generated=0.9, stranger=0.1))
    assert (found.verdict, found.generator, found.family, found.among) == ("generator", "b", None, ())
    assert found.probability == pytest.approx(0.9 * 0.9 * 0.8) and found.generated == pytest.approx(0.9)
    assert found.unknown == pytest.approx(0.9 * 0.1) and found.p_value == 0.25
    assert found.candidates[0] == Candidate("b", pytest.approx(0.9 * 0.9 * 0.8 / (0.9 * 0.9 + 0.1)))


def test_a_photo_that_passes_its_bar_and_is_typical_is_real() -> None:
    found = verdict(posterior([0.1, 0.8, 0.1], generated=0.2))
    assert (found.verdict, found.generator) == ("real", None)
    assert found.probability == pytest.approx(0.8) and found.p_value == 0.5
    assert verdict(posterior([0.1, 0.8, 0.1], generated=0.2, real_p_value=0.04)).verdict == "unknown"


def test_where_nothing_is_proved_it_is_unknown_with_the_probability_of_none() -> None:
    found = verdict(posterior([0.5, 0.0, 0.5], generated=0.6, stranger=0.5))
    assert (found.verdict, found.generator, found.family, found.among) == ("unknown", None, None, ())
    assert found.probability == found.unknown == pytest.approx(0.6 * 0.5)


def test_each_level_says_less_and_is_taken_where_the_one_above_is_not_proved() -> None:
    """A stranger takes the name first, then the set; that a model made it stays."""
    shares = [0.7, 0.0, 0.3]
    words = [verdict(posterior(shares, stranger=stranger)).verdict for stranger in (0.1, 0.3, 0.6)]
    assert words == ["generator", "among", "generated"]
    assert verdict(posterior(shares, generated=0.75, stranger=0.6)).verdict == "unknown", "alone, it needs more proof"
    assert verdict(posterior(shares, generated=0.69)).verdict == "unknown", "a name needs that a model made it"


def test_a_set_is_the_smallest_that_holds_what_must_be_covered() -> None:
    found = verdict(posterior([0.42, 0.03, 0.55], stranger=0.1))
    assert (found.verdict, found.among, found.family) == ("among", ("c", "a"), None)
    assert found.probability == pytest.approx(0.9 * 0.97)
    assert verdict(posterior([0.5, 0.38, 0.12])).among == ("a", "b", "c"), "two of them hold too little"


def test_a_set_of_one_design_is_a_family() -> None:
    found = verdict(posterior([0.5, 0.45, 0.05]))
    assert (found.verdict, found.among, found.family) == ("family", ("a", "b"), "vq")
    assert verdict(posterior([0.5, 0.05, 0.45])).verdict == "among", "a and c share no design"
    unstated = decide(posterior([0.5, 0.45, 0.05]), NAMES, ["", "", ""], CALIBRATION)
    assert (unstated.verdict, unstated.family) == ("among", None), "a design that is not stated is none"


def test_smallest_sets_reach_what_is_covered_and_no_smaller_ones_do() -> None:
    shares = np.random.default_rng(0).dirichlet(np.full(9, 0.4), size=300)
    for covered in (0.6, 0.9, 0.99):
        sets = smallest_sets(shares, covered)
        held = (shares * sets).sum(axis=1)
        weakest = np.where(sets, shares, np.inf).min(axis=1)
        assert (held >= covered - 1e-9).all() and (held - weakest < covered).all()
        assert (weakest >= np.where(sets, 0.0, shares).max(axis=1)).all()


def test_smallest_sets_among_thousands_are_those_of_a_full_sort() -> None:
    rng = np.random.default_rng(1)
    for concentration in (0.002, 0.05):  # a few dozen cover an image; hundreds are needed
        shares = rng.dirichlet(np.full(2_000, concentration), size=20)
        order = np.argsort(-shares, axis=1, kind="stable")
        ranked = np.take_along_axis(shares, order, axis=1)
        expected = np.zeros(shares.shape, bool)
        np.put_along_axis(expected, order, np.cumsum(ranked, axis=1) - ranked < 0.9, axis=1)
        assert (smallest_sets(shares, 0.9) == expected).all()


def test_a_set_of_many_is_not_given() -> None:
    for count, word in ((LARGEST_SET, "among"), (LARGEST_SET + 1, "generated")):
        names = [f"g{i}" for i in range(count)]
        found = decide(posterior([1 / count] * count), names, [""] * count, CALIBRATION)
        assert found.verdict == word and len(found.among) == (count if word == "among" else 0)


def test_what_is_unlike_all_that_is_known_is_unknown() -> None:
    for generated in (0.0, 1.0):
        found = verdict(posterior([0.0, 1.0, 0.0], generated, outside=True))
        assert found.verdict == "unknown" and found.unknown >= 0.998


def test_a_stranger_takes_from_every_generator_and_not_from_real() -> None:
    sure, strange = (posterior([0.1, 0.8, 0.1], 0.6, stranger) for stranger in (0.0, 0.5))
    np.testing.assert_allclose(strange.names, 0.5 * sure.names)
    np.testing.assert_allclose(strange.real, sure.real)
    assert verdict(sure).unknown == pytest.approx(0) and verdict(strange).unknown == pytest.approx(0.6 * 0.5)


def test_doubt_takes_certainty_back_and_leaves_the_candidates() -> None:
    sure, doubtful = (verdict(posterior([0.1, 0.8, 0.1], 0.95), doubt) for doubt in (0.0, 0.4))
    assert sure.verdict == "generator" and doubtful.verdict == "unknown"
    for candidate, other in zip(doubtful.candidates, sure.candidates, strict=True):
        assert candidate == (other.generator, pytest.approx(other.probability))
    assert doubtful.unknown == pytest.approx(0.4)
    some = verdict(posterior([0.0, 1.0, 0.0], 0.95, stranger=0.1), doubt=0.2)
    assert some.verdict == "generator" and some.probability == pytest.approx(0.8 * 0.95 * 0.9)
    assert verdict(posterior([0.0, 1.0, 0.0], 0.1), doubt=0.5).verdict == "unknown", "nor is it a photo for sure"


def test_candidates_are_all_of_them_likeliest_first() -> None:
    found = verdict(posterior([0.2, 0.1, 0.7], generated=0.6, stranger=0.2))
    assert [c.generator for c in found.candidates] == [REAL, "c", "a", "b"]
    assert sum(c.probability for c in found.candidates) == pytest.approx(1)


def test_a_generator_is_not_named_where_real_is_likely_too() -> None:
    """Accusing a photo is worse than naming the wrong generator: what is not proved to be generated has no name."""
    assert verdict(posterior([0.0, 1.0, 0.0], generated=0.75)).verdict == "generator"
    found = verdict(posterior([0.4, 0.6, 0.0], generated=0.65))
    assert (found.verdict, found.generator, found.among, found.family) == ("unknown", None, (), None)


def test_real_competes_with_no_generator_for_the_name() -> None:
    """What speaks for "real" takes nothing from the certainty among the generators."""
    assert verdict(posterior([0.0, 0.65, 0.35], generated=0.71)).generator == "b"
    assert verdict(posterior([0.0, 0.55, 0.45], generated=1.0)).generator is None


@pytest.mark.parametrize(("strictness", "word"), [("strict", "generated"), ("standard", "among"), ("lax", "generator")])
def test_the_stricter_the_less_is_said(strictness: str, word: str) -> None:
    assert verdict(posterior([0.6, 0.01, 0.39], stranger=0.2), strictness=strictness).verdict == word


def test_the_stated_probability_is_that_of_the_level() -> None:
    """Not the one that was found, but what was learned of how often answers like it are right; a family is a set."""
    stated = {**CALIBRATION.stated, "among": Stated(slope=0.5, shift=1.0), "generator": Stated(shift=-1.0)}
    learned = replace(CALIBRATION, stated=stated)

    def of(shares: list[float]) -> tuple[str, float]:
        found = decide(posterior(shares, generated=0.9), NAMES, FAMILIES, learned)
        return found.verdict, found.probability

    for shares, word, level, found in (
        ([0.5, 0.45, 0.05], "family", "among", 0.9 * 0.95),
        ([0.5, 0.05, 0.45], "among", "among", 0.9 * 0.95),
        ([0.9, 0.05, 0.05], "generator", "generator", 0.9 * 0.9),
    ):
        assert of(shares) == (word, pytest.approx(stated[level](found)))
        assert stated[level](found) != pytest.approx(found, abs=1e-3)


def test_stated_keeps_the_order_and_is_never_certain() -> None:
    found = [Stated(slope=2.0, shift=-0.5)(p) for p in (0.0, 0.2, 0.5, 0.9, 1.0)]
    assert found == sorted(found) and found[0] > 0 and found[-1] < 1
    assert Stated()(0.37) == pytest.approx(0.37)


def test_a_generator_that_was_added_later_has_a_bar_of_its_own() -> None:
    """Of a founder's image more is asked here."""
    words = [verdict(posterior([0.1, 0.8, 0.1], generated=0.6, added=added)).verdict for added in (0, 1)]
    assert words == ["unknown", "generator"]
    assert verdict(posterior([0.1, 0.8, 0.1], generated=0.4, added=1)).verdict != "generator"


def test_of_several_that_were_added_more_is_asked() -> None:
    """The odds that one alone must reach, as many times as there are of them."""
    added = np.array([0, 1, 3, 9])
    np.testing.assert_allclose(BARS.least(added), [0.7, 0.5, 0.75, 0.9])
    three, four = (verdict(posterior([0.1, 0.8, 0.1], generated=0.78, added=count)).verdict for count in (3, 4))
    assert (three, four) == ("generator", "unknown")


def test_where_it_was_not_measured_the_same_is_asked_of_all() -> None:
    """As of registries that were made before."""
    earlier = Bars(**{name: value for name, value in vars(BARS).items() if name != "added"})
    np.testing.assert_allclose(earlier.least(np.array([0, 1, 9])), earlier.generated)


def test_many_images_at_once_are_judged_as_one_by_one() -> None:
    rng = np.random.default_rng(1)
    n = 200
    many = Posterior(
        generated=rng.uniform(size=n) ** 0.3,
        shares=rng.dirichlet(np.full(3, 0.3), size=n),
        stranger=rng.uniform(size=n) ** 2,
        p_value=rng.uniform(size=n),
        real_p_value=rng.uniform(size=n),
        outside=rng.uniform(size=n) < 0.1,
        as_made=np.ones(n),
        added=(rng.uniform(size=n) < 0.3).astype(int),
        shows=np.where(rng.uniform(size=n) < 0.1, NOTHING, ENOUGH),
    )
    found = levels(many, BARS)
    values = {name: value for name, value in vars(many).items() if np.ndim(value)}
    alone = [verdict(Posterior(**{name: value[i : i + 1] for name, value in values.items()})) for i in range(n)]
    words = ["among" if one.verdict == "family" else one.verdict for one in alone]
    assert found.verdict.tolist() == words and set(words) == {"real", "generated", "among", "generator", "unknown"}
    np.testing.assert_allclose(np.clip(found.probability, 1e-4, 1 - 1e-4), [one.probability for one in alone])


def strict_at_99() -> Calibration:
    usual = replace(BARS, generated=0.9, alone=0.0, real=0.9)
    strict = replace(usual, generated=0.99, real=0.99)
    return replace(CALIBRATION, bars=with_little({**CALIBRATION.bars, "standard": usual, "strict": strict}))


def test_of_what_shows_little_more_than_the_strictest_proof_is_asked_and_nothing_is_called_real() -> None:
    said = [
        decide(posterior([0.0, 1.0, 0.0], generated, shows=shows), NAMES, FAMILIES, strict_at_99()).verdict
        for generated, shows in ((0.95, ENOUGH), (0.95, LITTLE), (0.995, LITTLE), (0.9998, LITTLE), (0.05, LITTLE))
    ]
    assert said == ["generator", "unknown", "unknown", "generator", "unknown"]


def test_bars_that_were_chosen_by_what_shows_little_stay() -> None:
    chosen = replace(BARS, generated=0.75, real=NEVER)
    given = {"standard": replace(BARS, little=chosen), "strict": BARS}
    found = with_little(given)
    assert found["standard"].little == chosen and found["strict"].little != chosen
    kept = replace(CALIBRATION, bars=found)
    assert Calibration.from_json(json.loads(json.dumps(kept.to_json()))).bars == found


def test_of_what_shows_nothing_nothing_is_said_and_each_row_has_its_bars() -> None:
    bars = replace(BARS, little=replace(BARS, generated=0.95, named=0.9))
    same = [posterior([0.1, 0.8, 0.1], generated=0.9, shows=shows) for shows in (ENOUGH, LITTLE, NOTHING)]
    many = Posterior(
        **{
            name: np.concatenate([vars(one)[name] for one in same])
            for name, value in vars(same[0]).items()
            if np.ndim(value)
        }
    )
    assert levels(many, bars).verdict.tolist() == ["generator", "unknown", "unknown"]


def test_of_what_shows_little_and_was_not_proved_half_is_believed() -> None:
    for generated in (0.98, 0.02):
        found = decide(posterior([0.0, 1.0, 0.0], generated, shows=LITTLE), NAMES, FAMILIES, strict_at_99())
        assert found.verdict == "unknown" and found.generated == pytest.approx(generated / 2)
        assert found.unknown == pytest.approx(0.5)


@pytest.mark.parametrize(("p_value", "real_p_value", "word"), [(0.01, 0.01, "unknown"), (0.06, 0.01, "generated")])
def test_what_is_typical_of_nothing_is_not_called_generated_alone(
    p_value: float, real_p_value: float, word: str
) -> None:
    """A drawing is no photo either, and a name needs more proof than this anyway."""
    found = replace(
        posterior([0.4, 0.3, 0.3], generated=0.99, stranger=0.9),
        p_value=np.array([p_value]),
        real_p_value=np.array([real_p_value]),
    )
    assert verdict(found).verdict == word
