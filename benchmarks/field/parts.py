"""Do the parts of a picture disagree? ``python -m benchmarks.field.parts --photos FILE --generated FILE...``

Of photos and generated pictures as they are, and of pictures that are half of either and of which a part was replaced:
the quantiles of how far two sides differ (registry/answers/regions.py), how many are told to be mixed, how many are
smooth, so that more proof is asked for (fingerprints/images/detail.py), and how many are called real. FILE: a folder,
zip or Parquet file.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from fingerprints.attribution.verdict import REAL
from fingerprints.images.image import from_pixels
from registry.answers.identify import Answer, identify
from registry.answers.within import SMOOTH
from registry.intake.samples import Sample, read_samples
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

from ..common.scores import share

_QUANTILES = (0.5, 0.9, 0.95, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--generated", type=Path, nargs="+", required=True)
    parser.add_argument("--limit", type=int, default=60, help="pictures of each file")
    arguments = parser.parse_args()
    photos = list(_pictures(arguments.photos, arguments.limit))
    made = [picture for path in arguments.generated for picture in _pictures(path, arguments.limit)]
    pairs = [(one, photos[number % len(photos)]) for number, one in enumerate(made)]
    kinds = {
        "photos": photos,
        "generated": made,
        "half generated, half a photo": [halves(*pair) for pair in pairs],
        "a photo with a generated part": [with_a_part(*pair) for pair in pairs],
    }
    with tempfile.TemporaryDirectory() as scratch:
        snapshot = Store(Path(scratch)).snapshot()
        for kind, pictures in kinds.items():
            print(f"{kind}: {figures([_answer(snapshot, pixels) for pixels in pictures])}", flush=True)


def halves(made: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """One beside the other, without a bar between them; as high as the lower one."""
    height = min(len(made), len(photo))
    return np.concatenate([made[:height], photo[:height]], axis=1)


def with_a_part(made: np.ndarray, photo: np.ndarray) -> np.ndarray:
    """The photo, of whose left half the middle is the generated picture's."""
    found = photo.copy()
    height, width = min(len(made), 3 * len(photo) // 4), min(made.shape[1], photo.shape[1] // 2)
    top = (len(photo) - height) // 2
    found[top : top + height, :width] = made[:height, :width]
    return found


def figures(answers: Sequence[Answer]) -> str:
    contents = np.arange(len(answers))
    differs = np.array([answer.regions.disagreement if answer.regions else 0.0 for answer in answers])
    mixed = np.array([answer.regions is not None and answer.regions.mixed for answer in answers])
    real = np.array([answer.verdict.verdict == REAL for answer in answers])
    smooth = np.array([SMOOTH in answer.warnings for answer in answers])
    shown = ", ".join(f"{value:.1f}" for value in np.quantile(differs, _QUANTILES))
    shares = {"told to be mixed": mixed, "smooth": smooth, "called real": real}
    said = "; ".join(f"{name} {share(which, contents)}" for name, which in shares.items())
    return f"{said}; differences {shown}"


def _pictures(path: Path, limit: int) -> Iterator[np.ndarray]:
    for item in read_samples([path], limit=limit):
        if isinstance(item, Sample):
            yield item.image.pixels


def _answer(snapshot: Snapshot, pixels: np.ndarray) -> Answer:
    return list(identify(snapshot, from_pixels(np.ascontiguousarray(pixels)), "text-to-image"))[-1]


if __name__ == "__main__":
    main()
