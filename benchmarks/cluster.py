"""What more workers bring: ``python -m benchmarks.cluster [--images N] [--asked N] [--json FILE]``.

Images of 128 px, as files, are summarised for the embedded collection text-to-image, after every history, by one worker
process and by two; images of 512 px are identified by one, two and four. Start-up is apart: before the clock starts,
each worker has had a few images. More workers than cores share the cores, which shows what they cost and no more: so
what a million images would cost is said in hours of a core.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from fingerprints.images.image import Image, decode, png_bytes
from registry.answers.answering import Answering
from registry.contributions.batch import Batch, read_batch
from registry.intake.cluster import LOCAL, Mapper, cluster
from registry.intake.samples import read_samples
from registry.intake.sources.common import Limits
from registry.storage.snapshot import Collection
from registry.storage.store import Store

from .common.group_command import write_figures

COLLECTION, SIDE = "text-to-image", 128
ASKED_SIDE, ASKED_WORKERS = 512, (1, 2, 4)
_WARM_UP = 64
_LIMITS = Limits(max_files=1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000, help="to summarise (default: 10,000)")
    parser.add_argument("--asked", type=int, default=500, help="to identify (default: 500)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    figures: dict[str, float] = {"images": arguments.images, "asked": arguments.asked}
    with tempfile.TemporaryDirectory(prefix="manifpt-cluster-") as scratch:
        folder = Path(scratch)
        snapshot = Store(folder / "registry").snapshot()
        for name, count, side in (
            ("few", _WARM_UP, SIDE),
            ("all", arguments.images, SIDE),
            ("few asked", _WARM_UP, ASKED_SIDE),
            ("asked", arguments.asked, ASKED_SIDE),
        ):
            write_images(folder / name, count, side)
        figures |= summarising(folder, snapshot.collection(COLLECTION))
        figures |= identifying(folder, Answering(snapshot, COLLECTION))
    write_figures(arguments.json, figures)


def summarising(folder: Path, collection: Collection) -> dict[str, float]:
    """Seconds by the number of workers, and whether the fingerprints are the same."""
    seconds, means = {}, {}
    for workers in (1, 2):
        with cluster(LOCAL, workers) as mapper:
            _summarised(folder / "few", collection, mapper)
            start = time.perf_counter()
            batch = _summarised(folder / "all", collection, mapper)
            seconds[workers] = time.perf_counter() - start
        means[workers] = batch.artifacts("dct").rows.mean(axis=0)
        print(f"fingerprint {len(batch.images):,} images, workers: {workers}: {seconds[workers]:.1f} s", flush=True)
    floor = _seconds_to_read(folder / "all")
    faster = seconds[1] / seconds[2]
    apart = float(np.linalg.norm(means[2] - means[1]) / np.linalg.norm(means[1]))
    print(f"two workers are {faster:.2f} times as fast; their mean artifact differs by a relative {apart:.1e}")
    print(f"floor, reading and decoding the files, which the sender does: {floor:.1f} s")
    return {
        **{f"{workers} workers, s": value for workers, value in seconds.items()},
        "faster": faster,
        "apart": apart,
        "floor, s": floor,
    }


def identifying(folder: Path, answering: Answering) -> dict[str, float]:
    """Images a second by the number of workers, and hours of a core for a million of them."""
    figures: dict[str, float] = {}
    for workers in ASKED_WORKERS:
        with cluster(LOCAL, workers) as mapper:
            list(mapper(answering, _images(folder / "few asked")))
            start = time.perf_counter()
            answers = sum(1 for _ in mapper(answering, _images(folder / "asked")))
            rate = answers / (time.perf_counter() - start)
        cores = min(workers, os.cpu_count() or 1)
        hours = 1e6 * cores / rate / 3600
        print(
            f"identify {answers:,} images of {ASKED_SIDE} px, workers: {workers}, on {cores} cores: {rate:.1f} a "
            f"second, {rate / cores:.1f} on each core; a million: {hours:.0f} hours of a core",
            flush=True,
        )
        figures |= {f"identify, {workers} workers, a second": rate, f"identify, {workers} workers, core hours": hours}
    return figures


def write_images(folder: Path, count: int, side: int = SIDE) -> None:
    """Blocks of colour under noise, no image like another."""
    folder.mkdir()
    rng = np.random.default_rng(count)
    for number in range(count):
        coarse = rng.integers(0, 200, (side // 4, side // 4, 3)).repeat(4, axis=0).repeat(4, axis=1)
        fine = rng.integers(0, 56, (side, side, 3))
        (folder / f"{number:05}.png").write_bytes(png_bytes((coarse + fine).astype(np.uint8)))


def _summarised(folder: Path, collection: Collection, mapper: Mapper) -> Batch:
    *_, batch = read_batch(read_samples([folder], limits=_LIMITS), collection, mapper)
    return batch


def _images(folder: Path) -> Iterator[Image]:
    return (decode(path) for path in sorted(folder.iterdir()))


def _seconds_to_read(folder: Path) -> float:
    start = time.perf_counter()
    for _ in read_samples([folder], limits=_LIMITS):
        pass
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
