"""For programs: a few named endpoints, the same as the pages; everything else of the app is private.

A file's name is under "file", not "path": a Gradio client takes any object with a "path" for a file to download.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import gradio as gr

from fingerprints.images import ImageError, decode
from registry.identify import ANSWER_SCHEMA, Answer, identify
from registry.stability import variants, with_stability
from registry.store import Store

from . import several
from .identify import ONE_QUEUE
from .single import KNOWN_PROBLEMS


def endpoints(store: Store) -> None:
    """Declare them, on components that nobody sees."""

    def identify_file(image: str, stability: bool = False) -> Iterator[dict[str, Any]]:
        """Which model made this image? Streams answers that sharpen; the last one is final. With stability, one more
        follows, in which "stable" says whether the answer survives re-saving, scaling and cropping."""
        yield from answers_json(store, Path(image), stability)

    def identify_files(images: list[str]) -> list[dict[str, Any]]:
        """Up to 24 images at once: one object for each, in their order, then one for all of them, taken to share a
        source. An "error" stands where there is no answer."""
        return together_json(store, [Path(image) for image in images])

    def list_generators() -> list[dict[str, Any]]:
        """Every generator of the registry: collection, name, title, family, decoder, samples, contents."""
        return [asdict(listed) for listed in store.snapshot().listed()]

    received = gr.JSON(visible=False)
    inputs = [gr.File(visible=False, type="filepath", label="image"), gr.Checkbox(False, visible=False)]
    button = gr.Button(visible=False)
    button.click(identify_file, inputs, received, api_name="identify", **ONE_QUEUE)
    files = gr.File(visible=False, type="filepath", file_count="multiple", label="images")
    button.click(identify_files, files, received, api_name="identify_together", **ONE_QUEUE)
    button.click(list_generators, None, received, api_name="list")


def answers_json(store: Store, path: Path, stability: bool = False) -> Iterator[dict[str, Any]]:
    """Answers as JSON objects; one with ``error`` when there is none."""
    try:
        snapshot, image = store.snapshot(), decode(path)
        for answer in identify(snapshot, image):
            yield _answer_json(answer)
        if stability:
            yield _answer_json(with_stability(answer, list(variants(snapshot, image, answer))))
    except KNOWN_PROBLEMS as error:
        yield {"file": path.name, "schema": ANSWER_SCHEMA, "error": str(error)}


def together_json(store: Store, paths: list[Path]) -> list[dict[str, Any]]:
    """An object for each file and the joint one; a single one with ``error`` when nothing can be looked at."""
    try:
        snapshot = store.snapshot()
        if len(paths) > several.MOST_FILES:
            raise ImageError(several.too_many(len(paths)))
    except KNOWN_PROBLEMS as error:
        return [{"schema": ANSWER_SCHEMA, "error": str(error)}]
    pile = several.Pile()
    rows = [several.look(snapshot, path, pile) for path in paths]
    return [_for_clients(facts) for facts in several.as_json(rows, pile.answer(snapshot))]


def _answer_json(answer: Answer) -> dict[str, Any]:
    return {**_for_clients(answer.to_json()), "spaces": list(answer.spaces), "final": answer.final}


def _for_clients(facts: dict[str, Any]) -> dict[str, Any]:
    return {"file" if key == "path" else key: value for key, value in facts.items()}
