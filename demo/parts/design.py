"""The design that a batch of images speaks for, in words: axis by axis, with how often such answers are right."""

from __future__ import annotations

from collections.abc import Sequence

from registry.analysis.design import Speaks
from registry.storage.card import Card

from .html import explained, text
from .words import MEANING


def design_html(spoken: Sequence[Speaks], named: Card | None = None) -> str:
    """Nothing where nothing can be asked. ``named``: the generator that the images are attributed to, whose design the
    probe has not learned from."""
    if not spoken:
        return ""
    about = (
        "A probe that knows the designs of the other generators of this collection was asked how these images were "
        "made. Beside each answer: how often it is right about generators that it never saw, from as many images, and "
        "how often chance would be."
    )
    if named:
        about += " It has not learned from the generator that is named above, nor from other seeds of its design."
    rows = "".join(_row(one, named.design.get(one.axis, "") if named else "") for one in spoken)
    heading = f"<h3>The {explained('design', MEANING['design'])} that these images speak for</h3>"
    shown = f'<p class="fp-small">{text(about)}</p><dl class="fp-facts">{rows}</dl>'
    return f'<section class="fp-design">{heading}{shown}</section>'


def _row(one: Speaks, said: str) -> str:
    """``said``: what the card of the generator says that the images are attributed to."""
    worth, level = one.worth, next(iter(one.levels), None)
    share = f"right for {worth.right} of {worth.asked}, by chance for {worth.chance:.0f}"
    if level is None:
        answer = "cannot be told apart from chance: "
    else:
        card = "" if not said else " Its card says the same." if said == level else f" Its card says: {said}."
        answer = f"<b>{text(level)}</b>, {100 * one.levels[level]:.0f} %.{text(card)}<br>"
    axis = one.axis[:1].upper() + one.axis[1:]
    return f'<dt>{text(axis)}</dt><dd data-axis="{text(one.axis)}">{answer}<span class="fp-small">{share}</span></dd>'
