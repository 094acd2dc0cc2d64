"""An answer as HTML: the sentence, what its certainty means, and the ladder."""

from __future__ import annotations

from collections.abc import Mapping

from fingerprints.attribution.verdict import UNKNOWN
from fingerprints.images.image import Image
from fingerprints.images.surroundings import Box
from fingerprints.sentence import said
from registry.answers.identify import Answer
from registry.answers.sentences import certainty, looked_for, sentence
from registry.storage.card import Card
from registry.storage.snapshot import Collection

from ..language.telling import joined, number, separated
from ..parts.figures import thumbnail
from ..parts.html import explained, picture, sentences, size, text
from ..parts.words import ASKED_FOR, MEANING
from .ladder import Bar, Step, ladder
from .part import cut_html


def given_html(image: Image, within: Box | None = None) -> str:
    """The picture that was given, as it was understood, with a box around what the answer is about."""
    alt = said("The picture that was given: {name}", name=image.origin)
    shown = cut_html(image, picture(thumbnail(image), alt, "image/jpeg"), within)
    about = said(
        "{width} × {height} pixels, {format}, {size}",
        **{"width": image.width, "height": image.height, "format": image.format, "size": size(image.n_bytes)},
    )
    return f'<figure class="fp-given">{shown}<figcaption>{text(image.origin)}<br>{text(about)}</figcaption></figure>'


def certainty_html(answer: Answer, cards: Mapping[str, Card]) -> str:
    words = joined([looked_for(answer, cards), certainty(answer)])
    return f'<p class="fp-certainty">{text(words)}</p>'


def answer_html(answer: Answer, collection: Collection, below: str) -> str:
    """The verdict, what stands ``below`` it (how sure it is, or what is still being looked at), and the ladder."""
    tone = "fp-unsure" if answer.verdict.verdict == UNKNOWN else "fp-sure"
    head = f'<h2 class="fp-verdict {tone}">{text(sentence(answer, collection.cards))}</h2>'
    steps = "".join(map(_step_html, ladder(answer, collection.cards)))
    parts = [head, below, f'<div class="fp-ladder">{steps}</div>']
    if answer.final:
        parts += [_note(), sentences(answer.warnings, "fp-warnings")]
    state = "final" if answer.final else "working"
    return (
        f'<div class="fp-answer" data-state="{state}" data-verdict="{text(answer.verdict.verdict)}" '
        f'data-spaces="{len(answer.spaces)}">{"".join(parts)}</div>'
    )


def small_print(answer: Answer, collection: Collection, seconds: float | None = None) -> str:
    """Which registry and revision answered, in which time if that is known, and how much proof was asked for
    if not as much as usual."""
    parts: list[str] = [
        said("registry {registry}, revision {revision}", registry=answer.registry, revision=answer.revision),
        said("collection {title}", title=collection.title),
    ]
    if answer.others:
        parts.append(said("{others} take this size too, but fit it less well", others=separated(answer.others)))
    if seconds is not None:
        parts.append(f"{number(seconds, 2)} s")
    if answer.strictness in ASKED_FOR:
        parts.append(ASKED_FOR[answer.strictness])
    return f'<p class="fp-small">{" · ".join(map(text, parts))}</p>'


def share_text(share: float) -> str:
    """A share as it is written beside its bar."""
    return said("{share} %", share=f"{100 * share:.0f}") if share >= 0.01 else said("< 1 %")


def _step_html(step: Step) -> str:
    note = f'<p class="fp-note">{text(step.note)}</p>' if step.note else ""
    kind = "fp-said" if step.said else "fp-unsaid"
    return (
        f'<section class="fp-step {kind}" data-step="{step.name}"><h3>{text(step.title)}</h3>{note}'
        f'<ul class="fp-bars" aria-label="{text(step.title)}">{"".join(map(_bar_html, step.bars))}</ul></section>'
    )


def _bar_html(bar: Bar) -> str:
    label = f'<a href="{text(bar.link)}">{text(bar.label)}</a>' if bar.link else text(bar.label)
    return (
        f'<li class="fp-bar fp-{bar.kind}" data-candidate="{text(bar.name)}"><span class="fp-name">{label}</span>'
        f'<span class="fp-track" aria-hidden="true"><span style="width:{100 * bar.share:.1f}%"></span></span>'
        f'<span class="fp-share">{text(share_text(bar.share))}</span></li>'
    )


def _note() -> str:
    return f'<p class="fp-small">{explained(said("What is “neither of these”?"), MEANING["neither"])}</p>'
