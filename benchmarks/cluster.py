"""What a second worker brings: ``python -m benchmarks.cluster [--images N] [--json FILE]``, on a machine of two cores.

Images of 128 px, as files, are summarised for the embedded collection text-to-image, after every history: by one worker
process, then by two. Start-up is apart: before the clock starts, each worker has had a few images.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from fingerprints.images.image import png_bytes
from registry.contributions.batch import Batch, read_batch
from registry.intake.cluster import LOCAL, Mapper, cluster
from registry.intake.samples import read_samples
from registry.intake.sources.common import Limits
from registry.storage.snapshot import Collection
from registry.storage.store import Store

from .common.group_command import write_figures

COLLECTION, SIDE = "text-to-image", 128
_WARM_UP = 64
_LIMITS = Limits(max_files=1_000_000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=10_000)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="manifpt-cluster-") as scratch:
        folder = Path(scratch)
        collection = Store(folder / "registry").snapshot().collection(COLLECTION)
        for name, count in (("few", _WARM_UP), ("all", arguments.images)):
            write_images(folder / name, count)
        floor = _seconds_to_read(folder / "all")
        seconds, means = {}, {}
        for workers in (1, 2):
            with cluster(LOCAL, workers) as mapper:
                _summarised(folder / "few", collection, mapper)
                start = time.perf_counter()
                batch = _summarised(folder / "all", collection, mapper)
                seconds[workers] = time.perf_counter() - start
            means[workers] = batch.artifacts("dct").rows.mean(axis=0)
            print(f"{arguments.images:,} images, workers: {workers}: {seconds[workers]:.1f} s", flush=True)
    faster = seconds[1] / seconds[2]
    apart = float(np.linalg.norm(means[2] - means[1]) / np.linalg.norm(means[1]))
    print(f"two workers are {faster:.2f} times as fast; their mean artifact differs by a relative {apart:.1e}")
    print(f"floor, reading and decoding the files, which the sender does: {floor:.1f} s")
    figures = {f"{workers} workers, s": value for workers, value in seconds.items()}
    write_figures(
        arguments.json, {**figures, "images": arguments.images, "faster": faster, "apart": apart, "floor, s": floor}
    )


def write_images(folder: Path, count: int) -> None:
    """Blocks of colour under noise, no image like another."""
    folder.mkdir()
    rng = np.random.default_rng(count)
    for number in range(count):
        coarse = rng.integers(0, 200, (SIDE // 4, SIDE // 4, 3)).repeat(4, axis=0).repeat(4, axis=1)
        fine = rng.integers(0, 56, (SIDE, SIDE, 3))
        (folder / f"{number:05}.png").write_bytes(png_bytes((coarse + fine).astype(np.uint8)))


def _summarised(folder: Path, collection: Collection, mapper: Mapper) -> Batch:
    *_, batch = read_batch(read_samples([folder], limits=_LIMITS), collection, mapper)
    return batch


def _seconds_to_read(folder: Path) -> float:
    start = time.perf_counter()
    for _ in read_samples([folder], limits=_LIMITS):
        pass
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
