"""All spaces at once: one covariance of their artifacts, so that what two spaces see alike counts once.

A sum of the spaces' log-likelihoods takes them to be independent, which the spaces of one image are not. The joint
covariance is learned from the images as they were made. It says who made an image that nothing happened to, and has a
smaller word beside the sum where something did; whether something did is left to the sum. Whether a model made the
image at all, and what share of a generator's trace it shows, it says best (attribution/calibration.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..geometry.artifact import ViewArtifacts
from .discriminant import Discriminant
from .evidence import Known
from .fisher import FisherLine
from .reference import Members, Reference, Spread, middle
from .triangle import packed_triangle, unpacked_triangle


@dataclass(frozen=True)
class Joint:
    """What a Reference is to one space, to all ``spaces`` at once, with D their dimensions together: the artifacts of
    all spaces, each whitened in its space, side by side.

    ``within`` whitens what the spaces' own covariances left of images as they were made; ``spread``, ``contrast`` and
    ``real_means`` (R, D) and ``founders`` (f, h, D) as in Reference.
    """

    spaces: tuple[str, ...]
    within: Discriminant
    spread: Spread
    contrast: Discriminant
    real_means: np.ndarray
    founders: np.ndarray

    @property
    def dimension(self) -> int:
        return len(self.within.whitening)

    def members(self, histories: int) -> list[Members]:
        """Images vary after every history as they do when they are made: so much is learned of all spaces at once."""
        return [Members(self.within, self.spread)] * histories

    def centre(self, history: int) -> np.ndarray:
        """The middle (D,) of the founders after that history, or as they were made where it was not measured."""
        return middle(self.founders, history)

    @cached_property
    def line(self) -> FisherLine:
        """What parts images by founders from photos."""
        return FisherLine.of(self.contrast, self.founders, self.real_means)

    def known(self, known: Mapping[str, Known]) -> Known:
        """The generators of ``known``, by space, as all spaces at once compare them."""
        parts = [known[space].means @ known[space].members[0].within.whitening for space in self.spaces]
        looseness = np.mean([known[space].looseness for space in self.spaces], axis=0)
        return Known.of(self.with_founders(known), np.concatenate(parts, axis=2), looseness)

    def with_founders(self, known: Mapping[str, Known]) -> Joint:
        """Itself; of an earlier version, which kept none, with the founders of the spaces."""
        if self.founders.any():
            return self
        parts = [known[space].reference.founders @ known[space].members[0].within.whitening for space in self.spaces]
        return replace(self, founders=np.concatenate(parts, axis=2)) if all(map(len, parts)) else self

    def to_arrays(self) -> tuple[dict[str, np.ndarray], str]:
        """Arrays and one line of JSON that ``from_arrays`` takes back, value for value."""
        facts = {"spaces": list(self.spaces), "spread": list(astuple(self.spread))}
        arrays = {
            **packed_triangle("within", self.within.whitening),
            **packed_triangle("contrast", self.contrast.whitening),
            "real_means": self.real_means.astype(np.float16),
            "founders": self.founders.astype(np.float16),
        }
        return arrays, json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], facts_json: str) -> Joint:
        facts: dict[str, Any] = json.loads(facts_json)
        within = unpacked_triangle("within", arrays)
        if "contrast" not in arrays:  # of earlier versions, whose calibrations ask nothing of it
            nothing = np.zeros((1, len(within)), np.float32)
            arrays = {"contrast": within, "real_means": nothing, "founders": nothing[None], **arrays}
        contrast = unpacked_triangle("contrast", arrays)
        rows = (arrays[name].astype(np.float32) for name in ("real_means", "founders"))
        spaces, spread = tuple(facts["spaces"]), Spread(*facts["spread"])
        return cls(spaces, Discriminant(within), spread, Discriminant(contrast), *rows)


def side_by_side(references: Mapping[str, Reference], artifacts: Mapping[str, np.ndarray]) -> np.ndarray:
    """Artifacts (n, d) of each space, whitened by its covariance: (n, D)."""
    parts = [reference.within.whiten(artifacts[space]).rows for space, reference in references.items()]
    return np.concatenate(parts, axis=1)


def all_side_by_side(
    references: Mapping[str, Reference], parts: Mapping[str, Sequence[ViewArtifacts]]
) -> list[ViewArtifacts]:
    """The same of several sets of images, by space."""
    found = []
    for of_one in zip(*(parts[space] for space in references), strict=True):
        first, rows = of_one[0], dict(zip(references, (part.rows for part in of_one), strict=True))
        found.append(replace(first, rows=side_by_side(references, rows)))
    return found
