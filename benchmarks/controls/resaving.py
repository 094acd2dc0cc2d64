"""No format leak: ``python -m benchmarks.controls.resaving --data DIR`` (the folder with t2i/), on the embedded
registry.

The same decoded pixels in PNG, lossless WebP, BMP and TIFF must get the identical answer; saved once more as the
canonical JPEG, the answers given ("generator" or "real") should keep verdict and generator.
"""

from __future__ import annotations

import argparse
import io
import tempfile
from pathlib import Path

import numpy as np
import PIL.Image

from fingerprints.images.image import Image, decode, jpeg_bytes
from registry.answers.identify import Answer, identify
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

from ..common.data import samples
from ..common.scores import share

_LOSSLESS = {"PNG": {}, "WEBP": {"lossless": True}, "BMP": {}, "TIFF": {}}
_A_GENERATOR = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    folder = parser.parse_args().data / "t2i"
    with tempfile.TemporaryDirectory() as scratch:
        snapshot = Store(Path(scratch)).snapshot()
        quality = snapshot.collection("text-to-image").form.jpeg_quality or 75
        same, kept, answered = [], [], []
        for path in sorted(folder.glob("*.parquet")):
            for number, sample in enumerate(samples(path, limit=_A_GENERATOR)):
                if sample.image.shorter_side < 128:
                    continue
                first = _answer(snapshot, sample.image)
                if number < 3:
                    same += [_answer(snapshot, copy).verdict == first.verdict for copy in _copies(sample.image)]
                again = _answer(snapshot, decode(jpeg_bytes(sample.image.pixels, quality)))
                answered.append(first.verdict.verdict != "unknown")
                kept.append(_name(again) == _name(first))
    kept_, answered_ = np.array(kept), np.array(answered)
    count = np.arange(answered_.sum())
    print(f"identical answers in lossless formats: {sum(same)} of {len(same)}")
    print(f"re-saved as canonical JPEG, of {answered_.sum()} answered images kept: {share(kept_[answered_], count)}")


def _answer(snapshot: Snapshot, image: Image) -> Answer:
    return list(identify(snapshot, image, "text-to-image"))[-1]


def _name(answer: Answer) -> tuple[str, str | None]:
    return answer.verdict.verdict, answer.verdict.generator


def _copies(image: Image) -> list[Image]:
    copies = []
    for kind, options in _LOSSLESS.items():
        buffer = io.BytesIO()
        PIL.Image.fromarray(image.pixels).save(buffer, kind, **options)
        copies.append(decode(buffer.getvalue()))
    return copies


if __name__ == "__main__":
    main()
