"""Bars: what must be proved before something is said of an image, and the probability that is stated then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import expit, logit

STRICT = "strict"
NEVER = 2.0  # no probability reaches it
_LESS_DOUBT = 1 / 32  # of that which the strictest step leaves that a model made it
_MOST_CERTAIN = 1e-4


@dataclass(frozen=True)
class Bars:
    """What must be proved before something is said, at one step of strictness.

    ``generated``: the least probability that a model made it, before a name or a set is given; ``alone``: before that
    alone is said. ``added``: the least before the name of the only generator that was added later, or a set that it
    leads; None where that was not measured, and the same is asked as of founders. ``named``: the least of the best
    generator, if a model made it. ``covered``: what a set of generators must hold together, if one of them made it;
    ``known``: the least probability that one of all did. ``real``: the least probability of a photo, ``typical`` the
    least p-value of one. ``little``: the bars for images that show little (``with_little``), None in those themselves.
    """

    generated: float
    alone: float
    named: float
    covered: float
    known: float
    real: float
    typical: float
    added: float | None = None
    little: Bars | None = None

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Bars:
        little = facts.get("little")
        return cls(**{**facts, "little": little and cls(**little)})

    def least(self, added: np.ndarray) -> np.ndarray:
        """(n,): the least probability that a model made an image, before a name or a set is given, where ``added`` is
        that of its Posterior. Among several generators that were added later there is more often one that a photo
        happens to be near, so that the odds for each must be as many times higher: all of them together accuse about as
        many photos as one alone."""
        if self.added is None:
            return np.full(len(added), self.generated)
        odds = self.added * np.maximum(added, 1)
        return np.where(added > 0, odds / (odds + 1 - self.added), self.generated)


def with_little(bars: Mapping[str, Bars]) -> dict[str, Bars]:
    """``bars`` by strictness, with those for images that show little: more is asked than at the strictest step before
    it is said that a model made them, and nothing is called real."""
    if STRICT not in bars:
        return dict(bars)
    strict = bars[STRICT]
    beyond = replace(
        strict, generated=_beyond(strict.generated), added=strict.added and _beyond(strict.added), real=NEVER
    )
    return {step: replace(one, little=one.little or replace(beyond, little=None)) for step, one in bars.items()}


def _beyond(bar: float) -> float:
    return 1 - _LESS_DOUBT * (1 - bar)


@dataclass(frozen=True)
class Stated:
    """What probability is stated at one level: log-odds ``slope`` times those that were found, plus ``shift``."""

    slope: float = 1.0
    shift: float = 0.0

    def __call__(self, probability: float) -> float:
        p = min(max(probability, _MOST_CERTAIN), 1 - _MOST_CERTAIN)
        return float(expit(self.slope * logit(p) + self.shift))
