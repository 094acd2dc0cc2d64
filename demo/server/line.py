"""A line before what is costly: so many at once, so many waiting, each told how many are before them; or "busy"."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

from gradio.context import LocalContext

from fingerprints.errors import UserError
from fingerprints.sentence import said

_LONGEST_TURN = 180.0  # seconds; then the next one has its turn, whatever became of this one
_LONGEST_ABSENCE = 15.0  # of who was told something and does not ask for more: Gradio drops who leaves without a word
_LOOK_AGAIN = 1.0
_END: Any = object()
T = TypeVar("T")


class Busy(UserError, ValueError):
    """There is no room in the line; the text says what to do."""


@dataclass(eq=False)
class _Ticket:
    client: str
    turn: float | None = None  # since when it is
    absent: float | None = None


class Line:
    """``places`` have their turn at once, ``waiting`` more may stand in line, ``each`` at most of one client."""

    def __init__(self, places: int, waiting: int, each: int) -> None:
        self.places, self.waiting, self.each = places, waiting, each
        self._tickets: list[_Ticket] = []
        self._changed = threading.Condition()
        # twice as many as are needed, for the case that a turn never ends
        self._threads = ThreadPoolExecutor(2 * places, "turn")

    def through(self, steps: Iterator[T], told: Callable[[int], T]) -> Iterator[T]:
        """What is ``told`` to a visitor of their number in line, every second and whenever it changes; when it is their
        turn, the ``steps``. Raises Busy."""
        ticket = _Ticket(_client())
        with self._changed:
            self._admit(ticket)
        try:
            for step in chain(map(told, self._numbers(ticket)), self._worked_off(steps)):
                ticket.absent = time.monotonic()
                yield step
                ticket.absent = None
        finally:
            with self._changed:
                self._drop(ticket)

    def __len__(self) -> int:
        with self._changed:
            self._drop_absent()
            return len(self._tickets)

    def _worked_off(self, steps: Iterator[T]) -> Iterator[T]:
        """The same steps on a few threads of the line: a network keeps memory for every thread that ever used it, and
        each visitor has a thread of their own."""
        context = contextvars.copy_context()

        def step() -> T:
            return context.run(next, steps, _END)

        while (found := self._threads.submit(step).result()) is not _END:
            yield found

    def _admit(self, ticket: _Ticket) -> None:
        self._drop_absent()
        if sum(other.client == ticket.client for other in self._tickets) >= self.each:
            most = said(
                "{number} requests of yours are being answered or in line already. Wait for one of them.",
                number=self.each,
            )
            raise Busy(most)
        if len(self._tickets) >= self.places + self.waiting:
            busy = said("The server is busy: {number} are in line already. Try again in a minute.", number=self.waiting)
            raise Busy(busy)
        self._tickets.append(ticket)

    def _numbers(self, ticket: _Ticket) -> Iterator[int]:
        shown = 0
        while shown := self._number(ticket, shown):
            yield shown

    def _number(self, ticket: _Ticket, shown: int) -> int:
        """The ticket's number in line, 0 when it is its turn; waits a little for another than ``shown``."""
        with self._changed:
            number = self._position(ticket)
            if number and number == shown:
                self._changed.wait(_LOOK_AGAIN)
                number = self._position(ticket)
            if number == 0:
                ticket.turn = time.monotonic()
            return number

    def _position(self, ticket: _Ticket) -> int:
        self._drop_absent()
        if ticket not in self._tickets:
            away = said("You were away for too long, and your place in line was given to another. Try again.")
            raise Busy(away)
        return max(self._tickets.index(ticket) - self.places + 1, 0)

    def _drop_absent(self) -> None:
        now = time.monotonic()
        for ticket in tuple(self._tickets):
            absent = ticket.absent is not None and now - ticket.absent > _LONGEST_ABSENCE
            if absent or (ticket.turn is not None and now - ticket.turn > _LONGEST_TURN):
                self._drop(ticket)

    def _drop(self, ticket: _Ticket) -> None:
        if ticket in self._tickets:
            self._tickets.remove(ticket)
            self._changed.notify_all()


def _client() -> str:
    """The address of the visitor whose request this thread works on; "" outside of the app."""
    request = LocalContext.request.get(None)
    return str(request.client.host) if request is not None and request.client else ""


# Two cores or more, and one answer keeps most of a core busy.
ANSWERS = Line(places=2, waiting=60, each=8)
