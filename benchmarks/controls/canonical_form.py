"""What the canonical form costs: ``python -m benchmarks.controls.canonical_form --data DIR`` (the folder with t2i/ and
modern/).

Every image of text-to-image is saved as JPEG of quality 75 before a space sees it, as that is how the first models'
images came. Images that came without loss hold finer traces. The generators whose files are lossless are told apart in
several canonical forms: by a build from part of their contents, asked about the rest. All of them came alike, so no
format can help; generators that came as JPEG are no part of this.
"""

from __future__ import annotations

import argparse
import io
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pyarrow.parquet

from fingerprints.images.histories import AS_IS
from fingerprints.learning.fitting import fit_collection
from registry.building.embed_samples import embed_all
from registry.building.presets import PRESETS, Preset
from registry.building.sources import Sources, content_of, sources_of

from ..common.answers import accuracy_of, judge
from ..common.data import split
from ..common.group_command import write_figures
from ..common.metadata import image_bytes
from ..common.scores import Estimate

_QUALITIES = (75, 90, 95, None)
_CROPS = 4
_PHOTOS = 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="keep embeddings in this folder between runs")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    sources = sources_of("text-to-image", arguments.data / "t2i")
    lossless = {name: files for name, files in sources.generators.items() if _lossless(Path(files[0]))}
    print(f"{len(lossless)} generators whose images came without loss: {', '.join(lossless)}")
    found = {}
    for quality in _QUALITIES:
        label = f"JPEG {quality}" if quality else "lossless"
        found[label] = accuracy(replace(sources, generators=lossless), quality, arguments.cache)
        print(f"{label:10} balanced accuracy {found[label]}", flush=True)
    write_figures(arguments.json, found)


def accuracy(sources: Sources, quality: int | None, cache: Path | None) -> Estimate:
    """Over the generators, of a build in that canonical form, on contents that it never saw."""
    preset = _preset(quality)
    embedded = embed_all(preset, sources.photos, sources.generators, limit=_PHOTOS, cache=cache, content_of=content_of)
    photos, _ = split(embedded.photos)
    generators, test = split(embedded.generators)
    fitted = fit_collection(photos, generators, preset.recipe)
    return accuracy_of({name: judge(fitted, images) for name, images in test.items()})


def _preset(quality: int | None) -> Preset:
    """That of text-to-image, with images as they are alone, and fewer crops."""
    preset = PRESETS["text-to-image"]
    form = replace(preset.form, jpeg_quality=quality, max_crops=_CROPS)
    return replace(preset, form=form, histories=(AS_IS,), generated=(AS_IS,))


def _lossless(file: Path) -> bool:
    """By the first image of it: a modern generator's PNGs are kept as WebP without loss."""
    (row,) = next(pyarrow.parquet.ParquetFile(file).iter_batches(batch_size=1)).to_pylist()
    return PIL.Image.open(io.BytesIO(image_bytes(row))).format in ("PNG", "WEBP")


if __name__ == "__main__":
    main()
