"""Two generators of one collection beside each other, the difference of their mean artifacts between them."""

from __future__ import annotations

from collections.abc import Mapping

from registry.analysis.neighbours import confusion, similar
from registry.storage.card import Card
from registry.storage.snapshot import Collection, Snapshot

from ..parts.figures import SPACE, side_by_side
from ..parts.form import choice_field, form_html
from ..parts.html import explained, figures, generator_link, text
from ..parts.map import key_label
from ..parts.tabs import asked_collection, collection_tabs
from ..parts.words import MEANING

VIEW = "compare"


def form(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    collection = asked_collection(snapshot, asked)
    one, other = _pair(collection, asked)
    options = {name: card.label for name, card in collection.cards.items()}
    fields = [choice_field("one", "One", options, one), choice_field("other", "The other", options, other)]
    return collection_tabs(snapshot, VIEW, collection) + form_html(
        fields, {"view": VIEW, "collection": collection.name}
    )


def shown(snapshot: Snapshot, asked: Mapping[str, str]) -> str:
    collection = asked_collection(snapshot, asked)
    one, other = (collection.card(name) for name in _pair(collection, asked))
    return (
        f'<section class="fp-compare" data-one="{text(one.name)}" data-other="{text(other.name)}">'
        f"{_pictures(collection, one, other)}<h2>Would they be mistaken for each other?</h2>"
        f"{_mistaken(collection, one, other)}<h2>What their cards say</h2>{_cards(collection, one, other)}</section>"
    )


def _pair(collection: Collection, asked: Mapping[str, str]) -> tuple[str, str]:
    """The two that are asked for; by default the first generator, and the nearest to the one. Raises NotFound."""
    one = collection.card(asked.get("one") or collection.names[0]).name
    nearest = [name for name, _ in similar(collection, one)[:1]]
    return one, collection.card(asked.get("other") or (nearest or [one])[0]).name


def _pictures(collection: Collection, one: Card, other: Card) -> str:
    if SPACE not in collection.references:
        return ""
    heading = f"<h2>Their mean {explained('artifacts', MEANING['artifact'])}, and the difference</h2>"
    return heading + figures(side_by_side(collection, one.name, other.name))


def _mistaken(collection: Collection, one: Card, other: Card) -> str:
    if one.name == other.name:
        return "<p>These are one and the same.</p>"
    order = [name for name, _ in similar(collection, one.name)]
    distance = dict(similar(collection, one.name))[other.name]
    place = order.index(other.name) + 1
    return (
        f"<p>The distance between their mean artifacts is {distance:.3f}, in units of how much the images of one "
        f"generator vary. Of the {len(order)} others, {text(other.label)} is the {_ordinal(place)} nearest to "
        f"{text(one.label)}.</p>"
        f"<p>{_taken(collection, one, other)} {_taken(collection, other, one)}</p>"
    )


def _taken(collection: Collection, one: Card, other: Card) -> str:
    found = confusion(collection, one.name)
    share = found.shares.get(other.name, 0.0)
    return (
        f"Of the {found.artifacts} stored artifacts of {text(one.label)}, each looked at without itself, "
        f"{100 * share:.0f} % are taken for {text(other.label)}."
    )


def _cards(collection: Collection, one: Card, other: Card) -> str:
    rows = "".join(_row(fact, *values) for fact, values in _said(one, other).items())
    head = "".join(
        f'<th scope="col"><a href="{text(generator_link(collection.name, card.name))}">{text(card.label)}</a></th>'
        for card in (one, other)
    )
    return (
        '<div class="fp-wide"><table class="fp-two"><thead><tr><th scope="col">On the card</th>'
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _said(one: Card, other: Card) -> dict[str, tuple[str, str]]:
    """What either card says, by its label."""
    facts = {
        "Family": (one.family, other.family),
        "Image decoder": (one.decoder, other.decoder),
        "Version": (one.version, other.version),
        "Year": (one.year, other.year),
        "Samples": (f"{one.samples:,}", f"{other.samples:,}"),
    }
    design = {
        key_label(key): (one.design.get(key, ""), other.design.get(key, "")) for key in {**one.design, **other.design}
    }
    return {key: values for key, values in {**facts, **design}.items() if any(values)}


def _row(fact: str, one: str, other: str) -> str:
    """Values that differ are bold."""
    shown = (text(value or "not stated") for value in (one, other))
    cells = "".join(f"<td>{value}</td>" if one == other else f"<td><b>{value}</b></td>" for value in shown)
    return f'<tr><th scope="row">{text(fact)}</th>{cells}</tr>'


def _ordinal(n: int) -> str:
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return "" if n == 1 else f"{n}{ending}"
