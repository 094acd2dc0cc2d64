"""An answer as HTML: the sentence, what its certainty means, and the bars."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fingerprints.attribution.verdict import REAL
from fingerprints.images import Image
from registry.card import Card
from registry.identify import Answer
from registry.snapshot import Collection
from registry.words import candidate_label, certainty, sentence

from .figures import thumbnail
from .html import explained, generator_link, picture, sentences, size, text
from .words import MEANING

UNKNOWN = "unknown"
_GENERATORS_SHOWN = 4


@dataclass(frozen=True)
class Bar:
    """One candidate: ``share`` of all the probability, "unknown" included; ``kind`` chooses its colour."""

    name: str
    label: str
    share: float
    kind: str
    link: str = ""


def given_html(image: Image) -> str:
    """The picture that was given, as it was understood."""
    shown = picture(thumbnail(image), f"The picture that was given: {image.origin}", "image/jpeg")
    about = f"{image.width} × {image.height} pixels, {image.format}, {size(image.n_bytes)}"
    return f'<figure class="fp-given">{shown}<figcaption>{text(image.origin)}<br>{text(about)}</figcaption></figure>'


def called(answer: Answer) -> str | None:
    """The source that the verdict names, a generator or "real"; None for "unknown"."""
    verdict = answer.verdict
    return None if verdict.verdict == UNKNOWN else verdict.generator or verdict.verdict


def certainty_html(answer: Answer) -> str:
    return f'<p class="fp-certainty">{text(certainty(answer))}</p>'


def answer_html(answer: Answer, collection: Collection, below: str) -> str:
    """The verdict, what stands ``below`` it (how sure it is, or what is still being looked at), and the candidates."""
    cards = collection.cards
    tone = "fp-unsure" if answer.verdict.verdict == UNKNOWN else "fp-sure"
    head = f'<h2 class="fp-verdict {tone}">{text(sentence(answer, cards))}</h2>'
    rows = "".join(map(_bar_html, bars(answer, cards, collection.name)))
    parts = [head, below, f'<ul class="fp-bars" aria-label="Candidates, the likeliest first">{rows}</ul>']
    if answer.final:
        parts += [_unknown_note(), sentences(answer.warnings, "fp-warnings")]
    state = "final" if answer.final else "working"
    return f'<div class="fp-answer" data-state="{state}" data-spaces="{len(answer.spaces)}">{"".join(parts)}</div>'


def small_print(answer: Answer, collection: Collection, seconds: float) -> str:
    """Which registry and revision answered, and in which time."""
    others = f" · also covered by {', '.join(answer.others)}, which lie farther" if answer.others else ""
    line = f"registry {answer.registry}, revision {answer.revision} · collection {collection.title}{others}"
    return f'<p class="fp-small">{text(f"{line} · {seconds:.2f} s")}</p>'


def bars(answer: Answer, cards: Mapping[str, Card], collection: str) -> list[Bar]:
    """The likeliest generators, "a real photo" and "unknown", as equals, the largest first; together one whole."""
    verdict, known = answer.verdict, 1.0 - answer.verdict.unknown
    winner = verdict.generator or (REAL if verdict.verdict == REAL else None)
    generators = [c for c in verdict.candidates if c.generator != REAL][:_GENERATORS_SHOWN]
    shown = [
        Bar(
            candidate.generator,
            candidate_label(candidate.generator, cards),
            known * candidate.probability,
            "best" if candidate.generator == winner else "other",
            "" if candidate.generator == REAL else generator_link(collection, candidate.generator),
        )
        for candidate in (*generators, *(c for c in verdict.candidates if c.generator == REAL))
    ]
    shown.append(Bar(UNKNOWN, UNKNOWN, verdict.unknown, "unsure" if verdict.verdict == UNKNOWN else "other"))
    return sorted(shown, key=lambda bar: -bar.share)


def _bar_html(bar: Bar) -> str:
    label = f'<a href="{text(bar.link)}">{text(bar.label)}</a>' if bar.link else text(bar.label)
    share = f"{100 * bar.share:.0f} %" if bar.share >= 0.01 else "&lt; 1 %"
    return (
        f'<li class="fp-bar fp-{bar.kind}" data-candidate="{text(bar.name)}"><span class="fp-name">{label}</span>'
        f'<span class="fp-track" aria-hidden="true"><span style="width:{100 * bar.share:.1f}%"></span></span>'
        f'<span class="fp-share">{share}</span></li>'
    )


def _unknown_note() -> str:
    return f'<p class="fp-small">{explained("What is “unknown”?", MEANING["unknown"])}</p>'
