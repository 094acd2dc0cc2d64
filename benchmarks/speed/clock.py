"""Medians of times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

_RUNS = 15


def median(act: Callable[[], object], runs: int = _RUNS) -> float:
    """Milliseconds, after two runs that warm up."""
    times = []
    for _ in range(runs + 2):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[2:])
