"""The map: every generator of a collection as a point, near those whose mean artifacts are alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fingerprints.sentence import said
from registry.analysis.neighbours import place_of, plane
from registry.storage.snapshot import Collection, Snapshot

from ..language.telling import separated
from .form import address, choice_field, form_html
from .html import generator_link, link, rich, text
from .tabs import asked_collection, collection_tabs

VIEW = "map"
_NUMBERED = 60  # with more points than this, there is no room for numbers
_HEIGHT = 0.75  # of the map, in widths
_DOT = 4.4  # how far apart the middles of two numbered points are at least, in percent of the width
_ROUNDS = 80
_MARKS = 8  # colours of equal lightness in style.css; what is rarer shares the grey one
_NOT_STATED, _RARER = said("not stated"), said("others")
_FACTS = {
    "decoder": said("Image decoder"),
    "family": said("Family"),
    "year": said("Year"),
    "version": said("Version"),
}


@dataclass(frozen=True)
class Point:
    """A generator: its ``number`` on the map, its place in percent of the map's width and height, its colour's fact."""

    number: int
    name: str
    label: str
    left: float
    top: float
    fact: str


def form(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    collection = asked_collection(snapshot, asked)
    facts = facts_of(collection)
    colour = choice_field("colour", said("Colour by"), {key: key_label(key) for key in facts}, _colour(facts, asked))
    return collection_tabs(snapshot, VIEW, collection) + form_html(
        [colour] if facts else [], {"view": VIEW, "collection": collection.name}
    )


def shown(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    """The map, what its colours stand for, and the same generators as a list."""
    collection = asked_collection(snapshot, asked)
    facts = facts_of(collection)
    points = points_of(collection, facts.get(_colour(facts, asked), [_NOT_STATED] * len(collection.names)))
    return (
        f'<p class="fp-small">{text(_reading(collection))}</p><div class="fp-atlas"><div>'
        f"{map_html(collection, points)}{legend_html(points)}</div>{_list(collection, points)}</div>"
    )


def facts_of(collection: Collection) -> dict[str, list[str]]:
    """What the cards say, by key, wherever they say at least two things and not something else each: the fields of
    every card, then the design facts that this collection's cards bring along."""
    cards = list(collection.cards.values())
    stated = {key: [str(getattr(card, key)) for card in cards] for key in _FACTS}
    for key in sorted({key for card in cards for key in card.design}):
        stated.setdefault(key, [card.design.get(key, "") for card in cards])
    levels = {key: len({*values} - {""}) for key, values in stated.items()}
    return {
        key: [v or _NOT_STATED for v in values]
        for key, values in stated.items()
        if 2 <= levels[key] < max(len(cards), 3)
    }


def key_label(key: str) -> str:
    return _FACTS.get(key, key[:1].upper() + key[1:])


@dataclass(frozen=True)
class Frame:
    """What of the plane is drawn: one scale for both directions, so that distances can be compared."""

    middle: np.ndarray
    half: float

    @classmethod
    def of(cls, places: np.ndarray) -> Frame:
        """All of ``places`` (g, 2), with a margin."""
        half = max(float((np.ptp(places, axis=0) / 2 / (1.0, _HEIGHT)).max()), 1e-9)
        return cls((places.max(axis=0) + places.min(axis=0)) / 2, half)

    def drawn(self, places: np.ndarray) -> np.ndarray:
        """Places (n, 2) in percent of the map's width, from its middle, down being positive."""
        return np.asarray((places - self.middle) / self.half * (45.0, -45.0))


def points_of(collection: Collection, facts: Sequence[str]) -> list[Point]:
    """The points in reading order, left to right."""
    places = plane(collection).points
    drawn = Frame.of(places).drawn(places)
    drawn = _apart(drawn) if len(drawn) <= _NUMBERED else drawn
    shares = _shares(drawn)
    order = np.argsort(shares[:, 0], kind="stable")
    names, cards = collection.names, collection.cards
    return [
        Point(number, names[i], cards[names[i]].label, float(shares[i, 0]), float(shares[i, 1]), facts[i])
        for number, i in enumerate(order, 1)
    ]


def placed_html(collection: Collection, artifacts: Mapping[str, np.ndarray]) -> str:
    """The map with one image on it, by its artifacts in each space, and in words which generators lie nearest."""
    place, places, facts = place_of(collection, artifacts), plane(collection).points, facts_of(collection)
    points = points_of(collection, facts.get(_colour(facts, {}), [_NOT_STATED] * len(collection.names)))
    edge = np.array([48.0, 48.0 * _HEIGHT])
    here = _shares(np.clip(Frame.of(places).drawn(place[None]), -edge, edge))[0]
    nearest = np.argsort(np.linalg.norm(places - place, axis=1), kind="stable")[:3]
    named = [collection.cards[collection.names[i]].label for i in nearest]
    caption = said(
        "The ring is your image. Nearest on this map: {nearest}. {kept} % of what sets the generators apart is seen "
        "here, so near is no proof. <a>The whole map</a>",
        **{"nearest": separated(named), "kept": round(100 * plane(collection).kept)},
    )
    return (
        f'<figure class="fp-plate">{map_html(collection, points, numbered=False, here=(here[0], here[1]))}'
        f"{legend_html(points)}<figcaption>"
        f"{rich(caption, a=link(address(view=VIEW, collection=collection.name)))}</figcaption></figure>"
    )


def _shares(drawn: np.ndarray) -> np.ndarray:
    """In percent of the width and of the height, from the top left."""
    return np.asarray(50 + drawn / (1.0, _HEIGHT))


def _apart(points: np.ndarray) -> np.ndarray:
    """The points (g, 2), those that would cover each other moved apart, so that each number can be read."""
    moved, each = points.copy(), np.arange(len(points))
    for _ in range(_ROUNDS):
        difference = moved[:, None] - moved[None]
        distance = np.linalg.norm(difference, axis=2)
        towards = np.where(distance[..., None] > 1e-9, difference, (each[:, None] - each)[..., None] * (1.0, 0.5))
        length = np.maximum(np.linalg.norm(towards, axis=2), 1e-9)
        push = np.maximum(_DOT - distance, 0.0) * (each[:, None] != each) / length
        moved += 0.25 * (push[..., None] * towards).sum(axis=1)
    return np.clip(moved, (-47.0, -47.0 * _HEIGHT), (47.0, 47.0 * _HEIGHT))


def map_html(
    collection: Collection, points: Sequence[Point], numbered: bool = True, here: tuple[float, float] | None = None
) -> str:
    """The points as links with their name on hover. Keyboards and screen readers get the list, which says the same.

    ``here``: a place, from the left and from the top in percent, to mark with a ring.
    """
    numbered, marks = numbered and len(points) <= _NUMBERED, _marks(points)
    dots = "".join(
        f'<a class="fp-point fp-mark-{marks[point.fact]}{" fp-right" if point.left > 60 else ""}" tabindex="-1" '
        f'href="{text(generator_link(collection.name, point.name))}" data-name="{text(point.label)}" '
        f'style="left:{point.left:.1f}%;top:{point.top:.1f}%">{point.number if numbered else ""}</a>'
        for point in points
    )
    size = "" if numbered else " fp-many"
    ring = f'<span class="fp-here" style="left:{here[0]:.1f}%;top:{here[1]:.1f}%"></span>' if here else ""
    return f'<div class="fp-map{size}" aria-hidden="true">{dots}{ring}</div>'


def legend_html(points: Sequence[Point]) -> str:
    marks = _marks(points)
    counts = Counter(point.fact if marks[point.fact] else _grey_name(point.fact) for point in points)
    rows = "".join(
        f'<li><span class="fp-mark fp-mark-{marks.get(fact, 0)}" aria-hidden="true"></span>{text(fact)} ({count})</li>'
        for fact, count in counts.most_common()
    )
    return f'<ul class="fp-legend" aria-label="{text(said("What the colours stand for"))}">{rows}</ul>'


def _list(collection: Collection, points: Sequence[Point]) -> str:
    marks = _marks(points)
    rows = "".join(
        f'<li><span class="fp-mark fp-mark-{marks[point.fact]}" aria-hidden="true">{point.number}</span>'
        f'<span><a href="{text(generator_link(collection.name, point.name))}">{text(point.label)}</a>'
        f' <span class="fp-small">{text(point.fact)}</span></span></li>'
        for point in points
    )
    size = "" if len(points) <= _NUMBERED else " fp-long"
    label = text(said("The generators, from left to right on the map"))
    return f'<ol class="fp-places{size}" aria-label="{label}">{rows}</ol>'


def _marks(points: Sequence[Point]) -> dict[str, int]:
    """Fact -> colour: 1 to 8 for the commonest, 0 (grey) for what is rarer or not stated."""
    common = Counter(point.fact for point in points if point.fact != _NOT_STATED).most_common(_MARKS)
    ranks = {fact: rank for rank, (fact, _) in enumerate(common, 1)}
    return {point.fact: ranks.get(point.fact, 0) for point in points}


def _grey_name(fact: str) -> str:
    return _NOT_STATED if fact == _NOT_STATED else _RARER


def _colour(facts: Mapping[str, object], asked: Mapping[str, str]) -> str:
    """The fact that colours the points: the one asked for if the cards say it, else the first."""
    colour = asked.get("colour", "")
    return colour if colour in facts else next(iter(facts), "")


def _reading(collection: Collection) -> str:
    kept, n = round(100 * plane(collection).kept), len(collection.names)
    return said(
        "Near each other means alike: distances are between mean artifacts, in units of how much the images of one "
        "generator vary. Directions mean nothing. This plane shows {kept} % of what sets these {number} generators "
        "apart; the rest cannot be drawn flat. Points that would cover each other are moved apart a little.",
        **{"kept": kept, "number": n},
    )
