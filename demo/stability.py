"""The stability strip: one small cell for each way in which the picture was changed, and what it is called then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.card import Card
from registry.identify import Answer
from registry.stability import VARIANTS, Variant
from registry.words import candidate_label, steadiness

from .answer import called
from .html import text
from .words import NO_VARIANT, PLAIN_VARIANTS

_HEADING = "The same picture, saved again, scaled or cropped"


@dataclass(frozen=True)
class Cell:
    """``kind``: "same", "unknown", "named" (what was unknown got a name), "another", "uncovered" or "waiting"."""

    variant: str
    kind: str
    words: str


_MARKS = {"same": "✓", "unknown": "?", "named": "→", "another": "≠", "uncovered": "–", "waiting": "…"}


def strip_html(answer: Answer, found: Sequence[Variant], cards: Mapping[str, Card]) -> str:
    """The cells of the variants found so far, the others waiting; the sentence when ``answer`` has it (``stable``)."""
    cells = [cell(answer, variant, cards) for variant in found]
    cells += [Cell(name, "waiting", "") for name in list(VARIANTS)[len(found) :]]
    done = len(found) == len(VARIANTS)
    sentence = (steadiness(answer) or NO_VARIANT) if done else "Looking whether the answer stays the same …"
    tone = " fp-unstable" if answer.stable is False else ""
    return (
        f'<section class="fp-stability{tone}" data-state="{"done" if done else "working"}"><h3>{text(_HEADING)}</h3>'
        f'<p role="status">{text(sentence)}</p><ul class="fp-cells">{"".join(map(_cell_html, cells))}</ul></section>'
    )


def cell(answer: Answer, variant: Variant, cards: Mapping[str, Card]) -> Cell:
    """What a variant is called, compared with the picture as it was given."""
    if variant.answer is None:
        return Cell(variant.name, "uncovered", "not covered")
    before, now = called(answer), called(variant.answer)
    if before == now:
        return Cell(variant.name, "same", "same")
    if now is None:
        return Cell(variant.name, "unknown", "unknown")
    return Cell(variant.name, "named" if before is None else "another", candidate_label(now, cards))


def _cell_html(shown: Cell) -> str:
    label, mark = PLAIN_VARIANTS.get(shown.variant, shown.variant), _MARKS[shown.kind]
    return (
        f'<li class="fp-cell fp-{shown.kind}" data-variant="{text(shown.variant)}" data-kind="{shown.kind}">'
        f'<b>{text(label)}</b><span aria-hidden="true">{mark}</span> {text(shown.words)}</li>'
    )
