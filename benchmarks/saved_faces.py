"""Faces of 64 pixels after a JPEG, three attempts: ``python -m benchmarks.saved_faces --data DIR/celeba64``.

As they were made, such faces give their generator away (benchmarks.attribution); a JPEG takes most of that. Beside the
collection that ships: one whose generators and photos are known as saved files too; a second collection, of saved files
alone, which answers where traces of a JPEG are found in the pixels; and that collection with more spaces.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.canonical import CanonicalForm
from fingerprints.embedding import EmbeddedImages, embed, gather
from fingerprints.fitting import Fitted, Recipe, fit_collection
from fingerprints.images import from_pixels, jpeg_round_trip
from fingerprints.splits import is_test
from fingerprints.traces import lossy_traces
from registry.create import one_thread
from registry.intake import Sample
from registry.presets import PRESETS

from .attribution import MANY, judge
from .data import GROUPS, MAX_PHOTOS, samples
from .group_command import group_parser, write_figures
from .scores import balanced, share

_PHOTOS = "real"
_SAVED = {"as made": None, "JPEG 95": 95, "JPEG 75": 75}  # numbered in this order
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
    as_made, all_, saved_only = [0], [0, 1, 2], [1, 2]
    shipped = _fit(train, recipe, as_made)
    attempts = {
        "as shipped": (shipped, shipped),
        "known as saved too": (_fit(train, recipe, all_),) * 2,
        "a collection of saved files": (shipped, _fit(train, recipe, saved_only)),
        "the same with more spaces": (
            shipped,
            _fit(train, replace(recipe, dimensions={**recipe.dimensions, **_MORE}), saved_only),
        ),
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
            read = samples(path, MAX_PHOTOS if path.stem == _PHOTOS else None)
            done = list(pool.map(partial(_embedded, form, spaces), read, chunksize=16))
            rows = [rows for one in done for rows, _ in one]
            contents = [sample.content for sample in read for _ in _SAVED]
            numbers = list(range(len(_SAVED))) * len(read)
            found[path.stem] = _Set(gather(rows, contents, numbers), np.array([t for one in done for _, t in one]))
    return found


def _embedded(form: CanonicalForm, spaces: list[str], sample: Sample) -> list[tuple[dict[str, np.ndarray], bool]]:
    pixels = sample.image.pixels
    saved = [pixels if quality is None else jpeg_round_trip(pixels, quality) for quality in _SAVED.values()]
    return [(embed(from_pixels(one), form, spaces), lossy_traces(one)) for one in saved]


def _fit(train: Mapping[str, _Set], recipe: Recipe, numbers: list[int]) -> Fitted:
    """A collection of images saved in these ways; the first of them is what it takes for "as is"."""

    def known(images: EmbeddedImages) -> EmbeddedImages:
        chosen = images.select(np.isin(images.histories, numbers))
        return replace(chosen, histories=chosen.histories - numbers[0])

    photos = train[_PHOTOS].images
    return fit_collection(
        {
            f"photos | {list(_SAVED)[n]}": replace(one, histories=np.zeros(len(one), dtype=int))
            for n in numbers
            for one in [photos.select(photos.histories == n)]
        },
        {name: known(one.images) for name, one in train.items() if name != _PHOTOS},
        recipe,
    )


def _figures(made: Fitted, saved: Fitted, test: Mapping[str, _Set], many: list[str]) -> dict[str, dict[str, Any]]:
    """For each way of saving: accuracy over ``many``, answers by name, how many of them are right; photos accused."""
    return {
        title: {
            "balanced": balanced(*_joined(_hits(made, saved, test[name], number, name) for name in many)),
            **_answers(made, saved, test, many, number),
        }
        for number, title in enumerate(_SAVED)
    }


def _answers(made: Fitted, saved: Fitted, test: Mapping[str, _Set], many: list[str], number: int) -> dict[str, Any]:
    named, right, contents = _joined(
        (one.named, one.choice == name, one.contents)
        for name in many
        for one in _judged(made, saved, test[name], number)
    )
    (accused, of_photos) = _joined((one.named, one.contents) for one in _judged(made, saved, test[_PHOTOS], number))
    return {
        "named": share(named, contents),
        "right of them": share(right[named], contents[named]),
        "photos accused": share(accused, of_photos),
    }


def _hits(made: Fitted, saved: Fitted, one: _Set, number: int, name: str) -> tuple[np.ndarray, ...]:
    parts = _judged(made, saved, one, number)
    hits, contents = _joined((part.choice == name, part.contents) for part in parts)
    return hits, contents, np.full(len(hits), name)


def _judged(made: Fitted, saved: Fitted, one: _Set, number: int) -> list[Any]:
    """The answers: of ``saved`` where traces of a JPEG are found, of ``made`` elsewhere."""
    asked = one.images.histories == number
    return [
        judge(fitted, one.images.select(asked & where))
        for fitted, where in ((saved, one.traces), (made, ~one.traces))
        if (asked & where).any()
    ]


def _joined(parts: Iterable[tuple[np.ndarray, ...]]) -> tuple[np.ndarray, ...]:
    return tuple(np.concatenate(each) for each in zip(*parts, strict=True))


if __name__ == "__main__":
    main()
