"""An answer at each level of a verdict, made by hand: a registry gives some of them rarely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from fingerprints.attribution.verdict import AMONG, FAMILY, GENERATED, GENERATOR, REAL, UNKNOWN, Ranking, Verdict
from registry.answers.identify import Answer

OUTSIDE = "outside"  # unknown, and unlike all that is known


@dataclass(frozen=True)
class Level:
    """``generated``; of the first generators, if one made it, ``shares``; that none did, ``stranger``; ``unreal``: no
    photo either; ``probability`` that is stated; how many are in the set."""

    generated: float
    shares: tuple[float, ...]
    stranger: float
    unreal: float
    probability: float
    members: int = 0


LEVELS = {
    GENERATOR: Level(0.97, (0.93, 0.04), 0.03, 0.1, 0.87),
    FAMILY: Level(0.95, (0.5, 0.38), 0.1, 0.2, 0.83, members=2),
    AMONG: Level(0.9, (0.45, 0.3, 0.2), 0.05, 0.2, 0.81, members=3),
    GENERATED: Level(0.88, (0.3, 0.25, 0.2), 0.35, 0.3, 0.94),
    REAL: Level(0.06, (0.5, 0.3), 0.3, 0.08, 0.91),
    UNKNOWN: Level(0.58, (0.4, 0.3), 0.2, 0.15, 0.24),
    OUTSIDE: Level(0.8, (0.6, 0.3), 0.9, 0.9, 0.999),
}


def verdict_at(level: str, names: Sequence[str], design: str = "nearest decoder") -> Verdict:
    """Its members are the first of ``names``, of which there are at least three."""
    made = LEVELS[level]
    rest = (1 - sum(made.shares)) / max(len(names) - len(made.shares), 1)
    shares = np.array([*made.shares, *[rest] * len(names)][: len(names)])
    known = made.generated * (1 - made.stranger) * shares / shares.sum()
    both = np.array([*known, (1 - made.generated) * (1 - made.unreal)])
    return Verdict(
        verdict=UNKNOWN if level == OUTSIDE else level,
        generator=names[0] if level == GENERATOR else None,
        among=tuple(names[: made.members]),
        family=design if level == FAMILY else None,
        probability=made.probability,
        generated=made.generated,
        p_value=0.001 if level == OUTSIDE else 0.4,
        candidates=Ranking([*names, REAL], both / both.sum()),
        unknown=0.999 if level == OUTSIDE else float(1 - both.sum()),
    )


def answer_at(answer: Answer, level: str, design: str = "nearest decoder") -> Answer:
    """The same answer with another verdict, about the same candidates."""
    names = sorted(candidate.generator for candidate in answer.verdict.candidates if candidate.generator != REAL)
    return replace(answer, verdict=verdict_at(level, names, design))
