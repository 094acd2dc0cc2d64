"""Histories: what commonly happens to a picture between its making and its upload.

Photos of the class "real" are learned under several histories, and answers are tested for stability under them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .images import Image, from_pixels, jpeg_round_trip, resize

AS_IS = "as is"


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    height, width = pixels.shape[:2]
    return resize(pixels, max(1, round(width * factor)), max(1, round(height * factor)))


HISTORIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    AS_IS: lambda pixels: pixels,
    "jpeg 85": lambda pixels: jpeg_round_trip(pixels, 85),
    "jpeg 60": lambda pixels: jpeg_round_trip(pixels, 60),
    "jpeg 50": lambda pixels: jpeg_round_trip(pixels, 50),
    "scaled .75": lambda pixels: scaled(pixels, 0.75),
    "scaled .75, jpeg 85": lambda pixels: jpeg_round_trip(scaled(pixels, 0.75), 85),
    "scaled .5": lambda pixels: scaled(pixels, 0.5),
    "scaled .5, jpeg 85": lambda pixels: jpeg_round_trip(scaled(pixels, 0.5), 85),
    "cropped": lambda pixels: np.ascontiguousarray(pixels[5:, 3:]),  # a JPEG's block grid is off
    "scaled .35": lambda pixels: scaled(pixels, 0.35),
    "scaled .25": lambda pixels: scaled(pixels, 0.25),
}

# under which the images of a generator are known as well
GENERATED = (AS_IS, "cropped", "jpeg 60", "scaled .75", "scaled .5", "jpeg 50")


def with_history(image: Image, history: str) -> Image:
    """The image after that history; ValueError for an unknown one."""
    if history not in HISTORIES:
        raise ValueError(f"no history is called {history!r}; known: {', '.join(HISTORIES)}.")
    return from_pixels(HISTORIES[history](image.pixels), image.origin)
