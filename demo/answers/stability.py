"""The stability strip: one small cell for each way in which the picture was changed, and what it is called then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fingerprints.attribution.verdict import UNKNOWN
from fingerprints.sentence import said
from registry.answers.identify import Answer
from registry.answers.sentences import in_short, steadiness
from registry.answers.stability import VARIANTS, Variant, agree, allowed
from registry.storage.card import Card

from ..parts.html import text
from ..parts.words import NO_VARIANT, PLAIN_VARIANTS

_HEADING = said("The same picture, saved again, scaled or cropped")


@dataclass(frozen=True)
class Cell:
    """``kind``: "same", "coarser" (it says less), "finer" (more), "another" (it contradicts), "unknown", "uncovered" or
    "waiting"."""

    variant: str
    kind: str
    words: str


_MARKS = {
    "same": "✓",
    "coarser": "≈",
    "finer": "→",
    "another": "≠",
    "unknown": "?",
    "uncovered": "–",
    "waiting": "…",
}


def strip_html(answer: Answer, found: Sequence[Variant], cards: Mapping[str, Card]) -> str:
    """The cells of the variants found so far, the others waiting; the sentence when ``answer`` has it (``stable``)."""
    cells = [cell(answer, variant, cards) for variant in found]
    cells += [Cell(name, "waiting", "") for name in list(VARIANTS)[len(found) :]]
    done = len(found) == len(VARIANTS)
    sentence = (steadiness(answer) or NO_VARIANT) if done else said("Looking whether the answer stays the same …")
    tone = " fp-unstable" if answer.stable is False else ""
    return (
        f'<section class="fp-stability{tone}" data-state="{"done" if done else "working"}"><h3>{text(_HEADING)}</h3>'
        f'<p role="status">{text(sentence)}</p><ul class="fp-cells">{"".join(map(_cell_html, cells))}</ul></section>'
    )


def cell(answer: Answer, variant: Variant, cards: Mapping[str, Card]) -> Cell:
    """What is said of a variant, compared with the picture as it was given."""
    if variant.answer is None:
        return Cell(variant.name, "uncovered", said("not covered"))
    kind = _kind(answer, variant.answer)
    return Cell(variant.name, kind, said("same") if kind == "same" else in_short(variant.answer, cards))


def _kind(answer: Answer, now: Answer) -> str:
    """A variant's answer leaves the same sources, some of them, or more; or none that the picture's own leaves."""
    before, after = allowed(answer), allowed(now)
    if not agree([answer, now]):
        return "another"
    if before == after:
        return "same"
    if now.verdict.verdict == UNKNOWN:
        return "unknown"
    return "finer" if after < before else "coarser"


def _cell_html(shown: Cell) -> str:
    label, mark = PLAIN_VARIANTS.get(shown.variant, shown.variant), _MARKS[shown.kind]
    return (
        f'<li class="fp-cell fp-{shown.kind}" data-variant="{text(shown.variant)}" data-kind="{shown.kind}">'
        f'<b>{text(label)}</b><span aria-hidden="true">{mark}</span> {text(shown.words)}</li>'
    )
