"""The canonical form of a collection: what every image becomes before any space sees it.

Formats are equalised here (method: a classifier trained on files as they come learns the encoder, not the
generator), so training images, queries and real photos all pass through the same function.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from . import codecs
from .image import Image, resize

GRID = 16  # crops start on multiples of a 4:2:0 JPEG's unit, so an earlier JPEG keeps its phase


@dataclass(frozen=True)
class CanonicalForm:
    """How a collection prepares an image.

    It covers images whose shorter side lies in [min_side, max_side] (max_side None: no upper end).
    ``resize`` takes the centre square to that many pixels (Lanczos); None keeps the native scale.
    ``jpeg_quality`` re-encodes every crop as JPEG 4:2:0; None is lossless. Then at most ``max_crops`` crops of
    ``crop`` x ``crop`` pixels are taken on an even, block-aligned grid over the whole image.
    """

    min_side: int
    max_side: int | None
    crop: int
    max_crops: int = 1
    resize: int | None = None
    jpeg_quality: int | None = None

    def __post_init__(self) -> None:
        if self.crop < 8 or self.max_crops < 1:
            raise ValueError(f"crop must be 8 or more and max_crops 1 or more, found {self.crop} and {self.max_crops}.")
        if self.max_crops > 1 and self.crop % GRID:
            raise ValueError(f"crop must be a multiple of {GRID} where there are several, found {self.crop}.")
        if self.max_side is not None and self.max_side < self.min_side:
            raise ValueError(f"max_side ({self.max_side}) must not be smaller than min_side ({self.min_side}).")
        if self.jpeg_quality is not None and not 1 <= self.jpeg_quality <= 95:
            raise ValueError(f"jpeg_quality must be 1 to 95 or None, found {self.jpeg_quality}.")
        if self.resize is not None and self.resize < self.crop:
            raise ValueError(f"resize ({self.resize}) must not be smaller than crop ({self.crop}).")
        if self.resize is None and self.min_side < self.crop:
            raise ValueError(f"min_side ({self.min_side}) must not be smaller than crop ({self.crop}).")

    @property
    def lossless(self) -> bool:
        return self.jpeg_quality is None

    def covers(self, shorter_side: int) -> bool:
        return shorter_side >= self.min_side and (self.max_side is None or shorter_side <= self.max_side)

    def views(self, image: Image) -> np.ndarray:
        """The crops of an image in canonical form: uint8 (n, crop, crop, 3), 1 <= n <= max_crops."""
        pixels = image.pixels if self.resize is None else _centre_square(image.pixels, self.resize)
        height, width = pixels.shape[:2]
        crops = [pixels[y : y + self.crop, x : x + self.crop] for y, x in grid(height, width, self)]
        if self.jpeg_quality is not None:
            crops = [codecs.jpeg(np.ascontiguousarray(crop), self.jpeg_quality) for crop in crops]
        return np.stack(crops)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def grid(height: int, width: int, form: CanonicalForm) -> list[tuple[int, int]]:
    """Top-left corners (y, x) of at most form.max_crops crops, row by row, evenly spread, multiples of GRID.

    Crops overlap rather than leave out a border of a quarter crop or more.
    """
    rows, columns = ((side + form.crop - max(GRID, form.crop // 4)) // form.crop for side in (height, width))
    if min(height, width) < form.crop:
        raise ValueError(f"an image of {width} x {height} has no room for a {form.crop} px crop.")
    if rows * columns > form.max_crops:
        side = (form.max_crops * height / width) ** 0.5
        rows = min(rows, max(1, round(side)), form.max_crops)
        columns = min(columns, form.max_crops // rows)
    return [(y, x) for y in _starts(height, rows, form.crop) for x in _starts(width, columns, form.crop)]


def _starts(length: int, count: int, crop: int) -> list[int]:
    """``count`` crop starts spread over ``length``: the gaps before, between and after are equal, or the overlaps."""
    free = length - count * crop
    if free < 0:
        return [(length - crop) * i // (count - 1) // GRID * GRID for i in range(count)]
    return [(free * (i + 1) // (count + 1) + i * crop) // GRID * GRID for i in range(count)]


def _centre_square(pixels: np.ndarray, side: int) -> np.ndarray:
    height, width = pixels.shape[:2]
    square = min(height, width)
    top, left = (height - square) // 2, (width - square) // 2
    cut = pixels[top : top + square, left : left + square]
    return cut if square == side else resize(np.ascontiguousarray(cut), side, side)
