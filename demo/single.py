"""One picture, from file to answer: what the page shows at each moment, as HTML."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from fingerprints.images import Image, ImageError, decode
from registry.files import BrokenFile
from registry.identify import Answer, NotCovered, identify
from registry.snapshot import Collection, Snapshot
from registry.stability import VARIANTS, Variant, variants, with_stability
from registry.store import Store, StoreError

from .answer import answer_html, certainty_html, evidence_html, given_html, small_print
from .html import json_link, problem, working
from .stability import strip_html
from .words import PLAIN_SPACES

KNOWN_PROBLEMS = (ImageError, NotCovered, StoreError, BrokenFile)


class Shown(NamedTuple):
    """What the page shows at one moment: what was given, the answer, what stands below it, and the evidence for it."""

    given: str
    answer: str
    below: str = ""
    evidence: str = ""


def steps(store: Store, path: Path) -> Iterator[Shown]:
    """The answer as it sharpens, with the final one its evidence; then, cell by cell, whether it is stable."""
    started, given, seconds = time.perf_counter(), "", 0.0
    try:
        image = decode(path)
        given = given_html(image)
        snapshot = store.snapshot()
        yield Shown(given, working("Looking at the picture …"))
        for answer in identify(snapshot, image):
            seconds = time.perf_counter() - started
            shown = _step(snapshot, image, answer, given, seconds)
            yield shown
    except KNOWN_PROBLEMS as error:
        yield Shown(given, problem(str(error), _heading(error)))
        return
    yield from _checked(snapshot, image, answer, shown, seconds)


def _heading(error: Exception) -> str:
    return "This size is not covered." if isinstance(error, NotCovered) else "This cannot be answered."


def _step(snapshot: Snapshot, image: Image, answer: Answer, given: str, seconds: float) -> Shown:
    collection = snapshot.collection(answer.collection)
    if not answer.final:
        rest = [space for space in collection.spaces if space not in answer.spaces]
        status = f"Looked at {_listed(answer.spaces)}; looking at {_listed(rest[:1])} …"
        return Shown(given, answer_html(answer, collection, working(status)))
    return Shown(
        given,
        answer_html(answer, collection, certainty_html(answer)),
        _below(answer, collection, [], seconds),
        evidence_html(image, answer, collection),
    )


def _checked(snapshot: Snapshot, image: Image, answer: Answer, shown: Shown, seconds: float) -> Iterator[Shown]:
    """The same with the stability strip filling up; the last one's JSON says whether the answer is stable."""
    collection, found = snapshot.collection(answer.collection), []
    for variant in variants(snapshot, image, answer):
        found.append(variant)
        if len(found) == len(VARIANTS):
            answer = with_stability(answer, found)
        yield shown._replace(below=_below(answer, collection, found, seconds))


def _below(answer: Answer, collection: Collection, found: list[Variant], seconds: float) -> str:
    download = json_link(answer.to_json(), "answer.json", "Download the answer as JSON")
    return strip_html(answer, found, collection.cards) + small_print(answer, collection, seconds, download)


def _listed(spaces: list[str] | tuple[str, ...]) -> str:
    return " and ".join(PLAIN_SPACES.get(space, space) for space in spaces)
