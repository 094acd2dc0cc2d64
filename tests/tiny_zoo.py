"""A collection called zoo, made by the tests of two generators of the zoo and of crops of package photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import zoo
from fingerprints.fitting import Recipe
from generators import crops
from registry.create import create_collection
from registry.presets import PRESETS
from registry.store import Store
from small import write_images

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
