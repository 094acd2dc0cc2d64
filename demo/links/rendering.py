"""A whole answer as it is kept: its HTML in every language, its pictures once.

Not the numbers to make it again from: they mean something beside the revision that answered alone, which a server drops
after a few others. All of it comes from our own code, which escapes what others wrote; five languages cost some 20 KB
each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fingerprints.sentence import counted, said
from registry.answers.sentences import sentence

from ..answers.answer import answer_html, certainty_html, small_print
from ..answers.evidence import evidence_html
from ..answers.stability import strip_html
from ..language.languages import LANGUAGES
from ..language.telling import separated, speaking, told
from ..parts.html import json_link, picture, size, text
from .waiting import Given, Ready

_PICTURE = re.compile(r"data:image/[a-z]+;base64,[A-Za-z0-9+/=]+")
_PLACE = "<picture {}>"  # no text of others can hold it: there a "<" is escaped
_PLACES = re.compile(r"<picture (\d+)>")


def rendered(ready: Ready, with_picture: bool) -> dict[str, Any]:
    """``pages``: the title and the HTML by code of the language; ``pictures``: what stands at their places."""
    pictures: dict[str, int] = {}
    pages = {}
    for spoken in LANGUAGES.values():
        with speaking(spoken):
            whole = _title(ready), _page(ready, with_picture)
        pages[spoken.code] = {"title": whole[0], "html": _without_pictures(whole[1], pictures)}
    return {"pages": pages, "pictures": list(pictures)}


def page_of(shown: Mapping[str, Any], code: str) -> tuple[str, str]:
    """The title and the HTML in a language."""
    page, pictures = shown["pages"][code], shown["pictures"]
    return page["title"], _with_pictures(page["html"], pictures)


def _without_pictures(html: str, pictures: dict[str, int]) -> str:
    return _PICTURE.sub(lambda found: _PLACE.format(pictures.setdefault(found[0], len(pictures))), html)


def _with_pictures(html: str, pictures: Sequence[str]) -> str:
    return _PLACES.sub(lambda found: pictures[int(found[1])], html)


def _title(ready: Ready) -> str:
    return told(sentence(ready.answer, ready.collection.cards))


def _page(ready: Ready, with_picture: bool) -> str:
    answer, collection = ready.answer if with_picture else replace(ready.answer, path=""), ready.collection
    below = strip_html(answer, ready.found, collection.cards) + small_print(answer, collection, ready.seconds)
    download = json_link(answer.to_json(), "answer.json", said("Download the answer as JSON"))
    return (
        f'<div class="fp-kept"><div>{_given_html(ready.given, with_picture)}</div>'
        f"<div>{answer_html(answer, collection, certainty_html(answer, collection.cards))}{below}"
        f'{_compared_html(ready)}<p class="fp-small">{download}</p></div></div>{evidence_html(answer, collection)}'
    )


def _given_html(given: Given, with_picture: bool) -> str:
    """The picture with its file's name, or neither; by its digest, who has the picture knows it."""
    about = said(
        "{width} × {height} pixels, {format}, {size}",
        **{"width": given.width, "height": given.height, "format": given.format, "size": size(given.n_bytes)},
    )
    digest = said("sha-256 of the pixels: {digest}", digest=given.digest)
    facts = f"{text(about)}<br>{text(digest)}"
    if not with_picture:
        none = said("The picture was not kept: only its answer was.")
        return f'<p class="fp-empty">{text(none)}</p><p class="fp-small">{facts}</p>'
    alt = said("The picture that was given: {name}", name=given.name)
    shown = picture(given.small, alt, "image/jpeg")
    return f'<figure class="fp-given">{shown}<figcaption>{text(given.name)}<br>{facts}</figcaption></figure>'


def _compared_html(ready: Ready) -> str:
    """The models as they were called then: a registry grows."""
    cards = ready.collection.cards
    title = counted(
        "Compared with {number} model, and with photos", "Compared with {number} models, and with photos", len(cards)
    )
    names = text(separated(card.label for card in cards.values()))
    return f'<details class="fp-compared"><summary>{text(title)}</summary><p class="fp-small">{names}</p></details>'
