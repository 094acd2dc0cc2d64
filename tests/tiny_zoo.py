"""What the tests of the zoo are made with: self-made "faces" in the layout of the evaluation data, and a collection
called zoo, of two of its generators and of crops of package photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet

import zoo
from fingerprints.images.image import jpeg_bytes
from fingerprints.learning.fitting import Recipe
from generators import crops
from registry.building.create import create_collection
from registry.building.presets import PRESETS
from registry.storage.store import Store
from small import write_images
from zoo.training.faces import FILE

COLLECTION = "zoo"
TWO = [name for name in zoo.names() if name.startswith("gan-")][:: max(1, len(zoo.names()) // 2)][:2]
_SAMPLES, _SEED, _REALS = 60, 1, 40  # the last, of each photo


def build_tiny_zoo(base: Path, photos: Sequence[np.ndarray]) -> Path:
    """The folder of the registry. The preset is the zoo's, with fewer dimensions, because there are few images."""
    reals = [crop for number, photo in enumerate(photos) for crop in crops(photo, 32, _REALS, seed=number)]
    preset, registry = PRESETS[COLLECTION], base / "registry"
    PRESETS[COLLECTION] = replace(preset, recipe=Recipe({"dct": 48, "residual": 48, "frequency": 48}))
    try:
        create_collection(
            Store(registry, builtin=None),
            COLLECTION,
            photos={"photos": [write_images(base / "reals", reals)]},
            generators={name: [write_images(base / name, list(zoo.sample(name, _SAMPLES, _SEED)))] for name in TWO},
            cards={name: {"title": name, "family": "GAN", "design": zoo.card(name).design} for name in TWO},
        )
    finally:
        PRESETS[COLLECTION] = preset
    return registry


def write_faces(data: Path, n: int = 60, shape: tuple[int, int] = (109, 89)) -> None:
    """A Parquet file of ``n`` JPEGs: an oval of a random colour on a ground of another."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[: shape[0], : shape[1]]
    oval = ((y - shape[0] / 2) / 30) ** 2 + ((x - shape[1] / 2) / 24) ** 2 < 1
    pictures = [np.where(oval[:, :, None], *rng.integers(0, 256, (2, 3))).astype(np.uint8) for _ in range(n)]
    rows = [{"bytes": jpeg_bytes(picture, 75), "path": None} for picture in pictures]
    (data / FILE).parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(
        pyarrow.table({"image": rows, "content_id": [f"{i:06d}" for i in range(n)]}), data / FILE
    )
