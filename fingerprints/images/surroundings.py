"""What lies around a picture: a browser's or a phone's screen, bars, a border. It says nothing of who made the picture,
and looks like nothing that was learned from, so an answer is given for what lies within.

Found as documents are segmented (the recursive cut along gutters of Nagy and Seth, 1984): the colours of the rim are
plain; lines of pixels that are plain all along part the screen into bands; the band with most in it is cut again,
across and down in turn. A picture ends at a straight edge, so one that fades into its background is left whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

_LEVELS = 6  # grey levels by which a plain pixel may differ from its colour, after a lossy codec
_FAR = 24  # and at a picture's edge, where a slow change of colour is no edge
_STEP = 4  # grey levels that count as one colour where colours are counted
DIGITS = np.array([1 << 16, 1 << 8, 1])  # a colour as one number: of numbers it is soon known which are the same
_OF_A_SIDE = 0.25  # the share of one side of the rim that a plain colour has at least
_PLAIN, _EDGE = 0.97, 0.5  # the share of plain pixels in a line of a gutter, and the most in a picture's first line
_BARS = ((_LEVELS, _PLAIN), (8, 0.9))  # both for a bar between two pictures: clean, or full of a codec's traces
_GUTTER = 3  # px that a gutter is wide at least
_RINGING = 8  # px around a picture that a lossy codec fills with traces of its edge
_LEAST_SIDE, _LEAST_AREA, _MOST_AREA = 128, 0.04, 0.97  # px; of the whole
_ROUNDS = 6  # of cuts, more than any page needs
_LEAST_PART, _WIDEST_BAR = 0.2, 0.06  # of the whole: each picture of a collage, and the bar between two
_SAMPLES, _FEW_SAMPLES = 256, 64  # pixels of a line that are looked at: for what is within, for bars


class Box(NamedTuple):
    """Rows top to bottom and columns left to right of an array, the ends not included."""

    top: int
    left: int
    bottom: int
    right: int

    def of(self, pixels: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(pixels[self.top : self.bottom, self.left : self.right])


def picture_within(pixels: np.ndarray) -> Box | None:
    """Where the picture lies within uint8 (h, w, 3), or None where nothing lies around it."""
    page = _Page(pixels, _colours_of_the_rim(pixels))
    box = _cut(page) if len(page.colours) else None
    if box is None:
        return None
    box, sharp = _at_its_edges(page, box)
    height, width = box.bottom - box.top, box.right - box.left
    share = height * width / (pixels.shape[0] * pixels.shape[1])
    fits = min(height, width) >= _LEAST_SIDE and _LEAST_AREA <= share <= _MOST_AREA
    return box if fits and any(sharp) and 2 * sum(sharp) >= len(sharp) else None


def is_collage(pixels: np.ndarray) -> bool:
    """Do narrow bars of one colour, from side to side, part it into several pictures?"""
    return any(_parted(turned) for turned in (pixels, pixels.swapaxes(0, 1)))


def _parted(pixels: np.ndarray) -> bool:
    """Into one picture above another."""
    some = _thinned(pixels, _FEW_SAMPLES).astype(np.int16)
    mean = some.mean(axis=1, keepdims=True).astype(np.int16)  # of a line of one colour, that colour
    return any(_bar_between(_near(some, mean, levels).mean(axis=1), plain) for levels, plain in _BARS)


def _bar_between(even: np.ndarray, plain: float) -> bool:
    """Is there a bar with a picture on each side? ``even`` (lines,): how much of each line has one colour, ``plain``:
    of a bar's."""
    bands = [(start, end) for start, end in _bands(even, plain) if end - start >= _LEAST_PART * len(even)]
    return any(
        below - above <= _WIDEST_BAR * len(even)
        and even[max(0, above - _RINGING) : above].min() < _EDGE
        and even[below : below + _RINGING].min() < _EDGE
        for (_, above), (below, _) in pairwise(bands)
    )


@dataclass(frozen=True)
class _Page:
    """Pixels (h, w, 3), and the ``colours`` (n, 3) that are plain."""

    pixels: np.ndarray
    colours: np.ndarray

    def rows(self, box: Box, levels: int = _LEVELS) -> np.ndarray:
        """How much of each row of a box is plain."""
        return self._share(self.pixels[box.top : box.bottom, box.left : box.right], levels)

    def columns(self, box: Box, levels: int = _LEVELS) -> np.ndarray:
        return self._share(self.pixels[box.top : box.bottom, box.left : box.right].swapaxes(0, 1), levels)

    def _share(self, lines: np.ndarray, levels: int) -> np.ndarray:
        some = _thinned(lines).astype(np.int16)
        return np.asarray(np.logical_or.reduce([_near(some, colour, levels) for colour in self.colours]).mean(axis=1))


def _near(pixels: np.ndarray, colour: np.ndarray, levels: int) -> np.ndarray:
    """int16 (..., 3) -> (...): which pixels differ from a colour by no more than so many levels in any channel."""
    red, green, blue = np.moveaxis(np.abs(pixels - colour) <= levels, -1, 0)  # all() along so short an axis is slow
    return np.asarray(red & green & blue)


def _thinned(lines: np.ndarray, samples: int = _SAMPLES) -> np.ndarray:
    """Some pixels of each line (lines, pixels, 3), evenly chosen: enough to tell how much of it is plain."""
    return lines[:, :: max(1, lines.shape[1] // samples)]


def _colours_of_the_rim(pixels: np.ndarray) -> np.ndarray:
    """The colours (n, 3) of which a side of the rim has much."""
    found = []
    for side in (pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]):
        numbers, counts = np.unique(side // _STEP @ DIGITS, return_counts=True)
        found.append(numbers[counts >= _OF_A_SIDE * len(side)])
    colours = np.unique(np.concatenate(found))[:, None] // DIGITS % 256
    return colours.astype(np.int16) * _STEP + _STEP // 2


def _cut(page: _Page) -> Box | None:
    """What is left when the bands with most in them are cut out, rows and columns in turn, until nothing changes."""
    box = Box(0, 0, *page.pixels.shape[:2])
    for _ in range(_ROUNDS):
        before = box
        if (rows := _fullest(page.rows(box))) is None:
            return None
        box = box._replace(top=box.top + rows[0], bottom=box.top + rows[1])
        if (columns := _fullest(page.columns(box))) is None:
            return None
        box = box._replace(left=box.left + columns[0], right=box.left + columns[1])
        if box == before:
            break
    return box


def _fullest(share: np.ndarray) -> tuple[int, int] | None:
    """The band, from start to end, with the most pixels that are not plain; None where every line is."""
    return max(_bands(share), key=lambda band: float((1 - share[band[0] : band[1]]).sum()), default=None)


def _bands(share: np.ndarray, least: float = _PLAIN) -> list[tuple[int, int]]:
    """The runs of lines between gutters; ``share`` (lines,): how much of each is plain, ``least``: of a gutter's."""
    plain = np.concatenate([[True] * _GUTTER, share >= least, [True] * _GUTTER])
    gutter = np.lib.stride_tricks.sliding_window_view(plain, _GUTTER).all(axis=1)
    inside = ~np.convolve(gutter, np.ones(_GUTTER, dtype=int)).astype(bool)[_GUTTER:-_GUTTER]
    steps = np.flatnonzero(np.diff(np.concatenate([[0], inside, [0]]))).tolist()
    return list(zip(steps[::2], steps[1::2], strict=True))


def _at_its_edges(page: _Page, box: Box) -> tuple[Box, list[bool]]:
    """The box without the traces of a codec around it, and whether it is sharp at each edge that was cut."""
    rows, columns = page.rows(box, _FAR), page.columns(box, _FAR)
    height, width = page.pixels.shape[:2]
    found, sharp = box, []
    for side, lines, inward, rim in (
        ("top", rows, 1, 0),
        ("bottom", rows[::-1], -1, height),
        ("left", columns, 1, 0),
        ("right", columns[::-1], -1, width),
    ):
        at, near = getattr(box, side), lines[:_RINGING] < _EDGE
        if at != rim:
            sharp.append(bool(near.any()))
            found = found._replace(**{side: at + inward * int(near.argmax())})
    return found, sharp
