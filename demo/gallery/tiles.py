"""All generators as tiles: searched by words, filtered by what their cards say, some at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from fingerprints.sentence import Sentence, counted, said
from registry.analysis.coverage import in_order, kinds
from registry.analysis.well_known import asked_for
from registry.storage.card import Card
from registry.storage.snapshot import Collection, Snapshot

from ..parts.covered import asked_for_html, missing_in, never_heard_html
from ..parts.form import asking_button, choice_field, form_html, search_field
from ..parts.html import generator_link, picture, text
from ..parts.zoo_images import COLLECTION

_AT_A_TIME = 48
_INTRO = said(
    "Each picture is the mean artifact of a generator: the spectrum that its images have in common and real images do "
    "not. Ochre is stronger than in real images, blue is weaker; coarse shapes are in the middle, the finest detail is "
    "outside."
)
_ZOO = said(
    "These were trained by this project, each with known choices of design. They run in this app: open one, have it "
    "make images, and see whether Identify recognises them."
)
# Key in the address and on the card -> its label, and what stands for no choice.
_FILTERS = {
    "family": (said("Family"), said("any family")),
    "decoder": (said("Image decoder"), said("any decoder")),
    "year": (said("Year"), said("any")),
}


def form(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    cards = [card for collection in snapshot.collections.values() for card in collection.cards.values()]
    collections = {collection.name: collection.title for collection in in_order(snapshot)}
    filters = [
        choice_field(key, label, {"": everything, **_levels(cards, key)}, asked.get(key, ""))
        for key, (label, everything) in _FILTERS.items()
    ]
    return form_html(
        [
            search_field("search", said("Search names and designs"), asked.get("search", "")),
            choice_field(
                "collection", said("Collection"), {"": said("all"), **collections}, asked.get("collection", "")
            ),
            *filters,
        ],
        {},
    )


def shown(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    """The tiles that match everything that is asked, and a button for more of them."""
    found = list(_matching(snapshot, asked))
    most = _number(asked.get("most", ""))
    tiles = "".join(
        _group(collection, [card for _, card in group])
        for collection, group in groupby(found[:most], key=itemgetter(0))
    )
    more = asking_button("most", str(most + _AT_A_TIME), said("Show more")) if len(found) > most else ""
    count = f"{_count(found, most if more else None)}{_gap(snapshot, asked, found)}"
    return f'<p class="fp-small">{text(_INTRO)}</p>{count}{tiles}{more}'


def _count(found: list[tuple[Collection, Card]], most: int | None) -> str:
    """How many of each kind match, and whether only the first ones are shown."""
    count = kinds((collection, len(list(group))) for collection, group in groupby(found, key=itemgetter(0)))
    return f'<p class="fp-count" role="status">{text(_in_words(count if found else "", most))}</p>'


def _in_words(count: str, most: int | None) -> Sentence:
    if most:
        return said("{count}. The first {most}:", count=count, most=most)
    return said("{count}:", count=count) if count else said("No generator matches.")


def _gap(snapshot: Snapshot, asked: Mapping[str, str], found: list[tuple[Collection, Card]]) -> str:
    """What a search for a model without a fingerprint gets: that there is none, and how to add it."""
    search = asked.get("search", "").strip()
    gap = asked_for_html(asked_for(search, missing_in(snapshot))) if search else ""
    return gap or (never_heard_html(search) if search and not found else "")


def _matching(snapshot: Snapshot, asked: Mapping[str, str]) -> Iterator[tuple[Collection, Card]]:
    words = asked.get("search", "").lower().split()
    for collection in in_order(snapshot):
        if asked.get("collection", "") not in ("", collection.name):
            continue
        for card in collection.cards.values():
            about = " ".join([card.name, card.title, card.family, card.decoder, *card.design.values()]).lower()
            chosen = all(getattr(card, key) == asked[key] for key in _FILTERS if asked.get(key))
            if chosen and all(word in about for word in words):
                yield collection, card


def _group(collection: Collection, cards: list[Card]) -> str:
    tiles = "".join(_tile(collection, card) for card in cards)
    note = f'<p class="fp-small">{text(_ZOO)}</p>' if collection.name == COLLECTION else ""
    return f'<h2>{text(collection.title)}</h2>{note}<div class="fp-tiles">{tiles}</div>'


def _tile(collection: Collection, card: Card) -> str:
    cover = collection.picture(card.name, "mean-artifact.png")
    return tile_html(collection.name, card, cover.read_bytes() if cover.is_file() else None)


def tile_html(collection: str, card: Card, cover: bytes | None) -> str:
    """One generator; ``cover`` is its mean artifact as a PNG."""
    shown = picture(cover, said("Mean artifact of {generator}", generator=card.label)) if cover else ""
    design = " · ".join(part for part in (card.family, card.decoder) if part)
    return (
        f'<a class="fp-tile" href="{text(generator_link(collection, card.name))}" '
        f'data-generator="{text(collection)}/{text(card.name)}">{shown}'
        f"<b>{text(card.label)}</b><span>{text(design)}</span>"
        f"<span>{' · '.join(filter(None, (text(card.year), text(_samples(card)))))}</span></a>"
    )


def _samples(card: Card) -> Sentence:
    return counted("{number} sample", "{number} samples", card.samples)


def _levels(cards: list[Card], key: str) -> dict[str, str]:
    """Everything that cards say under ``key``, in order, as options."""
    return {value: value for value in sorted({getattr(card, key) for card in cards} - {""})}


def _number(asked: str) -> int:
    """How many tiles are asked for; anything that is no number asks for the first ones."""
    return max(_AT_A_TIME, int(asked)) if asked.isdecimal() and len(asked) < 7 else _AT_A_TIME
