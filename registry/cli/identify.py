"""The command ``identify``: files and folders in, one answer each, and one for all of them together if asked."""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fingerprints.errors import UserError
from fingerprints.terminal import tell

from ..intake.sources.common import IntakeError, Passed, listed
from ..storage.card import CardError
from ..storage.files import BrokenFile, what_to_do
from ..storage.store import Store
from .cluster import add_cluster, mapper_of

if TYPE_CHECKING:
    from fingerprints.images.image import Image

    from ..answers.identify import Answer
    from ..storage.snapshot import Snapshot


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image files, or folders to walk")
    parser.add_argument("--collection", help="ask this collection alone")
    parser.add_argument("--stability", action="store_true", help="also ask about re-saved, scaled and cropped variants")
    parser.add_argument("--joint", action="store_true", help="one more answer, for images that share a source")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    add_cluster(parser)


@dataclass(frozen=True)
class _Asked:
    """One path in turn: the digest of its pixels, or why it cannot be read."""

    path: Path
    digest: str = ""
    problem: str = ""


def identify(store: Store, arguments: argparse.Namespace) -> int:
    """Answer every path, in turn; 1 when any of them could not be answered."""
    from fingerprints.process import set_threads_and_memory

    from ..answers.answering import Answering

    set_threads_and_memory()
    snapshot, failures, passed = store.snapshot(), _Failures(arguments.json), Counter[str]()
    if arguments.collection:
        snapshot.collection(arguments.collection)
    asked: deque[_Asked] = deque()
    together: dict[str, Answer] = {}  # by digest: the same pixels count once
    with mapper_of(arguments.cluster) as mapper:
        answering = Answering(snapshot, arguments.collection, arguments.stability)
        for answer in (mapper or map)(answering, _images(arguments.paths, asked, passed)):
            _unread(asked, failures)
            one = asked.popleft()
            if isinstance(answer, UserError):
                failures.add(_why(answer), path=str(one.path))
            else:
                _say(answer, snapshot, str(one.path), arguments)
                if arguments.joint:
                    together.setdefault(one.digest, answer)
        _unread(asked, failures)
    if together:
        _together(snapshot, list(together.values()), arguments, failures)
    if passed:
        tell(f"not looked at: {listed(passed)}")
    return failures.code


def _images(paths: Sequence[str], asked: deque[_Asked], passed: Passed) -> Iterator[Image]:
    """Those that can be read; ``asked`` gets every path."""
    from fingerprints.images.image import ImageError, decode

    for path, problem in _files(paths, passed):
        if problem is None:
            try:
                image = decode(path, str(path), claims=True)
            except ImageError as error:
                problem = str(error)
        if problem is not None:
            asked.append(_Asked(path, problem=problem))
            continue
        asked.append(_Asked(path, image.digest))
        yield image


def _why(error: UserError) -> str:
    return what_to_do(error) if isinstance(error, BrokenFile | CardError) else str(error)


def _unread(asked: deque[_Asked], failures: _Failures) -> None:
    """Say what could not be read before the next one that could."""
    while asked and asked[0].problem:
        one = asked.popleft()
        failures.add(one.problem, path=str(one.path))


def refuse(reason: str, arguments: argparse.Namespace) -> int:
    """Say why nothing can be answered at all, with --json of each path."""
    failures = _Failures(arguments.json)
    for path in arguments.paths:
        failures.add(reason, path=path)
    return failures.code


class _Failures:
    """What could not be answered: a sentence on stderr, once if it is the same for many, and JSON if asked for."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._said: set[str] = set()

    def add(self, reason: str, **facts: object) -> None:
        from ..answers.identify import ANSWER_SCHEMA

        if reason not in self._said:
            tell(reason)
        self._said.add(reason)
        if self._as_json:
            print(json.dumps({"schema": ANSWER_SCHEMA, **facts, "error": reason}, ensure_ascii=False), flush=True)

    @property
    def code(self) -> int:
        return 1 if self._said else 0


def _together(
    snapshot: Snapshot, answers: Sequence[Answer], arguments: argparse.Namespace, failures: _Failures
) -> None:
    from ..answers.identify import NotCovered, identify_together

    try:
        answer = identify_together(snapshot, answers)
    except NotCovered as error:
        failures.add(str(error), paths=[answer.path for answer in answers])
    else:
        _say(answer, snapshot, f"all {len(answers)} together", arguments)


def _files(paths: Sequence[str], passed: Passed) -> Iterator[tuple[Path, str | None]]:
    """Each path to answer, with what is wrong with it if it cannot be walked; what is not looked at is counted."""
    from ..intake.samples import image_files

    for name in paths:
        if not os.path.isdir(name):
            yield Path(name), None
            continue
        try:
            yield from [(file, None) for file in image_files(name, passed)]
        except IntakeError as error:
            yield Path(name), str(error)


def _say(answer: Answer, snapshot: Snapshot, what: str, arguments: argparse.Namespace) -> None:
    from ..answers.sentences import certainty, claimed, looked_for, sentence, steadiness

    if arguments.json:
        print(json.dumps(answer.to_json(), ensure_ascii=False), flush=True)
    else:
        cards = snapshot.collection(answer.collection).cards
        said = (sentence(answer, cards), looked_for(answer, cards), certainty(answer))
        words = (*said, steadiness(answer), claimed(answer))
        print(f"{what}: {' '.join(word for word in words if word)}", flush=True)
