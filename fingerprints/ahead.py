"""Work that a free core may begin with before it is asked for."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """``work``, done by a thread of this process that has nothing else to do; where none has begun with it when it is
    asked for, by who asks. So nobody waits for a free core, and a piece of work may wait for another one."""

    def __init__(self, work: Callable[[], T]) -> None:
        helpers = _helpers()
        self._work, self._begun = work, helpers.submit(work) if helpers else None

    def result(self) -> T:
        """What comes of it; raises what it raises."""
        if self._begun is None or self._begun.cancel():
            return self._work()
        return self._begun.result()

    def drop(self) -> None:
        """It is not needed any more."""
        if self._begun is not None:
            self._begun.cancel()


def cores() -> int:
    """On which this process may run."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _helpers() -> ThreadPoolExecutor | None:
    """One for every core but that of who asks."""
    return ThreadPoolExecutor(cores() - 1, "ahead") if cores() > 1 else None
