"""Which models are covered: the names of those that a picture is compared with, and the well-known ones that are not.

A view of the gallery, a few lines of it for the start page, and what a search for a model without a fingerprint gets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.analysis.coverage import all_kinds, covers, in_order, kind, listed
from registry.analysis.well_known import WellKnown, missing
from registry.answers.sentences import not_among
from registry.storage.card import Card
from registry.storage.snapshot import Collection, NotFound, Snapshot

from .form import address
from .html import generator_link, text

VIEW, TITLE = "covered", "Which models are covered"
LINK = f'<a href="{text(address(view=VIEW))}">{TITLE}</a>'
_MOST_ON_START, _MOST_ASKED_FOR = 24, 6
_AT_BEST = (
    "Their pictures can at best be called generated; some will look like photos, and a few may be given the name of "
    "another model."
)
_BY_HAND = "This list is kept by hand, the best known first, and is never complete."
_HOW_TO_ADD = (
    'To add a model, <a href="./contribute">give images of it under Contribute</a>: five are the least, fifty from '
    "different prompts or seeds make a steady fingerprint. Nothing is trained again, and it answers at once."
)


def form(_snapshot: Snapshot, _asked: Mapping[str, str]) -> str:
    """There is nothing to choose."""
    return ""


def shown(snapshot: Snapshot, _asked: Mapping[str, str]) -> str:
    """All names, those of small generators folded away; then the models that are missing. NotFound without a name."""
    collections = _filled(snapshot)
    if not collections:
        raise NotFound("This registry has no generators yet; add one under Contribute.")
    lead = f"A picture is compared with these, and with no others: {all_kinds(snapshot)}."
    first, *others = collections
    small = "".join(f"<details><summary>{_title(one)}</summary>{_names_html(one)}</details>" for one in others)
    return (
        f"<h2>{TITLE}</h2><p>{text(lead)}</p><h3>{_title(first)}</h3>{_names_html(first)}{small}"
        f"{_missing_html(missing_in(snapshot))}"
    )


def brief_html(snapshot: Snapshot) -> str:
    """For the start page: the names of the first collection, how many there are of the others, and what is missing."""
    collections = _filled(snapshot)
    if not collections:
        return ""
    first, *others = collections
    also = f" For small pictures also {text(listed([_counted(one) for one in others]))}." if others else ""
    known = f"<p><b>{text(_counted(first))}:</b> {_links(first, _MOST_ON_START)}.{also}</p>"
    unknown = not_among(missing_in(snapshot))
    gap = f"<p><b>No fingerprint yet:</b> {text(unknown)}.</p>" if unknown else ""
    more = f'<p class="fp-small"><a href="{text(address(view=VIEW))}">All names, and what is missing</a></p>'
    return f'<section class="fp-covered"><h2>{TITLE}</h2>{known}{gap}{more}</section>'


def asked_for_html(models: Sequence[WellKnown]) -> str:
    """That these models, for which somebody searched, have no fingerprint here, and how to add one."""
    if not models:
        return ""
    named = [f"<b>{text(one.name)}</b> ({text(one.maker)}, {text(one.year)})" for one in models[:_MOST_ASKED_FOR]]
    rest = len(models) - len(named)
    have = "has" if len(models) == 1 else "have"
    return _gap(f"{listed([*named, *([f'{rest} more'] if rest else [])])} {have} no fingerprint here. {_AT_BEST}")


def never_heard_html(search: str) -> str:
    """The same of a model that nobody has listed."""
    return _gap(f"If “{text(search)}” is a model, it has no fingerprint here, and no answer can name it.")


def missing_in(snapshot: Snapshot) -> list[WellKnown]:
    """The well-known models that no collection holds."""
    return missing(card for collection in snapshot.collections.values() for card in collection.cards.values())


def _filled(snapshot: Snapshot) -> list[Collection]:
    return [collection for collection in in_order(snapshot) if collection.names]


def _counted(collection: Collection) -> str:
    return kind(collection, len(collection.names))


def _gap(said: str) -> str:
    """``said`` is HTML."""
    return f'<div class="fp-gap" role="note"><p>{said}</p><p>{_HOW_TO_ADD}</p><p>{LINK}</p></div>'


def _title(collection: Collection) -> str:
    return f"{text(collection.title)} <span>({len(collection.names):,})</span>"


def _names_html(collection: Collection) -> str:
    rows = "".join(f"<li>{_link(collection, card)}</li>" for card in collection.cards.values())
    about = f"For pictures whose shorter side has {covers(collection)}."
    return f'<p class="fp-small">{text(about)}</p><ul class="fp-names">{rows}</ul>'


def _missing_html(models: Sequence[WellKnown]) -> str:
    if not models:
        return ""
    rows = "".join(map(_row, models))
    head = "<tr><th>Model</th><th>Maker</th><th>Year</th><th>Published at</th></tr>"
    return (
        f"<h2>Well known, but without a fingerprint here</h2><p>{_AT_BEST} {_BY_HAND}</p><p>{_HOW_TO_ADD}</p>"
        f'<div class="fp-wide fp-missing"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
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
    return listed([*links, *([f"{rest:,} more"] if rest else [])])


def _link(collection: Collection, card: Card) -> str:
    return f'<a href="{text(generator_link(collection.name, card.name))}">{text(card.label)}</a>'
