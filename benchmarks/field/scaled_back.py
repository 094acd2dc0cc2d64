"""Is an answer better for the picture scaled back? ``python -m benchmarks.field.scaled_back --pictures NAME=FILE...``

Enlarged pictures (bicubic or Lanczos, half of them saved as JPEG 85) are answered as they are, and as identify answers:
scaled back where the factor is sure. Printed of both, of photos (NAME is photos) and of generated ones: the right name,
a wrong name, called generated in any way, called real.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import PIL.Image

from fingerprints.attribution.verdict import REAL, UNKNOWN, Verdict
from fingerprints.images.codecs import jpeg
from fingerprints.images.histories import scaled_by
from fingerprints.images.image import from_pixels
from registry.answers.identify import as_it_is, identify
from registry.intake.samples import Sample, read_samples
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

from .around import PHOTOS, named

_FILTERS = (PIL.Image.Resampling.BICUBIC, PIL.Image.Resampling.LANCZOS)
_FACTORS = (1.5, 2.0, 3.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", nargs="+", type=named, required=True, metavar="NAME=FILE")
    parser.add_argument("--limit", type=int, default=10, help="pictures of each file")
    arguments = parser.parse_args()
    found: dict[tuple[str, str], list[list[bool]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        snapshot = Store(Path(scratch)).snapshot()
        for name, path in arguments.pictures:
            samples = [item for item in read_samples([path], limit=arguments.limit) if isinstance(item, Sample)]
            for number, sample in enumerate(samples):
                for how, verdict in _answers(snapshot, sample.image.pixels, number):
                    kind = PHOTOS if name == PHOTOS else "generated"
                    found.setdefault((kind, how), []).append(_marks(verdict, name))
    for (kind, how), marks in found.items():
        right, wrong, accused, real = np.mean(marks, axis=0)
        shares = f"right name {right:.3f}; wrong name {wrong:.3f}; generated {accused:.3f}; real {real:.3f}"
        print(f"{kind}, {how}, {len(marks)} answers: {shares}")


def _answers(snapshot: Snapshot, pixels: np.ndarray, number: int) -> list[tuple[str, Verdict]]:
    answers = []
    for factor in _FACTORS:
        large = scaled_by(pixels, factor, _FILTERS[number % 2])
        large = jpeg(large, 85) if number % 4 > 1 else large
        for how, asked in (("as it is", as_it_is), ("scaled back", identify)):
            *_, answer = asked(snapshot, from_pixels(large), "text-to-image")
            answers.append((how, answer.verdict))
    return answers


def _marks(verdict: Verdict, name: str) -> list[bool]:
    given = verdict.generator
    return [given == name, given not in (None, name), verdict.verdict not in (REAL, UNKNOWN), verdict.verdict == REAL]


if __name__ == "__main__":
    main()
