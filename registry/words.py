"""Answers in sentences, for people who never read the paper."""

from __future__ import annotations

from collections.abc import Mapping

from fingerprints.attribution.calibration import ATYPICAL
from fingerprints.attribution.verdict import REAL

from .card import Card
from .identify import Answer


def sentence(answer: Answer, cards: Mapping[str, Card]) -> str:
    """The verdict in one sentence."""
    verdict = answer.verdict
    if verdict.verdict == "generator" and verdict.generator is not None:
        return f"Probably {cards[verdict.generator].label}."
    if verdict.verdict == REAL:
        return "Looks like a photograph: nothing here speaks for a generator in this registry."
    if verdict.unknown > 1 - ATYPICAL:
        return "Unknown: unlike the photos and the generated pictures that this registry knows."
    if verdict.family is not None:
        return f"Uncertain between {_members(answer, cards, verdict.family)}, which share the {verdict.family}."
    return "Unknown: made by no generator in this registry, or changed too much to tell."


def certainty(answer: Answer) -> str:
    """What the probability means, in words."""
    share = round(100 * answer.verdict.probability)
    if answer.verdict.verdict == "unknown":
        return "No candidate is sure enough to be named; naming one anyway would often be wrong."
    return f"Of 100 answers given this surely, about {share} are right."


def steadiness(answer: Answer) -> str:
    """Whether the answer survives re-saving and scaling; empty when that was not asked or cannot be told."""
    if answer.stable is None:
        return ""
    if answer.stable and answer.verdict.verdict == "unknown":
        return "Re-saved, scaled or cropped, it is unknown too, or always given the same source."
    if answer.stable:
        return "Re-saved, scaled or cropped, it names no other source."
    return "Unstable: re-saved, scaled or cropped, the same picture is given another source."


def candidate_label(name: str, cards: Mapping[str, Card]) -> str:
    """How a candidate is called on screen."""
    return "a real photo" if name == REAL else cards[name].label


def _members(answer: Answer, cards: Mapping[str, Card], family: str) -> str:
    """The likeliest two or three generators of that design, joined by "or"."""
    members = [
        cards[c.generator].label
        for c in answer.verdict.candidates
        if c.generator != REAL and cards[c.generator].decoder == family
    ][:3]
    return " or ".join(members)
