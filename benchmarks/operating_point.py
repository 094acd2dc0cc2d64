"""The operating point, cross-validated: ``python -m benchmarks.operating_point --data DIR/t2i``.

Contents (prompts, photos, camera models) are dealt into four folds; each fold is answered by a build from the other
three. Every photo and every generated image is judged exactly once, by a build that never saw its content.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fingerprints.embedding import EmbeddedImages
from fingerprints.fitting import fit_collection
from fingerprints.splits import content_share

from .attribution import Judged, judge
from .data import load
from .group_command import group_parser, write_figures
from .scores import share

_FOLDS = 4


def main() -> None:
    parser = group_parser(__doc__)
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache)
    judged: dict[str, list[Judged]] = {}
    for fold in range(_FOLDS):
        photos, held_photos = _fold(group.embedded.photos, fold)
        generators, held = _fold(group.embedded.generators, fold)
        fitted = fit_collection(photos, generators, group.preset.recipe)
        for label, images in {**held_photos, **held}.items():
            judged.setdefault(label, []).append(judge(fitted, images))
    results = _figures(judged, set(group.embedded.photos))
    for label, figures in results.items():
        print(f"{label:34} " + "; ".join(f"{name} {figure}" for name, figure in figures.items()))
    write_figures(arguments.json, results)


def _fold(sets: dict[str, EmbeddedImages], fold: int) -> tuple[dict[str, EmbeddedImages], dict[str, EmbeddedImages]]:
    rest, held = {}, {}
    for label, images in sets.items():
        inside = (content_share(images.contents, "cross") * _FOLDS).astype(int) == fold
        if (~inside).any():
            rest[label] = images.select(~inside)
        if inside.any():
            held[label] = images.select(inside)
    return rest, held


def _figures(judged: dict[str, list[Judged]], photos: set[str]) -> dict[str, dict[str, Any]]:
    figures: dict[str, dict[str, Any]] = {}
    named_all, right_all, real_all, contents_all = [], [], [], []
    for label, parts in judged.items():
        named, real, choice, contents = (
            np.concatenate([getattr(part, key) for part in parts])
            for key in ("named", "called_real", "choice", "contents")
        )
        if label in photos:
            figures[label] = {"accused": share(named, contents), "called real": share(real, contents)}
        else:
            named_all.append(named)
            right_all.append(choice == label)
            real_all.append(real)
            contents_all.append(contents)
    named, right, real, contents = (np.concatenate(x) for x in (named_all, right_all, real_all, contents_all))
    figures["all generators"] = {
        "answered by name": share(named, contents),
        "right, of those named": share(right[named], contents[named]),
        "called real": share(real, contents),
    }
    return figures


if __name__ == "__main__":
    main()
