"""All rows of a batch as files: CSV for spreadsheets, JSON Lines for programs, at addresses that name its key."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from fingerprints.sentence import said
from registry.answers.sentences import claimed, in_short
from registry.storage.snapshot import Snapshot

from ..answers.several import Row, row_json
from ..parts.html import link, rich
from .jobs import Batch, Batches
from .levels import level
from .table import notes

COLUMNS = (
    *("file", "level", "said", "generated", "probability", "generator", "among", "family", "collection"),
    *("notes", "claims", "same_pixels_as", "error"),
)
# What makes a spreadsheet take a cell for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_GONE = "There is no such batch: results are kept for an hour."


def download_routes(batches: Batches) -> list[Route]:
    """GET /batch.csv and /batch.jsonl, with ?job=KEY."""
    return [
        Route("/batch.csv", _answering(batches, as_csv, "answers.csv", "text/csv")),
        Route("/batch.jsonl", _answering(batches, as_json_lines, "answers.jsonl", "application/jsonl")),
    ]


def links_html(key: str) -> str:
    """Ways to both; ``key`` is one that this server made."""
    ways = said(
        "Download all rows as <csv>CSV, for a spreadsheet</csv> or <lines>JSON Lines</lines>, or <again>look at other "
        "pictures</again>."
    )
    csv_, lines = (link(f"./batch.{kind}?job={key}", " download") for kind in ("csv", "jsonl"))
    return f"<p>{rich(ways, csv=csv_, lines=lines, again=link('./batch'))}</p>"


def as_csv(batch: Batch) -> str:
    """A line for each file under a line of names; no cell is a formula."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(COLUMNS)
    writer.writerows([_plain(cell) for cell in _cells(batch.snapshot, row)] for row in tuple(batch.rows))
    return "\ufeff" + written.getvalue()  # or spreadsheets take it for another encoding than UTF-8


def as_json_lines(batch: Batch) -> str:
    """The answer for each file, or ``error`` in its place, one a line."""
    return "".join(f"{json.dumps(row_json(row))}\n" for row in tuple(batch.rows))


def _cells(snapshot: Snapshot, row: Row) -> Sequence[object]:
    if row.answer is None:
        return (row.name, level(row), *[""] * 7, " ".join(notes(row)), "", row.twin or "", row.trouble)
    answer, verdict = row.answer, row.answer.verdict
    return (
        row.name,
        level(row),
        in_short(answer, snapshot.collection(answer.collection).cards),
        f"{verdict.generated:.6f}",
        f"{verdict.probability:.6f}",
        verdict.generator or "",
        _joined(verdict.among),
        verdict.family or "",
        answer.collection,
        " ".join(notes(row)),
        claimed(answer),
        row.twin or "",
        "",
    )


def _joined(names: Iterable[str]) -> str:
    return "; ".join(names)


def _plain(cell: object) -> str:
    """With an apostrophe before what a spreadsheet would compute."""
    shown = str(cell)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown


def _answering(
    batches: Batches, written: Callable[[Batch], str], name: str, kind: str
) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        batch = batches.find(request.query_params.get("job"))
        if batch is None:
            return PlainTextResponse(_GONE, 404)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(written(batch), media_type=f"{kind}; charset=utf-8", headers=headers)

    return answer
