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
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from pathlib import Path

import numpy as np
import PIL.Image

from fingerprints.attribution.verdict import REAL
from fingerprints.images.codecs import jpeg, webp
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

_SAVED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "png": lambda pixels: pixels,
    "jpeg 85": partial(jpeg, quality=85),
    "webp 80": partial(webp, quality=80),
}
_FILTERS = ("nearest", "bilinear", "bicubic", "lanczos")
_FACTORS = (1.25, 1.5, 2.0, 3.0, 4.0)
_LARGEST = 2048  # px
_NEAR, _FAR = 3, 40  # px
PHOTOS = "photos"
_AROUND = attrgetter("within")
# What draws it; in px: where the picture begins, and the room that it has.
_SCREENS = {"a browser's": (frames.browser, 120, (760, 560)), "a phone's": (frames.phone, 96, (390, 620))}


@dataclass(frozen=True)
class Made:
    """``told``: whether an answer says what was done; ``box``: where the picture lies; ``factor``: of enlarging."""

    pixels: np.ndarray
    told: Callable[[Answer], object]
    box: Box | None = None
    factor: float | None = None


Asked = tuple[str, Made, Answer]  # the name of who made it, what was done, and what was said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", nargs="+", type=named, required=True, metavar="NAME=FILE")
    parser.add_argument("--limit", type=int, default=10, help="pictures of each file")
    arguments = parser.parse_args()
    found: dict[str, list[Asked]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        snapshot = Store(Path(scratch)).snapshot()
        for name, path in arguments.pictures:
            for item in read_samples([path], limit=arguments.limit):
                if isinstance(item, Sample):
                    for done, made, answer in _asked(snapshot, item.image.pixels):
                        found.setdefault(done, []).append((name, made, answer))
    for done, asked in found.items():
        print(f"{done}: {_line(asked)}")
    for carrier, read in claiming():
        print(f"{carrier}: {'read' if read else 'NOT READ'}")


def handled(pixels: np.ndarray) -> Iterator[tuple[str, Made]]:
    """The picture as it is, and after each thing that is done to it."""
    yield "as it is", Made(pixels, _nothing_told)
    for name, (screen, top, room) in _SCREENS.items():
        for density in (1, 2):
            shown, picture = screen(pixels, density), frames.fitted(pixels, *(side * density for side in room))
            left, height, width = (shown.shape[1] - picture.shape[1]) // 2, *picture.shape[:2]
            box = Box(top * density, left, top * density + height, left + width)
            yield f"{name} screen, {density}x", Made(shown, _AROUND, box)
    bar = max(1, pixels.shape[0] // 6)
    yield "bars", Made(frames.letterboxed(pixels), _AROUND, Box(bar, 0, bar + pixels.shape[0], pixels.shape[1]))
    if (collage := frames.beside_a_photo(pixels)) is not None:
        yield "beside a photo", Made(collage, lambda answer: COLLAGE in answer.warnings)
    yield "cut", Made(cut(pixels, top=5, left=2), _nothing_told)
    for factor in _FACTORS:
        for name in _FILTERS:
            if min(pixels.shape[:2]) * factor <= _LARGEST:
                large = scaled_by(pixels, factor, PIL.Image.Resampling[name.upper()])
                yield f"enlarged {factor} by {name}", Made(large, attrgetter("enlarged"), factor=factor)


def _nothing_told(answer: Answer) -> bool:
    return not (answer.within or answer.enlarged or COLLAGE in answer.warnings)


def _asked(snapshot: Snapshot, pixels: np.ndarray) -> Iterator[tuple[str, Made, Answer]]:
    for done, made in handled(pixels):
        for codec, save in _SAVED.items():
            shown = np.ascontiguousarray(save(made.pixels))
            *_, answer = identify(snapshot, from_pixels(shown), "text-to-image")
            yield f"{done}, {codec}", replace(made, pixels=pixels[:0]), answer


def _line(found: Sequence[Asked]) -> str:
    """The shares of all pictures to which it was done."""
    expected = "nothing said" if found[0][1].told is _nothing_told else "named"
    boxes = [(made.box, answer.within) for _, made, answer in found if made.box]
    factors = [(answer.enlarged and answer.enlarged.factor, made.factor) for _, made, answer in found if made.factor]
    models = [answer for name, _, answer in found if name != PHOTOS]
    shares = {
        expected: [bool(made.told(answer)) for _, made, answer in found],
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


def named(given: str) -> tuple[str, Path]:
    name, _, path = given.partition("=")
    if not name or not path:
        raise argparse.ArgumentTypeError(f"{given!r} is not NAME=FILE, such as photos=DIR")
    return name, Path(path)


if __name__ == "__main__":
    main()
