"""One row, opened: the answer with all its evidence, as on the start page, from what is kept of it."""

from __future__ import annotations

from fingerprints.sentence import said
from registry.storage.snapshot import Snapshot

from ..answers.answer import answer_html, certainty_html, small_print
from ..answers.evidence import evidence_html
from ..answers.several import Row, row_json
from ..parts.html import json_link, picture, problem, sentences, text
from .jobs import Batch
from .view import View, chosen

_ALONE = said(
    "Whether an answer holds when the picture is re-saved or scaled is tried on the start page: give this one alone "
    "there."
)


def detail_html(batch: Batch, view: View) -> str:
    """The row that is asked for, and the way to its neighbours in the table; a sentence when there is none."""
    rows = tuple(batch.rows)
    way = _way_html(view, [number for number, _ in chosen(rows, view)])
    if not 1 <= view.row <= len(rows):
        return way + problem(said("This batch has no such row."), said("There is nothing here."))
    return f'{way}<article class="fp-opened">{_row_html(batch.snapshot, rows[view.row - 1])}</article>'


def _row_html(snapshot: Snapshot, row: Row) -> str:
    same = said("The same pixels as {name}, which was given before.", name=row.twin)
    twin = sentences([same] if row.twin else [])
    alt = said("The picture that was given: {name}", name=row.name)
    small = picture(row.small, alt, "image/jpeg") if row.small else ""
    given = f'<figure class="fp-given">{small}<figcaption>{text(row.name)}</figcaption></figure>{twin}'
    if row.answer is None:
        return given + problem(row.trouble, said("This cannot be answered."))
    collection = snapshot.collection(row.answer.collection)
    answer = answer_html(row.answer, collection, certainty_html(row.answer, collection.cards))
    download = json_link(row_json(row), "answer.json", said("Download the answer as JSON"))
    below = f'<p class="fp-small">{text(_ALONE)} {download}</p>'
    return given + answer + small_print(row.answer, collection) + below + evidence_html(row.answer, collection)


def _way_html(view: View, numbers: list[int]) -> str:
    """Back to the table as it was, and to the rows before and after this one in it."""
    place = numbers.index(view.row) if view.row in numbers else -1
    around = {said("Previous"): numbers[place - 1] if place > 0 else 0}
    around[said("Next")] = numbers[place + 1] if 0 <= place < len(numbers) - 1 else 0
    links = [(view.address(row=0), said("Back to the table"))]
    links += [(view.address(row=number), label) for label, number in around.items() if number]
    shown = "".join(f'<a href="{text(address)}">{text(label)}</a>' for address, label in links)
    return f'<nav class="fp-tabs" aria-label="{text(said("Rows of the table"))}">{shown}</nav>'
