"""A time that has grown beside its floor is found."""

from __future__ import annotations

from benchmarks.speed.ratios import ratios_of, regressions

FIGURES = {
    "identify": 100.0,
    "floor": 10.0,
    "peers": {"forensic self-description of the image": 50.0},
    "contribution": 500.0,
    "ready": 4.0,
    "bare": 2.0,
    "page": {"first evidence": 200.0, "the answer": 400.0, "with its stability": 1500.0},
}


def test_a_slower_machine_is_no_regression() -> None:
    slower = {
        name: {part: 3 * value for part, value in figure.items()} if isinstance(figure, dict) else 3 * figure
        for name, figure in FIGURES.items()
    }
    assert ratios_of(slower) == ratios_of(FIGURES)
    assert regressions(ratios_of(slower), ratios_of(FIGURES)) == []


def test_what_has_grown_by_more_than_a_fifth_is_named() -> None:
    found = regressions(ratios_of({**FIGURES, "identify": 125.0}), ratios_of(FIGURES))
    assert len(found) == 2 and all(sentence.startswith("identify a 512 px image / ") for sentence in found)
    assert regressions(ratios_of({**FIGURES, "identify": 119.0}), ratios_of(FIGURES)) == []


def test_without_a_browser_the_page_is_not_compared() -> None:
    assert regressions(ratios_of({**FIGURES, "page": {}}), ratios_of(FIGURES)) == []
