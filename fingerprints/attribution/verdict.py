"""From probabilities to a verdict: the most that is proved of an image.

real        it looks like a photo
generated   a model made it; which one is not known
family      one of a few generators made it, and they share a design
among       one of a few generators made it
generator   this one did
unknown     none of these is proved
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, overload

import numpy as np

from ..images.detail import LITTLE, NOTHING
from .bars import STRICT, Bars
from .calibration import Calibration, Posterior

REAL, GENERATED, FAMILY, AMONG, GENERATOR, UNKNOWN = "real", "generated", "family", "among", "generator", "unknown"
MADE = (GENERATED, FAMILY, AMONG, GENERATOR)  # verdicts that say that a model made the image
STANDARD = "standard"
STRICTNESS = (STRICT, STANDARD, "lax")
_MANY, _FEW = 500, 64  # generators
LARGEST_SET = 4
_UNPROVED = 0.5  # of the certainty of a picture that shows little, taken back where nothing is proved of it


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
    """``verdict``: one of the words above. ``generator``: the one that is named, else None. ``among``: the generators
    of a set, the likeliest first, else empty; ``family``: the design that all of them share, if they do.

    ``probability``: that the verdict is right. ``generated``: that a model made the image. ``unknown``: that it is none
    of the candidates. ``p_value``: the share of genuine images of the likeliest candidate that look at least as
    atypical.
    """

    verdict: str
    generator: str | None
    among: tuple[str, ...]
    family: str | None
    probability: float
    generated: float
    p_value: float
    candidates: Sequence[Candidate]
    unknown: float


@dataclass(frozen=True)
class Levels:
    """Of n images: the ``verdict`` of each as a word ("among" where a set is given); ``probability`` found for it,
    before it is stated; ``best`` (n,): the column of the likeliest generator; ``sets`` (n, g): who is in the set."""

    verdict: np.ndarray
    probability: np.ndarray
    best: np.ndarray
    sets: np.ndarray


def levels(posterior: Posterior, bars: Bars) -> Levels:
    """The most that is proved of each image: of those that show little by bars of their own, of those that show nothing
    nothing."""
    found = _levels(posterior, bars)
    little = posterior.shows == LITTLE
    if bars.little is None or not little.any():
        return found
    of_little = _levels(posterior, bars.little)
    return Levels(
        np.where(little, of_little.verdict, found.verdict),
        np.where(little, of_little.probability, found.probability),
        found.best,
        np.where(little[:, None], of_little.sets, found.sets),
    )


def _levels(posterior: Posterior, bars: Bars) -> Levels:
    best, names = posterior.shares.argmax(axis=1), posterior.names
    name = names.max(axis=1)
    sets = smallest_sets(posterior.shares, bars.covered)
    held = (names * sets).sum(axis=1)
    proved = posterior.made
    made = (proved >= bars.least(posterior.added)) & ~posterior.outside
    small = (sets.sum(axis=1) <= LARGEST_SET) & (sets.sum(axis=1) > 1)
    real = (posterior.real >= bars.real) & (posterior.real_p_value >= bars.typical) & ~posterior.outside
    typical = np.maximum(posterior.p_value, posterior.real_p_value) >= bars.typical  # of something: no drawing is
    choices = [
        (made & (name >= bars.named), GENERATOR, proved * name),
        (made & small & (1 - posterior.stranger >= bars.known), AMONG, proved * held),
        (made & typical & (proved >= bars.alone), GENERATED, proved),
        (real & ~made, REAL, posterior.real),
    ]
    conditions = [condition & (posterior.shows != NOTHING) for condition, _, _ in choices]
    return Levels(
        np.select(conditions, [word for _, word, _ in choices], UNKNOWN),
        np.select(conditions, [probability for _, _, probability in choices], posterior.unknown),
        best,
        sets,
    )


def smallest_sets(shares: np.ndarray, covered: float) -> np.ndarray:
    """(n, g) -> which generators are in the smallest set of each image whose shares add up to ``covered``."""
    order = _likeliest(shares, covered)
    ranked = np.take_along_axis(shares, order, axis=1)
    inside = np.cumsum(ranked, axis=1) - ranked < covered
    found = np.zeros(shares.shape, dtype=bool)
    np.put_along_axis(found, order, inside, axis=1)
    return found


def _likeliest(shares: np.ndarray, covered: float) -> np.ndarray:
    """Columns (n, k) by falling share: as many as cover ``covered`` of every image. Of thousands a few dozen mostly
    do, and all need not be sorted."""
    if shares.shape[1] > _MANY:
        few = np.sort(np.argpartition(-shares, _FEW, axis=1)[:, :_FEW], axis=1)
        of_few = np.take_along_axis(shares, few, axis=1)
        if (of_few.sum(axis=1) > covered).all():
            return np.take_along_axis(few, np.argsort(-of_few, axis=1, kind="stable"), axis=1)
    return np.argsort(-shares, axis=1, kind="stable")


def decide(
    posterior: Posterior,
    names: Sequence[str],
    families: Sequence[str],
    calibration: Calibration,
    doubt: float = 0.0,
    strictness: str = STANDARD,
) -> Verdict:
    """The verdict on one image (row 0 of ``posterior``). ``families`` names the shared design of each generator.

    ``doubt`` in [0, 1] takes that share of the certainty back (traces of a history that is not covered). Of an image
    that shows little, half of what was found is believed where nothing is proved.
    """
    posterior = posterior.doubted(doubt) if doubt else posterior
    found = levels(posterior, calibration.bars[strictness])
    word, probability = str(found.verdict[0]), float(found.probability[0])
    if posterior.shows[0] == LITTLE and word == UNKNOWN:
        posterior = posterior.doubted(max(doubt, _UNPROVED))
        probability = float(posterior.unknown[0])
    inside = np.flatnonzero(found.sets[0]) if word == AMONG else np.zeros(0, dtype=int)
    members = inside[np.argsort(-posterior.shares[0, inside], kind="stable")].tolist()
    designs = {families[column] for column in members}
    family = designs.pop() if len(designs) == 1 else None
    word = FAMILY if family else word
    return Verdict(
        verdict=word,
        generator=names[found.best[0]] if word == GENERATOR else None,
        among=tuple(names[column] for column in members),
        family=family or None,
        probability=calibration.stated[AMONG if word == FAMILY else word](probability),
        generated=float(posterior.made[0]),
        p_value=float(posterior.p_values[0]),
        candidates=Ranking([*names, REAL], posterior.candidates[0]),
        unknown=float(posterior.unknown[0]),
    )
