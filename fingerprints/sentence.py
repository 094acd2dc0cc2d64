"""Sentences that can be said in another language: English, with the words that they were made of.

This project speaks English: in logs, in JSON, on the command line. Whoever shows a sentence to a person may look up its
``template`` in a catalogue of that person's language and fill in the ``values`` again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_PLACE = re.compile(r"\{(\w+)\}")
_DEEPEST = 4  # sentences within sentences


class Grouped(int):
    """A number whose thousands are set apart where it is written."""


class Sentence(str):
    """English like any ``str``. ``several`` is its template for any ``number`` but one; empty where nothing is counted.
    Values may be sentences themselves."""

    template: str
    several: str
    number: int
    values: Mapping[str, object]

    def __new__(
        cls, template: str, several: str = "", number: int = 1, values: Mapping[str, object] | None = None
    ) -> Sentence:
        values = values or {}
        made = super().__new__(cls, filled(several if several and number != 1 else template, values))
        made.template, made.several, made.number, made.values = template, several, number, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.template, self.several, self.number, dict(self.values))

    def of(self, **values: object) -> Sentence:
        """The same with more values."""
        return Sentence(self.template, self.several, self.number, {**self.values, **values})

    def to_json(self) -> dict[str, Any]:
        values = {name: packed(value) for name, value in self.values.items()}
        return {"template": self.template, "several": self.several, "number": self.number, "values": values}


def said(template: str, /, **values: object) -> Sentence:
    """A sentence; ``{name}`` in it is a place for the value of that name."""
    return Sentence(template, values=values)


def counted(one: str, several: str, number: int, /, **values: object) -> Sentence:
    """A sentence about a ``number`` of things, which ``{number}`` stands for in it."""
    return Sentence(one, several, number, {"number": Grouped(number), **values})


def filled(template: str, values: Mapping[str, object], written: Callable[[object], str] | None = None) -> str:
    """Each place for a value filled with it; nothing but a plain name is a place, so a template can ask for nothing
    else."""
    write = written or _written
    return _PLACE.sub(lambda place: write(values[place[1]]) if place[1] in values else place[0], template)


def packed(value: object) -> Any:
    """Fit for JSON, so that ``unpacked`` gives the same again: a sentence, a number, or any text."""
    if isinstance(value, Sentence):
        return value.to_json()
    if isinstance(value, Grouped):
        return [int(value)]
    return value if isinstance(value, int) else str(value)


def unpacked(facts: Any, deepest: int = _DEEPEST) -> Any:
    """What ``packed`` made, from wherever it comes. Raises ValueError, TypeError or KeyError for anything else."""
    if isinstance(facts, dict):
        if not deepest or not isinstance(facts["values"], dict):
            raise ValueError(f"a sentence holds values by name, and others at most {_DEEPEST} deep")
        values = {str(name): unpacked(value, deepest - 1) for name, value in facts["values"].items()}
        return Sentence(str(facts["template"]), str(facts["several"]), int(facts["number"]), values)
    if isinstance(facts, list):
        (number,) = facts
        return Grouped(number)
    return facts if isinstance(facts, int) else str(facts)


def _written(value: object) -> str:
    return f"{value:,}" if isinstance(value, Grouped) else str(value)
