"""Threads and memory of a process that answers: small matrices, and large arrays that come and go."""

from __future__ import annotations

import ctypes
import os
import sys

from threadpoolctl import threadpool_limits

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
_LARGEST_FROM_HEAP = 32 << 20  # the most that glibc allows
_KEPT = 512 << 20


def set_threads_and_memory() -> None:
    """From now on, in this process. What comes of it, benchmarks.speed and benchmarks.hostile.visitors measure."""
    # OpenBLAS would share small products among threads that then stay awake, on the cores that a network waits for
    threadpool_limits(limits=1, user_api="blas")
    # a network gets one thread: it is several views and networks that share the cores (ahead.py). OpenMP's threads wait
    # for each other without sleep, and where another program needs a core, or another visitor, they wait for long
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # read when torch is imported
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)):
        # two heaps for all threads: glibc makes one for each, and a hundred waiting visitors' never shrink again
        mallopt(_M_ARENA_MAX, 2)
        # an answer's arrays are kept for the next one, not given back to be asked for anew, page by page
        mallopt(_M_MMAP_THRESHOLD, _LARGEST_FROM_HEAP)
        mallopt(_M_TRIM_THRESHOLD, _KEPT)
