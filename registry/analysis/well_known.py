"""Well-known models, so that a registry can say which of them it does not know. They are listed in well_known.json.

The list is kept by hand, the best known first, and never complete. What a registry holds is told by the names on its
cards: "flux.1-dev" is a FLUX.1, "stable-diffusion-3.5-large" is no Stable Diffusion 3.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..storage.card import Card

_FILE = Path(__file__).parent / "well_known.json"
_LEAST_ASKED = 3  # letters and digits, before a search is for a model


@dataclass(frozen=True)
class WellKnown:
    """A model that people know: ``where`` is the address at which it, or what is known of it, is published; ``also``:
    how else it is called."""

    name: str
    maker: str
    year: str
    where: str
    also: tuple[str, ...] = ()


@cache
def well_known() -> tuple[WellKnown, ...]:
    """All of the list, in its order."""
    rows = json.loads(_FILE.read_text(encoding="utf-8"))
    return tuple(WellKnown(**{**row, "also": tuple(row.get("also", ()))}) for row in rows)


def missing(cards: Iterable[Card]) -> list[WellKnown]:
    """Those of the list that none of these cards is about."""
    held = "".join(f"{_words(card.name)}/{_words(card.title)}/" for card in cards)
    return [model for model in well_known() if not any(_words(name) in held for name in (model.name, *model.also))]


def asked_for(search: str, models: Iterable[WellKnown]) -> list[WellKnown]:
    """Those that a search is for: each of its words is in a model's name, its other names or its maker's."""
    words = search.lower().split()
    if len(_letters(search)) < _LEAST_ASKED:
        return []
    return [model for model in models if all(_says(model, word) for word in words)]


def _says(model: WellKnown, word: str) -> bool:
    """Spelled with or without its hyphens and dots."""
    about = f"{model.name} {model.maker} {' '.join(model.also)}".lower()
    return word in about or (bool(_letters(word)) and _letters(word) in _letters(about))


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())


def _words(name: str) -> str:
    """Its words and numbers with a space around each; "2-1", as slugs write it, is the number 2.1."""
    found = re.findall(r"\d+(?:\.\d+)*|[^\W\d_]+", re.sub(r"(?<=\d)[-_](?=\d)", ".", name.lower()))
    return f" {' '.join(found)} "
