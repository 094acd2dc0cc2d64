"""The evaluation data as embedded images, split by content. None of it is in the repository: benchmarks take --data."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.images.image import Image, decode
from fingerprints.learning.fitting import Fitted, fit_collection
from fingerprints.splits import is_test
from registry.building.embed_samples import Embedded, embed_all
from registry.building.presets import PRESETS, Preset
from registry.building.sources import MOST_PHOTOS, Sources, cards_of, content_of, sources_of, unrelated
from registry.intake.samples import Limits, Sample, read_samples

GROUPS = {"t2i": "text-to-image", "celeba64": "faces-64", "cifar10": "cifar-10", "mnist": "digits"}
_LATER = "modern"


@dataclass(frozen=True)
class Group:
    """One folder of the evaluation data, and what a collection learns from beside it: its preset, the files, everything
    in them embedded, and the generators that share no design with another (``unrelated``)."""

    name: str
    preset: Preset
    files: Sources
    embedded: Embedded
    unrelated: Sequence[str]

    def fit(self, photos: Mapping[str, EmbeddedImages], generators: Mapping[str, EmbeddedImages]) -> Fitted:
        """A build from these of its images."""
        return fit_collection(photos, generators, self.preset.recipe, unrelated=self.unrelated)

    def file(self, generator: str) -> Path:
        return Path(self.files.generators[generator][0])


def load(folder: Path, cache: Path | None = None, wallpapers: Path | None = None) -> Group:
    """Embed a group (t2i, celeba64, cifar10 or mnist). ``cache``: keep the embeddings in this folder. ``wallpapers``:
    edited photos (``python -m registry.building.wallpapers``), for collections of everyday pictures."""
    if folder.name not in GROUPS or not (folder / "real.parquet").exists():
        raise SystemExit(f"{folder} is none of the groups {', '.join(GROUPS)} (a folder with real.parquet in it).")
    preset = PRESETS[GROUPS[folder.name]]
    sources = sources_of(GROUPS[folder.name], folder, wallpapers)
    embedded = embed_all(
        preset, sources.photos, sources.generators, limit=MOST_PHOTOS, cache=cache, content_of=content_of
    )
    alone = unrelated({name: cards_of(GROUPS[folder.name]).get(name, {}) for name in sources.generators})
    return Group(folder.name, preset, sources, embedded, alone)


def later_ones(files: Sources) -> set[str]:
    """The generators of the collection that came after its first ones: their files lie in a folder of their own."""
    return {name for name, (first, *_) in files.generators.items() if Path(first).parent.name == _LATER}


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
