"""Contribute: samples of one generator in, a report, a card, and the registry knows it. Four steps, one page.

What a visitor does is a job of the server (jobs.py), whose key their browser keeps: a reload finds it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.sentence import said
from fingerprints.settings import Settings
from registry.analysis.coverage import in_order
from registry.contributions.submit import permitted
from registry.hub.follow import Follower
from registry.intake.samples import DataSet
from registry.storage.card import Card, CardError
from registry.storage.store import Store

from ..gallery.tiles import tile_html
from ..language.telling import joined
from ..parts.html import foreign, problem, text, working
from ..parts.layout import PAGE_EVENT, markup
from ..parts.words import CLOSED, NOT_PERMITTED, ON_A_SPACE, SAMPLES_KEPT, WHAT_TO_GIVE
from .contribution import Published, Source, compute, look, publish, undo
from .jobs import WATCHERS, Job, Jobs
from .proposing import Proposing
from .report import done_html, look_html, progress_html, report_html, steps_html, waiting_html

_SESSION_SECONDS = 3600
_ADD, _NOT_ADDED = said("Add a generator"), said("It was not added.")
_CARD_FIELDS = (
    (
        "name",
        said("Name"),
        said("Becomes its address: small letters, digits, '.', '_', '+' or '-' (for example my-model-v2)"),
    ),
    ("title", said("Title"), said("How it is called on the pages")),
    ("family", said("Family"), said("Related models, for example Stable Diffusion")),
    ("decoder", said("Image decoder"), said("Generators with the same decoder leave similar traces")),
    ("version", said("Version"), ""),
    ("year", said("Year"), ""),
    ("licence", said("Licence of the samples"), ""),
    ("source", said("Where the samples come from"), said("A link, or how they were made")),
    ("contributor", said("Your name, or none"), said("Shown on its page")),
)


@dataclass(frozen=True)
class Parts:
    """The page's components that change. ``key``: of the job that is this visitor's."""

    key: gr.BrowserState
    published: gr.State
    steps: gr.HTML
    files: gr.File
    data_set: gr.Textbox
    use: gr.Button
    found: gr.HTML
    collection: gr.Dropdown
    start: gr.Button
    cancel: gr.Button
    progress: gr.HTML
    card: gr.Column
    fields: list[gr.Textbox]
    permit: gr.Textbox
    preview: gr.HTML
    submit: gr.Button
    trouble: gr.HTML
    done: gr.HTML
    undo: gr.Button
    proposing: Proposing | None


def contribute_page(settings: Settings, store: Store, follower: Follower | None, jobs: Jobs, page: gr.Blocks) -> None:
    if settings.policy == "closed":
        markup(lambda: f"<h1>{text(_ADD)}</h1><p>{text(CLOSED)}</p>")
        return
    parts = _layout(settings, store, follower)
    _wire_samples(settings, store, jobs, parts, page)
    _wire_card(settings, store, jobs, parts)


def _layout(settings: Settings, store: Store, follower: Follower | None) -> Parts:
    key = gr.BrowserState("", storage_key="contribution")
    published = gr.State(None, time_to_live=_SESSION_SECONDS)
    steps = markup(lambda: steps_html(0), "steps")
    markup(partial(_lead_html, settings.forgets))
    files = gr.File(
        label=said("Drop or choose images, or one zip"),
        file_count="multiple",
        type="filepath",
        height=170,
        elem_id="samples",
    )
    with gr.Row(visible=settings.takes_data_sets, elem_classes="fp-actions", equal_height=True):
        data_set = gr.Textbox(
            label=said("Or a data set on the Hugging Face Hub"),
            placeholder=said("owner/name"),
            max_length=200,
            elem_id="data-set",
            scale=3,
        )
        use = gr.Button(said("Look at it"), elem_id="use-data-set", scale=1)
    found = markup("", "found")
    with gr.Row(equal_height=True, elem_classes="fp-actions"):
        collection = gr.Dropdown([], label=said("Collection"), elem_id="to-collection", visible=False, scale=3)
        start = gr.Button(said("Compute the fingerprint"), variant="primary", elem_id="compute", visible=False, scale=2)
        cancel = gr.Button(said("Cancel"), elem_id="cancel", visible=False, scale=1)
    progress = markup("", "progress")
    with gr.Column(visible=False, elem_id="card") as card:
        markup(lambda: f"<h2>{text(said('Its card'))}</h2>")
        with gr.Row():
            fields = [
                gr.Textbox(label=label, info=info or None, elem_id=f"card-{key}", min_width=280, max_length=400)
                for key, label, info in _CARD_FIELDS
            ]
        permit = _permit(settings)
        preview = markup("", "preview")
        submit = gr.Button(said("Add it to the registry"), variant="primary", elem_id="add")
    trouble = markup("", "trouble")
    done = markup("", "finished")
    take_back = gr.Button(said("Undo: take it out again"), elem_id="undo", visible=False)
    proposing = Proposing(store, follower.state.repo_id, published) if follower else None
    action = (collection, start, cancel, progress)
    outcome = (trouble, done, take_back, proposing)
    given = (files, data_set, use, found)
    return Parts(key, published, steps, *given, *action, card, fields, permit, preview, submit, *outcome)


def _lead_html(forgets: bool) -> str:
    note = joined([SAMPLES_KEPT, ON_A_SPACE if forgets else ""])
    return f'<h1>{text(_ADD)}</h1><p>{text(WHAT_TO_GIVE)}</p><p class="fp-small">{text(note)}</p>'


def _permit(settings: Settings) -> gr.Textbox:
    return gr.Textbox(
        label=said("The token that the owner of this server gave you"),
        type="password",
        max_length=200,
        elem_id="permit",
        visible=settings.policy == "token",
        html_attributes=gr.InputHTMLAttributes(autocomplete="new-password", spellcheck=False),
    )


# Step 1 and 2: samples and their report.


def _wire_samples(settings: Settings, store: Store, jobs: Jobs, parts: Parts, page: gr.Blocks) -> None:
    def given(paths: list[str] | None, data_set: str, key: str) -> Iterator[dict[Any, Any]]:
        jobs.forget(key)
        some = paths or data_set
        yield {**_cleared(parts), parts.found: working(said("Looking at the samples …")) if some else ""}
        if some:
            yield {**_cleared(parts), **_looked(settings, store, parts, paths, data_set)}

    def run(paths: list[str] | None, data_set: str, collection: str, key: str) -> Iterator[dict[Any, Any]]:
        jobs.forget(key)
        job = jobs.start(lambda: compute(_sources(settings, paths, data_set), store.snapshot().collection(collection)))
        yield {**_cleared(parts), **_busy(parts, True), parts.found: "", parts.key: job.key}
        yield from _followed(store, parts, job)

    def found_again(key: str) -> Iterator[dict[Any, Any]]:
        job = jobs.find(key)
        if job is None:
            yield {parts.key: ""}
            return
        yield {**_busy(parts, not job.ended)}
        yield from _followed(store, parts, job)

    def stopped(key: str) -> dict[Any, Any]:
        jobs.forget(key)
        note = f"<p>{text(said('Cancelled. Nothing was added.'))}</p>"
        return {**_busy(parts, False), parts.progress: note, parts.key: ""}

    changing: list[Any] = [
        *(parts.key, parts.steps, parts.found, parts.collection, parts.start, parts.cancel),
        *(parts.progress, parts.card, parts.trouble, parts.done, parts.undo, parts.published),
        *_offer(parts, False),
    ]
    watching: dict[str, Any] = {**WATCHERS, **PAGE_EVENT}
    given_parts = [parts.files, parts.data_set]
    running = parts.start.click(run, [*given_parts, parts.collection, parts.key], changing, **watching)
    again = page.load(found_again, parts.key, changing, **watching)
    gr.on(
        [parts.files.upload, parts.files.clear, parts.files.delete, parts.use.click, parts.data_set.submit],
        given,
        [*given_parts, parts.key],
        changing,
        cancels=[running, again],
        concurrency_limit=2,
        trigger_mode="always_last",
        **PAGE_EVENT,
    )
    ended = [parts.start, parts.cancel, parts.progress, parts.key]
    parts.cancel.click(stopped, parts.key, ended, cancels=[running, again], **PAGE_EVENT)


def _sources(settings: Settings, paths: list[str] | None, data_set: str | None) -> list[Source]:
    """Raises IntakeError when what is named cannot be a data set."""
    named = (data_set or "").strip()
    return [*map(Path, paths or ()), *([DataSet(named)] if named and settings.takes_data_sets else [])]


def _cleared(parts: Parts) -> dict[Any, Any]:
    """Back to the first step: what was computed before is forgotten."""
    return {
        parts.key: "",
        parts.steps: steps_html(0),
        parts.progress: "",
        parts.card: _shown(False),
        parts.trouble: "",
        parts.done: "",
        parts.undo: _shown(False),
        parts.cancel: _shown(False),
        parts.published: None,
        **_offer(parts, False),
    }


def _looked(
    settings: Settings, store: Store, parts: Parts, paths: list[str] | None, data_set: str | None
) -> dict[Any, Any]:
    try:
        snapshot = store.snapshot()
        seen = look(_sources(settings, paths, data_set), snapshot)
    except UserError as error:
        hidden = {parts.collection: _shown(False), parts.start: _shown(False)}
        return {parts.found: problem(error.sentence, said("These files cannot be used.")), **hidden}
    choices = [(collection.title, collection.name) for collection in in_order(snapshot)]
    if not choices:
        none = said("This registry has no collection yet to which a generator could be added.")
        return {parts.found: problem(none)}
    usable = bool(seen.sizes)
    return {
        parts.found: look_html(seen, len(paths or ())),
        parts.collection: gr.update(choices=choices, value=seen.collection or choices[0][1], visible=usable),
        parts.start: gr.update(visible=usable, interactive=True),
    }


def _waiting() -> str:
    return working(said("Waiting for an earlier contribution …"))


def _followed(store: Store, parts: Parts, job: Job) -> Iterator[dict[Any, Any]]:
    """The job's progress until it has ended; then the report with the form of the card, or what was added."""
    for state in job.follow():
        yield {parts.progress: progress_html(state) if state else _waiting()}
    if job.cancelled:
        return
    ended = _busy(parts, False)
    if job.published is not None:
        yield {**ended, **_finished(store, parts, job.published)}
    elif job.prepared is None:
        yield {**ended, parts.progress: problem(job.trouble, said("No fingerprint was made."))}
    else:
        report = report_html(job.prepared, store.snapshot().collection(job.prepared.draft.collection))
        yield {**ended, parts.steps: steps_html(2), parts.progress: report, parts.card: _shown(True)}


# Step 3 and 4: the card, and done.


def _wire_card(settings: Settings, store: Store, jobs: Jobs, parts: Parts) -> None:
    def submitted(key: str, token: str, *values: str) -> dict[Any, Any]:
        if not permitted(settings, token or ""):
            return {parts.trouble: problem(NOT_PERMITTED, _NOT_ADDED)}
        return _added(settings, store, parts, jobs.find(key), values)

    def taken_back(key: str) -> dict[Any, Any]:
        job = jobs.find(key)
        jobs.forget(key)
        return _taken_back(store, parts, job.published if job else None)

    def drawn(key: str, *values: str) -> str:
        return _preview(jobs.find(key), values)

    gr.on(
        [field.change for field in parts.fields],
        drawn,
        [parts.key, *parts.fields],
        parts.preview,
        trigger_mode="always_last",
        queue=False,
        **PAGE_EVENT,
    )
    offer = list(_offer(parts, False))
    outcome = [parts.steps, parts.card, parts.trouble, parts.done, parts.undo, parts.published, *offer]
    parts.submit.click(submitted, [parts.key, parts.permit, *parts.fields], outcome, **PAGE_EVENT)
    gone = [parts.steps, parts.progress, parts.trouble, parts.done, parts.undo, parts.published, parts.key, *offer]
    parts.undo.click(taken_back, parts.key, gone, **PAGE_EVENT)


def _preview(job: Job | None, values: tuple[str, ...]) -> str:
    """The tile that the gallery would show; or why these words cannot stand on a card."""
    if job is None or job.prepared is None or not any(values):
        return ""
    made = job.prepared.draft
    try:
        card = replace(_card_of(values), samples=made.card.samples)
    except CardError as error:
        return f'<p class="fp-small">{foreign(error.sentence)}</p>'
    tile = tile_html(made.collection, card, made.files.get("gallery/mean-artifact.png"))
    return f'<h3>{text(said("As it will stand in the gallery"))}</h3><div class="fp-tiles" inert>{tile}</div>'


def _card_of(values: tuple[str, ...]) -> Card:
    """Raises CardError."""
    given = {key: (value or "").strip() for (key, _, _), value in zip(_CARD_FIELDS, values, strict=True)}
    return Card.from_json(given)


def _added(settings: Settings, store: Store, parts: Parts, job: Job | None, values: tuple[str, ...]) -> dict[Any, Any]:
    if job is None or job.prepared is None:
        return {parts.trouble: problem(said("The session has ended. Give the samples once more."))}
    try:
        job.published = publish(settings, store, job.prepared, _card_of(values))
    except UserError as error:
        return {parts.trouble: problem(error.sentence, _NOT_ADDED)}
    return _finished(store, parts, job.published)


def _finished(store: Store, parts: Parts, added: Published) -> dict[Any, Any]:
    card = store.snapshot().collection(added.collection).cards.get(added.name, Card(added.name))
    done = waiting_html(added) if added.waiting else done_html(added, card.label)
    return {
        parts.steps: steps_html(3),
        parts.card: _shown(False),
        parts.trouble: "",
        parts.done: done,
        parts.undo: _shown(True),
        parts.published: added,
        **_offer(parts, not added.waiting),
    }


def _taken_back(store: Store, parts: Parts, added: Published | None) -> dict[Any, Any]:
    gone: dict[Any, Any] = {parts.undo: _shown(False), parts.published: None, parts.key: "", **_offer(parts, False)}
    if added is None:
        return {**gone, parts.trouble: problem(said("The session has ended; take it out on the command line."))}
    try:
        undo(store, added)
    except UserError as error:
        return {**gone, parts.trouble: problem(error.sentence, said("It was not taken out."))}
    note = f"<p>{text(said('{name} was taken out again.', name=added.name))}</p>"
    return {**gone, parts.steps: steps_html(0), parts.progress: "", parts.trouble: "", parts.done: note}


def _offer(parts: Parts, visible: bool) -> dict[Any, Any]:
    """Show or hide the form that proposes it, where a repository is followed."""
    return parts.proposing.reset(visible) if parts.proposing else {}


def _busy(parts: Parts, busy: bool) -> dict[Any, Any]:
    return {parts.start: gr.update(interactive=not busy), parts.cancel: _shown(busy)}


def _shown(visible: bool) -> Any:
    return gr.update(visible=visible)
