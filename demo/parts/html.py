"""Small pieces of HTML. Whatever comes from outside (names, cards, file names, claims) passes through ``text``."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from fingerprints.sentence import Sentence, filled, said

from ..language.languages import ENGLISH
from ..language.telling import language, number, template, told
from .figures import Figure, Scale


def text(value: object) -> str:
    """In the visitor's language where it is a sentence; fit to stand between tags and inside quoted attributes: shown
    as text, never read as markup."""
    return html.escape(told(value), quote=True)


def rich(sentence: Sentence, **parts: str | tuple[str, str]) -> str:
    """A sentence as HTML. ``parts``: HTML for a place of that name in it, or the tags of what stands in it between
    <name> and </name>; all else is text."""
    whole = html.escape(template(sentence), quote=False)
    for name, part in parts.items():
        if isinstance(part, tuple):
            whole = whole.replace(f"&lt;{name}&gt;", part[0]).replace(f"&lt;/{name}&gt;", part[1])
    places = {name: part for name, part in parts.items() if isinstance(part, str)}
    return filled(whole, {**{name: text(value) for name, value in sentence.values.items()}, **places})


def link(address: str, more: str = "") -> tuple[str, str]:
    """The tags of a link, with ``more`` attributes."""
    return f'<a href="{text(address)}"{more}>', "</a>"


CODE, BOLD = ("<code>", "</code>"), ("<b>", "</b>")


def foreign(value: object) -> str:
    """Text that may be there in English alone, and then says so to whoever reads it aloud."""
    shown = text(value)
    return shown if isinstance(value, Sentence) or language() is ENGLISH else f'<span lang="en">{shown}</span>'


def data_uri(data: bytes, kind: str = "image/png") -> str:
    """The bytes themselves as an address, so that a picture reaches the page unchanged."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def picture(data: bytes, alt: str, kind: str = "image/png") -> str:
    return f'<img src="{data_uri(data, kind)}" alt="{text(alt)}">'


def figure(shown: Figure) -> str:
    """A picture with its caption and its scale."""
    scale = _scale(shown.scale) if shown.scale else ""
    return (
        f'<figure class="fp-figure">{picture(shown.png, shown.alt)}{scale}'
        f"<figcaption><b>{text(shown.title)}</b><br>{text(shown.caption)}</figcaption></figure>"
    )


def figures(shown: Iterable[Figure]) -> str:
    return f'<div class="fp-figures">{"".join(map(figure, shown))}</div>'


def facts(rows: Mapping[str, object]) -> str:
    """A definition list; rows without a value are left out."""
    kept = ((name, value) for name, value in rows.items() if str(value))
    return '<dl class="fp-facts">' + "".join(f"<dt>{text(n)}</dt><dd>{text(v)}</dd>" for n, v in kept) + "</dl>"


def sentences(lines: Iterable[str], kind: str = "") -> str:
    """A list of sentences, nothing when there are none."""
    items = "".join(f"<li>{foreign(line)}</li>" for line in lines)
    return f'<ul class="fp-sentences {text(kind)}">{items}</ul>' if items else ""


_HEADING = said("This did not work.")


def problem(sentence: str, heading: str = _HEADING) -> str:
    """Something went wrong that the visitor can do something about: said calmly, with what would work."""
    return f'<div class="fp-problem" role="alert"><h2>{text(heading)}</h2><p>{foreign(sentence)}</p></div>'


def working(sentence: str) -> str:
    return f'<p class="fp-working" role="status"><span class="fp-dot" aria-hidden="true"></span>{text(sentence)}</p>'


def explained(word: str, meaning: str) -> str:
    """A word with a dotted underline; its meaning appears on hover and on focus."""
    return f'<dfn class="fp-term" tabindex="0" data-meaning="{text(meaning)}">{text(word)}</dfn>'


def download_link(data: bytes, name: str, label: str, kind: str = "image/png") -> str:
    """A link that saves ``data`` as a file of that name; nothing is asked of the server."""
    return f'<a download="{text(name)}" href="{data_uri(data, kind)}">{text(label)}</a>'


def json_link(value: object, name: str, label: str) -> str:
    return download_link(json.dumps(value, indent=1).encode(), name, label, "application/json")


def generator_link(collection: str, name: str) -> str:
    """The address of a generator's page, relative, so that it holds behind a proxy's path too."""
    return f"./gallery?generator={quote(f'{collection}/{name}', safe='/')}"


def size(n: float) -> str:
    """A number of bytes, for people."""
    if n >= 1_000_000:
        return said("{size} MB", size=number(n / 1e6, 1))
    return said("{size} KB", size=number(max(n / 1e3, 0.1), 1))


def when(time: str) -> str:
    """A time in ISO 8601, for people."""
    return time.replace("T", " ").replace("+00:00", " UTC")


def _scale(scale: Scale) -> str:
    ends = "".join(f"<span>{text(label)}</span>" for label in (scale.low, scale.middle, scale.high))
    alt = said("Colour scale from {low} to {high}", low=scale.low, high=scale.high)
    return f'<div class="fp-scale"><img src="{data_uri(scale.png)}" alt="{text(alt)}">{ends}</div>'
