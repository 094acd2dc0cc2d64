"""Batches that are being looked at, apart from the page that shows them: a reload finds them by the key in its address.

Everything is in memory, bounded in number and in time. Who knows the key of a batch sees it, and nobody else.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fingerprints.errors import UserError
from fingerprints.sentence import said
from registry.storage.snapshot import Snapshot

from ..answers.several import Pile, Row
from .light import LightPile

_KEPT_SECONDS = 3600.0
_MOST_KEPT = 12  # of up to 500 rows, each some 30 KB of numbers and a small picture
_MOST_RUNNING, _MOST_OF_ONE = 4, 2
_FIRST_GUESS = 3  # pictures after which the time left can be told
_ENDED = said("It ended before all was looked at. Give the pictures once more.")
Work = Callable[["Batch"], None]


class NoRoom(UserError, ValueError):
    """Too many batches are at work; the text says what to do."""


@dataclass(eq=False)
class Batch:
    """One batch against one revision: its ``rows`` so far of ``total``, which is 0 until they are counted.

    ``trouble`` says why it ended early, where nobody cancelled it.
    """

    key: str
    snapshot: Snapshot = field(repr=False)
    client: str = ""
    total: int = 0
    rows: list[Row] = field(default_factory=list, repr=False)
    pile: Pile = field(default_factory=LightPile, repr=False)
    trouble: str = ""
    cancelled: bool = False
    ended: bool = False
    until: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(seconds=_KEPT_SECONDS))
    _began: float = field(default_factory=time.monotonic, repr=False)

    def counted(self, total: int) -> None:
        """From now on pictures are looked at."""
        self.total, self._began = total, time.monotonic()

    def seconds_left(self) -> float | None:
        """As long as the rest takes at the pace so far; None before that can be told."""
        done = len(self.rows)
        if done < min(_FIRST_GUESS, self.total) or not done:
            return None
        return (time.monotonic() - self._began) / done * (self.total - done)


class Batches:
    """All batches of this server, each on a thread of its own. They are forgotten after an hour."""

    def __init__(self) -> None:
        self._batches: dict[str, Batch] = {}
        self._guard = threading.Lock()

    def start(self, snapshot: Snapshot, work: Work, client: str = "") -> Batch:
        """Begin in the background. ``client``: whose it is, by address. Raises NoRoom."""
        batch = Batch(secrets.token_urlsafe(24), snapshot, client)
        with self._guard:
            self._make_room(client)
            self._batches[batch.key] = batch
        forgetting = threading.Timer(_KEPT_SECONDS, self.forget, [batch.key])
        forgetting.daemon = True
        forgetting.start()
        # A new thread belongs to no visitor's request: in the line of answers, all batches are one client.
        threading.Thread(target=_run, args=(batch, work), daemon=True).start()
        return batch

    def find(self, key: str | None) -> Batch | None:
        """The batch of this key, while it is kept."""
        with self._guard:
            return self._batches.get(key or "")

    def cancel(self, key: str | None) -> None:
        """It ends after the picture that is being looked at; its rows are kept."""
        if batch := self.find(key):
            batch.cancelled = True

    def forget(self, key: str) -> None:
        with self._guard:
            batch = self._batches.pop(key, None)
        if batch is not None:
            batch.cancelled = True

    def _make_room(self, client: str) -> None:
        running = [batch for batch in self._batches.values() if not batch.ended]
        if sum(batch.client == client for batch in running) >= _MOST_OF_ONE:
            own = said(
                "{number} batches of yours are being looked at. Wait for one of them, or cancel it.",
                number=_MOST_OF_ONE,
            )
            raise NoRoom(own)
        if len(running) >= _MOST_RUNNING:
            busy = said(
                "The server is busy: {number} batches are being looked at. Try again in some minutes.",
                number=len(running),
            )
            raise NoRoom(busy)
        ended = [key for key, batch in self._batches.items() if batch.ended]
        for key in ended[: max(len(self._batches) + 1 - _MOST_KEPT, 0)]:
            del self._batches[key]


def _run(batch: Batch, work: Work) -> None:
    trouble: str = _ENDED
    try:
        work(batch)
        trouble = ""
    except UserError as error:
        trouble = error.sentence
    finally:
        batch.trouble = "" if batch.cancelled else trouble
        batch.ended = True


BATCHES = Batches()
