"""Many pictures: files and archives in, a table that fills up, a row to open, and one answer for all if asked for.

The address says which batch is shown, and how; the form of the table writes it there (parts/form.py).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.sentence import said
from registry.storage.store import Store

from ..answers.several import joint_html
from ..answers.single import Shown, in_turn
from ..parts.form import SCRIPT, address_of, choice_field, form_html, search_field
from ..parts.html import json_link, problem, text, working
from ..parts.layout import PAGE_EVENT, markup
from .detail import detail_html
from .downloads import links_html
from .jobs import Batch, Batches
from .progress import progress_html
from .scripts import NOTE_JOB, TO_THE_TOP
from .table import table_html
from .view import ORDERS, View
from .words import GONE, GONE_TITLE, INTRO, KEPT, NOTHING, TOGETHER
from .work import looking_at

_LOOK_EVERY = 1.5  # seconds
_WATCHERS: dict[str, Any] = {"concurrency_id": "batch", "concurrency_limit": 16}
# Implicit submission presses the first button of a form, which would be one of the table's.
_ENTER = '<button type="submit" hidden></button>'


@dataclass(frozen=True)
class Parts:
    """The page's components that change. ``asked``: what the form asks; ``sent``: the table that the browser has."""

    giving: gr.Column
    state: gr.HTML
    cancel: gr.Button
    form: gr.HTML
    table: gr.HTML
    downloads: gr.HTML
    together: gr.Button
    joint: gr.HTML
    opened: gr.HTML
    timer: gr.Timer
    asked: gr.State
    sent: gr.State

    def all(self) -> list[Any]:
        return list(vars(self).values())


def batch_page(store: Store, batches: Batches, page: gr.Blocks) -> None:
    """The layout, and what happens when files arrive, the table is asked for something, or the page is opened again."""
    markup(lambda: f"<h1>{text(said('Many pictures'))}</h1>")
    one = markup("", "batch-opened")
    with gr.Column() as giving:
        markup(lambda: f"<p>{text(INTRO)}</p>")
        files = gr.File(
            label=said("Drop or choose pictures, or zip archives"),
            file_count="multiple",
            type="filepath",
            height=170,
            elem_id="batch-files",
        )
        markup(lambda: f'<p class="fp-small">{text(KEPT)}</p>')
    parts = _parts(giving, one)
    _wire(store, batches, parts, files, page)


def _parts(giving: gr.Column, one: gr.HTML) -> Parts:
    return Parts(
        giving,
        state=markup("", "batch-state"),
        cancel=gr.Button(said("Cancel"), elem_id="batch-cancel", visible=False),
        form=markup("", "batch-form", SCRIPT + NOTE_JOB),
        table=markup("", "batch-table", TO_THE_TOP),
        downloads=markup("", "batch-downloads"),
        together=gr.Button(TOGETHER, elem_id="batch-together", visible=False),
        joint=markup("", "batch-joint"),
        opened=one,
        timer=gr.Timer(_LOOK_EVERY, active=False),
        asked=gr.State({}),
        sent=gr.State(""),
    )


def _wire(store: Store, batches: Batches, parts: Parts, files: gr.File, page: gr.Blocks) -> None:
    def given(paths: list[str] | None, request: gr.Request) -> dict[Any, Any]:
        if not paths:
            return {files: None}
        try:
            client = request.client.host if request.client else ""
            batch = batches.start(store.snapshot(), looking_at([Path(path) for path in paths]), client)
        except UserError as error:
            return {files: None, parts.state: problem(error.sentence, NOTHING)}
        return {files: None, **_shown(parts, batch, {"job": batch.key})}

    def opened(request: gr.Request) -> dict[Any, Any]:
        asked = address_of(request)
        batch = batches.find(asked.get("job"))
        if batch is None:
            return {parts.state: problem(GONE, GONE_TITLE) if asked.get("job") else ""}
        return _shown(parts, batch, asked)

    def changed(request: gr.Request) -> dict[Any, Any]:
        asked = address_of(request)
        batch = batches.find(asked.get("job"))
        return {parts.asked: asked, **(_table(parts, batch, asked, "") if batch else _gone(parts))}

    def looked(asked: Mapping[str, str], sent: str) -> dict[Any, Any]:
        batch = batches.find(asked.get("job"))
        return {**_progress(parts, batch), **_table(parts, batch, asked, sent)} if batch else _gone(parts)

    def stopped(asked: Mapping[str, str]) -> str:
        batches.cancel(asked.get("job"))
        return working(said("Stopping …"))

    def together(asked: Mapping[str, str]) -> Iterator[str]:
        yield working(said("Looking at all of them together …"))
        if batch := batches.find(asked.get("job")):
            yield from (shown.answer for shown in in_turn(_joint(batch)))
        else:
            yield problem(GONE, GONE_TITLE)

    event, whole = {**PAGE_EVENT, **_WATCHERS}, [files, *parts.all()]
    files.upload(given, files, whole, **event)
    page.load(opened, None, parts.all(), queue=False, **PAGE_EVENT)
    parts.form.select(changed, None, parts.all(), queue=False, trigger_mode="always_last", **PAGE_EVENT)
    parts.timer.tick(looked, [parts.asked, parts.sent], parts.all(), queue=False, **PAGE_EVENT)
    parts.cancel.click(stopped, parts.asked, parts.state, queue=False, **PAGE_EVENT)
    parts.together.click(together, parts.asked, parts.joint, trigger_mode="once", **event)


def _shown(parts: Parts, batch: Batch, asked: Mapping[str, str]) -> dict[Any, Any]:
    """A batch as it is asked for: its table, or one row of it."""
    view = View.of(asked)
    if view.row:
        return {parts.giving: _visible(False), parts.opened: detail_html(batch, view)}
    now = {**_progress(parts, batch), **_table(parts, batch, asked, "")}
    return {**now, parts.form: _form_html(view), parts.asked: dict(asked)}


def _progress(parts: Parts, batch: Batch) -> dict[Any, Any]:
    """Asked before the table is drawn: of a batch that has ended, the table is whole."""
    ended = batch.ended
    some = sum(row.answer is not None for row in tuple(batch.rows)) > 1
    return {
        parts.giving: _visible(ended and not batch.rows),
        parts.state: progress_html(batch),
        parts.cancel: _visible(not ended and not batch.cancelled),
        parts.downloads: links_html(batch.key) if ended and batch.rows else "",
        parts.together: _visible(ended and some),
        parts.timer: gr.Timer(active=not ended),
    }


def _table(parts: Parts, batch: Batch, asked: Mapping[str, str], sent: str) -> dict[Any, Any]:
    """One page of rows, unless the browser has it already."""
    shown = table_html(batch, View.of(asked))
    digest = hashlib.sha256(shown.encode()).hexdigest()
    return {} if digest == sent else {parts.table: shown, parts.sent: digest}


def _gone(parts: Parts) -> dict[Any, Any]:
    hidden = {part: _visible(False) for part in (parts.cancel, parts.together)}
    shown = {parts.state: problem(GONE, GONE_TITLE), parts.timer: gr.Timer(active=False)}
    return {**hidden, **shown, parts.giving: _visible(True)}


def _form_html(view: View) -> str:
    fields = [
        search_field("search", said("Words in the file's name"), view.search),
        choice_field("sort", said("Order"), ORDERS, view.sort),
        _ENTER,
    ]
    return form_html(fields, {"job": view.job, "verdict": view.verdict}, "batch")


def _joint(batch: Batch) -> Iterator[Shown]:
    started = time.perf_counter()
    joint = batch.pile.answer(batch.snapshot)
    download = "" if isinstance(joint, str) else json_link(joint.to_json(), "answer.json", said("Download it as JSON"))
    seconds = time.perf_counter() - started
    yield Shown("", joint_html(batch.snapshot, joint, tuple(batch.rows), seconds, download))


def _visible(visible: bool) -> Any:
    return gr.update(visible=visible)
