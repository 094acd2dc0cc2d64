"""Identify, the start page: a picture in; its answer builds up as each space is looked at; then the evidence."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from fingerprints.images import Image, ImageError, decode
from registry.files import BrokenFile
from registry.identify import ANSWER_SCHEMA, Answer, NotCovered, identify
from registry.snapshot import Snapshot
from registry.store import Store, StoreError

from .answer import answer_html, evidence_html, given_html
from .examples import Example, examples
from .html import picture, problem, text, working
from .layout import PAGE_EVENT, markup
from .words import KEPT, PLAIN_SPACES

KNOWN_PROBLEMS = (ImageError, NotCovered, StoreError, BrokenFile)
_ONE_QUEUE: dict[str, Any] = {"concurrency_id": "identify", "concurrency_limit": 2}
_EMPTY_ANSWER = (
    '<div class="fp-empty"><h2>The answer appears here</h2><p>A picture that a model made carries traces of how it was '
    "made. They are compared with those of every model in the registry, and with those of photographs.</p></div>"
)
_CHOOSE_EXAMPLE = """
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-example]');
  if (button) trigger('select', {index: Number(button.dataset.example)});
});
"""


class Shown(NamedTuple):
    """What the page shows at one moment, as HTML: the picture that was given, the answer, and the evidence for it."""

    given: str
    answer: str
    evidence: str = ""


def identify_page(store: Store, _page: gr.Blocks) -> None:
    """The layout, and what happens when a picture arrives: by upload, drop, paste or as an example."""
    photos = examples()
    with gr.Row(elem_classes="fp-identify"):
        with gr.Column(scale=4, min_width=300):
            upload = gr.File(label="Drop, paste or choose one image", elem_id="drop", height=170, type="filepath")
            markup(f'<p class="fp-small">{text(KEPT)}</p>', "kept")
            chooser = markup(_examples_html(photos), "examples", _CHOOSE_EXAMPLE)
            given = markup("", "given")
        with gr.Column(scale=7, min_width=300):
            answer = markup(_EMPTY_ANSWER, "answer")
    evidence = markup("", "evidence")

    def uploaded(path: str | None) -> Iterator[tuple[Any, ...]]:
        for number, shown in enumerate(steps(store, Path(path) if path else None)):
            yield (gr.update(value=None) if number == 0 else gr.skip(), *shown)

    def chosen(event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        for shown in steps(store, _example_path(photos, event.index)):
            yield (gr.skip(), *shown)

    outputs = [upload, given, answer, evidence]
    shared = {**PAGE_EVENT, **_ONE_QUEUE, "trigger_mode": "always_last"}
    upload.upload(uploaded, upload, outputs, **shared)
    chooser.select(chosen, None, outputs, **shared)


def identify_endpoint(store: Store) -> None:
    """The same for programs: a file in, the answer as JSON out, once for each space and the final one last."""
    sent = gr.File(visible=False, type="filepath")
    received = gr.JSON(visible=False)

    def identify_file(image: str) -> Iterator[dict[str, Any]]:
        """Which model made this image? Streams answers that sharpen; the last one is final."""
        yield from answers_json(store, Path(image))

    gr.Button(visible=False).click(identify_file, sent, received, api_name="identify", **_ONE_QUEUE)


def answers_json(store: Store, path: Path) -> Iterator[dict[str, Any]]:
    """Answers as JSON objects; one with ``error`` when there is none.

    The file's name is under "file": a Gradio client takes any object with a "path" for a file to download.
    """
    try:
        for answer in identify(store.snapshot(), decode(path)):
            facts = answer.to_json()
            yield {"file": facts.pop("path"), **facts, "spaces": list(answer.spaces), "final": answer.final}
    except KNOWN_PROBLEMS as error:
        yield {"file": path.name, "schema": ANSWER_SCHEMA, "error": str(error)}


def steps(store: Store, path: Path | None) -> Iterator[Shown]:
    """What the page shows, in the order in which it shows it."""
    if path is None:
        yield Shown("", _EMPTY_ANSWER)
        return
    started, given = time.perf_counter(), ""
    try:
        image = decode(path)
        given = given_html(image)
        snapshot = store.snapshot()
        yield Shown(given, working("Looking at the picture …"))
        for answer in identify(snapshot, image):
            yield _step(snapshot, image, answer, given, time.perf_counter() - started)
    except KNOWN_PROBLEMS as error:
        yield Shown(given, problem(str(error), _heading(error)))


def _step(snapshot: Snapshot, image: Image, answer: Answer, given: str, seconds: float) -> Shown:
    collection = snapshot.collection(answer.collection)
    if not answer.final:
        rest = [space for space in collection.spaces if space not in answer.spaces]
        status = f"Looked at {_listed(answer.spaces)}; looking at {_listed(rest[:1])} …"
        return Shown(given, answer_html(answer, collection, working(status)))
    return Shown(given, answer_html(answer, collection, "", seconds), evidence_html(image, answer, collection))


def _heading(error: Exception) -> str:
    return "This size is not covered." if isinstance(error, NotCovered) else "This cannot be answered."


def _listed(spaces: list[str] | tuple[str, ...]) -> str:
    return " and ".join(PLAIN_SPACES.get(space, space) for space in spaces)


def _example_path(photos: list[Example], index: object) -> Path | None:
    """The visitor's browser names an example by number; anything else is nothing."""
    return next((photo.path for number, photo in enumerate(photos) if number == index), None)


def _examples_html(photos: list[Example]) -> str:
    buttons = "".join(
        f'<button type="button" data-example="{number}" title="{text(photo.shows)}">'
        f"{picture(photo.small, f'Try a photograph of {photo.shows}', 'image/jpeg')}</button>"
        for number, photo in enumerate(photos)
    )
    return f'<div class="fp-examples"><span>or try:</span>{buttons}</div>' if photos else ""
