"""What a build says of its own images is what its bars say of them; kinds of photos are large enough to speak of."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fingerprints.attribution.verdict import GENERATOR, MADE, levels
from fingerprints.learning.figures import cross_fitted_figures
from fingerprints.learning.generated import Detector
from fingerprints.learning.operating_point import Judged, Limits, choose_bars, photo_kinds, rows
from trials import calibration, together


@pytest.fixture(scope="module")
def images() -> Judged:
    trials = together(0)
    return Judged.of(calibration(), trials, Detector.learn(calibration(), trials).cross_fitted)


def test_a_kind_is_a_source_of_unchanged_photos_or_a_history() -> None:
    sources = np.array(["a | as is"] * 30 + ["b | as is"] * 5 + ["a | blurred"] * 12 + ["b | blurred"] * 12)
    kinds = photo_kinds(sources)
    assert {name: int(which.sum()) for name, which in kinds.items()} == {
        "a | as is": 30,  # of b there are too few
        "all | as is": 35,
        "all | blurred": 24,
    }


def test_the_figures_are_what_the_bars_say(images: Judged) -> None:
    bars = choose_bars(images, Limits())
    figures = cross_fitted_figures(images, bars)
    assert all(0 <= share <= 1 for share in figures.values())
    found, made = levels(images.known, bars), images.kinds.as_made
    assert figures["answered by name"] == pytest.approx(float((found.verdict[made] == GENERATOR).mean()))
    accused = np.isin(levels(images.photos, bars).verdict, MADE)
    assert figures["camera | as is, accused"] == pytest.approx(accused[images.sources == "camera | as is"].mean())
    assert figures["photos accused"] <= Limits().accused + 1e-9
    assert {"strangers given a name", "strangers called real"} <= set(figures)
    assert figures["AUROC, generated against photos"] > 0.5 and "AUROC, strangers against photos" in figures


def test_of_newcomers_it_is_said_how_many_get_their_name(images: Judged) -> None:
    """The generator that was added later is the last."""
    bars, last = replace(choose_bars(images, Limits()), added=0.5), images.known.shares.shape[1] - 1
    own = rows(images.known, images.labels == last)
    own = replace(own, added=(own.shares.argmax(axis=1) == last).astype(int))
    figures, found = cross_fitted_figures(replace(images, newcomers=[own]), bars), levels(own, bars)
    named = (found.verdict == GENERATOR) & (found.best == last)
    assert figures["newcomers named"] == pytest.approx(float(named.mean())) and named.any()
    assert 0 <= figures["newcomers in a set"] <= 1 - figures["newcomers named"]
