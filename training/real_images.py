"""Real images for the small encoders, apart from those that any benchmark tests on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fingerprints.images.canonical import CanonicalForm
from fingerprints.splits import is_test
from registry.building.presets import PRESETS
from registry.intake.samples import Limits, Sample, read_samples

CIFAR, CELEBA = "cifar10", "celeba64"  # folders of the evaluation data
_PRESETS = {CIFAR: "cifar-10", CELEBA: "faces-64"}


@dataclass(frozen=True)
class Reals:
    """``pixels`` uint8 (n, side, side, 3) in canonical form, ``contents`` (n,)."""

    pixels: torch.Tensor
    contents: np.ndarray

    def __len__(self) -> int:
        return len(self.contents)

    def select(self, images: np.ndarray) -> Reals:
        """The images where the boolean mask (n,) is true."""
        return Reals(self.pixels[torch.from_numpy(images)], self.contents[images])


def read_reals(data: Path, group: str) -> tuple[Reals, Reals]:
    """The real images of a group: those to learn from, and those of the benchmarks' tests, which only judge."""
    everything = _read(data / group / "real.parquet", PRESETS[_PRESETS[group]].form)
    held = is_test(everything.contents)
    return everything.select(~held), everything.select(held)


def classes_of(reals: Reals) -> np.ndarray:
    """The class (n,) of each CIFAR-10 image, which stands in its content: "bird/0936.jpg" is a bird."""
    return np.array([content.partition("/")[0] for content in reals.contents.tolist()])


def _read(path: Path, form: CanonicalForm) -> Reals:
    if not path.exists():
        raise ValueError(f"{path} is missing; --data names the folder that holds {CIFAR} and {CELEBA}.")
    found = read_samples([path], limits=Limits(max_files=1_000_000, max_total_bytes=10**12))
    samples = [item for item in found if isinstance(item, Sample)]
    pixels = np.concatenate([form.views(sample.image) for sample in samples])
    return Reals(torch.from_numpy(pixels), np.array([sample.content for sample in samples]))
