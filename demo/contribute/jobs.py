"""Contributions that are being computed, apart from the page that shows them: a reload finds them again.

A job belongs to who knows its key, which only the visitor's own browser keeps.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fingerprints.errors import UserError
from fingerprints.sentence import said

from .contribution import Prepared, Progress, Published

# Whoever follows a job's progress, on the page or from a program: so many at the same time.
WATCHERS: dict[str, Any] = {"concurrency_id": "contribute", "concurrency_limit": 16}
_KEPT_SECONDS = 3600
_Steps = Callable[[], Iterator[Progress | Prepared]]
_ENDED = said("It ended without a result. Give the samples once more.")


@dataclass
class Job:
    """One computation, and what came of it: ``prepared``, and ``published`` once it was added; or the ``trouble``.

    ``state`` is the newest word of the computation; None while it waits for its turn.
    """

    key: str
    state: Progress | Prepared | None = None
    trouble: str = ""
    published: Published | None = None
    touched: float = field(default_factory=time.monotonic)
    cancelled: bool = False
    _changed: threading.Condition = field(default_factory=threading.Condition, repr=False)
    _ended: bool = False

    @property
    def prepared(self) -> Prepared | None:
        return self.state if isinstance(self.state, Prepared) else None

    @property
    def ended(self) -> bool:
        return self._ended

    def follow(self) -> Iterator[Progress | None]:
        """What it says, whenever that changes, until it has ended."""
        shown: object = self
        while not self._ended and not self.cancelled:
            state = self.state
            if state is not shown and not isinstance(state, Prepared):
                shown = state
                yield state
            with self._changed:
                self._changed.wait(timeout=0.25)

    def say(self, state: Progress | Prepared) -> None:
        self.state = state
        self._wake()

    def end(self) -> None:
        if self.prepared is None and not self.cancelled:
            self.trouble = self.trouble or _ENDED
        self._ended = True
        self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


class Jobs:
    """All jobs of this server; one is computed at a time. They are forgotten after an hour."""

    def __init__(self, problems: tuple[type[UserError], ...]) -> None:
        """``problems``: what a computation may raise, with a sentence for the visitor."""
        self._problems = problems
        self._jobs: dict[str, Job] = {}
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def start(self, steps: _Steps) -> Job:
        """Begin computing in the background."""
        job = Job(secrets.token_urlsafe(24))
        with self._guard:
            oldest = time.monotonic() - _KEPT_SECONDS
            self._jobs = {key: kept for key, kept in self._jobs.items() if kept.touched >= oldest}
            self._jobs[job.key] = job
        threading.Thread(target=self._run, args=(job, steps), daemon=True).start()
        return job

    def find(self, key: str | None) -> Job | None:
        """The job of this key, while it is kept."""
        with self._guard:
            return self._jobs.get(key or "")

    def forget(self, key: str | None) -> None:
        """Cancel it if it runs; what it prepared is gone."""
        with self._guard:
            job = self._jobs.pop(key or "", None)
        if job is not None:
            job.cancelled = True

    def _run(self, job: Job, steps: _Steps) -> None:
        try:
            with self._turn:
                for state in () if job.cancelled else steps():
                    if job.cancelled:
                        break
                    job.say(state)
        except self._problems as error:
            job.trouble = error.sentence
        finally:
            job.end()
