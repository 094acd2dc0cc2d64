"""Handlings: what happens to pictures every day, by name, as functions on pixels (uint8 (height, width, 3)).

A wider choice than fingerprints/images/histories.py, most of which nothing was learned under. A handling returns None
where it would not happen to a picture of that size: nobody shrinks what is small already.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import PIL.Image

from fingerprints.images.codecs import avif, jpeg, mozjpeg, webp
from fingerprints.images.histories import (
    AS_IS,
    blurred,
    cut,
    denoised,
    film_grain,
    grained,
    reduced,
    scaled,
    scaled_by,
    sharpened,
    toned,
)

from . import frames

Handling = Callable[[np.ndarray], "np.ndarray | None"]
_FILTERS = {name: PIL.Image.Resampling[name.upper()] for name in ("lanczos", "bicubic", "bilinear", "hamming", "box")}
_LARGEST = 2048  # shorter side after enlarging: beyond, nobody enlarges
_SCREENS = {"browser": frames.browser, "phone": frames.phone}


def in_a_row(*steps: Handling) -> Handling:
    """One after the other, as long as each applies."""

    def handled(pixels: np.ndarray) -> np.ndarray | None:
        found: np.ndarray | None = pixels
        for step in steps:
            if found is None:
                return None
            found = step(found)
        return found

    return handled


def saved(quality: int, subsampling: int = 2, progressive: bool = False) -> Handling:
    """As JPEG."""
    return lambda pixels: jpeg(pixels, quality, subsampling=subsampling, progressive=progressive)


def to_side(pixels: np.ndarray, side: int) -> np.ndarray | None:
    """Scaled down to that shorter side; None when it is not larger."""
    shorter = min(pixels.shape[:2])
    return scaled(pixels, side / shorter) if shorter > side else None


def enlarged(pixels: np.ndarray, factor: float) -> np.ndarray | None:
    """And sharpened."""
    if min(pixels.shape[:2]) * factor > _LARGEST:
        return None
    return sharpened(scaled_by(pixels, factor, PIL.Image.Resampling.BICUBIC))


def night_mode(pixels: np.ndarray) -> np.ndarray:
    """A dark scene as a phone takes it: noisy, then smoothed, brightened and sharpened."""
    dark = grained(toned(pixels, gain=0.35), 6, colour=True)
    return sharpened(toned(denoised(dark), gain=2.0, gamma=0.9), 130)


def portrait_mode(pixels: np.ndarray) -> np.ndarray:
    """What is far from the middle is blurred, the middle is smoothed and sharpened."""
    height, width = pixels.shape[:2]
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    far = np.clip((np.hypot(x / 0.55, y / 0.8) - 0.9) * 4, 0, 1)[:, :, None]
    near, background = sharpened(blurred(pixels, 0.5), 100), blurred(pixels, max(2.0, min(height, width) / 80))
    return np.asarray((near * (1 - far) + background * far + 0.5).astype(np.uint8))


def turned(pixels: np.ndarray, degrees: float) -> np.ndarray | None:
    """By a small angle, cut to what the picture still fills; None when it fills nothing."""
    height, width = pixels.shape[:2]
    whole = PIL.Image.fromarray(pixels).rotate(degrees, PIL.Image.Resampling.BICUBIC)
    edge = int(np.ceil(max(height, width) / 2 * np.sin(np.radians(abs(degrees))))) + 1
    return np.asarray(whole)[edge : height - edge, edge : width - edge] if min(height, width) > 2 * edge else None


def contrasted(pixels: np.ndarray) -> np.ndarray:
    """A mild tone curve: darker shadows, brighter lights."""
    tone = np.arange(256) / 255
    curve = tone + 0.05 * np.sin(2 * np.pi * (tone - 0.5))
    return np.asarray(np.clip(255 * curve + 0.5, 0, 255).astype(np.uint8)[pixels])


def grey(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(PIL.Image.fromarray(pixels).convert("L").convert("RGB"))


def gif(pixels: np.ndarray) -> np.ndarray:
    """As Pillow saves it."""
    stored = io.BytesIO()
    PIL.Image.fromarray(pixels).save(stored, "GIF")
    with PIL.Image.open(stored, formats=("GIF",)) as decoded:
        return np.asarray(decoded.convert("RGB"))


def _encoded() -> Iterator[tuple[str, Handling]]:
    for quality in (50, 60, 70, 80, 90):
        yield f"webp {quality}", partial(webp, quality=quality)
    for quality in (60, 80):
        yield f"webp {quality}, sharp yuv", partial(webp, quality=quality, sharp=True)
    for quality in (40, 50, 60, 70, 80):
        yield f"avif {quality}", partial(avif, quality=quality)
    for quality in (60, 75, 85):
        yield f"mozjpeg {quality}", partial(mozjpeg, quality=quality)
    yield "progressive jpeg 80", saved(80, progressive=True)
    yield "jpeg 75, 4:4:4", saved(75, subsampling=0)
    yield "jpeg 95, 4:4:4", saved(95, subsampling=0)
    yield "saved twice, jpeg 90 and 75", in_a_row(saved(90), saved(75))
    yield "saved twice, jpeg 70 and 90", in_a_row(saved(70), saved(90))
    yield "jpeg 80, cut, jpeg 80", in_a_row(saved(80), partial(cut, top=5, left=2), saved(80))
    yield "jpeg 85, then webp 75", in_a_row(saved(85), partial(webp, quality=75))
    yield "saved three times, jpeg 95, 85 and 75", in_a_row(saved(95), saved(85), saved(75))
    yield "jpeg 90, webp 80, jpeg 80", in_a_row(saved(90), partial(webp, quality=80), saved(80))


def _resized() -> Iterator[tuple[str, Handling]]:
    for name, filter_ in _FILTERS.items():
        for factor in (0.8, 0.6, 0.4):
            yield f"scaled {factor} by {name}", partial(scaled_by, factor=factor, filter_=filter_)
    for side in (1600, 2048):
        yield f"shorter side {side}, jpeg 82", in_a_row(partial(to_side, side=side), saved(82))
    for side in (32, 48, 64, 73, 100, 128):
        small = partial(to_side, side=side)
        yield f"thumbnail {side}, png", small
        yield f"thumbnail {side}, jpeg 80", in_a_row(small, saved(80))
    for factor in (1.2, 1.5, 2.0):
        yield f"enlarged {factor}, sharpened", partial(enlarged, factor=factor)


def _retouched() -> Iterator[tuple[str, Handling]]:
    yield "night mode of a phone", in_a_row(night_mode, saved(90))
    yield "portrait mode of a phone", in_a_row(portrait_mode, saved(92))
    yield "film grain", in_a_row(film_grain, saved(92))
    yield "colour noise", in_a_row(partial(grained, strength=10, colour=True), saved(92))
    for radius in (0.8, 1.2, 2.0):
        yield f"blurred {radius}", partial(blurred, radius=radius)
    yield "turned by 90 degrees", lambda pixels: np.ascontiguousarray(np.rot90(pixels))
    yield "turned by 2 degrees", partial(turned, degrees=2)
    yield "tone curve", contrasted
    yield "grey", grey
    yield "gif", gif
    yield "png-8, 256 colours", partial(reduced, colours=256, dither=False)
    yield "png-8, 256 colours, dithered", partial(reduced, colours=256, dither=True)
    yield "png-8, 32 colours, dithered", partial(reduced, colours=32, dither=True)


def _framed() -> Iterator[tuple[str, Handling]]:
    for name, screen in _SCREENS.items():
        for density in (1, 2):
            yield f"screenshot in a {name}, {density}x", partial(screen, density=density)
    yield "screenshot in a phone, 2x, jpeg 85", in_a_row(partial(frames.phone, density=2), saved(85))
    yield "collage with a photo", frames.beside_a_photo
    yield "collage with a photo, jpeg 85", in_a_row(frames.beside_a_photo, saved(85))
    yield "letterbox", frames.letterboxed
    yield "text over it", in_a_row(frames.captioned, saved(90))
    yield "watermark", in_a_row(frames.watermarked, saved(90))


HANDLINGS: dict[str, Handling] = {
    AS_IS: lambda pixels: pixels,
    **dict(_encoded()),
    **dict(_resized()),
    **dict(_retouched()),
    **dict(_framed()),
}
