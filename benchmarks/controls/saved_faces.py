"""Faces of 64 pixels after a JPEG, three attempts: ``python -m benchmarks.controls.saved_faces --data DIR/celeba64``.

As they were made, such faces give their generator away (benchmarks.attribution); a JPEG takes most of that. Beside the
collection that ships: one whose generators and photos are known as saved files too; a second collection, of saved files
alone, which answers where traces of a JPEG are found in the pixels; and that collection with more spaces. The app
doubts answers for files with such traces (registry/answers/identify.py); that is not counted here.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.geometry.embedding import EmbeddedImages, embed, gather
from fingerprints.images import codecs
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import from_pixels
from fingerprints.images.traces import lossy_traces
from fingerprints.learning.fitting import Fitted, Recipe, fit_collection
from fingerprints.splits import is_test
from registry.building.embed_samples import one_thread
from registry.building.presets import PRESETS
from registry.building.sources import MOST_PHOTOS
from registry.intake.samples import Sample

from ..attribution import MANY
from ..common.answers import Judged, judge, known_figures
from ..common.data import GROUPS, samples
from ..common.group_command import group_parser, write_figures
from ..common.scores import balanced, share

_PHOTOS = "real"
_SAVED = {"as made": None, "JPEG 95": 95, "JPEG 75": 75}  # numbered in this order, as histories
_MORE = {"learned": 336, "filters": 384, "correlation": 256}


@dataclass(frozen=True)
class _Set:
    """Images after each way of saving, and which of them show traces of a JPEG (images,)."""

    images: EmbeddedImages
    traces: np.ndarray

    def select(self, chosen: np.ndarray) -> _Set:
        return _Set(self.images.select(chosen), self.traces[chosen])


def main() -> None:
    arguments = group_parser(__doc__).parse_args()
    preset = PRESETS[GROUPS[arguments.data.name]]
    recipe = preset.recipe
    sets = _kept(arguments.cache, partial(_read, arguments.data, preset.form, [*recipe.dimensions, *_MORE]))
    train = {name: one.select(~is_test(one.images.contents)) for name, one in sets.items()}
    test = {name: one.select(is_test(one.images.contents)) for name, one in sets.items()}
    many = [name for name, one in sets.items() if len(one.traces) >= MANY * len(_SAVED) and name != _PHOTOS]
    for number, saved in enumerate(_SAVED):
        traces = np.concatenate([one.traces[one.images.histories == number] for one in test.values()])
        print(f"{saved}: traces of a JPEG in {traces.mean():.3f} of {len(traces)} images")
    shipped = _fit(train, recipe, [0])
    more = replace(recipe, dimensions={**recipe.dimensions, **_MORE})
    attempts = {
        "as shipped": (shipped, shipped),
        "known as saved too": (_fit(train, recipe, [0, 1, 2]),) * 2,
        "a collection of saved files": (shipped, _fit(train, recipe, [1, 2])),
        "the same with more spaces": (shipped, _fit(train, more, [1, 2])),
    }
    figures = {name: _figures(*pair, test, many) for name, pair in attempts.items()}
    for name, by_saving in figures.items():
        print(name)
        for saved, found in by_saving.items():
            print(f"  {saved:8} " + ", ".join(f"{what} {figure}" for what, figure in found.items()))
    write_figures(arguments.json, figures)


def _kept(cache: Path | None, read: partial[dict[str, _Set]]) -> dict[str, _Set]:
    path = cache / "saved_faces.pickle" if cache else None
    if path and path.exists():
        return dict(pickle.loads(path.read_bytes()))
    found = read()
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(found))
    return found


def _read(folder: Path, form: CanonicalForm, spaces: list[str]) -> dict[str, _Set]:
    """All images of the group by generator, photos under "real"."""
    found = {}
    with ProcessPoolExecutor(2, initializer=one_thread) as pool:
        for path in sorted(folder.glob("*.parquet")):
            read = samples(path, MOST_PHOTOS if path.stem == _PHOTOS else None)
            done = list(pool.map(partial(_embedded, form, spaces), read, chunksize=16))
            rows = [rows for one in done for rows, _ in one]
            contents = [sample.content for sample in read for _ in _SAVED]
            numbers = list(range(len(_SAVED))) * len(read)
            found[path.stem] = _Set(gather(rows, contents, numbers), np.array([t for one in done for _, t in one]))
    return found


def _embedded(form: CanonicalForm, spaces: list[str], sample: Sample) -> list[tuple[dict[str, np.ndarray], bool]]:
    pixels = sample.image.pixels
    saved = [pixels if quality is None else codecs.jpeg(pixels, quality) for quality in _SAVED.values()]
    return [(embed(from_pixels(one), form, spaces), lossy_traces(one)) for one in saved]


def _fit(train: Mapping[str, _Set], recipe: Recipe, numbers: Sequence[int]) -> Fitted:
    """A collection of images saved in these ways; the first of them is what it takes for "as is"."""
    photos = train[_PHOTOS].images
    titles = list(_SAVED)
    return fit_collection(
        {f"photos | {titles[n]}": _after(photos, [n]) for n in numbers},
        {name: _after(one.images, numbers) for name, one in train.items() if name != _PHOTOS},
        recipe,
    )


def _after(images: EmbeddedImages, numbers: Sequence[int]) -> EmbeddedImages:
    """The images after these ways of saving, numbered from 0."""
    chosen = images.select(np.isin(images.histories, numbers))
    return replace(chosen, histories=chosen.histories - numbers[0])


def _figures(made: Fitted, saved: Fitted, test: Mapping[str, _Set], many: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each way of saving: accuracy over the generators of ``many``, the operating point, and photos accused."""
    found = {}
    for number, title in enumerate(_SAVED):
        answers = [(name, part) for name in many for part in _judged(made, saved, test[name], number)]
        hits, labels, contents = (
            np.concatenate(parts)
            for parts in zip(
                *((part.choice == name, np.full(len(part.choice), name), part.contents) for name, part in answers),
                strict=True,
            )
        )
        photos = _judged(made, saved, test[_PHOTOS], number)
        accused, of_photos = (np.concatenate([getattr(part, k) for part in photos]) for k in ("named", "contents"))
        found[title] = {
            "balanced": balanced(hits, contents, labels),
            **known_figures(answers),
            "photos accused": share(accused, of_photos),
        }
    return found


def _judged(made: Fitted, saved: Fitted, one: _Set, number: int) -> list[Judged]:
    """The answers: of ``saved`` where traces of a JPEG are found, of ``made`` elsewhere."""
    asked = one.images.histories == number
    return [
        judge(fitted, replace(chosen, histories=np.zeros(len(chosen), dtype=int)))
        for fitted, where in ((saved, one.traces), (made, ~one.traces))
        if len(chosen := one.images.select(asked & where))
    ]


if __name__ == "__main__":
    main()
