"""What size costs: ``python -m benchmarks.scale [--quick] [--json FILE]``.

Registries of 10 to 10,000 generators, perturbed from the embedded ones: opening, identifying and adding, seconds and
memory; where a collection has a covariance of all spaces at once, with that. What it says of 500 generators when it is
asked about the first few alone, beside what it says of all. Banks of 1,000 to 1,000,000 rows: the exact projection,
beside faiss-cpu's where that is installed.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.geometry.manifold import Manifold
from fingerprints.images.image import from_pixels
from fingerprints.model.shortlist import COMPARED
from fingerprints.process import set_threads_and_memory
from registry.answers.identify import identify
from registry.contributions import contribute
from registry.contributions.batch import read_batch
from registry.intake.samples import Sample
from registry.storage.card import Card
from registry.storage.snapshot import Snapshot
from registry.storage.store import BUILTIN, Store

from .common.group_command import write_figures
from .common.simulated import exactness
from .hub import random_registry

COUNTS, QUICK_COUNTS = (10, 100, 1_000, 10_000), (10, 1_000)
BANKS, QUICK_BANKS = (1_000, 10_000, 50_000, 200_000, 1_000_000), (1_000, 50_000)
DIMENSION, NEIGHBOURS, QUERIES = 512, 16, 256
_SIDES = {"text-to-image": 512, "faces-64": 64}
_ARTIFACTS = 2  # stored of each generator: neither opening nor identifying reads them
_SAMPLES = 8
SIMULATED, IMAGES = 500, 256
SPREADS = (0.1, 0.3, 1.0)  # of simulated generators, in units of what the embedded ones differ by


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="up to 1,000 generators and 50,000 rows")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)  # one registry, in a process of its own
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measured(arguments.measure)))
        return
    figures: dict[str, dict[str, Any]] = {"generators": {}, "all spaces at once": {}, "bank": {}}
    with tempfile.TemporaryDirectory(prefix="manifpt-scale-") as scratch:
        for name in _SIDES:
            counts = QUICK_COUNTS if arguments.quick else COUNTS
            figures["generators"][name] = {
                f"{line.pop('generators'):,}": line for line in generators(Path(scratch), name, counts)
            }
    for name in _SIDES:
        figures["all spaces at once"] |= {f"{name}, {key}": line for key, line in compared(name)}
    for rows in QUICK_BANKS if arguments.quick else BANKS:
        figures["bank"][f"{rows:,} rows"] = bank(rows)
    write_figures(arguments.json, figures)


def generators(scratch: Path, name: str, counts: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    """One line for each count, the last one with how many times slower it identifies than the first."""
    first = 0.0
    for count in counts:
        folder = scratch / f"{name}-{count}"
        random_registry(folder, name, count, _ARTIFACTS)
        command = [sys.executable, "-m", "benchmarks.scale", "--measure", str(folder)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        first = first or found["identify"]
        line = {"generators": count, **found, "times slower": found["identify"] / first}
        print(
            f"{name}, {count:6} generators: opened first {_s(line['first open'])}, then {_s(line['open'])}; identify "
            f"{_s(line['identify'])} ({line['times slower']:.2f} times); heap {line['heap']:.0f} MB more, "
            f"mapped {line['mapped']:.0f} MB; add, its {_SAMPLES} images {_s(line['images'])}, beyond them "
            f"{_s(line['report'])} for the report and {_s(line['add'])} to publish; opened again {_s(line['reopen'])}",
            flush=True,
        )
        yield line
        shutil.rmtree(folder)


def compared(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """How exact it is to compare a few of ``SIMULATED`` generators by all spaces at once; nothing of a collection that
    has no such thing."""
    collection = Snapshot(BUILTIN).collection(name)
    for spread in SPREADS if collection.joint else ():
        line = exactness(collection, SIMULATED, IMAGES, spread)
        print(
            f"{name}, {SIMULATED} generators that differ by {spread:g} of what the embedded ones do: the first "
            f"{COMPARED} compared by all spaces at once, {line['same likeliest']:.3f} of {IMAGES} images have the "
            f"generator that comparing all gives ({line['same likeliest by the sum alone']:.3f} by the sum over spaces "
            f"alone), {line['same verdict']:.3f} the verdict; shares are off by {line['share, most off']:.3f} at most",
            flush=True,
        )
        yield f"spread {spread:g}", line


def measured(folder: Path) -> dict[str, float]:
    """Seconds, and megabytes of this process, of the one collection in the registry ``folder``."""
    set_threads_and_memory()  # as the app does
    first = _seconds(lambda: _open(folder))
    before = _memory()
    opened = statistics.median(_seconds(lambda: _open(folder)) for _ in range(3))
    store = Store(folder, builtin=None)
    snapshot = store.snapshot()
    (collection,) = snapshot.collections.values()
    rng, side = np.random.default_rng(0), _SIDES[collection.name]
    images = [from_pixels(rng.integers(0, 256, (side, side, 3), dtype=np.uint8)) for _ in range(_SAMPLES)]
    answers = [_seconds(lambda: list(identify(snapshot, images[0]))) for _ in range(12)]
    after = _memory()
    samples = [Sample(image, str(number)) for number, image in enumerate(images)]
    start = time.perf_counter()
    *_, batch = read_batch(samples, collection)
    embedded = time.perf_counter()
    made = contribute.draft(batch, Card("one-more"), collection)
    drafted = time.perf_counter()
    for number in range(4):  # the first ones have no revision to take over, and are slower
        card = replace(made.card, name=f"one-more-{number}")
        added = _seconds(lambda card=card: contribute.add(store, replace(made, card=card)))  # type: ignore[misc]
    return {
        "first open": first,
        "open": opened,
        "identify": statistics.median(answers[2:]),
        "heap": after.heap - before.heap,
        "mapped": after.mapped - before.mapped,
        "images": embedded - start,
        "report": drafted - embedded,
        "add": added,
        "reopen": _seconds(lambda: _open(folder)),
    }


def _open(folder: Path) -> None:
    """Everything that the first answer needs."""
    for collection in Store(folder, builtin=None).snapshot().collections.values():
        _ = collection.known, collection.calibration, collection.known_at_once, collection.shortlist


@dataclass(frozen=True)
class Memory:
    """Megabytes of this process: its own, and pages of files."""

    heap: float
    mapped: float


def _memory() -> Memory:
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    heap, mapped = (int(lines[key].split()[0]) / 1000 for key in ("RssAnon", "RssFile"))
    return Memory(heap, mapped)


def bank(rows: int) -> dict[str, Any]:
    """The projection's search in a bank of ``rows`` rows, one view each of as many images, beside faiss."""
    rng = np.random.default_rng(rows)
    values = rng.standard_normal((rows, DIMENSION), dtype=np.float32)
    queries = rng.standard_normal((QUERIES, DIMENSION), dtype=np.float32)
    manifold = Manifold(values)
    ours = _median(lambda: manifold.nearest(queries, NEIGHBOURS))
    single = _median(lambda: manifold.nearest(queries[:1], NEIGHBOURS))
    line: dict[str, Any] = {"ms a query": 1e3 * ours / QUERIES, "ms one alone": 1e3 * single}
    said = "faiss-cpu is not installed"
    if importlib.util.find_spec("faiss"):
        theirs, alone, same = _beside_faiss(values, queries, manifold.nearest(queries, NEIGHBOURS)[0])
        line |= {"faiss, ms a query": 1e3 * theirs / QUERIES, "faiss, ms one alone": 1e3 * alone, "same": same}
        said = (
            f"faiss IndexFlatL2 {1e3 * theirs / QUERIES:.3f} and {1e3 * alone:.2f} ms ({ours / theirs:.2f} times), "
            f"{same:.4f} of the neighbours the same"
        )
    print(
        f"bank of {rows:9,} x {DIMENSION}: {NEIGHBOURS} nearest of {QUERIES} queries {1e3 * ours / QUERIES:.3f} ms a "
        f"query, of one alone {1e3 * single:.2f} ms; {said}",
        flush=True,
    )
    return line


def _beside_faiss(values: np.ndarray, queries: np.ndarray, found: np.ndarray) -> tuple[float, float, float]:
    """(seconds of all queries, of one alone, the share of neighbours that are the same)."""
    import faiss

    faiss.omp_set_num_threads(_threads())
    index = faiss.IndexFlatL2(values.shape[1])
    index.add(values)
    theirs = index.search(queries, NEIGHBOURS)[1]
    same = np.mean([len(np.intersect1d(a, b)) / NEIGHBOURS for a, b in zip(found, theirs, strict=True)])
    seconds = _median(lambda: index.search(queries, NEIGHBOURS))
    return seconds, _median(lambda: index.search(queries[:1], NEIGHBOURS)), float(same)


def _threads() -> int:
    """As many as numpy's products use."""
    from threadpoolctl import threadpool_info

    return max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)


def _median(act: Callable[[], object]) -> float:
    return statistics.median(_seconds(act) for _ in range(5))


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.1f} ms"


if __name__ == "__main__":
    main()
