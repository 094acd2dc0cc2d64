"""For programs: a few named endpoints, the same as the pages; everything else of the app is private.

A file's name is under "file", not "path": a Gradio client takes any object with a "path" for a file to download.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.images.image import ImageError
from fingerprints.settings import Settings
from registry.analysis.neighbours import confusion, similar
from registry.answers.identify import ANSWER_SCHEMA, Answer, identify
from registry.answers.stability import variants, with_stability
from registry.intake.sandbox import decode_apart
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

from ..answers import several
from ..contribute.jobs import Jobs
from ..pages.identify import ONE_QUEUE
from ..server.line import ANSWERS
from .assistants import Answers, tools
from .contribute_api import contribute_endpoint
from .declared import declared
from .endpoints import COMPARE, IDENTIFY, LIST, TOGETHER


def endpoints(settings: Settings, store: Store, jobs: Jobs) -> None:
    """Declare them, on components that nobody sees."""

    def identify_file(image: str, stability: bool = False) -> Iterator[dict[str, Any]]:
        yield from answers_json(store, Path(image), stability)

    def identify_files(images: list[str]) -> list[dict[str, Any]]:
        return together_json(store, [Path(image) for image in images])

    def list_generators() -> list[dict[str, Any]]:
        return [asdict(listed) for listed in store.snapshot().listed()]

    def compare_generators(collection: str, one: str, other: str) -> dict[str, Any]:
        return compared_json(store, collection, one, other)

    received = gr.JSON(visible=False)
    inputs = [gr.File(visible=False, type="filepath", label="image"), gr.Checkbox(False, visible=False)]
    button = gr.Button(visible=False)
    button.click(identify_file, inputs, received, **declared(settings, IDENTIFY), **ONE_QUEUE)
    files = gr.File(visible=False, type="filepath", file_count="multiple", label="images")
    button.click(identify_files, files, received, **declared(settings, TOGETHER), **ONE_QUEUE)
    button.click(list_generators, None, received, **declared(settings, LIST))
    names = [gr.Textbox(visible=False, label=label) for label in COMPARE.takes]
    button.click(compare_generators, names, received, **declared(settings, COMPARE))
    contribute_endpoint(settings, store, jobs, button, received)
    if settings.serves_mcp:
        tools(Answers(lambda data: encoded_json(store, data), list_generators, compare_generators))


def encoded_json(store: Store, data: bytes) -> dict[str, Any]:
    """The last answer to what is in a file, as one JSON object; with ``error`` when there is none."""
    *_, last = answers_json(store, data)
    return last


def answers_json(store: Store, given: Path | bytes, stability: bool = False) -> Iterator[dict[str, Any]]:
    """Answers as JSON objects, while others are before it with ``in_line``; one with ``error`` when there is none."""
    about = {"file": given.name if isinstance(given, Path) else "", "schema": ANSWER_SCHEMA}
    try:
        yield from ANSWERS.through(_answers(store, given, stability), lambda number: {**about, "in_line": number})
    except UserError as error:
        yield {**about, "error": str(error)}


def _answers(store: Store, given: Path | bytes, stability: bool) -> Iterator[dict[str, Any]]:
    snapshot, image = store.snapshot(), decode_apart(given, claims=True)
    for answer in identify(snapshot, image):
        yield _answer_json(answer)
    if stability:
        yield _answer_json(with_stability(answer, list(variants(snapshot, image, answer))))


def together_json(store: Store, paths: list[Path]) -> list[dict[str, Any]]:
    """An object for each file and the joint one; a single one with ``error`` when nothing can be looked at."""
    try:
        snapshot = store.snapshot()
        if len(paths) > several.MOST_FILES:
            raise ImageError(several.too_many(len(paths)))
        *_, answers = ANSWERS.through(map(_together, [snapshot], [paths]), lambda number: [])
    except UserError as error:
        return [{"schema": ANSWER_SCHEMA, "error": str(error)}]
    return answers


def _together(snapshot: Snapshot, paths: list[Path]) -> list[dict[str, Any]]:
    pile = several.Pile()
    rows = [several.look(snapshot, path, pile) for path in paths]
    return [_for_clients(facts) for facts in several.as_json(rows, pile.answer(snapshot))]


def compared_json(store: Store, collection: str, one: str, other: str) -> dict[str, Any]:
    """One JSON object; with ``error`` when one of them is not known."""
    try:
        known = store.snapshot().collection(collection)
        for name in (one, other):
            known.card(name)
        nearest = [(one, 0.0), *similar(known, one)]
        place = [name for name, _ in nearest].index(other)
        return {
            "collection": collection,
            "generators": [one, other],
            "distance": round(nearest[place][1], 6),
            "nearer": max(place - 1, 0),
            "taken_for_other": [
                round(confusion(known, a).shares.get(b, 0.0), 6) for a, b in ((one, other), (other, one))
            ],
        }
    except UserError as error:
        return {"error": str(error)}


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {**_for_clients(answer.to_json()), "spaces": list(answer.spaces), "final": answer.final}


def _for_clients(facts: dict[str, Any]) -> dict[str, Any]:
    return {"file" if key == "path" else key: value for key, value in facts.items()}
