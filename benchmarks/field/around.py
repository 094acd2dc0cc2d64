"""Is what was done to a picture told? ``python -m benchmarks.field.around --pictures NAME=FILE...``

The pictures are put on screens, between bars and beside a photo, cut, and enlarged, each saved as PNG, JPEG 85 and
WebP 80. Printed of each, as shares: that is named beside the answer; the box right within 3 px and within 40 px; a
factor said, and of these the right ones, within 10 %; a wrong generator named; a generated picture passed as real. Then
files that say of themselves who made them: are these claims read? NAME: photos, or a model, of which a name that the
registry does not hold makes every name wrong. FILE: a folder, zip or Parquet file.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import PIL.Image

from fingerprints.attribution.verdict import REAL
from fingerprints.images.codecs import webp
from fingerprints.images.histories import cut, scaled_by
from fingerprints.images.image import from_pixels
from fingerprints.images.surroundings import Box
from registry.answers.identify import Answer, identify
from registry.answers.within import COLLAGE
from registry.intake.samples import Sample, read_samples
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store

from . import frames
from .claiming import claiming
from .handlings import Handling, saved

_SAVED: dict[str, Handling] = {"png": lambda pixels: pixels, "jpeg 85": saved(85), "webp 80": partial(webp, quality=80)}
_FILTERS = ("nearest", "bilinear", "bicubic", "lanczos")
_FACTORS = (1.25, 1.5, 2.0, 3.0, 4.0)
_LARGEST = 2048  # px
_NEAR, _FAR = 3, 40  # px
_PHOTOS = "photos"
_SCREENS = {"a browser's screen": (frames.browser, 120), "a phone's screen": (frames.phone, 96)}


@dataclass(frozen=True)
class Made:
    """``told``: whether an answer says what was done; ``box``: where the picture lies; ``factor``: of enlarging."""

    pixels: np.ndarray
    told: Callable[[Answer], bool]
    box: Box | None = None
    factor: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", nargs="+", type=_named, required=True, metavar="NAME=FILE")
    parser.add_argument("--limit", type=int, default=10, help="pictures of each file")
    arguments = parser.parse_args()
    pictures = [(name, pixels) for name, path in arguments.pictures for pixels in _read(path, arguments.limit)]
    with tempfile.TemporaryDirectory() as scratch:
        snapshot = Store(Path(scratch)).snapshot()
        for done in dict.fromkeys(kind for _, pixels in pictures for kind, _ in handled(pixels)):
            for codec in _SAVED:
                print(f"{done}, {codec}: {_line(snapshot, pictures, done, codec)}", flush=True)
    for carrier, read in claiming():
        print(f"{carrier}: {'read' if read else 'NOT READ'}")


def handled(pixels: np.ndarray) -> Iterator[tuple[str, Made]]:
    """The picture as it is, and after each thing that is done to it."""
    yield "as it is", Made(pixels, _nothing_told)
    for name, (screen, top) in _SCREENS.items():
        for density in (1, 2):
            shown = screen(pixels, density)
            yield f"{name}, {density}x", Made(shown, _around_told, _shown_at(shown, pixels, top * density, name))
    bar = max(1, pixels.shape[0] // 6)
    yield "bars", Made(frames.letterboxed(pixels), _around_told, Box(bar, 0, bar + pixels.shape[0], pixels.shape[1]))
    if (collage := frames.beside_a_photo(pixels)) is not None:
        yield "beside a photo", Made(collage, lambda answer: COLLAGE in answer.warnings)
    yield "cut", Made(cut(pixels, top=5, left=2), _nothing_told)
    for factor in _FACTORS:
        for name in _FILTERS:
            if min(pixels.shape[:2]) * factor <= _LARGEST:
                large = scaled_by(pixels, factor, PIL.Image.Resampling[name.upper()])
                yield f"enlarged {factor} by {name}", Made(large, _enlarged_told, factor=factor)


def _around_told(answer: Answer) -> bool:
    return answer.within is not None


def _enlarged_told(answer: Answer) -> bool:
    return answer.enlarged is not None


def _nothing_told(answer: Answer) -> bool:
    return not (_around_told(answer) or _enlarged_told(answer) or COLLAGE in answer.warnings)


def _line(snapshot: Snapshot, pictures: Sequence[tuple[str, np.ndarray]], done: str, codec: str) -> str:
    """The shares of all pictures to which it was done."""
    asked = [(name, dict(handled(pixels)).get(done)) for name, pixels in pictures]
    found = [(name, made, _answer(snapshot, _SAVED[codec](made.pixels))) for name, made in asked if made]
    boxes = [(made.box, answer.within) for _, made, answer in found if made.box]
    factors = [(answer.enlarged and answer.enlarged.factor, made.factor) for _, made, answer in found if made.factor]
    models = [answer for name, _, answer in found if name != _PHOTOS]
    shares = {
        "nothing said" if done in ("as it is", "cut") else "named": [made.told(answer) for _, made, answer in found],
        "box within 3 px": [_off(*pair) <= _NEAR for pair in boxes],
        "within 40 px": [_off(*pair) <= _FAR for pair in boxes],
        "factor said": [said is not None for said, _ in factors],
        "right": [abs(np.log(said / true)) <= np.log(1.1) for said, true in factors if said is not None],
        "wrong name": [answer.verdict.generator not in (None, name) for name, _, answer in found],
        "passed as real": [answer.verdict.verdict == REAL for answer in models],
    }
    return "; ".join(f"{what} {np.mean(hits):.2f}" for what, hits in shares.items() if hits)


def _off(true: Box, found: Box | None) -> int:
    return max(abs(one - other) for one, other in zip(true, found or (10**6,) * 4, strict=True))


def _shown_at(shown: np.ndarray, pixels: np.ndarray, top: int, screen: str) -> Box:
    """Where a screen has the picture: in the middle, below ``top``."""
    room = (760, 560) if "browser" in screen else (390, 620)
    density = shown.shape[1] // (1280 if "browser" in screen else 390)
    height, width = frames.fitted(pixels, room[0] * density, room[1] * density).shape[:2]
    left = (shown.shape[1] - width) // 2
    return Box(top, left, top + height, left + width)


def _answer(snapshot: Snapshot, pixels: np.ndarray | None) -> Answer:
    if pixels is None:
        raise ValueError("saving gave no picture.")
    return list(identify(snapshot, from_pixels(np.ascontiguousarray(pixels)), "text-to-image"))[-1]


def _read(path: Path, limit: int) -> Iterator[np.ndarray]:
    yield from (item.image.pixels for item in read_samples([path], limit=limit) if isinstance(item, Sample))


def _named(given: str) -> tuple[str, Path]:
    name, _, path = given.partition("=")
    if not name or not path:
        raise argparse.ArgumentTypeError(f"{given!r} is not NAME=FILE, such as photos=DIR")
    return name, Path(path)


if __name__ == "__main__":
    main()
