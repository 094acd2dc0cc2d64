"""An answer as a ladder: photo or generated first, then by which model. Each step adds up to one whole, and the bars of
what the verdict says show the probability that is stated for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import islice

from fingerprints.attribution.calibration import ATYPICAL
from fingerprints.attribution.verdict import AMONG, FAMILY, GENERATED, GENERATOR, MADE, REAL, UNKNOWN, Verdict
from fingerprints.sentence import Sentence, counted, said
from registry.answers.identify import Answer
from registry.answers.sentences import candidate_label
from registry.storage.card import Card

from ..parts.html import generator_link

NEITHER = "neither"
OTHERS, STRANGER = "-others", "-stranger"  # no generator can be called so
_GENERATORS_SHOWN = 4
_SMALL = 0.01  # a generator with less is shown among the others, unless it is named
_LEAST = 1e-9  # so that there is always something to share out
_FIRST, _SECOND = said("Photo or generated?"), said("If generated, by which model?")
_UNSAID = said("Not sure enough to be said.")
_HINT = said("Not sure enough to be said: a hint, not an answer.")
_UNLIKE = said("It is unlike anything that this registry knows, so the rest says little.")
_ONE_OF_THEM = said("One of the marked ones; which of them is not sure enough to be said.")


@dataclass(frozen=True)
class Bar:
    """``share`` of its step; ``kind``: "best" (what is said), "unsure" (no answer), or "other"."""

    name: str
    label: str
    share: float
    kind: str
    link: str = ""


@dataclass(frozen=True)
class Step:
    """One question. ``said``: the verdict answers it; else its bars are muted. ``note`` says how to read them."""

    name: str
    title: str
    bars: tuple[Bar, ...]
    said: bool
    note: str


def ladder(answer: Answer, cards: Mapping[str, Card]) -> list[Step]:
    """The steps as far as the verdict goes, and one farther: what is not sure enough to be said is shown as that."""
    verdict = answer.verdict
    first = Step("made", _FIRST, _first_bars(verdict), verdict.verdict != UNKNOWN, _first_note(verdict))
    if verdict.verdict == REAL or outside(verdict):
        return [first]
    said = verdict.verdict in (GENERATOR, FAMILY, AMONG)
    return [first, Step("by", _SECOND, _second_bars(answer, cards), said, _second_note(verdict))]


def photo_or_generated(verdict: Verdict) -> dict[str, float]:
    """Shares of "generated", "real" (a photo) and "neither", which sum to 1. What the verdict says has its stated
    probability, "generated" at least that of a finer verdict; the others share the rest."""
    found = _found(verdict)
    if verdict.verdict in (REAL, GENERATED):
        return _stated(found, {verdict.verdict}, verdict.probability)
    if verdict.verdict in MADE:
        return _stated(found, {GENERATED}, max(found[GENERATED], verdict.probability))
    return found


def by_which(verdict: Verdict) -> dict[str, float]:
    """Of a generated image: shares of each generator, the likeliest first, and of STRANGER, a model that is none of
    these. They sum to 1; those of what the verdict says, times "generated", are its stated probability."""
    known = {c.generator: (1 - verdict.unknown) * c.probability for c in verdict.candidates if c.generator != REAL}
    whole = max(_found(verdict)[GENERATED], sum(known.values()), _LEAST)
    shares = {name: share / whole for name, share in known.items()}
    shares[STRANGER] = max(0.0, 1.0 - sum(shares.values()))
    own, generated = said_generators(verdict), max(photo_or_generated(verdict)[GENERATED], _LEAST)
    return _stated(shares, own, verdict.probability / generated) if own else shares


def said_generators(verdict: Verdict) -> tuple[str, ...]:
    """The one that is named, or those of the set."""
    return (verdict.generator,) if verdict.generator else verdict.among


def _found(verdict: Verdict) -> dict[str, float]:
    """The same shares before any is stated. Of an image unlike all that is known, what it is nearest to says little."""
    known = 1 - verdict.unknown
    if outside(verdict):
        return {GENERATED: known * verdict.generated, REAL: known * (1 - verdict.generated), NEITHER: verdict.unknown}
    real = next(c.probability for c in verdict.candidates if c.generator == REAL)
    photo = min(known * real, 1 - verdict.generated)
    return {GENERATED: verdict.generated, REAL: photo, NEITHER: 1 - verdict.generated - photo}


def outside(verdict: Verdict) -> bool:
    """Is it unlike all that is known, so that what it is nearest to says little?"""
    return verdict.verdict == UNKNOWN and verdict.unknown > 1 - ATYPICAL


def _stated(shares: Mapping[str, float], own: Collection[str], probability: float) -> dict[str, float]:
    """The same with ``probability`` for those of ``own`` together, in proportion on both sides."""
    shares = {name: max(share, _LEAST) for name, share in shares.items()}
    held = sum(share for name, share in shares.items() if name in own)
    rest = sum(shares.values()) - held
    factors = {True: min(probability, 1.0) / held, False: max(1 - probability, 0.0) / rest}
    return {name: share * factors[name in own] for name, share in shares.items()}


def _first_bars(verdict: Verdict) -> tuple[Bar, ...]:
    labels = {GENERATED: said("generated by a model"), REAL: said("a real photo"), NEITHER: said("neither of these")}
    shares = photo_or_generated(verdict)
    return tuple(Bar(name, label, shares[name], _first_kind(name, verdict)) for name, label in labels.items())


def _first_kind(name: str, verdict: Verdict) -> str:
    if name == NEITHER and outside(verdict):
        return "unsure"
    said = GENERATED if verdict.verdict in MADE else verdict.verdict
    return "best" if name == said else "other"


def _second_bars(answer: Answer, cards: Mapping[str, Card]) -> tuple[Bar, ...]:
    """Those of the set and the likeliest generators, the others together, and a model that is none of them."""
    shares, own = by_which(answer.verdict), said_generators(answer.verdict)
    stranger = Bar(STRANGER, said("a model not in this registry"), shares.pop(STRANGER), "other")
    likeliest = [name for name, share in islice(shares.items(), _GENERATORS_SHOWN) if share >= _SMALL]
    shown = list(dict.fromkeys([*own, *likeliest]))[: max(_GENERATORS_SHOWN, len(own))]
    rows = [
        Bar(
            name,
            candidate_label(name, cards),
            shares.pop(name),
            "best" if name in own else "other",
            generator_link(answer.collection, name),
        )
        for name in shown
    ]
    return (*rows, *_the_others(shares, bool(rows)), stranger)


def _the_others(shares: Mapping[str, float], beside: bool) -> list[Bar]:
    """``beside`` some that are shown by name."""
    if not shares:
        return []
    label = _other_models(len(shares)) if beside else _models(len(shares))
    return [Bar(OTHERS, label, sum(shares.values()), "other")]


def _other_models(number: int) -> Sentence:
    return counted("{number} other model", "{number} other models", number)


def _models(number: int) -> Sentence:
    return counted("{number} model", "{number} models", number)


def _first_note(verdict: Verdict) -> str:
    if outside(verdict):
        return _UNLIKE
    return _UNSAID if verdict.verdict == UNKNOWN else ""


def _second_note(verdict: Verdict) -> str:
    if verdict.verdict == GENERATOR:
        return ""
    return _ONE_OF_THEM if verdict.among else _HINT
