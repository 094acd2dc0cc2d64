"""All spaces at once: one covariance of their artifacts, so that what two spaces see alike counts once.

A sum of the spaces' log-likelihoods takes them to be independent, which the spaces of one image are not. The joint
discriminant is learned from the images as they were made alone. It says who made an image that nothing happened to, and
has a smaller word beside the sum where something did; whether something did is left to the sum
(attribution/calibration.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any

import numpy as np

from .artifact import ViewArtifacts
from .attribution.discriminant import Discriminant
from .attribution.evidence import Evidence, Known
from .classes import discriminant_of, spread_of
from .crossfit import Trials, Weigh, cross_fit_by
from .reference import Reference, Spread, square, triangle


@dataclass(frozen=True)
class Joint:
    """``within`` whitens, with D the dimensions of ``spaces`` together, what the spaces' own covariances left: their
    artifacts, each whitened in its space, side by side. ``spread``: of members, as in Reference."""

    spaces: tuple[str, ...]
    within: Discriminant
    spread: Spread

    @classmethod
    def fit(cls, spaces: Sequence[str], generated: Sequence[ViewArtifacts], shrinkage: float) -> Joint:
        """From the artifacts of each generator's images, ``side_by_side``."""
        made = [part.as_made for part in generated]
        within = discriminant_of(made, shrinkage)
        return cls(tuple(spaces), within, spread_of(within, made))

    @classmethod
    def trials(cls, generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts], shrinkage: float) -> Trials:
        """As cross_fit of a space, from artifacts ``side_by_side``."""

        def learn(train: Sequence[ViewArtifacts], _: Mapping[str, ViewArtifacts]) -> Weigh:
            joint = cls.fit((), train, shrinkage)
            means = np.stack([part.as_made.per_image().mean(axis=0) for part in train])
            return partial(joint.weigh, means=joint.within.whiten(means).rows)

        return cross_fit_by(learn, generated, real)

    def means(self, known: Mapping[str, Known]) -> np.ndarray:
        """The generators' means (g, D), whitened, from where they lie in each space as they were made."""
        rows = np.concatenate([known[space].within[0].rows for space in self.spaces], axis=1)
        return self.within.whiten(rows).rows

    def weigh(self, rows: np.ndarray, views: np.ndarray, means: np.ndarray) -> Evidence:
        """Images (n, D), side by side, against whitened ``means`` (g, D): the likelihood (n, g, 1) alone; of "real"
        and of distances it says nothing."""
        likelihood = self.within.whiten(rows).rows @ means.T - 0.5 * np.einsum("gd,gd->g", means, means)
        nothing = np.zeros((len(rows), len(means), 1), np.float32)
        per_image = np.zeros(len(rows), np.float32)
        scaled = likelihood / self.spread.of(views)[:, None]
        return Evidence(scaled[:, :, None].astype(np.float32), per_image, nothing, per_image, views)

    def to_arrays(self) -> tuple[dict[str, np.ndarray], str]:
        """Arrays and one line of JSON that ``from_arrays`` takes back, value for value."""
        facts = {"spaces": list(self.spaces), "spread": list(astuple(self.spread))}
        return {"within": triangle(self.within.whitening)}, json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], facts_json: str) -> Joint:
        facts: dict[str, Any] = json.loads(facts_json)
        return cls(tuple(facts["spaces"]), Discriminant(square(arrays["within"])), Spread(*facts["spread"]))


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
        found.append(ViewArtifacts(side_by_side(references, rows), first.image_of_row, first.contents, first.histories))
    return found
