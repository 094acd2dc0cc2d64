"""What the weights of the autoencoder's encoder bring: ``python -m benchmarks.controls.encoder --data DIR/t2i``.

The default without the space "autoencoder", with it, and with the same network of random weights, all on one split, of
images as they were made: balanced accuracy over the generators on unseen contents, and the AUROC of generated images
against photos as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from multiprocessing import get_context
from typing import Any

import numpy as np

from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import Image
from fingerprints.learning.fitting import Recipe, fit_collection
from fingerprints.spaces.networks import batched
from registry.building.embed_samples import one_thread
from registry.intake.samples import Sample

from ..common.answers import posterior_of
from ..common.data import as_made, load, samples, split
from ..common.group_command import group_parser, write_figures
from ..common.scores import auroc, balanced

_SPACE = "autoencoder"
Sets = dict[str, EmbeddedImages]


def main() -> None:
    arguments = group_parser(__doc__).parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    recipe = group.preset.recipe
    generators = {name: as_made(images) for name, images in group.embedded.generators.items()}
    photos = {label: images for label, images in group.embedded.photos.items() if label.endswith("| as is")}
    files = {"photos | as is": "real", "cameras | as is": "real-cameras"}
    with ProcessPoolExecutor(2, get_context("fork"), one_thread) as pool:

        def at_random(sets: Sets) -> Sets:
            found = {}
            for label, images in sets.items():
                read = samples(arguments.data / f"{files.get(label, label)}.parquet")
                form = group.preset.form
                rows = pool.map(_random_rows, [(s.image, form) for s in read if covered(s, form)], chunksize=8)
                found[label] = replace(images, rows={**images.rows, _SPACE: np.concatenate(list(rows))})
            return found

        rest = {space: kept for space, kept in recipe.dimensions.items() if space != _SPACE}
        results = {
            "without it": _figures(photos, generators, replace(recipe, dimensions=rest)),
            "with its weights": _figures(photos, generators, recipe),
            "with random weights": _figures(at_random(photos), at_random(generators), recipe),
        }
    for label, figures in results.items():
        print(f"{label:24} " + "; ".join(f"{name} {figure}" for name, figure in figures.items()), flush=True)
    write_figures(arguments.json, results)


def covered(sample: Sample, form: CanonicalForm) -> bool:
    return form.covers(sample.image.shorter_side)


def _figures(photos: Mapping[str, EmbeddedImages], generators: Mapping[str, EmbeddedImages], recipe: Recipe) -> Any:
    photos_train, photos_test = split(photos)
    train, test = split(generators)
    fitted = fit_collection(photos_train, train, recipe)
    names = np.array(list(fitted.fingerprints))
    answers = {name: posterior_of(fitted, images) for name, images in test.items()}
    real = np.concatenate([posterior_of(fitted, images).generated for images in photos_test.values()])
    made = np.concatenate([answer.generated for answer in answers.values()])
    return {
        "balanced accuracy": balanced(
            np.concatenate([names[answer.shares.argmax(axis=1)] == name for name, answer in answers.items()]),
            np.concatenate([images.contents for images in test.values()]),
            np.concatenate([np.full(len(images), name) for name, images in test.items()]),
        ),
        "AUROC": round(auroc(made, real), 3),
    }


def _random_rows(task: tuple[Image, CanonicalForm]) -> np.ndarray:
    image, form = task
    return batched(_network(), form.views(image)).astype(np.float16)


@cache
def _network() -> Any:
    """The encoder with weights of the same spread, without order."""
    import torch
    from safetensors.torch import load_file

    from fingerprints.spaces.autoencoder import WEIGHTS
    from fingerprints.spaces.networks.sana import SanaEncoder

    order = torch.Generator().manual_seed(0)
    trained = load_file(WEIGHTS)
    network = SanaEncoder()
    network.load_state_dict(
        {
            name: torch.randn(value.shape, generator=order) * value.float().std() if value.ndim > 1 else 0 * value
            for name, value in trained.items()
        }
    )
    return network.eval()


if __name__ == "__main__":
    main()
