"""The evaluation data as embedded images, split by content. None of it is in the repository: benchmarks take --data."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.images.image import Image, decode
from fingerprints.splits import is_test
from registry.building.embed import OF_EVERYDAY_PICTURES, outsiders_of
from registry.building.embed_samples import Embedded, embed_all
from registry.building.presets import PRESETS, Preset
from registry.intake.samples import Limits, Sample, read_samples

GROUPS = {"t2i": "text-to-image", "celeba64": "faces-64", "cifar10": "cifar-10", "mnist": "digits"}
MAX_PHOTOS = 4000


@dataclass(frozen=True)
class Group:
    """One folder of the evaluation data: its preset, and everything in it embedded."""

    name: str
    preset: Preset
    embedded: Embedded


def load(folder: Path, cache: Path | None = None, wallpapers: Path | None = None) -> Group:
    """Embed a group (t2i, celeba64, cifar10 or mnist). ``cache``: keep the embeddings in this folder. ``wallpapers``:
    edited photos (``python -m registry.building.wallpapers``), for collections of everyday pictures."""
    if folder.name not in GROUPS or not (folder / "real.parquet").exists():
        raise SystemExit(f"{folder} is none of the groups {', '.join(GROUPS)} (a folder with real.parquet in it).")
    preset = PRESETS[GROUPS[folder.name]]
    photos: dict[str, list[str | Path]] = {"photos": [folder / "real.parquet"]}
    if (folder / "real-cameras.parquet").exists():
        photos["cameras"] = [folder / "real-cameras.parquet"]
    if wallpapers and GROUPS[folder.name] in OF_EVERYDAY_PICTURES:
        photos["wallpapers"] = [wallpapers]
    generators: dict[str, list[str | Path]] = {
        path.stem: [path] for path in sorted(folder.glob("*.parquet")) if not path.stem.startswith("real")
    }
    outsiders: dict[str, list[str | Path]] = {
        path.stem: [path] for path in outsiders_of(GROUPS[folder.name], folder.parent)
    }
    embedded = embed_all(preset, photos, generators, outsiders, MAX_PHOTOS, cache=cache)
    return Group(folder.name, preset, embedded)


def samples(path: Path, limit: int | None = None) -> list[Sample]:
    """The decoded images of one Parquet file."""
    items = read_samples([path], limits=Limits(max_files=1_000_000, max_total_bytes=10**12), limit=limit)
    return [item for item in items if isinstance(item, Sample)]


def split(
    sets: Mapping[str, EmbeddedImages], salt: str = "test"
) -> tuple[dict[str, EmbeddedImages], dict[str, EmbeddedImages]]:
    """Training and test part of each set, by content: the same content falls on the same side everywhere."""
    train, test = {}, {}
    for name, images in sets.items():
        held = is_test(images.contents, salt)
        if (~held).any():
            train[name] = images.select(~held)
        if held.any():
            test[name] = images.select(held)
    return train, test


def as_made(images: EmbeddedImages) -> EmbeddedImages:
    """A generator's images without the histories under which they are known as well."""
    return images.select(images.histories == 0)


def package_photos() -> list[Image]:
    """Photos that come with installed packages: never seen by any build."""
    found = []
    for package, folder, names in (
        ("gradio", "media_assets/images", ("cheetah.jpg", "cheetah1.jpg", "groot.jpeg", "lion.jpg", "tower.jpg")),
        ("sklearn", "datasets/images", ("china.jpg", "flower.jpg")),
    ):
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found += [decode(Path(spec.origin).parent / folder / name) for name in names]
    return found


def chance(labels: np.ndarray) -> float:
    """Balanced accuracy of guessing."""
    return 1.0 / len(np.unique(labels))
