"""Which models are covered: the names of those that a picture is compared with, and the well-known ones that are not.

A view of the gallery, a few lines of it for the start page, and what a search for a model without a fingerprint gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fingerprints.sentence import Grouped, Sentence, counted, said
from registry.analysis.coverage import all_kinds, covers, in_order, kind, listed
from registry.analysis.well_known import WellKnown, missing
from registry.answers.sentences import not_among
from registry.storage.card import Card
from registry.storage.snapshot import Collection, NotFound, Snapshot

from ..language.telling import joined, told
from .form import address
from .html import BOLD, generator_link, link, rich, text

VIEW, TITLE = "covered", said("Which models are covered")
_MOST_ON_START, _MOST_ASKED_FOR = 24, 6
_AT_BEST = said(
    "Their pictures can at best be called generated. In tests with other models, between one and four in ten of such "
    "pictures were called photos, and some were given the name of another model."
)
_GAP_TITLE = said("Well known, but without a fingerprint here")
_COLUMNS = (said("Model"), said("Maker"), said("Year"), said("Published at"))
_BY_HAND = said("This list is kept by hand, the best known first, and is never complete.")
_HOW_TO_ADD = said(
    "To add a model, <a>give images of it under Contribute</a>: five are the least, fifty from different prompts or "
    "seeds make a steady fingerprint. Nothing is trained again: it takes part in the answers at once."
)


def title_link() -> str:
    """The way to the whole list."""
    opening, closing = link(address(view=VIEW))
    return f"{opening}{text(TITLE)}{closing}"


def form(_snapshot: Snapshot, _asked: Mapping[str, str]) -> str:
    """There is nothing to choose."""
    return ""


def shown(snapshot: Snapshot, _asked: Mapping[str, str]) -> str:
    """All names, those of small generators folded away; then the models that are missing. NotFound without a name."""
    collections = _filled(snapshot)
    if not collections:
        raise NotFound(said("This registry has no generators yet; add one under Contribute."))
    lead = said("A picture is compared with these, and with no others: {kinds}.", kinds=all_kinds(snapshot))
    first, *others = collections
    small = "".join(f"<details><summary>{_title(one)}</summary>{_names_html(one)}</details>" for one in others)
    return (
        f"<h2>{text(TITLE)}</h2><p>{text(lead)}</p><h3>{_title(first)}</h3>{_names_html(first)}{small}"
        f"{_missing_html(missing_in(snapshot))}"
    )


def brief_html(snapshot: Snapshot) -> str:
    """For the start page: the names of the first collection, how many there are of the others, and what is missing."""
    collections = _filled(snapshot)
    if not collections:
        return ""
    first, *others = collections
    named = said("<b>{count}:</b> {names}.", count=_counted(first))
    also = said("For small pictures also {kinds}.", kinds=listed([_counted(one) for one in others]))
    known = rich(named, b=BOLD, names=_links(first, _MOST_ON_START))
    unknown = not_among(missing_in(snapshot))
    gap = rich(said("<b>No fingerprint yet:</b> {models}.", models=unknown), b=BOLD)
    more = rich(said("<a>All names, and what is missing</a>"), a=link(address(view=VIEW)))
    return (
        f'<section class="fp-covered"><h2>{text(TITLE)}</h2><p>{known}{f" {text(also)}" if others else ""}</p>'
        f'{f"<p>{gap}</p>" if unknown else ""}<p class="fp-small">{more}</p></section>'
    )


def asked_for_html(models: Sequence[WellKnown]) -> str:
    """That these models, for which somebody searched, have no fingerprint here, and how to add one."""
    if not models:
        return ""
    named = [f"<b>{text(one.name)}</b> ({text(one.maker)}, {text(one.year)})" for one in models[:_MOST_ASKED_FOR]]
    rest = len(models) - len(named)
    # what counts is how many there are, not the number in the sentence
    gap = counted("{models} has no fingerprint here.", "{models} have no fingerprint here.", len(models))
    names = told(listed([*named, *([said("{number} more", number=Grouped(rest))] if rest else [])]))
    return _gap(f"{rich(gap, models=names)} {text(_AT_BEST)}")


def never_heard_html(search: str) -> str:
    """The same of a model that nobody has listed."""
    gap = said("If “{search}” is a model, it has no fingerprint here, and no answer can name it.", search=search)
    return _gap(text(gap))


def missing_in(snapshot: Snapshot) -> list[WellKnown]:
    """The well-known models that no collection holds."""
    return missing(card for collection in snapshot.collections.values() for card in collection.cards.values())


def _filled(snapshot: Snapshot) -> list[Collection]:
    return [collection for collection in in_order(snapshot) if collection.names]


def _counted(collection: Collection) -> Sentence:
    return kind(collection, len(collection.names))


def _gap(gap: str) -> str:
    """``gap`` is HTML."""
    return f'<div class="fp-gap" role="note"><p>{gap}</p><p>{_how_to_add()}</p><p>{title_link()}</p></div>'


def _how_to_add() -> str:
    return rich(_HOW_TO_ADD, a=link("./contribute"))


def _title(collection: Collection) -> str:
    return f"{text(collection.title)} <span>({text(Grouped(len(collection.names)))})</span>"


def _names_html(collection: Collection) -> str:
    rows = "".join(f"<li>{_link(collection, card)}</li>" for card in collection.cards.values())
    about = said("For pictures whose shorter side has {size}.", size=covers(collection))
    return f'<p class="fp-small">{text(about)}</p><ul class="fp-names">{rows}</ul>'


def _missing_html(models: Sequence[WellKnown]) -> str:
    if not models:
        return ""
    rows = "".join(map(_row, models))
    head = "".join(f"<th>{text(name)}</th>" for name in _COLUMNS)
    return (
        f"<h2>{text(_GAP_TITLE)}</h2><p>{text(joined([_AT_BEST, _BY_HAND]))}</p><p>{_how_to_add()}</p>"
        f'<div class="fp-wide fp-missing"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )


def _row(model: WellKnown) -> str:
    place = model.where.removeprefix("https://").removeprefix("www.").rstrip("/")
    link = f'<a href="{text(model.where)}" rel="noopener noreferrer">{text(place)}</a>'
    about = f"<td>{text(model.maker)}</td><td>{text(model.year)}</td><td>{link}</td>"
    return f'<tr><th scope="row">{text(model.name)}</th>{about}</tr>'


def _links(collection: Collection, most: int) -> str:
    cards = list(collection.cards.values())
    links = [_link(collection, card) for card in cards[:most]]
    rest = len(cards) - len(links)
    return told(listed([*links, *([said("{number} more", number=Grouped(rest))] if rest else [])]))


def _link(collection: Collection, card: Card) -> str:
    return f'<a href="{text(generator_link(collection.name, card.name))}">{text(card.label)}</a>'
