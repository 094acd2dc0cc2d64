"""The rules by which probabilities become a generator's name, "real" or "unknown"."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fingerprints.attribution.calibration import Calibration, Posterior
from fingerprints.attribution.verdict import REAL, Candidate, Verdict, decide

NAMES, FAMILIES = ["a", "b", "c"], ["vq", "vq", ""]
CALIBRATION = Calibration(
    spaces=("dct",),
    fusion=(1.0,),
    real_weights=(1.0,),
    real_bias=0.0,
    unknown_weights=(0.0, 1.0, 0.0),
    unreal_weights=(0.0, 0.0, -9.0),
    member_distances=(1.0,),
    real_distances=(1.0,),
    name_threshold=0.6,
    changed_threshold=0.6,
    real_limit=0.3,
    real_threshold=0.5,
)


def verdict(candidates: list[float], unknown: float = 0.0, doubt: float = 0.0) -> Verdict:
    generated = 1 - (1 - unknown) * candidates[-1]
    posterior = Posterior(
        np.array([candidates]), np.array([unknown]), np.array([0.25]), np.array([generated]), np.array([1.0])
    )
    return decide(posterior, NAMES, FAMILIES, CALIBRATION, doubt)


def test_a_generator_that_passes_the_threshold_is_named() -> None:
    found = verdict([0.1, 0.8, 0.05, 0.05], unknown=0.1)
    assert (found.verdict, found.generator, found.family) == ("generator", "b", None)
    assert found.probability == pytest.approx(0.72) and found.unknown == pytest.approx(0.1)
    assert found.p_value == 0.25
    assert found.candidates[0] == Candidate("b", 0.8)


def test_real_that_passes_its_threshold_is_real() -> None:
    found = verdict([0.1, 0.1, 0.1, 0.7], unknown=0.2)
    assert (found.verdict, found.generator) == ("real", None)
    assert found.probability == pytest.approx(0.56)


def test_neither_is_unknown_with_the_probability_of_unknown() -> None:
    found = verdict([0.4, 0.0, 0.3, 0.3], unknown=0.35)
    assert (found.verdict, found.generator, found.family) == ("unknown", None, None)
    assert found.probability == found.unknown == pytest.approx(0.35)


def test_unknown_takes_from_every_candidate() -> None:
    assert verdict([0.0, 0.95, 0.0, 0.05]).verdict == "generator"
    assert verdict([0.0, 0.95, 0.0, 0.05], unknown=0.5).verdict == "unknown"
    assert verdict([0.0, 0.05, 0.0, 0.95], unknown=0.5).verdict == "unknown"


def test_generators_of_one_design_pass_together_as_a_family() -> None:
    found = verdict([0.4, 0.45, 0.1, 0.05])
    assert (found.verdict, found.generator, found.family) == ("unknown", None, "vq")
    assert verdict([0.4, 0.1, 0.45, 0.05]).family is None, "a and c share no design"
    assert verdict([0.4, 0.45, 0.1, 0.05], unknown=0.5).family is None
    assert verdict([0.27, 0.23, 0.21, 0.29]).family == "vq", "as a name is: of what it is if it was generated"


def test_a_generator_without_a_stated_design_has_no_family() -> None:
    posterior = Posterior(
        np.array([[0.4, 0.45, 0.1, 0.05]]), np.array([0.0]), np.array([0.5]), np.array([0.95]), np.array([1.0])
    )
    assert decide(posterior, NAMES, ["", "", ""], CALIBRATION).family is None


def test_doubt_moves_probability_to_unknown_and_leaves_the_candidates() -> None:
    sure, doubtful = verdict([0.1, 0.8, 0.05, 0.05]), verdict([0.1, 0.8, 0.05, 0.05], doubt=0.4)
    assert sure.verdict == "generator" and doubtful.verdict == "unknown"
    assert doubtful.candidates == sure.candidates
    assert doubtful.unknown == pytest.approx(0.4)
    assert verdict([0.0, 1.0, 0.0, 0.0], unknown=0.1, doubt=0.2).probability == pytest.approx(0.9 * 0.8)


def test_candidates_are_all_of_them_likeliest_first() -> None:
    found = verdict([0.2, 0.1, 0.3, 0.4])
    assert [c.generator for c in found.candidates] == [REAL, "c", "a", "b"]
    assert sum(c.probability for c in found.candidates) == pytest.approx(1)


def test_a_generator_is_not_named_where_real_is_likely_too() -> None:
    """Accusing a photo is worse than naming the wrong generator: above the limit for "real" nothing is named."""
    assert verdict([0.0, 0.75, 0.0, 0.25]).verdict == "generator"
    found = verdict([0.0, 0.65, 0.0, 0.35])
    assert (found.verdict, found.generator, found.family) == ("unknown", None, None)
    assert verdict([0.4, 0.25, 0.0, 0.35]).family is None, "nor a family"


def test_real_competes_with_no_generator_for_the_name() -> None:
    """What speaks for "real" below its limit takes nothing from the certainty among the generators."""
    assert verdict([0.0, 0.59, 0.12, 0.29]).generator == "b"
    assert verdict([0.0, 0.59, 0.41, 0.0]).generator is None


def test_a_changed_image_is_held_to_its_own_threshold() -> None:
    stricter = replace(CALIBRATION, changed_threshold=0.9)

    def named(as_made: float) -> bool:
        posterior = Posterior(
            np.array([[0.2, 0.75, 0.05, 0.0]]), np.zeros(1), np.array([0.5]), np.ones(1), np.array([as_made])
        )
        return decide(posterior, NAMES, FAMILIES, stricter).verdict == "generator"

    assert [named(as_made) for as_made in (1.0, 0.6, 0.4, 0.0)] == [True, True, False, False]
