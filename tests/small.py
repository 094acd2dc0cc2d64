"""A small registry of real fingerprints, built from package photos by the tests themselves, and its pieces.

Reals are 64 px crops of seven photographs; generators pass other crops of the same photographs through decoders of
different design. Nothing is mocked: everything goes through registry.building.create.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image

from fingerprints.geometry.artifact import ViewArtifacts
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import LocalMean
from fingerprints.images.canonical import CanonicalForm
from fingerprints.learning.fitting import Recipe
from fingerprints.model.discriminant import Discriminant
from fingerprints.model.evidence import Evidence, Known
from fingerprints.model.reference import Basis, Reference, Spread
from generators import crops, nearest_decoder, transposed_decoder
from registry.building.presets import PRESETS, Preset
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

SIDE = 64
COLLECTION = "small"
PRESET = Preset(
    "Small crops",
    CanonicalForm(min_side=SIDE, max_side=127, crop=SIDE, resize=SIDE),
    Recipe({"dct": 48, "residual": 48, "frequency": 48}, joint_shrinkage=0.3),
)
NEWCOMER = "shuffle"
TRAINING, HELD_OUT, REALS = 14, 6, 36  # crops of each photo


def bicubic_decoder(crop: np.ndarray) -> np.ndarray:
    """Scale down by 2 and back up, bicubic. uint8 (h, w, 3) in and out."""
    height, width = crop.shape[:2]
    half = PIL.Image.fromarray(crop).resize((width // 2, height // 2), PIL.Image.Resampling.BICUBIC)
    return np.asarray(half.resize((width, height), PIL.Image.Resampling.BICUBIC))


def shuffle_decoder(crop: np.ndarray) -> np.ndarray:
    """Scale down by 2, then pixel shuffle: each of the four phases has a gain of its own. uint8 in and out."""
    height, width = crop.shape[:2]
    half = PIL.Image.fromarray(crop).resize((width // 2, height // 2), PIL.Image.Resampling.LANCZOS)
    grown = np.asarray(half.resize((width, height), PIL.Image.Resampling.LANCZOS)).astype(float)
    gains = np.tile(np.array([[1.0, 0.97], [1.04, 0.99]]), (height // 2, width // 2))
    return np.clip(np.rint(grown * gains[:, :, None] + 0.1 * (crop - grown)), 0, 255).astype(np.uint8)


DECODERS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bicubic": bicubic_decoder,
    "nearest": nearest_decoder,
    "transposed": transposed_decoder,
}


def weighed(images: ViewArtifacts, reference: Reference, means: np.ndarray) -> Evidence:
    """Images by all of their views against generator means (g, d) that are beyond doubt."""
    return Known.of(reference, means, np.ones(len(means))).weigh(images.per_image(), images.views())


@dataclass(frozen=True)
class Pixels:
    """64 px images, none of which shares a crop position with another set: uint8 (64, 64, 3) each."""

    reals: list[np.ndarray]
    held_out_reals: list[np.ndarray]
    training: dict[str, list[np.ndarray]]
    held_out: dict[str, list[np.ndarray]]


def small_pixels(photos: Sequence[np.ndarray]) -> Pixels:
    """Images of all generators, the newcomer's among them, and the photographs."""
    reals, held_out_reals = [], []
    training: dict[str, list[np.ndarray]] = {name: [] for name in (*DECODERS, NEWCOMER)}
    held_out: dict[str, list[np.ndarray]] = {name: [] for name in training}
    for number, photo in enumerate(photos):
        cut = crops(photo, SIDE, REALS + 2 * HELD_OUT + TRAINING, seed=number)
        reals += cut[:REALS]
        held_out_reals += cut[REALS : REALS + HELD_OUT]
        for name in training:
            made = [decoder_of(name)(crop) for crop in cut[REALS + HELD_OUT :]]
            training[name] += made[:TRAINING]
            held_out[name] += made[TRAINING:]
    return Pixels(reals, held_out_reals, training, held_out)


def decoder_of(name: str) -> Callable[[np.ndarray], np.ndarray]:
    return shuffle_decoder if name == NEWCOMER else DECODERS[name]


def write_images(folder: Path, images: Sequence[np.ndarray]) -> Path:
    """PNG files 000.png, 001.png, ... in a new folder; returns it."""
    folder.mkdir(parents=True)
    for number, pixels in enumerate(images):
        PIL.Image.fromarray(pixels).save(folder / f"{number:03}.png", compress_level=1)
    return folder


@dataclass(frozen=True)
class Small:
    """The registry (never to be changed: copy it) and the folders of PNG files that it was made from."""

    folder: Path
    pixels: Pixels
    reals: Path
    samples: Mapping[str, Path]
    held_out: Mapping[str, Path]

    def snapshot(self) -> Snapshot:
        return Store(self.folder, builtin=None).snapshot()


def build_small(base: Path, photos: Sequence[np.ndarray]) -> Small:
    """Everything below ``base``; needs the preset of this module in PRESETS."""
    from registry.building.create import create_collection

    pixels = small_pixels(photos)
    samples = {name: write_images(base / "samples" / name, images) for name, images in pixels.training.items()}
    held_out = {name: write_images(base / "held-out" / name, images) for name, images in pixels.held_out.items()}
    small = Small(base / "registry", pixels, write_images(base / "reals", pixels.reals), samples, held_out)
    create_collection(
        Store(small.folder, builtin=None),
        COLLECTION,
        photos={"photos": [small.reals]},
        generators={name: [samples[name]] for name in DECODERS},
        cards={name: {"title": name.title(), "decoder": f"{name} decoder"} for name in DECODERS},
    )
    return small


def install_preset() -> None:
    PRESETS[COLLECTION] = PRESET


def remove_preset() -> None:
    PRESETS.pop(COLLECTION, None)


def flat_reference(bank: np.ndarray, k: int = 1, space: str = "toy") -> Reference:
    """A reference whose basis and covariances are the identity, for data made up in its coordinates (n, d)."""
    d = bank.shape[1]
    basis = Basis(np.zeros(d, np.float32), np.ones(d, np.float32), np.eye(d, dtype=np.float32))
    flat = Discriminant(np.eye(d, dtype=np.float32))
    return Reference(
        space, 1, basis, Manifold(bank), LocalMean(k), flat, flat, np.zeros((0, d), np.float32), (), Spread()
    )
