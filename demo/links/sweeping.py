"""What is kept for a time is taken away in time, also where nobody comes by."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Sweeper:
    """Calls ``sweep`` every so many seconds for as long as it returns that something is left; ``wake`` begins."""

    def __init__(self, seconds: float, sweep: Callable[[], bool]) -> None:
        self._seconds, self._sweep = seconds, sweep
        self._guard = threading.Lock()
        self._awake = False

    def wake(self) -> None:
        with self._guard:
            if not self._awake:
                self._awake = True
                self._later()

    def _later(self) -> None:
        timer = threading.Timer(self._seconds, self._now)
        timer.daemon = True  # it keeps no server from stopping
        timer.start()

    def _now(self) -> None:
        left = self._sweep()
        with self._guard:
            self._awake = left
            if left:
                self._later()
