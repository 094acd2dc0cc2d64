"""A hundred thousand generators, the index alone: ``python -m benchmarks.index [--generators N] [--json FILE]``.

Generators near the embedded ones of a collection, with no file of their own: their index is made on the disk, opened,
and images are weighed against all of them. Printed: bytes on the disk, seconds to make, to open and to weigh one image,
beside reading as many bytes as weighing reads. For collections whose index would not fit, the bytes alone.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.model.evidence import Known
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.process import set_threads_and_memory
from registry.storage.index import Tables, Wanted, mapped
from registry.storage.snapshot import Collection, Snapshot
from registry.storage.store import BUILTIN

from .common.group_command import write_figures

GENERATORS = 100_000
MEASURED, ON_PAPER = ("faces-64",), ("text-to-image", "zoo")
_REPEATS = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generators", type=int, default=GENERATORS)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    set_threads_and_memory()  # as the app does
    snapshot, figures = Snapshot(BUILTIN), {}
    for name in MEASURED:
        with tempfile.TemporaryDirectory(prefix="manifpt-index-") as scratch:
            figures[name] = measured(snapshot.collection(name), arguments.generators, Path(scratch) / "index")
    for name in ON_PAPER:
        size = bytes_of(snapshot.collection(name), arguments.generators)
        print(f"{name}: an index of {arguments.generators:,} generators would hold {size / 1e9:.1f} GB", flush=True)
        figures[name] = {"GB": size / 1e9}
    write_figures(arguments.json, figures)


def measured(collection: Collection, count: int, folder: Path) -> dict[str, float]:
    """Of ``count`` generators, made into an index in ``folder``."""
    wanted = near(collection, count)
    made = _seconds(lambda: mapped(folder, wanted))
    opened = _median(lambda: mapped(folder, wanted))
    tables = mapped(folder, wanted)
    artifacts = {space: collection.means[space][:1].astype(np.float32) for space in collection.spaces}
    weighed = _median(lambda: _weigh(tables, artifacts))
    floor = _median(lambda: _read(tables))
    size = sum(path.stat().st_size for path in folder.iterdir())
    print(
        f"{collection.name}: {count:,} generators: the index holds {size / 1e9:.2f} GB, is made in {made:.0f} s and "
        f"opened in {1e3 * opened:.0f} ms; one image is weighed against all in {1e3 * weighed:.0f} ms (floor, to read "
        f"what is read of it: {1e3 * floor:.0f} ms)",
        flush=True,
    )
    return {"GB": size / 1e9, "made, s": made, "opened, s": opened, "weighed, s": weighed, "floor, s": floor}


def near(collection: Collection, count: int) -> Wanted:
    """``count`` generators, each beside one that the collection has."""
    rng, histories = np.random.default_rng(count), len(collection.histories)

    def read(number: int, space: str) -> Fingerprint:
        means = collection.all_means[space][number % len(collection.names)]
        moved = means * rng.normal(1, 0.1, (1, means.shape[1]))
        return Fingerprint(space, moved[:1], moved[0], 200, 200, looseness=1.0, norm=1.0, changed=moved[1:])

    digests = {space: collection.reference_digest(space) for space in collection.spaces}
    keys = {space: [str(number) for number in range(count)] for space in collection.spaces}
    return Wanted(collection.references, None, digests, keys, histories, read)


def bytes_of(collection: Collection, count: int) -> int:
    """Of an index, from the shapes of its arrays: means, and what Known keeps of them (float32)."""
    histories, size = len(collection.histories), 0
    for reference in collection.references.values():
        shapes = [*Known.shapes(reference, count, histories).values(), (count, histories, reference.dimension)]
        size += 4 * sum(int(np.prod(shape)) for shape in shapes)
    return size


def _weigh(tables: Tables, artifacts: dict[str, np.ndarray]) -> None:
    for space, table in tables.by_space.items():
        table.known.weigh(artifacts[space], np.ones(1))


def _read(tables: Tables) -> None:
    """The rows that one answer reads: those of ``within``, once."""
    for table in tables.by_space.values():
        for means in table.known.within:
            means.rows.max()


def _median(act: Callable[[], Any]) -> float:
    act()
    return statistics.median(_seconds(act) for _ in range(_REPEATS))


def _seconds(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
