"""What is known of a generator, and the names it may have. Everything here comes from outside and is checked here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from fingerprints.errors import UserError

SLUG = re.compile(r"[a-z0-9][a-z0-9._+-]{0,63}")
RESERVED = frozenset({"real", "unknown", "reference"})
_MAX_TEXT = 400
_MAX_FACTS = 16
_CAME_LATER = ("design", "maker", "described", "caveats")
_FACT = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,+×/()_-]{0,59}")  # leaves no room for markup


class CardError(UserError, ValueError):
    """A name or a card that cannot be used; the text says what was found and what would work."""


def valid_slug(name: str) -> str:
    """The name itself if it may stand as a folder and in a link; CardError otherwise."""
    if not isinstance(name, str) or not SLUG.fullmatch(name) or ".." in name:
        raise CardError(
            f"{str(name)[:80]!r} cannot be a name: use 1 to 64 small letters, digits, '.', '_', '+' or '-', "
            "beginning with a letter or digit (for example my-model-v2)."
        )
    if name in RESERVED:
        raise CardError(f"{name!r} is a reserved word; choose another name.")
    return name


@dataclass(frozen=True)
class Card:
    """The card of one generator. ``name`` is its slug; all other text is free, shown as text, never as markup.

    ``family`` groups related models; ``decoder`` names the image decoder or other design that generators share.
    ``design``: further choices by which it was built (for example {"up-sampling": "pixel shuffle"}), short words each.
    ``maker``: who made it; ``described``: where that is published; ``caveats``: what to keep in mind about its samples.
    """

    name: str
    title: str = ""
    family: str = ""
    version: str = ""
    decoder: str = ""
    year: str = ""
    licence: str = ""
    source: str = ""
    contributor: str = ""
    samples: int = 0
    contents: int = 0
    samples_digest: str = ""
    design: Mapping[str, str] = field(default_factory=dict, hash=False)
    maker: str = ""
    described: str = ""
    caveats: str = ""

    def __post_init__(self) -> None:
        valid_slug(self.name)
        for part in fields(self):
            value = getattr(self, part.name)
            if part.type == "str" and (not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable()):
                raise CardError(f"{part.name} of a card must be one line of at most {_MAX_TEXT} printable characters.")
            if part.type == "int" and (not isinstance(value, int) or value < 0):
                raise CardError(f"{part.name} of a card must be a whole number, found {value!r}.")
        _check_design(self.design)

    @property
    def label(self) -> str:
        return self.title or self.name

    def to_json(self) -> dict[str, Any]:
        """A card without the facts that came later is written as before there were any, so that its digest stays."""
        return {key: value for key, value in asdict(self).items() if value or key not in _CAME_LATER}

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Card:
        """From parsed JSON; unknown keys are refused, so that a newer card is not half understood."""
        if not isinstance(facts, dict):
            raise CardError("a card must be a JSON object.")
        unknown = set(facts) - {part.name for part in fields(cls)}
        if unknown or "name" not in facts:
            raise CardError(f"a card needs a name and only known keys; found {', '.join(sorted(map(str, facts)))}.")
        return cls(**facts)


def _check_design(design: object) -> None:
    facts = [*design, *design.values()] if isinstance(design, dict) else [None]
    if len(facts) > 2 * _MAX_FACTS or not all(isinstance(fact, str) and _FACT.fullmatch(fact) for fact in facts):
        raise CardError(
            f"design of a card must be at most {_MAX_FACTS} pairs of short words (letters, digits, spaces, .,+×/()_-, "
            'at most 60 characters), for example {"up-sampling": "pixel shuffle"}.'
        )
