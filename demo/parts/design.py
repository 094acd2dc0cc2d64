"""The design that a batch of images speaks for, in words: axis by axis, with how often such answers are right."""

from __future__ import annotations

from collections.abc import Sequence

from fingerprints.sentence import said
from registry.analysis.design import DesignPrediction
from registry.storage.card import Card

from ..language.telling import joined
from .html import BOLD, explained, rich, text
from .words import MEANING


def design_html(spoken: Sequence[DesignPrediction], named: Card | None = None) -> str:
    """Nothing where nothing can be asked. ``named``: the generator that the images are attributed to, whose design the
    probe has not learned from."""
    if not spoken:
        return ""
    about = said(
        "A small program that knows the designs of the other generators of this collection was asked how these images "
        "were made. Beside each answer: how often it is right about generators that it never saw, from as many images, "
        "and how often chance would be."
    )
    unseen = said("It has not learned from the generator that is named above, nor from other seeds of its design.")
    rows = "".join(_row(one, named.design.get(one.axis, "") if named else "") for one in spoken)
    design = explained(said("design"), MEANING["design"])
    heading = rich(said("The {design} that these images speak for"), design=design)
    shown = f'<p class="fp-small">{text(joined([about, unseen if named else ""]))}</p><dl class="fp-facts">{rows}</dl>'
    return f'<section class="fp-design"><h3>{heading}</h3>{shown}</section>'


def _row(one: DesignPrediction, stated: str) -> str:
    """``stated``: what the card of the generator says that the images are attributed to."""
    worth, level = one.worth, next(iter(one.levels), None)
    counts = {"right": worth.right, "asked": worth.asked, "chance": f"{worth.chance:.0f}"}
    if level is None:
        answer = ""
        share = said("cannot be told apart from chance: right for {right} of {asked}, by chance for {chance}", **counts)
    else:
        card = "" if not stated else _of_the_card(stated, level)
        sure = said("<b>{level}</b>, {share} %.", level=level, share=f"{100 * one.levels[level]:.0f}")
        answer = f"{rich(sure, b=BOLD)} {text(card)}<br>"
        share = said("right for {right} of {asked}, by chance for {chance}", **counts)
    axis = f'<dt>{text(one.axis[:1].upper() + one.axis[1:])}</dt><dd data-axis="{text(one.axis)}">'
    return f'{axis}{answer}<span class="fp-small">{text(share)}</span></dd>'


def _of_the_card(stated: str, level: str) -> str:
    return said("Its card says the same.") if stated == level else said("Its card says: {stated}.", stated=stated)
