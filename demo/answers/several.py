"""Several pictures at once: a row for each as it is looked at, and on top one answer for all of them together."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.attribution.verdict import REAL
from fingerprints.errors import UserError
from fingerprints.images.image import Image
from fingerprints.sentence import Sentence, said
from registry.analysis.design import predicted_design
from registry.answers.identify import ANSWER_SCHEMA, Answer, identify, identify_together
from registry.answers.sentences import certainty, claimed, in_short, looked_for, sentence
from registry.intake.sandbox import decode_apart
from registry.intake.sources.common import Encoded
from registry.storage.snapshot import Collection, Snapshot
from registry.storage.store import Store

from ..language.telling import joined, separated, told
from ..parts.design import design_html
from ..parts.figures import thumbnail
from ..parts.html import foreign, json_link, link, picture, problem, rich, text, working
from ..parts.words import ADDED_UP, ADDED_UP_TESTED, TESTED_COLLECTION
from ..parts.zoo_images import IMAGES, Made
from .answer import answer_html, small_print
from .ladder import said_generators
from .single import Shown, in_turn

MOST_FILES = 24
_THUMBNAIL = 96
_ELSEWHERE = said("Up to {most} files, or a zip archive, fit on the page <a>Many pictures</a>.", most=500)


@dataclass(frozen=True)
class Row:
    """One file: its ``answer``, or the ``trouble`` why there is none; ``twin``: an earlier file with its pixels."""

    name: str
    answer: Answer | None = None
    trouble: str = ""
    small: bytes = field(default=b"", repr=False)
    twin: str | None = None


@dataclass
class Pile:
    """The answers, by digest of their pixels, that the joint one is about."""

    answers: dict[str, Answer] = field(default_factory=dict)

    def add(self, digest: str, answer: Answer) -> str | None:
        """Returns the name of an earlier picture with the same pixels, which counts once."""
        first = self.answers.setdefault(digest, answer)
        return None if first is answer else first.path

    def answer(self, snapshot: Snapshot) -> Answer | str:
        """The joint answer, or in a sentence why there is none."""
        if len(self.answers) < 2:
            return said("Fewer than two different pictures could be read, so there is nothing to take together.")
        try:
            return identify_together(snapshot, list(self.answers.values()))
        except UserError as error:
            return error.sentence


def steps(store: Store, paths: Sequence[Path]) -> Iterator[Shown]:
    """A row after each file, then the joint answer. A file that cannot be answered is said by name in its row."""
    if len(paths) > MOST_FILES:
        elsewhere = f"<p>{rich(_ELSEWHERE, a=link('./batch'))}</p>"
        return iter([Shown("", problem(too_many(len(paths)), said("These are too many.")) + elsewhere)])
    return in_turn(_answered(store, paths))


def steps_about_made(store: Store, asked: Made) -> Iterator[Shown]:
    """The same about images that a generator of the zoo makes now."""
    return in_turn(_made(store, asked))


def _made(store: Store, asked: Made) -> Iterator[Shown]:
    facts = {"images": IMAGES, "name": asked.name, "seed": asked.seed}
    about = said("{images} images that <a>{name}</a> has just made, from seed {seed}.", **facts)
    given = f'<p class="fp-small">{rich(about, a=link(asked.page))}</p>'
    yield Shown("", working(said("{name} is making {images} images …", name=asked.name, images=IMAGES)))
    try:
        images = list(asked.images())
    except UserError as error:
        yield Shown("", problem(error.sentence, said("No images were made.")))
        return
    for shown in _answered(store, images):
        yield shown._replace(given=given)


def _answered(store: Store, given: Sequence[Path | Image]) -> Iterator[Shown]:
    started, rows, pile = time.perf_counter(), list[Row](), Pile()
    try:
        snapshot = store.snapshot()
    except UserError as error:
        yield Shown("", problem(error.sentence, said("This cannot be answered.")))
        return
    for number, one in enumerate(given, 1):
        status = said("Looking at picture {number} of {all} …", number=number, all=len(given))
        yield Shown("", working(status), rows_html(snapshot, rows))
        rows.append(look(snapshot, one, pile))
    yield Shown("", working(said("Looking at all of them together …")), rows_html(snapshot, rows))
    joint = pile.answer(snapshot)
    seconds = time.perf_counter() - started
    download = json_link(as_json(rows, joint), "answers.json", said("Download all answers as JSON"))
    yield Shown("", joint_html(snapshot, joint, rows, seconds, download), rows_html(snapshot, rows))


def too_many(files: int) -> Sentence:
    return said(
        "{files} files were given; at most {most} are looked at together. Give fewer.", files=files, most=MOST_FILES
    )


def look(snapshot: Snapshot, given: Path | Encoded | Image, pile: Pile) -> Row:
    """Answer one file or picture, and put it on the pile."""
    name, small = given.name if isinstance(given, Path) else given.origin, b""
    try:
        image = _decoded(given)
        small = thumbnail(image, _THUMBNAIL)
        *_, answer = identify(snapshot, image)
    except UserError as error:
        return Row(name, trouble=error.sentence, small=small)
    return Row(image.origin, answer, small=small, twin=pile.add(image.digest, answer))


def _decoded(given: Path | Encoded | Image) -> Image:
    """Raises ImageError."""
    if isinstance(given, Encoded):
        return decode_apart(given.data, given.origin, claims=True)
    return decode_apart(given, claims=True) if isinstance(given, Path) else given


def as_json(rows: Sequence[Row], joint: Answer | str) -> list[dict[str, Any]]:
    """One object for each file, and the joint one last; ``error`` in place of an answer where there is none."""
    facts = list(map(row_json, rows))
    names = [row.name for row in rows if row.answer]
    return [*facts, joint.to_json() if isinstance(joint, Answer) else _error(joint, paths=names)]


def row_json(row: Row) -> dict[str, Any]:
    return row.answer.to_json() if row.answer else _error(row.trouble, path=row.name)


def rows_html(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    return f'<ul class="fp-rows">{"".join(_row_html(snapshot, row) for row in rows)}</ul>' if rows else ""


def joint_html(snapshot: Snapshot, joint: Answer | str, rows: Sequence[Row], seconds: float, download: str = "") -> str:
    """The answer for all of them as if they shared a source, or why there is none; ``download`` is a link."""
    if isinstance(joint, str):
        return (
            f'<div data-joint="none">{problem(joint, said("No joint answer."))}<p class="fp-small">{download}</p></div>'
        )
    collection = snapshot.collection(joint.collection)
    premise = said("If one model made these {number} pictures, or all are photos:", number=len(joint.paths))
    words = joined([looked_for(joint, collection.cards), _one_by_one(snapshot, rows), _added_up(joint)])
    below = f'<p class="fp-certainty">{text(words)}</p>'
    answer, design = answer_html(joint, collection, below), _design_html(joint, rows, collection)
    small = small_print(joint, collection, seconds)
    return (
        f'<div data-joint="answer"><p class="fp-premise">{text(premise)}</p>{answer}{design}{small}'
        f'<p class="fp-small">{download}</p></div>'
    )


def _design_html(joint: Answer, rows: Sequence[Row], collection: Collection) -> str:
    """What the pictures together say of their generator's design. The one that is named, or the set that is given, does
    not teach the probe."""
    answers = [row.answer for row in rows if row.answer and row.twin is None]
    artifacts = {space: np.stack([answer.artifacts[space] for answer in answers]) for space in collection.spaces}
    named = joint.verdict.generator
    spoken = predicted_design(collection, artifacts, said_generators(joint.verdict))
    return design_html(spoken, collection.cards[named] if named else None)


def _added_up(joint: Answer) -> str:
    """What taking them together is worth: tested with pictures of models, not with photos."""
    tested = joint.collection == TESTED_COLLECTION and joint.verdict.verdict != REAL
    return joined([ADDED_UP, ADDED_UP_TESTED if tested else ""])


def _one_by_one(snapshot: Snapshot, rows: Sequence[Row]) -> str:
    """What is said of the pictures when each is looked at alone, and of how many."""
    answers = [row.answer for row in rows if row.answer and row.twin is None]
    counts = Counter(in_short(answer, snapshot.collection(answer.collection).cards) for answer in answers)
    told_of = [said("{verdict} ({number})", verdict=short, number=n) for short, n in counts.most_common()]
    return told(said("One by one: {verdicts}.", verdicts=separated(told_of)))


def _row_html(snapshot: Snapshot, row: Row) -> str:
    small = small_html(row)
    if row.answer is None:
        return f'<li class="fp-row fp-refused" data-row="refused">{small}<p>{foreign(row.trouble)}</p></li>'
    cards = snapshot.collection(row.answer.collection).cards
    notes = [looked_for(row.answer, cards), certainty(row.answer), *row.answer.warnings, claimed(row.answer)]
    notes += [said("The same pixels as {name}: counted once.", name=row.twin)] if row.twin else []
    verdict = sentence(row.answer, cards)
    return (
        f'<li class="fp-row" data-row="answered">{small}<p><span class="fp-small">{text(row.name)}</span><br>'
        f'<b>{text(verdict)}</b><br><span class="fp-small">{text(joined(notes))}</span></p></li>'
    )


def small_html(row: Row) -> str:
    """The small picture of a row, or as much room."""
    if not row.small:
        return '<span class="fp-none"></span>'
    return picture(row.small, said("Picture {name}", name=row.name), "image/jpeg")


def _error(reason: str, **about: Any) -> dict[str, Any]:
    return {"schema": ANSWER_SCHEMA, **about, "error": reason}
