"""A folder of images by the command line, on one core and on two."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

_IMAGES = 9


def throughput(scratch: Path, data: bytes) -> dict[str, float]:
    """Images a second of the command ``identify`` over a folder, start-up apart, by number of cores."""
    several, one = scratch / "several", scratch / "one"
    for folder, count in ((several, _IMAGES), (one, 1)):
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.jpg").write_bytes(data)
    found = {}
    for cores in range(1, min(2, len(os.sched_getaffinity(0))) + 1):
        seconds = [_identified(folder, scratch, cores) for folder in (several, one)]
        found[f"{cores} cores"] = (_IMAGES - 1) / (seconds[0] - seconds[1])
        print(f"a folder of 512 px images, {cores} of the cores: {found[f'{cores} cores']:.1f} a second")
    return found


def _identified(folder: Path, scratch: Path, cores: int) -> float:
    command = [sys.executable, "-m", "registry", "identify", str(folder), "--registry", str(scratch / "registry")]
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, allowed[:cores])  # the command inherits it
    try:
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start
    finally:
        os.sched_setaffinity(0, allowed)
