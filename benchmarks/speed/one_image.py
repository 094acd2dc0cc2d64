"""One 512 px image: each stage of its answer, and what others do with it."""

from __future__ import annotations

import importlib.util
from functools import partial
from pathlib import Path

import numpy as np

from fingerprints.attribution.verdict import decide
from fingerprints.baselines.self_descriptions import describe
from fingerprints.images.image import Image, decode, png_bytes
from fingerprints.model.evidence import Evidence
from fingerprints.spaces import get_space
from registry.storage.collection import Collection

from .clock import median

_FILES = 50  # real images that the paper's search reads
_NEIGHBOURS = 16


def stages(collection: Collection, data: bytes) -> dict[str, float]:
    """Milliseconds of each stage of one identification, each alone and on one core."""
    image, known, calibration = decode(data), collection.known, collection.calibration
    views = collection.form.views(image)
    found = {"decode": median(lambda: decode(data)), "views": median(lambda: collection.form.views(image))}
    evidence: dict[str, Evidence] = {}
    for space, reference in collection.references.items():
        embedded = get_space(space).embed(views)
        artifact = reference.view_artifacts(embedded).mean(axis=0)[None]
        count = np.array([len(views)])
        evidence[space] = known[space].weigh(artifact, count)
        found[f"{space}: embed"] = median(partial(get_space(space).embed, views))
        found[f"{space}: project"] = median(partial(reference.view_artifacts, embedded))
        found[f"{space}: match"] = median(partial(known[space].weigh, artifact, count))

    def fuse() -> None:
        decide(calibration.posterior(evidence, collection.offsets), collection.names, collection.families, calibration)

    return {**found, "fuse and decide": median(fuse)}


def peers(scratch: Path, image: Image, collection: Collection) -> dict[str, float]:
    """Milliseconds of what others do with the same image."""
    files = [scratch / f"real-{number}.png" for number in range(_FILES)]
    for file in files:
        file.write_bytes(png_bytes(image.pixels))

    def nearest_file() -> float:
        """The paper's search: the squared distance to every real image, read from its file."""
        query = image.pixels.astype(np.float32)
        return min(float(((decode(file).pixels.astype(np.float32) - query) ** 2).sum()) for file in files)

    return {
        "forensic self-description of the image (fingerprints.baselines)": median(lambda: describe(image.pixels)),
        f"the nearest of {_FILES} real images, by a loop over their files": median(nearest_file, 1),
        **_nearest_by_faiss(collection, image),
    }


def _nearest_by_faiss(collection: Collection, image: Image) -> dict[str, float]:
    """The neighbours of the image's views in the banks of all spaces, which is a part of every projection."""
    if importlib.util.find_spec("faiss") is None:
        return {}
    import faiss

    views, indexes = collection.form.views(image), {}
    rows = {
        space: collection.references[space].basis.coordinates(get_space(space).embed(views))
        for space in collection.spaces
    }
    for space, reference in collection.references.items():
        indexes[space] = faiss.IndexFlatL2(reference.dimension)
        indexes[space].add(np.ascontiguousarray(reference.manifold.rows, np.float32))
    queries = {space: np.ascontiguousarray(values, np.float32) for space, values in rows.items()}

    def search() -> None:
        for space, index in indexes.items():
            index.search(queries[space], _NEIGHBOURS)

    return {
        "the nearest of the embedded real images in all spaces, by faiss IndexFlatL2, embedding apart": median(search)
    }
