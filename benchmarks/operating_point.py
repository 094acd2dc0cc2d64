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

from .attribution import Judged, judge, known_figures
from .data import load
from .group_command import group_parser, write_figures
from .scores import share

_FOLDS = 4


def main() -> None:
    parser = group_parser(__doc__)
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache)
    photos_judged: dict[str, list[Judged]] = {}
    judged: dict[str, list[tuple[str, Judged]]] = {}
    for fold in range(_FOLDS):
        photos, held_photos = _fold(group.embedded.photos, fold)
        generators, held = _fold(group.embedded.generators, fold)
        fitted = fit_collection(photos, generators, group.preset.recipe)
        for label, images in held_photos.items():
            photos_judged.setdefault(label, []).append(judge(fitted, images))
        for name, images in held.items():
            for number in np.unique(images.histories):
                history = group.preset.generated[number]
                judged.setdefault(history, []).append((name, judge(fitted, images.select(images.histories == number))))
    results = {label: _of_photos(parts) for label, parts in photos_judged.items()}
    results |= {f"generators | {history}": known_figures(parts) for history, parts in judged.items()}
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


def _of_photos(parts: list[Judged]) -> dict[str, Any]:
    named, real, contents = (
        np.concatenate([getattr(part, key) for part in parts]) for key in ("named", "called_real", "contents")
    )
    return {"accused": share(named, contents), "called real": share(real, contents)}


if __name__ == "__main__":
    main()
