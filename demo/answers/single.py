"""One picture, from file to answer: what the page shows at each moment, as HTML."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from fingerprints.errors import UserError
from fingerprints.images.image import Image
from fingerprints.images.surroundings import Box
from fingerprints.sentence import said
from fingerprints.spaces import get_space
from registry.analysis.coverage import listed
from registry.answers.identify import Answer, NotCovered, identify
from registry.answers.stability import VARIANTS, Variant, variants, with_stability
from registry.intake.sandbox import decode_apart
from registry.storage.card import Card
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

from ..parts.html import download_link, json_link, problem, rich, working
from ..parts.words import in_line
from ..server.address import own_address
from ..server.line import ANSWERS, Busy
from .answer import answer_html, certainty_html, given_html, small_print
from .evidence import evidence_html
from .share import share_png
from .stability import strip_html
from .whole import Whole


class Shown(NamedTuple):
    """What the page shows at one moment: what was given, the answer, what stands below it, and the evidence for it.
    ``whole``: with the last of one picture, where nothing is missing any more."""

    given: str
    answer: str
    below: str = ""
    evidence: str = ""
    whole: Whole | None = None


def steps(store: Store, path: Path, part: Box | None = None) -> Iterator[Shown]:
    """The visitor's number in line, then the answer, which may be about a part of the picture."""
    return in_turn(_answered(store, path, part))


def in_turn(shown: Iterator[Shown]) -> Iterator[Shown]:
    """The same, after the line; or that the server is busy."""
    try:
        yield from ANSWERS.through(shown, lambda number: Shown("", working(in_line(number))))
    except Busy as error:
        yield Shown("", problem(error.sentence, said("Please wait a moment.")))


def _answered(store: Store, path: Path, part: Box | None) -> Iterator[Shown]:
    """The answer as it sharpens, with the final one its evidence; then, cell by cell, whether it is stable."""
    started, given, seconds = time.perf_counter(), "", 0.0
    try:
        image = decode_apart(path, claims=True)
        given = given_html(image, part)
        snapshot = store.snapshot()
        yield Shown(given, working(said("Looking at the picture …")))
        for answer in identify(snapshot, image, part=part):
            seconds = time.perf_counter() - started
            given = given_html(image, answer.within)
            shown = _step(snapshot, image, answer, given, seconds)
            yield shown
    except UserError as error:
        yield Shown(given, problem(error.sentence, _heading(error)))
        return
    yield from _checked(snapshot, image, answer, shown, seconds)


def _heading(error: Exception) -> str:
    return said("This size is not covered.") if isinstance(error, NotCovered) else said("This cannot be answered.")


def _step(snapshot: Snapshot, image: Image, answer: Answer, given: str, seconds: float) -> Shown:
    collection = snapshot.collection(answer.collection)
    if not answer.final:
        rest = [space for space in collection.spaces if space not in answer.spaces]
        seen, next_ = listed([get_space(space).label for space in answer.spaces]), get_space(rest[0]).label
        status = said("Looked at {seen}; looking at {next} …", seen=seen, next=next_)
        return Shown(given, answer_html(answer, collection, working(status)))
    return Shown(
        given,
        answer_html(answer, collection, certainty_html(answer, collection.cards)),
        strip_html(answer, [], collection.cards) + small_print(answer, collection, seconds),
        evidence_html(answer, collection),
    )


def _checked(snapshot: Snapshot, image: Image, answer: Answer, shown: Shown, seconds: float) -> Iterator[Shown]:
    """The same with the stability strip filling up; with the last cell the answer is whole, and can be taken away."""
    collection, found = snapshot.collection(answer.collection), list[Variant]()
    cards, small = collection.cards, small_print(answer, collection, seconds)
    for variant in variants(snapshot, image, answer):
        found.append(variant)
        if len(found) < len(VARIANTS):
            yield shown._replace(below=strip_html(answer, found, cards) + small)
    whole = with_stability(answer, found)
    yield shown._replace(
        below=strip_html(whole, found, cards) + small + _downloads(image, whole, cards),
        whole=Whole(image, whole, tuple(found), collection, seconds),
    )


def _downloads(image: Image, answer: Answer, cards: Mapping[str, Card]) -> str:
    links = (
        json_link(answer.to_json(), "answer.json", said("Download the answer as JSON")),
        download_link(
            share_png(image, answer, cards, own_address()), "answer.png", said("as a picture to show others")
        ),
    )
    shown = rich(said("{json}, or {picture}"), json=links[0], picture=links[1])
    return f'<p class="fp-small">{shown}</p>'
