"""In the field, with pictures that nothing was learned from: ``python -m benchmarks.field.unseen --data DIR/t2i``.

A collection is built from three quarters of the contents (prompts, photos, camera models), and asked about pictures of
the rest after each handling, as benchmarks.field asks. Printed: the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from fingerprints.splits import content_share
from registry.building.create import collection_files
from registry.building.embed_samples import Embedded
from registry.building.sources import content_of
from registry.storage.card import Card
from registry.storage.store import Store

from ..common.data import GROUPS, Group, load, samples
from ..common.group_command import group_parser, write_figures
from ..operating_point import without_fold
from .__main__ import Picture, run
from .figures import PHOTOS
from .handlings import HANDLINGS

_FOLD, _FOLDS = 0, 4


def main() -> None:
    parser = group_parser(__doc__)
    parser.add_argument("--photos", type=int, default=30, help="at most so many of each source")
    parser.add_argument("--generated", type=int, default=4, help="at most so many of each generator")
    parser.add_argument("--drawings", action="store_true", help="also ask about drawings, charts, programs, ...")
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    with tempfile.TemporaryDirectory(prefix="manifpt-unseen-") as scratch:
        revision = build(group, Path(scratch))
        pictures = unseen(group, arguments.photos, arguments.generated)
        group.embedded.photos.clear()  # gigabytes, which nobody needs any more
        group.embedded.generators.clear()
        figures = run(revision, pictures, list(HANDLINGS), arguments.drawings)
    write_figures(arguments.json, figures)


def build(group: Group, folder: Path) -> Path:
    """A registry with the one collection, from all folds but one; the folder of its revision."""
    photos, _ = without_fold(group.embedded.photos, _FOLD)
    generators, _ = without_fold(group.embedded.generators, _FOLD)
    fitted = group.fit(photos, generators)
    embedded = Embedded(photos, generators, dict.fromkeys(generators, ""))
    files, cards = collection_files(group.preset, embedded, fitted, {name: Card(name) for name in generators})
    store = Store(folder, builtin=None)
    store.replace_collection(GROUPS[group.name], group.preset.title, files, cards)
    return store.snapshot().path


def unseen(group: Group, of_photos: int, of_generated: int) -> Iterator[Picture]:
    """Pictures of the fold that was left out."""
    for paths in group.files.photos.values():
        yield from islice(_held(PHOTOS, PHOTOS, Path(paths[0])), of_photos)
    for name in group.files.generators:
        yield from islice(_held(name, name, group.file(name)), of_generated)


def _held(label: str, generator: str, path: Path) -> Iterator[Picture]:
    for sample in samples(path):
        content = content_of(generator, sample.content)
        if int(content_share(np.array([content]), "cross")[0] * _FOLDS) == _FOLD:
            yield Picture(label, content, sample.image.pixels)


if __name__ == "__main__":
    main()
