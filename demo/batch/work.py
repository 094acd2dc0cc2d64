"""Looking at a batch: each picture takes its turn in the line in which single visitors stand."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from registry.intake.sources.common import Found, Unreadable

from ..answers.several import Row, look
from ..server.line import ANSWERS, Busy, Line
from .jobs import Batch, Work
from .light import light
from .reading import read, total_of

# One picture of all batches at a time goes into the line of answers: one place is always left to single visitors, and
# none of them ever waits for more than one picture of a moderator's. Between themselves the batches take turns.
_BATCHES = Line(places=1, waiting=64, each=65)
_WAIT = 2.0  # seconds, when there is no room in the line


def looking_at(paths: Sequence[Path]) -> Work:
    """What a batch of these files has to do. Raises TooMany when it is done."""

    def work(batch: Batch) -> None:
        batch.counted(total_of(paths))
        for found in read(paths):
            row = _row(batch, found)
            if row is None:
                return
            batch.rows.append(row)

    return work


def _row(batch: Batch, found: Found) -> Row | None:
    """What is said of one file; None when the batch was cancelled before."""
    if isinstance(found, Unreadable):
        return Row(found.origin, trouble=found.reason)
    while not batch.cancelled:
        try:
            return _in_turn(batch, map(look, [batch.snapshot], [found], [batch.pile]))
        except Busy:
            time.sleep(_WAIT)
    return None


def _in_turn(batch: Batch, looking: Iterator[Row | None]) -> Row | None:
    """The row, after both lines; None when the batch was cancelled while it waited. Raises Busy."""
    for row in _BATCHES.through(ANSWERS.through(looking, _waits), _waits):
        if row is not None:
            return replace(row, answer=row.answer and light(row.answer))
        if batch.cancelled:
            break
    return None


def _waits(_number: int) -> Row | None:
    """Nobody is told a batch's number in line."""
    return None
