"""A contribution in one call, for programs: the same steps, limits and policy as on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.settings import Settings
from registry.analysis.design import DesignPrediction
from registry.contributions.submit import permitted
from registry.intake.samples import IntakeError
from registry.storage.card import Card
from registry.storage.store import Store, StoreError

from ..contribute.contribution import Prepared, Progress, Published, compute, look, publish
from ..contribute.jobs import WATCHERS, Jobs
from ..parts.words import CLOSED, NOT_PERMITTED
from .declared import declared
from .endpoints import CONTRIBUTE


def contribute_endpoint(settings: Settings, store: Store, jobs: Jobs, button: gr.Button, received: gr.JSON) -> None:
    """Declare it on ``button`` and ``received``, which nobody sees."""

    def contribute(
        samples: list[str], card: dict[str, Any], collection: str = "", add: bool = True, token: str = ""
    ) -> Iterator[dict[str, Any]]:
        paths = [Path(path) for path in samples or ()]
        yield from contributed_json(settings, store, jobs, paths, card, collection or "", add, token or "")

    given = [
        gr.File(visible=False, type="filepath", file_count="multiple", label="samples"),
        gr.JSON(visible=False, label="card"),
        gr.Textbox("", visible=False, label="collection"),
        gr.Checkbox(True, visible=False, label="add"),
        gr.Textbox("", visible=False, label="token"),
    ]
    button.click(contribute, given, received, **declared(settings, CONTRIBUTE), **WATCHERS)


def contributed_json(
    settings: Settings, store: Store, jobs: Jobs, paths: list[Path], card: Any, collection: str, add: bool, token: str
) -> Iterator[dict[str, Any]]:
    """Progress while the fingerprint is computed, then the report; one with ``error`` when nothing was added."""
    try:
        yield from _steps(settings, store, jobs, paths, card, collection, add, token)
    except UserError as error:
        yield {"final": True, "error": str(error)}


def _steps(
    settings: Settings, store: Store, jobs: Jobs, paths: list[Path], card: Any, collection: str, add: bool, token: str
) -> Iterator[dict[str, Any]]:
    """What can be refused is refused before anything is computed. The job ends with the call, whoever ends it."""
    if not permitted(settings, token):
        raise StoreError(CLOSED if settings.policy == "closed" else NOT_PERMITTED)
    filled, snapshot = Card.from_json(card), store.snapshot()
    chosen = collection or look(paths, snapshot).collection
    if not chosen:
        raise IntakeError("No collection covers the first of these images; name the collection that they are for.")
    into = snapshot.collection(chosen)
    job = jobs.start(lambda: compute(paths, into))
    try:
        yield from map(_progress_json, job.follow())
        if job.prepared is None:
            raise IntakeError(job.trouble)
        added = publish(settings, store, job.prepared, filled) if add else None
        yield _report_json(job.prepared, added, job.prepared.predicted_design(into))
    finally:
        jobs.forget(job.key)


def _progress_json(progress: Progress | None) -> dict[str, Any]:
    """``progress`` is None while an earlier contribution is computed."""
    if progress is None:
        return {"final": False, "done": 0, "total": None}
    return {"final": False, "done": progress.done, "total": progress.total}


def _report_json(prepared: Prepared, added: Published | None, spoken: Sequence[DesignPrediction]) -> dict[str, Any]:
    status = "waiting" if added and added.waiting else "added" if added else "not added"
    return {
        "final": True,
        "status": status,
        "number": added.waiting if added else "",
        "collection": prepared.draft.collection,
        "report": asdict(prepared.draft.report),
        "design": [one.to_json() for one in spoken],
        "not_usable": [item.reason for item in prepared.unreadable],
    }
