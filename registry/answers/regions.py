"""Where in an image it looks generated: each of its crops looked at by itself.

A crop says far less than the whole image, and by itself it is often wrong. But where one side of an image speaks for a
model and the other side against one, the image is put together, or was changed in places, and is no photo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import logit

from fingerprints.attribution.verdict import Verdict
from fingerprints.images.canonical import grid
from fingerprints.images.image import Image
from fingerprints.model.shortlist import COMPARED
from fingerprints.sentence import said

from ..analysis.weigh import weigh
from ..storage.snapshot import Collection

MIXED = said(
    "One part of this picture looks generated, another does not: it may be put together of several, or changed in "
    "places. The evidence shows where, part by part."
)
_LEAST_CROPS = 6  # so that each side has several
_MIXED = 4.0  # log-odds between two sides; benchmarks.field.parts prints how often pictures reach it
_FARTHEST = 6.0  # log-odds: how sure one crop may be


@dataclass(frozen=True)
class Regions:
    """The crops of an image: ``places`` (top, left) in pixels, ``side`` of each, and the probability ``generated``."""

    places: tuple[tuple[int, int], ...]
    side: int
    generated: tuple[float, ...]

    @property
    def log_odds(self) -> np.ndarray:
        """(crops,), none surer than one crop can be."""
        return np.clip(logit(np.clip(self.generated, 1e-6, 1 - 1e-6)), -_FARTHEST, _FARTHEST)

    @property
    def disagreement(self) -> float:
        """The largest difference of mean log-odds between two sides of the image, above and below a line or left and
        right of one, each with two crops or more."""
        odds, places = self.log_odds, np.array(self.places)
        found = [0.0]
        for along in places.T:
            for line in np.unique(along)[1:]:
                before, after = odds[along < line], odds[along >= line]
                if min(len(before), len(after)) > 1:
                    found.append(abs(float(before.mean() - after.mean())))
        return max(found)

    @property
    def mixed(self) -> bool:
        return self.disagreement >= _MIXED

    def times(self, factor: float) -> Regions:
        """The same crops in the picture before it was scaled back by ``factor``."""
        places = tuple((round(top * factor), round(left * factor)) for top, left in self.places)
        return replace(self, places=places, side=round(self.side * factor))

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {"top": top, "left": left, "side": self.side, "generated": round(probability, 4)}
            for (top, left), probability in zip(self.places, self.generated, strict=True)
        ]


def regions_of(
    collection: Collection, image: Image, artifacts: Mapping[str, np.ndarray], verdict: Verdict
) -> Regions | None:
    """From the artifacts (crops, d) of an image's crops by space; None where there are few, or they are not the image's
    own pixels. Among many generators the crops are compared with those that the whole image is likest to."""
    places = grid(image.height, image.width, collection.form)
    if collection.form.resize is not None or len(places) < _LEAST_CROPS:
        return None
    known, offsets, numbers, one_view = collection.known, collection.offsets, None, np.ones(len(places), dtype=int)
    if len(collection.names) > COMPARED:
        likeliest = {candidate.generator for candidate in verdict.candidates[: COMPARED + 1]}
        numbers = [number for number, name in enumerate(collection.names) if name in likeliest][:COMPARED]
        known, offsets = {space: one.select(numbers) for space, one in known.items()}, offsets.select(numbers)
    evidence = weigh(collection, known, artifacts, one_view, numbers)
    generated = collection.calibration.posterior(evidence, offsets).made
    return Regions(tuple(places), collection.form.crop, tuple(float(value) for value in generated))
