"""Lossy codecs: pixels in, the pixels that are left after one encoding out. All arrays are uint8 (height, width, 3)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import PIL.Image

# The quantisation tables that mozjpeg uses for quality 50 (Robidoux), flatter than those of the JPEG standard.
# fmt: off
_MOZJPEG = (
    16, 16, 16, 18, 25, 37, 56, 85, 16, 17, 20, 27, 34, 40, 53, 75, 16, 20, 24, 31, 43, 62, 91, 135,
    18, 27, 31, 40, 53, 74, 106, 156, 25, 34, 43, 53, 69, 94, 131, 189, 37, 40, 62, 74, 94, 124, 169, 238,
    56, 53, 91, 106, 131, 169, 226, 311, 85, 75, 135, 156, 189, 238, 311, 418,
)
# fmt: on


def jpeg(pixels: np.ndarray, quality: int, *, subsampling: int = 2, progressive: bool = False) -> np.ndarray:
    """As libjpeg saves it. ``subsampling``: 0 is 4:4:4, 2 is 4:2:0."""
    return _through(pixels, "JPEG", quality=quality, subsampling=subsampling, progressive=progressive)


def mozjpeg(pixels: np.ndarray, quality: int) -> np.ndarray:
    """As mozjpeg saves it: progressive, 4:2:0, with its own quantisation tables."""
    table = _scaled(_MOZJPEG, quality)
    return _through(pixels, "JPEG", qtables=[table, table], subsampling=2, progressive=True)


def webp(pixels: np.ndarray, quality: int, *, sharp: bool = False) -> np.ndarray:
    """Lossy WebP; ``sharp``: with the slower, sharper reduction of colour."""
    return _through(pixels, "WEBP", quality=quality, use_sharp_yuv=sharp)


def avif(pixels: np.ndarray, quality: int) -> np.ndarray:
    """AVIF, 4:2:0, by the fastest settings."""
    return _through(pixels, "AVIF", quality=quality, speed=10)


def _scaled(table: Sequence[int], quality: int) -> list[int]:
    """A table of quality 50 at another quality, as libjpeg scales it."""
    percent = 5000 / quality if quality < 50 else 200 - 2 * quality
    return [int(min(255, max(1, (value * percent + 50) // 100))) for value in table]


def _through(pixels: np.ndarray, form: str, **options: Any) -> np.ndarray:
    stored = io.BytesIO()
    PIL.Image.fromarray(pixels).save(stored, form, **options)
    with PIL.Image.open(stored, formats=(form,)) as decoded:
        return np.asarray(decoded.convert("RGB"))
