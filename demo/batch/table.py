"""The table of a batch: how many there are of each verdict, one page of rows, and the way to the other pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from fingerprints.sentence import said
from registry.answers.sentences import claimed, in_short
from registry.storage.snapshot import Snapshot

from ..answers.answer import share_text
from ..answers.several import Row, small_html
from ..language.telling import joined
from ..parts.form import FORM
from ..parts.html import foreign, text
from .jobs import Batch
from .levels import LEVELS, level
from .view import ROWS_A_PAGE, Numbered, View, chosen, made, sureness

# Head of each column, and what the address calls the order by it.
_COLUMNS = (
    (said("Picture"), ""),
    (said("File"), "name"),
    (said("Verdict"), "verdict"),
    (said("Which model"), ""),
    (said("Made by a model"), "generated"),
    (said("Right of 100"), "probability"),
    (said("Notes"), ""),
    (said("What the file claims"), ""),
)
_DOWN_FIRST = ("generated", "probability")
_EXPLAINED = said(
    "“Made by a model” is how likely it is that a model made the picture. “Right of 100” is how many of 100 "
    "such answers about photos and pictures by models in this registry are right. What a file claims was not used."
)


def table_html(batch: Batch, view: View) -> str:
    """Counts, rows and pages; nothing before the first row."""
    rows = tuple(batch.rows)
    if not rows:
        return ""
    found = chosen(rows, view)
    pages = max(-(-len(found) // ROWS_A_PAGE), 1)
    page = min(view.page, pages)
    view = replace(view, page=page)
    first = (page - 1) * ROWS_A_PAGE
    some = found[first : first + ROWS_A_PAGE]
    if not some:
        none = text(said("No picture matches."))
        return _counts_html(rows, view) + f'<p class="fp-count" role="status">{none}</p>'
    shown = {"first": first + 1, "last": first + len(some), "all": len(found)}
    caption = text(said("Pictures {first} to {last} of {all}", **shown))
    body = "".join(_row_html(batch.snapshot, one, view) for one in some)
    return (
        f'{_counts_html(rows, view)}<div class="fp-wide fp-batch" role="region" aria-label="{_label()}" '
        f'tabindex="0"><table role="table"><caption>{caption}</caption><thead role="rowgroup"><tr role="row">'
        f"{''.join(_head_html(name, order, view) for name, order in _COLUMNS)}</tr></thead>"
        f'<tbody role="rowgroup">{body}</tbody></table></div>{_pages_html(page, pages)}'
        f'<p class="fp-small">{text(_EXPLAINED)}</p>'
    )


def _label() -> str:
    return text(said("Table of the pictures"))


def _counts_html(rows: Sequence[Row], view: View) -> str:
    """A button for each verdict, which shows those alone. All are there from the start, so that none moves."""
    counts = Counter(map(level, rows))
    chips = [("", said("All"), len(rows)), *((key, name, counts[key]) for key, name in LEVELS.items())]
    shown = "".join(
        f'<button form="{FORM}" name="verdict" value="{key}" '
        f'aria-pressed="{"true" if view.verdict == key else "false"}">'
        f"{text(name)} <b>{count}</b></button>"
        for key, name, count in chips
    )
    return f'<div class="fp-chips" role="group" aria-label="{text(said("Show verdicts"))}">{shown}</div>'


def _head_html(name: str, order: str, view: View) -> str:
    if not order:
        return f'<th scope="col" role="columnheader">{text(name)}</th>'
    current = view.sort.removeprefix("-") == order
    down = view.sort.startswith("-")
    backwards = not down if current else order in _DOWN_FIRST
    sorted_ = f' aria-sort="{"descending" if down else "ascending"}"' if current else ""
    arrow = ("▼" if down else "▲") if current else "↕"
    narrow = ' class="fp-narrow"' if order in _DOWN_FIRST else ""
    return (
        f'<th scope="col" role="columnheader"{narrow}{sorted_}><button form="{FORM}" name="sort" '
        f'value="{"-" if backwards else ""}{order}">{text(name)} '
        f'<span aria-hidden="true">{arrow}</span></button></th>'
    )


def _row_html(snapshot: Snapshot, one: Numbered, view: View) -> str:
    number, row = one
    small = small_html(row)
    link = f'<a href="{text(view.address(row=number))}">{text(row.name)}</a>'
    cells = "".join(
        f'<td role="cell" class="fp-cell-{kind}" data-label="{text(label)}">{content}</td>'
        for kind, label, content in _cells(snapshot, row)
    )
    return (
        f'<tr role="row" data-row="{number}" data-level="{level(row)}"><td role="cell" class="fp-cell-picture">{small}'
        f'</td><th scope="row" role="rowheader">{link}</th>{cells}</tr>'
    )


def _cells(snapshot: Snapshot, row: Row) -> list[tuple[str, str, str]]:
    """Class, label and content of what stands after the name."""
    share, sure = made(row), sureness(row)
    return [
        ("verdict", "", f"<b>{text(LEVELS[level(row)])}</b>"),
        ("said", "", text(_models(snapshot, row))),
        ("share", said(" made by a model"), "" if share is None else text(share_text(share))),
        ("share", said(" of 100 such answers right"), "" if sure is None else f"{100 * sure:.0f}"),
        ("notes", "", _clamped(text(joined(notes(row)))) or foreign(row.trouble)),
        ("claims", "", _clamped(text(claimed(row.answer)) if row.answer else "")),
    ]


def _clamped(html: str) -> str:
    """A few lines of it are shown; the row's own page shows all."""
    return html and f'<span class="fp-clamped">{html}</span>'


def _models(snapshot: Snapshot, row: Row) -> str:
    """Those that the verdict names; the others say no more than their level."""
    if row.answer is None or level(row) not in ("model", "few"):
        return ""
    return in_short(row.answer, snapshot.collection(row.answer.collection).cards)


def notes(row: Row) -> list[str]:
    """What had to be decided about a picture, what is doubtful, and whether its pixels were given before."""
    twin = [said("The same pixels as {name}.", name=row.twin)] if row.twin else []
    return [*(row.answer.warnings if row.answer else ()), *twin]


def _pages_html(page: int, pages: int) -> str:
    if pages == 1:
        return ""
    return (
        f'<nav class="fp-pages" aria-label="{text(said("Pages of the table"))}">'
        f"{_page_button(said('Previous'), page - 1, pages)}"
        f'<span role="status">{text(said("Page {page} of {pages}", page=page, pages=pages))}</span>'
        f"{_page_button(said('Next'), page + 1, pages)}</nav>"
    )


def _page_button(label: str, page: int, pages: int) -> str:
    off = "" if 1 <= page <= pages else " disabled"
    return f'<button form="{FORM}" name="page" value="{page}"{off}>{text(label)}</button>'
