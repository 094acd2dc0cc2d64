"""The command ``identify``: files and folders in, one answer each, and one for all of them together if asked."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .store import Store

if TYPE_CHECKING:
    from fingerprints.images import Image

    from .identify import Answer
    from .snapshot import Snapshot


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare its arguments."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="image files, or folders to walk")
    parser.add_argument("--collection", help="ask this collection alone")
    parser.add_argument("--stability", action="store_true", help="also ask about re-saved, scaled and cropped variants")
    parser.add_argument("--joint", action="store_true", help="one more answer, for images that share a source")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def identify(store: Store, arguments: argparse.Namespace) -> int:
    """Answer every path; 1 when any of them could not be answered."""
    from fingerprints.images import ImageError
    from fingerprints.process import settle

    from .identify import NotCovered

    settle()
    snapshot, failed = store.snapshot(), 0
    if arguments.collection:
        snapshot.collection(arguments.collection)
    answered: dict[str, Answer] = {}  # by digest: the same pixels count once
    for path, problem in _files(arguments.paths):
        try:
            image, answer = _answer(snapshot, path, problem, arguments)
        except (ImageError, NotCovered) as error:
            failed = 1
            _fail(str(error), {"path": str(path)}, arguments)
            continue
        answered.setdefault(image.digest, answer)
        _say(answer, snapshot, str(path), arguments)
    if arguments.joint and answered:
        failed |= _together(snapshot, list(answered.values()), arguments)
    return failed


def _answer(snapshot: Snapshot, path: Path, problem: str | None, arguments: argparse.Namespace) -> tuple[Image, Answer]:
    from fingerprints.images import ImageError, decode

    from .identify import identify as answers
    from .stability import variants, with_stability

    if problem:
        raise ImageError(problem)
    image = decode(path, str(path))
    answer = list(answers(snapshot, image, arguments.collection))[-1]
    return image, with_stability(answer, list(variants(snapshot, image, answer))) if arguments.stability else answer


def _together(snapshot: Snapshot, answers: Sequence[Answer], arguments: argparse.Namespace) -> int:
    from .identify import NotCovered, identify_together

    try:
        answer = identify_together(snapshot, answers)
    except NotCovered as error:
        _fail(str(error), {"paths": [answer.path for answer in answers]}, arguments)
        return 1
    _say(answer, snapshot, f"all {len(answers)} together", arguments)
    return 0


def _files(paths: Sequence[str]) -> Iterator[tuple[Path, str | None]]:
    """Each path to answer, with what is wrong with it if it cannot be walked."""
    from .intake import IntakeError, image_files

    for name in paths:
        path = Path(name)
        try:
            yield from [(file, None) for file in image_files(path)] if path.is_dir() else [(path, None)]
        except IntakeError as error:
            yield path, str(error)


def _say(answer: Answer, snapshot: Snapshot, what: str, arguments: argparse.Namespace) -> None:
    from .words import certainty, sentence, steadiness

    if arguments.json:
        print(json.dumps(answer.to_json(), ensure_ascii=False), flush=True)
    else:
        cards = snapshot.collection(answer.collection).cards
        words = (sentence(answer, cards), certainty(answer), steadiness(answer))
        print(f"{what}: {' '.join(word for word in words if word)}", flush=True)


def _fail(reason: str, facts: dict[str, Any], arguments: argparse.Namespace) -> None:
    print(reason, file=sys.stderr, flush=True)
    if arguments.json:
        print(json.dumps({"schema": 1, **facts, "error": reason}, ensure_ascii=False), flush=True)
