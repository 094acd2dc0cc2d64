"""The languages of the pages, and which of them a browser asks for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """``code`` in addresses and of its catalogue; ``tag`` of the text, for browsers; ``name`` in the language itself;
    ``locale``: by which numbers are written; ``space``: between sentences, ``comma``: between words of a list."""

    code: str
    tag: str
    name: str
    locale: str
    space: str = " "
    comma: str = ", "


ENGLISH = Language("en", "en", "English", "en")
# A further language is a line here and a catalogue in locale/; see docs/languages.md.
LANGUAGES = {
    one.code: one
    for one in (
        ENGLISH,
        Language("zh", "zh-CN", "中文", "zh_Hans", space="", comma="、"),
        Language("fr", "fr", "Français", "fr"),
        Language("es", "es", "Español", "es"),
        Language("de", "de", "Deutsch", "de"),
    )
}


def asked_for(accepted: str) -> Language:
    """The first language of ours that an Accept-Language header names, by its weights; English where there is none."""
    weighed = sorted(_weighed(accepted), key=lambda one: -one[1])
    known = (LANGUAGES[code] for code, weight in weighed if code in LANGUAGES and weight > 0)
    return next(known, ENGLISH)


def _weighed(accepted: str) -> Iterator[tuple[str, float]]:
    """Each language, without its region, and how much it is wanted."""
    for part in accepted[:500].split(","):
        tag, _, weight = part.strip().lower().partition(";q=")
        try:
            yield tag.split("-")[0], float(weight or 1)
        except ValueError:
            continue
