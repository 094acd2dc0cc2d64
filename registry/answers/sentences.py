"""Answers in sentences, for people who never read the paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from fingerprints.attribution.calibration import ATYPICAL
from fingerprints.attribution.verdict import AMONG, FAMILY, GENERATED, GENERATOR, REAL, UNKNOWN
from fingerprints.claims import INVALID, NOT_CHECKED, NOT_SIGNED, VALID
from fingerprints.sentence import counted, said

from ..analysis.coverage import listed, with_commas
from ..analysis.well_known import WellKnown, missing
from ..storage.card import Card
from .identify import Answer

_MOST_NAMED = 5  # well-known models that an answer says it knows nothing of

_LONGEST_CLAIM = 160
_BORNE_OUT: dict[str, Callable[[str], str]] = {
    VALID: lambda says: said("The file itself says, signed and valid: {says}", says=says),
    INVALID: lambda says: said("The file itself says, signed but not valid: {says}", says=says),
    NOT_CHECKED: lambda says: said("The file itself says, not checked: {says}", says=says),
    NOT_SIGNED: lambda says: said("The file itself claims, not signed: {says}", says=says),
}


def sentence(answer: Answer, cards: Mapping[str, Card]) -> str:
    """The verdict in one sentence."""
    verdict = answer.verdict
    if verdict.verdict == GENERATOR and verdict.generator is not None:
        return said("Probably {generator}.", generator=cards[verdict.generator].label)
    if verdict.verdict == FAMILY:
        shared = verdict.family
        return said(
            "Generated, by {set}: these share their image decoder ({shared}).",
            set=_one_of(answer, cards),
            shared=shared,
        )
    if verdict.verdict == AMONG:
        return said("Generated, by {set}.", set=_one_of(answer, cards))
    if verdict.verdict == GENERATED:
        return said("Generated; by which model cannot be told.")
    if verdict.verdict == REAL:
        return said("Looks like a photograph: nothing here speaks for a generator in this registry.")
    if verdict.unknown > 1 - ATYPICAL:
        return said("Unknown: unlike the photos and the generated pictures that this registry knows.")
    return said("Unknown: what there is to see does not tell a photograph from a generated picture.")


def in_short(answer: Answer, cards: Mapping[str, Card]) -> str:
    """What the verdict says, in a few words: for lists and small places."""
    verdict = answer.verdict
    if verdict.generator is not None:
        return candidate_label(verdict.generator, cards)
    if verdict.among:
        return _one_of(answer, cards)
    if verdict.verdict == REAL:
        return candidate_label(REAL, cards)
    return said("generated") if verdict.verdict == GENERATED else said("unknown")


def looked_for(answer: Answer, cards: Mapping[str, Card]) -> str:
    """Of a photo, what it was compared with: nothing is promised beyond that. Empty for other verdicts."""
    if answer.verdict.verdict != REAL:
        return ""
    others = not_among(missing(cards.values()))
    if not others:
        return counted(
            "Compared with {number} model; a picture by any other can look like a photo too.",
            "Compared with {number} models; a picture by any other can look like a photo too.",
            len(cards),
        )
    return counted(
        "Compared with {number} model; not among them: {others}. A picture by one of those can look like a photo too.",
        "Compared with {number} models; not among them: {others}. A picture by one of those can look like a photo too.",
        len(cards),
        others=others,
    )


def not_among(models: Sequence[WellKnown]) -> str:
    """The best known of these, the first ones: "A, B and others"; empty when there are none."""
    others = [said("others")] if len(models) > _MOST_NAMED else []
    return listed([*(model.name for model in models[:_MOST_NAMED]), *others])


def certainty(answer: Answer) -> str:
    """What the probability means, in words."""
    share = round(100 * answer.verdict.probability)
    if answer.verdict.verdict == UNKNOWN:
        return said("No answer is sure enough to be given; giving one anyway would often be wrong.")
    return said(
        "Of 100 such answers about photos and pictures by models in this registry, about {share} are right.",
        share=share,
    )


def steadiness(answer: Answer) -> str:
    """Whether the answer survives re-saving and scaling; empty when that was not asked or cannot be told."""
    if answer.stable is None:
        return ""
    if answer.stable and answer.verdict.verdict == UNKNOWN:
        return said("Re-saved, scaled or cropped, it is unknown too, or gets answers that fit together.")
    if answer.stable:
        return said("Re-saved, scaled or cropped, it gets no answer that contradicts this one.")
    return said("Unstable: re-saved, scaled or cropped, the same picture gets answers that contradict each other.")


def claimed(answer: Answer) -> str:
    """What the file says of its origin, the first of it, and how far a signature bears it out; empty if it says
    nothing."""
    if not answer.claims:
        return ""
    first = answer.claims[0]
    says = first.says if len(first.says) <= _LONGEST_CLAIM else f"{first.says[:_LONGEST_CLAIM]}…"
    return _BORNE_OUT[first.signed](says)


def candidate_label(name: str, cards: Mapping[str, Card]) -> str:
    """How a candidate is called on screen."""
    return said("a real photo") if name == REAL else cards[name].label


def _one_of(answer: Answer, cards: Mapping[str, Card]) -> str:
    """The generators of the set: "A, B or C"."""
    *most, last = (cards[name].label for name in answer.verdict.among)
    return said("{most} or {last}", most=with_commas(most), last=last)
