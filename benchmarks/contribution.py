"""Adding a generator: ``python -m benchmarks.contribution --data DIR`` (the folder with celeba64/).

The newcomer is a decoder (down-scaling, zero-insertion up-sampling with uneven gain, a 3 x 3 filter) over CelebA faces
that the embedded registry never saw. It is added to a copy of that registry from 200 images of 64 px.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import Image, from_pixels
from registry.answers.identify import identify
from registry.contributions import contribute
from registry.contributions.batch import read_batch
from registry.intake.samples import Sample
from registry.storage.card import Card
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

from .common.data import samples
from .common.scores import share

_SEEN = 4000  # photos that the embedded registry was built from
_BATCH, _OUTSIDE = 200, 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data / "celeba64"
    faces = samples(folder / "real.parquet")[_SEEN : _SEEN + _BATCH + _OUTSIDE]
    made = [Sample(_decoded(face.image), face.content) for face in faces]
    others = [s.image for path in sorted(folder.glob("vae-*.parquet")) for s in samples(path, limit=12)]
    with tempfile.TemporaryDirectory() as scratch:
        store = Store(Path(scratch))
        before = [_name(store.snapshot(), image) for image in others]
        start = time.perf_counter()
        collection = store.snapshot().collection("faces-64")
        *_, batch = read_batch(made[:_BATCH], collection)
        contribute.add(store, contribute.draft(batch, Card("newcomer"), collection))
        seconds = time.perf_counter() - start
        hits = np.array([_name(store.snapshot(), s.image) == "newcomer" for s in made[_BATCH:]])
        reopened = np.array([_name(Store(Path(scratch)).snapshot(), s.image) == "newcomer" for s in made[_BATCH:]])
        after = [_name(store.snapshot(), image) for image in others]
    changed = np.array([a != b for a, b in zip(before, after, strict=True)])
    print(f"added from {_BATCH} images of 64 px in {seconds:.1f} s")
    print(f"named, of {_OUTSIDE} images outside the batch: {share(hits, np.arange(len(hits)))}")
    print(f"after a restart: {share(reopened, np.arange(len(hits)))}")
    print(f"answers changed, of {len(others)} images of other generators: {share(changed, np.arange(len(changed)))}")


def _name(snapshot: Snapshot, image: Image) -> str:
    verdict = list(identify(snapshot, image, "faces-64"))[-1].verdict
    return verdict.generator or verdict.verdict


def _decoded(image: Image) -> Image:
    """A 64 px face through a two-times up-sampling decoder with a fixed 4 x 4 kernel."""
    face = CanonicalForm(min_side=64, max_side=127, crop=64, resize=64).views(image)[0].astype(np.float32)
    small = face.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    spread = np.zeros((64, 64, 3), np.float32)
    spread[::2, ::2] = small
    kernel = np.outer((0.3, 0.95, 1.05, 0.7), (0.3, 0.95, 1.05, 0.7))
    padded = np.pad(spread, ((2, 1), (2, 1), (0, 0)), mode="wrap")
    decoded = sum(kernel[y, x] * padded[y : y + 64, x : x + 64] for y in range(4) for x in range(4))
    return from_pixels(np.clip(decoded / kernel.sum() * 4, 0, 255).round().astype(np.uint8), image.origin)


if __name__ == "__main__":
    main()
