"""What of a batch is asked for: the address says it, so that every view of the table can be linked to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fingerprints.attribution.verdict import GENERATED, UNKNOWN
from fingerprints.sentence import said

from ..answers.ladder import outside, photo_or_generated
from ..answers.several import Row
from .levels import LEVELS, level

ROWS_A_PAGE = 50
# Order in the address -> what it is called. With "-" the order is the other way round.
ORDERS = {
    "": said("As they were given"),
    "name": said("File name, A to Z"),
    "-name": said("File name, Z to A"),
    "verdict": said("Verdict, one model first"),
    "-verdict": said("Verdict, photos first"),
    "-generated": said("Likeliest made by a model first"),
    "generated": said("Likeliest photos first"),
    "-probability": said("Surest answers first"),
    "probability": said("Least sure answers first"),
}
_RANKS = {key: number for number, key in enumerate(LEVELS)}
Numbered = tuple[int, Row]  # from 1, as they were given


@dataclass(frozen=True)
class View:
    """``job`` is the batch's key; ``row`` the number of the one that is open, 0 when none is."""

    job: str = ""
    search: str = ""
    verdict: str = ""
    sort: str = ""
    page: int = 1
    row: int = 0

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> View:
        """Whatever cannot be asked for is left out."""
        verdict, sort = asked.get("verdict", ""), asked.get("sort", "")
        return cls(
            asked.get("job", ""),
            asked.get("search", "").strip(),
            verdict if verdict in LEVELS else "",
            sort if sort in ORDERS else "",
            max(_number(asked.get("page", "")), 1),
            _number(asked.get("row", "")),
        )

    def address(self, **other: str | int) -> str:
        """Of this view with something else; relative, so that it holds behind a proxy's path too."""
        asked = {**vars(self), **other}
        return f"./batch?{urlencode({key: value for key, value in asked.items() if value != _NOTHING[key]})}"


_NOTHING = vars(View())


def chosen(rows: Sequence[Row], view: View) -> list[Numbered]:
    """The rows that match all that is asked, in the order that is asked for."""
    words = view.search.lower().split()
    found = [
        (number, row)
        for number, row in enumerate(rows, 1)
        if view.verdict in ("", level(row)) and all(word in row.name.lower() for word in words)
    ]
    return _sorted(found, view.sort)


def _sorted(found: list[Numbered], order: str) -> list[Numbered]:
    """Those of which there is nothing to sort by come last, whichever way round."""
    if not order:
        return found
    key = _KEYS[order.removeprefix("-")]
    known = [one for one in found if key(one[1]) is not None]
    rest = [one for one in found if key(one[1]) is None]
    return sorted(known, key=lambda one: key(one[1]), reverse=order.startswith("-")) + rest


def _name(row: Row) -> list[str | int]:
    """Numbers in names as numbers: 9.png before 10.png. (Splitting gives words and numbers in turn.)"""
    parts = re.split(r"([0-9]+)", row.name.lower())
    return [int(part) if place % 2 else part for place, part in enumerate(parts)]


def made(row: Row) -> float | None:
    """How likely it is that a model made it, as the opened row says it; None where that says little."""
    if row.answer is None or outside(row.answer.verdict):
        return None
    return photo_or_generated(row.answer.verdict)[GENERATED]


def sureness(row: Row) -> float | None:
    """The share of such answers that are right; None where nothing is said."""
    if row.answer is None or row.answer.verdict.verdict == UNKNOWN:
        return None
    return row.answer.verdict.probability


_KEYS: dict[str, Callable[[Row], Any]] = {
    "name": _name,
    "verdict": lambda row: _RANKS[level(row)] if row.answer else None,
    "generated": made,
    "probability": sureness,
}


def _number(asked: str) -> int:
    """0 for anything that is no number."""
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0
