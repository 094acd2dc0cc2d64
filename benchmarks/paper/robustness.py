"""What is left of a method when the pictures were changed on their way: re-encoded, scaled, cropped, blurred, noisy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from fingerprints.images import codecs
from fingerprints.images.image import resize

from ..common.group_command import plain
from ..common.scores import balanced
from .figures import chosen
from .methods import Method
from .rows.data import Study, Views

_IMAGES = 10  # of each generator
_SCALE, _MARGIN, _SIGMA, _NOISE = 0.75, 1 / 16, 1.0, 4.0  # shares of the side; pixels; grey levels

CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as is": lambda pixels: pixels,
    "JPEG 90": lambda pixels: codecs.jpeg(pixels, 90),
    "JPEG 75": lambda pixels: codecs.jpeg(pixels, 75),
    "JPEG 50": lambda pixels: codecs.jpeg(pixels, 50),
    "resize": lambda pixels: resize(pixels, round(pixels.shape[1] * _SCALE), round(pixels.shape[0] * _SCALE)),
    "crop": lambda pixels: _cropped(pixels),
    "blur": lambda pixels: _rounded(gaussian_filter(pixels.astype(np.float32), (_SIGMA, _SIGMA, 0))),
    "noise": lambda pixels: _noisy(pixels),
}


def changed_views(study: Study, generators: list[str]) -> dict[str, Views]:
    """Up to ten test images of each generator under each change. A collection of fixed size scales them back."""
    picked = np.zeros(len(study.test.labels), dtype=bool)
    for name in generators:
        picked[np.flatnonzero(study.test.labels == name)[:_IMAGES]] = True
    return {name: study.changed(picked, change) for name, change in CHANGES.items()}


def robustness(method: Method, changed: Mapping[str, Views], generators: list[str]) -> dict[str, Any]:
    """Balanced accuracy among ``generators`` under each change."""
    figures: dict[str, Any] = {}
    for name, views in changed.items():
        hits = chosen(method.scores(views), method.classes, generators) == views.labels
        figures[name] = plain(balanced(hits, views.contents, views.labels))
    return figures


def _cropped(pixels: np.ndarray) -> np.ndarray:
    """Without a sixteenth at each border, and one pixel more at the top left, so that no block grid survives."""
    y, x = (max(1, round(side * _MARGIN)) for side in pixels.shape[:2])
    return np.ascontiguousarray(pixels[y + 1 : -y, x + 1 : -x])


def _noisy(pixels: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(0).normal(0, _NOISE, pixels.shape)
    return _rounded(pixels + noise)


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.clip(np.round(values), 0, 255).astype(np.uint8)
