"""Histories: what commonly happens to a picture between its making and its upload.

Photos and generated images are learned under the same histories, so that what a tool did to a picture is not taken for
a generator's trace, and answers are tested for stability under some of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import PIL.Image
import PIL.ImageFilter

from . import codecs
from .image import Image, from_pixels, resize

Handling = Callable[[np.ndarray], np.ndarray]  # uint8 (h, w, 3) in and out
AS_IS = "as is"
MIXED = "mixed"
UNKNOWN_HISTORY = -1  # the number of a history under which generators are not known
_BICUBIC, _BILINEAR = PIL.Image.Resampling.BICUBIC, PIL.Image.Resampling.BILINEAR


def scaled(pixels: np.ndarray, factor: float) -> np.ndarray:
    """By Lanczos resampling."""
    height, width = pixels.shape[:2]
    return resize(pixels, max(1, round(width * factor)), max(1, round(height * factor)))


def scaled_by(pixels: np.ndarray, factor: float, filter_: PIL.Image.Resampling) -> np.ndarray:
    """The same by another filter."""
    height, width = pixels.shape[:2]
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(PIL.Image.fromarray(pixels).resize(size, filter_))


def cut(pixels: np.ndarray, top: int, left: int) -> np.ndarray:
    """Without the first rows and columns: an earlier JPEG's block grid is off."""
    return np.ascontiguousarray(pixels[top:, left:])


def blurred(pixels: np.ndarray, radius: float) -> np.ndarray:
    return np.asarray(PIL.Image.fromarray(pixels).filter(PIL.ImageFilter.GaussianBlur(radius)))


def sharpened(pixels: np.ndarray, percent: int = 80) -> np.ndarray:
    """By an unsharp mask."""
    return np.asarray(PIL.Image.fromarray(pixels).filter(PIL.ImageFilter.UnsharpMask(1.5, percent, 2)))


def denoised(pixels: np.ndarray) -> np.ndarray:
    """By a 3 x 3 median."""
    return np.asarray(PIL.Image.fromarray(pixels).filter(PIL.ImageFilter.MedianFilter(3)))


def toned(pixels: np.ndarray, gain: float = 1.0, gamma: float = 1.0) -> np.ndarray:
    """Brighter or darker."""
    table = 255.0 * gain * (np.arange(256) / 255.0) ** gamma
    return np.asarray(np.clip(table + 0.5, 0, 255).astype(np.uint8)[pixels])


def grained(pixels: np.ndarray, strength: float, colour: bool = False) -> np.ndarray:
    """With Gaussian noise of that many grey levels, the same for the same pixels; ``colour``: another one a channel."""
    seed = int.from_bytes(hashlib.sha256(pixels.tobytes()).digest()[:8], "big")
    noise = np.random.default_rng(seed).normal(scale=strength, size=(*pixels.shape[:2], 3 if colour else 1))
    return np.asarray(np.clip(pixels + noise + 0.5, 0, 255).astype(np.uint8))


def film_grain(pixels: np.ndarray) -> np.ndarray:
    """With soft grains that are strongest in the middle tones."""
    from scipy.ndimage import gaussian_filter  # slow to import, and the app never does this

    noise = grained(pixels, 24).astype(float) - pixels
    tone = pixels.astype(float) / 255
    grains = gaussian_filter(noise, (0.7, 0.7, 0)) * 4 * tone * (1 - tone)
    return np.asarray(np.clip(pixels + grains + 0.5, 0, 255).astype(np.uint8))


def reduced(pixels: np.ndarray, colours: int = 256, dither: bool = True) -> np.ndarray:
    """To a palette of its own."""
    picture = PIL.Image.fromarray(pixels)
    palette = picture.quantize(colours, PIL.Image.Quantize.MEDIANCUT)
    pattern = PIL.Image.Dither.FLOYDSTEINBERG if dither else PIL.Image.Dither.NONE
    return np.asarray(picture.quantize(colours, palette=palette, dither=pattern).convert("RGB"))


HISTORIES: dict[str, Handling] = {
    AS_IS: lambda pixels: pixels,
    "jpeg 85": lambda pixels: codecs.jpeg(pixels, 85),
    "jpeg 60": lambda pixels: codecs.jpeg(pixels, 60),
    "jpeg 50": lambda pixels: codecs.jpeg(pixels, 50),
    "scaled .75": lambda pixels: scaled(pixels, 0.75),
    "scaled .75, jpeg 85": lambda pixels: codecs.jpeg(scaled(pixels, 0.75), 85),
    "scaled .5": lambda pixels: scaled(pixels, 0.5),
    "scaled .5, jpeg 85": lambda pixels: codecs.jpeg(scaled(pixels, 0.5), 85),
    "cropped": lambda pixels: cut(pixels, 5, 3),
    "scaled .35": lambda pixels: scaled(pixels, 0.35),
    "scaled .25": lambda pixels: scaled(pixels, 0.25),
    "webp 80": lambda pixels: codecs.webp(pixels, 80),
    "webp 60": lambda pixels: codecs.webp(pixels, 60),
    "webp 50": lambda pixels: codecs.webp(pixels, 50),
    "avif 60": lambda pixels: codecs.avif(pixels, 60),
    "avif 40": lambda pixels: codecs.avif(pixels, 40),
    "jpeg 90, 4:4:4": lambda pixels: codecs.jpeg(pixels, 90, subsampling=0),
    "mozjpeg 70": lambda pixels: codecs.mozjpeg(pixels, 70),
    "jpeg 70, cut, jpeg 85": lambda pixels: codecs.jpeg(cut(codecs.jpeg(pixels, 70), 3, 6), 85),
    "bilinear .6, jpeg 80": lambda pixels: codecs.jpeg(scaled_by(pixels, 0.6, _BILINEAR), 80),
    "bilinear .45": lambda pixels: scaled_by(pixels, 0.45, _BILINEAR),
    "bicubic .8": lambda pixels: scaled_by(pixels, 0.8, _BICUBIC),
    "enlarged 1.2, sharpened": lambda pixels: sharpened(scaled_by(pixels, 1.2, _BICUBIC)),
    "enlarged 1.5": lambda pixels: scaled_by(pixels, 1.5, _BICUBIC),
    "enlarged 2, sharpened, jpeg 90": lambda pixels: codecs.jpeg(sharpened(scaled(denoised(pixels), 2.0)), 90),
    "blurred": lambda pixels: codecs.jpeg(blurred(pixels, 1.2), 85),
    "grain": lambda pixels: codecs.jpeg(grained(pixels, 10), 90),
    "film grain": lambda pixels: codecs.jpeg(film_grain(pixels), 92),
    "palette": reduced,
    "night": lambda pixels: codecs.jpeg(grained(toned(pixels, gain=0.3), 8, colour=True), 90),
    "phone": lambda pixels: codecs.jpeg(sharpened(toned(blurred(denoised(pixels), 0.5), gamma=0.8), 120), 90),
}

# under which the images of a generator are known as well
GENERATED = (AS_IS, "cropped", "jpeg 60", "scaled .75", "scaled .5", "jpeg 50", "webp 80", "enlarged 1.5")


def with_history(image: Image, history: str) -> Image:
    """The image after that history; ``MIXED``: after one of those that generators are not known under, chosen by its
    pixels. ValueError for an unknown one."""
    name = _chosen(image) if history == MIXED else history
    if name not in HISTORIES:
        raise ValueError(f"no history is called {history!r}; known: {', '.join(HISTORIES)}.")
    return from_pixels(HISTORIES[name](image.pixels), image.origin)


def mixed() -> list[str]:
    """The histories of which MIXED is one."""
    return [name for name in HISTORIES if name not in GENERATED]


def _chosen(image: Image) -> str:
    others = mixed()
    return others[int(image.digest, 16) % len(others)]
