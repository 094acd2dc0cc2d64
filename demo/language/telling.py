"""Sentences in the language of whoever they are for: that of the page from which an event comes.

A sentence is marked where it is written, by ``said`` or ``counted`` (fingerprints/sentence.py), and told where it is
shown. Addresses of pages in a language begin with it (addresses.py), and so do those of their events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from gradio.context import LocalContext

from fingerprints.sentence import Grouped, Sentence, filled

from .catalogues import catalogue
from .languages import ENGLISH, Language

SCOPE_KEY = "fingerprint.language"  # under which a request holds its language
_SPOKEN: ContextVar[Language | None] = ContextVar("spoken", default=None)


class Later(str):
    """A text of a page that is made once, in English, and made anew for whoever opens the page in another language."""

    make: Callable[[], str]

    def __new__(cls, make: Callable[[], str]) -> Later:
        made = super().__new__(cls, make())
        made.make = make
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """A copy is the text alone."""
        return str, (str(self),)


def language() -> Language:
    """The one that was set, else that of the request that this thread works on, else English."""
    if spoken := _SPOKEN.get():
        return spoken
    asking = LocalContext.request.get(None)
    request = asking.request if asking is not None else None
    found = request.scope.get(SCOPE_KEY) if request is not None else None
    return found if isinstance(found, Language) else ENGLISH


@contextmanager
def speaking(spoken: Language) -> Iterator[None]:
    token = _SPOKEN.set(spoken)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def told(value: object) -> str:
    """A sentence in the language of whoever it is for, a number as that is written there; anything else as it is."""
    if isinstance(value, Sentence):
        return filled(template(value), value.values, told)
    if isinstance(value, Later) and language() is not ENGLISH:
        return value.make()
    return number(value) if isinstance(value, Grouped) else str(value)


def joined(sentences: Iterable[object]) -> str:
    """One sentence after the other; those that say nothing are left out."""
    return language().space.join(filter(None, map(told, sentences)))


def separated(words: Iterable[object]) -> str:
    """With commas between them."""
    return language().comma.join(map(told, words))


def template(sentence: Sentence) -> str:
    """The sentence in the language of whoever it is for, its places still empty."""
    spoken, one, several = language(), sentence.template, sentence.several
    if spoken is ENGLISH:
        return several if several and sentence.number != 1 else one
    found = catalogue(spoken.code)
    return found.ngettext(one, several, sentence.number) if several else found.gettext(one)


def number(value: float, digits: int = 0) -> str:
    """With the marks of the language between thousands and before so many ``digits``."""
    spoken = language()
    if spoken is ENGLISH:
        return f"{value:,.{digits}f}"
    from babel.numbers import format_decimal  # not at the start, which needs English alone

    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(round(value, digits), pattern, spoken.locale))
