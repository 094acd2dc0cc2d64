"""All spaces at once: one covariance of their artifacts, so that what two spaces see alike counts once.

A sum of the spaces' log-likelihoods takes them to be independent, which the spaces of one image are not. The joint
discriminant is learned from the images as they were made alone. It says who made an image that nothing happened to, and
has a smaller word beside the sum where something did; whether something did is left to the sum. What share of a
generator's trace an image shows, it says best (attribution/calibration.py).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np

from .artifact import ViewArtifacts
from .attribution.discriminant import Apart, Discriminant, Whitened
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
            means = np.stack([part.as_made.per_image().mean(axis=0) for part in train])
            return KnownAtOnce.of(cls.fit((), train, shrinkage), means, means.mean(axis=0)).weigh

        return cross_fit_by(learn, generated, real)

    def known(self, known: Mapping[str, Known]) -> KnownAtOnce:
        """The generators of ``known``, by space, where they lie in each space as they were made."""
        means = np.concatenate([known[space].within[0].rows for space in self.spaces], axis=1)
        return KnownAtOnce.of(self, means, np.concatenate([known[space].apart[0].centre for space in self.spaces]))

    def to_arrays(self) -> tuple[dict[str, np.ndarray], str]:
        """Arrays and one line of JSON that ``from_arrays`` takes back, value for value."""
        facts = {"spaces": list(self.spaces), "spread": list(astuple(self.spread))}
        return {"within": triangle(self.within.whitening)}, json.dumps(facts, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], facts_json: str) -> Joint:
        facts: dict[str, Any] = json.loads(facts_json)
        return cls(tuple(facts["spaces"]), Discriminant(square(arrays["within"])), Spread(*facts["spread"]))


@dataclass(frozen=True)
class KnownAtOnce:
    """The generators (g,) as all spaces at once compare them: their whitened ``means``, and what sets them ``apart``
    from the middle of the founders."""

    joint: Joint
    means: Whitened
    apart: Apart

    @classmethod
    def of(cls, joint: Joint, means: np.ndarray, centre: np.ndarray) -> KnownAtOnce:
        """From means (g, D) and centre (D,) ``side_by_side``."""
        whitened = joint.within.whiten(means)
        return cls(joint, whitened, Apart.of(whitened, centre @ joint.within.whitening))

    def weigh(self, rows: np.ndarray, views: np.ndarray) -> Evidence:
        """Images (n, D), side by side, with their number of views: ``likelihood`` and ``share`` alone, (n, g, 1); of
        "real" and of distances it says nothing."""
        whitened = self.joint.within.whiten(rows)
        products = whitened.rows @ self.means.rows.T
        likelihood = (products - 0.5 * self.means.squares) / self.joint.spread.of(views)[:, None]
        nothing = np.zeros(len(rows), np.float32)
        return Evidence(
            likelihood=likelihood[:, :, None].astype(np.float32),
            over_real=nothing,
            distance=np.zeros((*likelihood.shape, 1), np.float32),
            real_distance=nothing,
            views=views,
            share=self.apart.shares(whitened, products)[:, :, None],
        )


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
