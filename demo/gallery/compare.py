"""Two generators of one collection beside each other, the difference of their mean artifacts between them."""

from __future__ import annotations

from collections.abc import Mapping

from fingerprints.sentence import Grouped, Sentence, said
from registry.analysis.neighbours import confusion, similar
from registry.storage.card import Card
from registry.storage.snapshot import Collection, Snapshot

from ..language.languages import ENGLISH
from ..language.telling import joined, language, number, told
from ..parts.figures import SPACE, side_by_side
from ..parts.form import choice_field, form_html
from ..parts.html import explained, figures, generator_link, rich, text
from ..parts.map import key_label
from ..parts.tabs import asked_collection, collection_tabs
from ..parts.words import MEANING

VIEW = "compare"


def form(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    collection = asked_collection(snapshot, asked)
    one, other = _pair(collection, asked)
    options = {name: card.label for name, card in collection.cards.items()}
    fields = [choice_field("one", said("One"), options, one), choice_field("other", said("The other"), options, other)]
    return collection_tabs(snapshot, VIEW, collection) + form_html(
        fields, {"view": VIEW, "collection": collection.name}
    )


def shown(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    collection = asked_collection(snapshot, asked)
    one, other = (collection.card(name) for name in _pair(collection, asked))
    return (
        f'<section class="fp-compare" data-one="{text(one.name)}" data-other="{text(other.name)}">'
        f"{_pictures(collection, one, other)}<h2>{text(said('Would they be mistaken for each other?'))}</h2>"
        f"{_mistaken(collection, one, other)}<h2>{text(said('What their cards say'))}</h2>"
        f"{_cards(collection, one, other)}</section>"
    )


def _pair(collection: Collection, asked: Mapping[str, str]) -> tuple[str, str]:
    """The two that are asked for; by default the first generator, and the nearest to the one. Raises NotFound."""
    one = collection.card(asked.get("one") or collection.names[0]).name
    nearest = [name for name, _ in similar(collection, one)[:1]]
    return one, collection.card(asked.get("other") or (nearest or [one])[0]).name


def _pictures(collection: Collection, one: Card, other: Card) -> str:
    if SPACE not in collection.references:
        return ""
    artifacts = explained(said("artifacts"), MEANING["artifact"])
    heading = rich(said("Their mean {artifacts}, and the difference"), artifacts=artifacts)
    return f"<h2>{heading}</h2>" + figures(side_by_side(collection, one.name, other.name))


def _mistaken(collection: Collection, one: Card, other: Card) -> str:
    if one.name == other.name:
        return f"<p>{text(said('These are one and the same.'))}</p>"
    order = [name for name, _ in similar(collection, one.name)]
    distance = dict(similar(collection, one.name))[other.name]
    apart = said(
        "The distance between their mean artifacts is {distance}, in units of how much the images of one generator "
        "vary.",
        distance=number(distance, 3),
    )
    near = _near(order.index(other.name), len(order), one.label, other.label)
    taken = joined([_taken(collection, one, other), _taken(collection, other, one)])
    return f"<p>{text(joined([apart, near]))}</p><p>{text(taken)}</p>"


def _near(nearer: int, others: int, one: str, other: str) -> Sentence:
    """``nearer``: how many are nearer to the one."""
    if not nearer:
        return said("Of the {others} others, {other} is the nearest to {one}.", others=others, other=other, one=one)
    return said(
        "Of the {others} others, {other} is the {place} nearest to {one}.",
        **{"others": others, "other": other, "one": one, "place": _place(nearer + 1)},
    )


def _place(place: int) -> str:
    """Which one in a row, as it is written in the language: 2nd."""
    return _ordinal(place) if language() is ENGLISH else told(said("{place}th", place=place))


def _taken(collection: Collection, one: Card, other: Card) -> Sentence:
    found = confusion(collection, one.name)
    return said(
        "Of the {artifacts} stored artifacts of {one}, each looked at without itself, {share} % are taken for {other}.",
        artifacts=found.artifacts,
        one=one.label,
        share=f"{100 * found.shares.get(other.name, 0.0):.0f}",
        other=other.label,
    )


def _cards(collection: Collection, one: Card, other: Card) -> str:
    rows = "".join(_row(fact, *values) for fact, values in _said(one, other).items())
    head = "".join(
        f'<th scope="col"><a href="{text(generator_link(collection.name, card.name))}">{text(card.label)}</a></th>'
        for card in (one, other)
    )
    return (
        f'<div class="fp-wide"><table class="fp-two"><thead><tr><th scope="col">{text(said("On the card"))}</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _said(one: Card, other: Card) -> dict[str, tuple[str, str]]:
    """What either card says, by its label."""
    facts: dict[str, tuple[str, str]] = {
        said("Family"): (one.family, other.family),
        said("Image decoder"): (one.decoder, other.decoder),
        said("Version"): (one.version, other.version),
        said("Year"): (one.year, other.year),
        said("Samples"): (told(Grouped(one.samples)), told(Grouped(other.samples))),
    }
    design = {
        key_label(key): (one.design.get(key, ""), other.design.get(key, "")) for key in {**one.design, **other.design}
    }
    return {key: values for key, values in {**facts, **design}.items() if any(values)}


def _row(fact: str, one: str, other: str) -> str:
    """Values that differ are bold."""
    shown = (text(value or said("not stated")) for value in (one, other))
    cells = "".join(f"<td>{value}</td>" if one == other else f"<td><b>{value}</b></td>" for value in shown)
    return f'<tr><th scope="row">{text(fact)}</th>{cells}</tr>'


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
