"""From probabilities to a verdict: a generator by name, "real", or "unknown"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, overload

import numpy as np

from .calibration import Calibration, Posterior

REAL = "real"
_NEGLIGIBLE = 1e-6  # thousands of generators that are out of the question need no adding up


class Candidate(NamedTuple):
    """A generator's slug, or "real", with its probability given that the image is from one of the candidates."""

    generator: str
    probability: float


class Ranking(Sequence[Candidate]):
    """Candidates, the likeliest first. They are sorted, and each is made, when asked for: of thousands, few are."""

    def __init__(self, labels: Sequence[str], probabilities: np.ndarray) -> None:
        self._labels, self._probabilities = labels, probabilities

    @cached_property
    def _order(self) -> list[int]:
        order: list[int] = np.argsort(-self._probabilities, kind="stable").tolist()
        return order

    def _candidate(self, column: int) -> Candidate:
        return Candidate(self._labels[column], float(self._probabilities[column]))

    def __len__(self) -> int:
        return len(self._labels)

    @overload
    def __getitem__(self, index: int) -> Candidate: ...

    @overload
    def __getitem__(self, index: slice) -> Ranking: ...

    def __getitem__(self, index: int | slice) -> Candidate | Ranking:
        if isinstance(index, slice):
            columns = self._order[index]
            return Ranking([self._labels[column] for column in columns], self._probabilities[columns])
        return self._candidate(self._order[index])

    def __iter__(self) -> Iterator[Candidate]:
        return map(self._candidate, self._order)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Verdict:
    """``verdict``: "generator", "real" or "unknown". ``probability`` is the verdict's own, ``unknown`` that of unknown.

    ``family`` is set when no single generator passes but those that share a design do together: "X or Y, same
    decoder". ``p_value``: the share of genuine members of the best candidate that look at least as atypical.
    """

    verdict: str
    generator: str | None
    probability: float
    p_value: float
    candidates: Sequence[Candidate]
    unknown: float
    family: str | None


def decide(
    posterior: Posterior, names: Sequence[str], families: Sequence[str], calibration: Calibration, doubt: float = 0.0
) -> Verdict:
    """The verdict on one image (row 0 of ``posterior``). ``families`` names the shared design of each generator.

    ``doubt`` in [0, 1) moves that share of the probability to "unknown" (traces of a history not covered).
    """
    known = (1.0 - float(posterior.unknown[0])) * (1.0 - doubt)
    probabilities = posterior.candidates[0]
    candidates = Ranking([*names, REAL], probabilities)
    best = int(probabilities[:-1].argmax())
    name_probability, real_probability = known * float(probabilities[best]), known * float(probabilities[-1])
    verdict, generator, family, probability = "unknown", None, None, 1.0 - known
    if calibration.named(posterior, doubt)[0]:
        verdict, generator, probability = "generator", names[best], name_probability
    elif calibration.called_real(posterior, doubt)[0]:
        verdict, probability = REAL, real_probability
    elif 1.0 - float(posterior.generated[0]) <= calibration.real_limit:
        if_generated = probabilities[:-1] * known / max(float(posterior.generated[0]), 1e-12)  # as in naming
        family = _family(if_generated, families, float(calibration.bar(posterior.as_made)[0]))
    return Verdict(verdict, generator, probability, float(posterior.p_value[0]), candidates, 1.0 - known, family)


def _family(probabilities: np.ndarray, families: Sequence[str], threshold: float) -> str | None:
    """The shared design whose generators pass the threshold together, if there is one."""
    totals: dict[str, float] = {}
    for column in np.flatnonzero(probabilities > _NEGLIGIBLE).tolist():
        if families[column]:
            totals[families[column]] = totals.get(families[column], 0.0) + float(probabilities[column])
    best = max(totals, key=lambda family: totals[family], default=None)
    return best if best is not None and totals[best] >= threshold else None
