"""What the collections of the embedded registry are built from: files of the evaluation data, by collection.

The benchmarks read the same generators, so that what they measure is what ships.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_CARDS = Path(__file__).parent / "embedded_cards.json"
_MORE = {"text-to-image": "modern"}  # folders with further generators of a collection
_PHOTOS = {
    "text-to-image": {"photos": "real.parquet", "cameras": "real-cameras.parquet"},
    "faces-64": {"celeba": "real.parquet"},
}
_ONLY_PHOTOS = {"photos": "real.parquet"}
MOST_PHOTOS = 4000  # of each source
_OF_EVERYDAY_PICTURES = ("text-to-image",)  # collections that learn from wallpapers too
_ELSEWHERE = {"faces-64": "t2i/real.parquet"}  # photos of other things than a collection is about

# Images of one prompt under several solvers are one content, though their files have names of their own.
_SAME_CONTENT = {"stable-diffusion-3-medium": re.compile(r"sd3_images__(\d+)__")}


@dataclass(frozen=True)
class Sources:
    """Files by source of photos and by generator; ``elsewhere``: photos of other things than it is about."""

    photos: dict[str, list[str | Path]]
    generators: dict[str, list[str | Path]]
    elsewhere: list[str | Path] = field(default_factory=list)


def sources_of(collection: str, folder: Path, wallpapers: Path | None = None) -> Sources:
    """``folder``: the group of the evaluation data; its generators, and those that stand in a folder beside it."""
    photos: dict[str, list[str | Path]] = {
        source: [folder / file]
        for source, file in _PHOTOS.get(collection, _ONLY_PHOTOS).items()
        if (folder / file).exists()
    }
    if wallpapers and collection in _OF_EVERYDAY_PICTURES:
        photos["wallpapers"] = [wallpapers]
    more = sorted((folder.parent / _MORE[collection]).glob("*.parquet")) if collection in _MORE else []
    files = [*sorted(folder.glob("*.parquet")), *more]
    generators: dict[str, list[str | Path]] = {file.stem: [file] for file in files if not file.stem.startswith("real")}
    elsewhere = [folder.parent / _ELSEWHERE[collection]] if collection in _ELSEWHERE else []
    return Sources(photos, generators, [*elsewhere])


def content_of(generator: str, stated: str) -> str:
    """What an image is held to show, by the content that its file states."""
    match = _SAME_CONTENT[generator].search(stated) if generator in _SAME_CONTENT else None
    return match[1] if match else stated


def cards_of(collection: str) -> dict[str, Mapping[str, Any]]:
    """The facts on the cards of its generators, by name; none for a collection that is not embedded."""
    return {facts["name"]: facts for facts in json.loads(_CARDS.read_text()).get(collection, [])}


def unrelated(cards: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The generators that share no stated image decoder and no stated family with another."""

    def related(one: str, other: str) -> bool:
        facts = [(cards[one].get(fact), cards[other].get(fact)) for fact in ("decoder", "family")]
        return one != other and any(ours and ours == theirs for ours, theirs in facts)

    return [one for one in cards if not any(related(one, other) for other in cards)]
