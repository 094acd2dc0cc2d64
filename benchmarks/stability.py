"""Does an answer survive re-saving and scaling? ``python -m benchmarks.stability --data DIR/t2i``.

Of the test images (unseen prompts) that are answered by name: the share whose variant is given another name, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.geometry.embedding import EmbeddedImages, embed, gather
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import Image, from_pixels
from fingerprints.learning.fitting import Fitted
from fingerprints.splits import is_test
from registry.answers.stability import VARIANTS
from registry.building.embed_samples import one_thread
from registry.building.sources import content_of
from registry.intake.samples import Sample

from .common.answers import Judged, judge
from .common.data import load, samples, split
from .common.group_command import group_parser, write_figures
from .common.scores import share

_WORKERS = 2


def main() -> None:
    parser = group_parser(__doc__)
    parser.add_argument("--limit", type=int, default=40, help="test images of each generator (default: 40)")
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    photos, _ = split(group.embedded.photos)
    generators, _ = split(group.embedded.generators)
    fitted = group.fit(photos, generators)
    test = [(name, s) for name in generators for s in _test(name, group.file(name), arguments.limit)]
    results = _figures(fitted, group.preset.form, test)
    for label, figures in results.items():
        print(f"{label:12} " + "; ".join(f"{name} {figure}" for name, figure in figures.items()), flush=True)
    write_figures(arguments.json, results)


def _test(name: str, path: Path, limit: int) -> list[Sample]:
    return [s for s in samples(path) if is_test(np.array([content_of(name, s.content)]))[0]][:limit]


def _figures(fitted: Fitted, form: CanonicalForm, test: Sequence[tuple[str, Sample]]) -> dict[str, dict[str, Any]]:
    truth = np.array([name for name, _ in test])
    first = judge(fitted, _embedded(form, fitted, test, None))
    results = {"as it is": _share_right(first, truth)}
    for variant in VARIANTS:
        images = _embedded(form, fitted, test, variant)
        then = judge(fitted, images)
        answered, contents = first.named, first.contents
        results[variant] = {
            "another name": share((then.named & (then.choice != first.choice))[answered], contents[answered]),
            "called real": share(then.called_real[answered], contents[answered]),
            "unknown": share((~then.named & ~then.called_real)[answered], contents[answered]),
            **_share_right(then, truth),
        }
    return results


def _share_right(judged: Judged, truth: np.ndarray) -> dict[str, Any]:
    right = judged.choice == truth
    return {
        "best generator right": share(right, judged.contents),
        "answered by name": share(judged.named, judged.contents),
        "right, of those named": share(right[judged.named], judged.contents[judged.named]),
        "passed as real": share(judged.called_real, judged.contents),
    }


def _embedded(
    form: CanonicalForm, fitted: Fitted, test: Sequence[tuple[str, Sample]], variant: str | None
) -> EmbeddedImages:
    job = partial(_embed_variant, form=form, spaces=list(fitted.references), variant=variant)
    with ProcessPoolExecutor(_WORKERS, initializer=one_thread) as pool:
        rows = list(pool.map(job, [sample.image for _, sample in test], chunksize=8))
    return gather(rows, [sample.content for _, sample in test])


def _embed_variant(image: Image, form: CanonicalForm, spaces: list[str], variant: str | None) -> dict[str, np.ndarray]:
    changed = image if variant is None else from_pixels(VARIANTS[variant](image.pixels), image.origin)
    return embed(changed, form, spaces)


if __name__ == "__main__":
    main()
