"""Pixels with something around or over them: a browser's or a phone's screen, bars, another picture, words, a mark.

All arrays are uint8 (height, width, 3).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from fingerprints.images.image import resize

_WHITE, _GREY, _DARK = (255, 255, 255), (222, 225, 230), (32, 33, 36)
_COLLAGE_SIDE = 512  # the most that each half of a collage is high


def browser(pixels: np.ndarray, density: int) -> np.ndarray:
    """A screenshot of a web page, the picture above lines of text; ``density``: pixels of the screen a CSS pixel."""
    u = density
    shown = fitted(pixels, 760 * u, 560 * u)
    height, width = shown.shape[:2]
    screen = PIL.Image.new("RGB", (1280 * u, 800 * u), _WHITE)
    draw = PIL.ImageDraw.Draw(screen)
    draw.rectangle((0, 0, 1280 * u, 40 * u), fill=_GREY)
    draw.rounded_rectangle((100 * u, 50 * u, 1180 * u, 78 * u), 14 * u, fill=(241, 243, 244))
    draw.rounded_rectangle((60 * u, 8 * u, 300 * u, 46 * u), 8 * u, fill=_WHITE)
    _write(draw, (76 * u, 16 * u), "A page with a picture", 14 * u)
    _write(draw, (116 * u, 56 * u), "https://example.org/story", 14 * u)
    left = (1280 * u - width) // 2
    screen.paste(PIL.Image.fromarray(shown), (left, 120 * u))
    for line in range(4):
        below = 120 * u + height + (16 + 26 * line) * u
        _write(draw, (left, below), "The picture that this page is about, in its usual place.", 16 * u)
    return np.asarray(screen)


def phone(pixels: np.ndarray, density: int) -> np.ndarray:
    """A screenshot of an app on a phone, the picture as wide as the screen; ``density`` as above."""
    u = density
    shown = fitted(pixels, 390 * u, 620 * u)
    height, width = shown.shape[:2]
    screen = PIL.Image.new("RGB", (390 * u, 844 * u), _WHITE)
    draw = PIL.ImageDraw.Draw(screen)
    _write(draw, (24 * u, 14 * u), "9:41", 15 * u)
    draw.rectangle((0, 44 * u, 390 * u, 45 * u), fill=_GREY)
    draw.ellipse((12 * u, 54 * u, 44 * u, 86 * u), fill=(120, 150, 200))
    _write(draw, (54 * u, 62 * u), "somebody", 14 * u)
    screen.paste(PIL.Image.fromarray(shown), ((390 * u - width) // 2, 96 * u))
    _write(draw, (14 * u, 96 * u + height + 12 * u), "Liked by many. A few words below it.", 14 * u)
    return np.asarray(screen)


def beside_a_photo(pixels: np.ndarray) -> np.ndarray | None:
    """A collage: the picture on the left, as high a photograph on the right. None where no package here ships one."""
    photo = _photo()
    if photo is None:
        return None
    height = min(_COLLAGE_SIDE, pixels.shape[0], photo.shape[0])
    halves = [_as_high(half, height) for half in (pixels, photo)]
    return np.concatenate([halves[0], np.full((height, 8, 3), 255, np.uint8), halves[1]], axis=1)


def letterboxed(pixels: np.ndarray) -> np.ndarray:
    """Black bars above and below, a sixth of the height each."""
    bar = np.zeros((max(1, pixels.shape[0] // 6), *pixels.shape[1:]), np.uint8)
    return np.concatenate([bar, pixels, bar])


def captioned(pixels: np.ndarray) -> np.ndarray:
    """Large white words with a dark edge at the top and at the bottom."""
    picture = PIL.Image.fromarray(pixels)
    draw, size = PIL.ImageDraw.Draw(picture), max(10, pixels.shape[0] // 10)
    for words, y in (("WHEN THE PICTURE", size // 2), ("HAS WORDS ON IT", pixels.shape[0] - 2 * size)):
        left = max(0, (pixels.shape[1] - draw.textlength(words, font=_font(size))) // 2)
        draw.text((left, y), words, _WHITE, _font(size), stroke_width=max(1, size // 12), stroke_fill=(0, 0, 0))
    return np.asarray(picture)


def watermarked(pixels: np.ndarray) -> np.ndarray:
    """The same faint words all over it, as agencies put them."""
    picture = PIL.Image.fromarray(pixels).convert("RGBA")
    marks = PIL.Image.new("RGBA", picture.size, (255, 255, 255, 0))
    draw, size = PIL.ImageDraw.Draw(marks), max(8, min(picture.size) // 16)
    for row, y in enumerate(range(0, picture.height, 4 * size)):
        for x in range(-4 * size * (row % 2), picture.width, 8 * size):
            draw.text((x, y), "PREVIEW", (255, 255, 255, 90), _font(size))
    return np.asarray(PIL.Image.alpha_composite(picture, marks).convert("RGB"))


def fitted(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """As large as there is room for, never larger than twice itself."""
    factor = min(width / pixels.shape[1], height / pixels.shape[0], 2.0)
    return resize(pixels, max(1, round(pixels.shape[1] * factor)), max(1, round(pixels.shape[0] * factor)))


def _as_high(pixels: np.ndarray, height: int) -> np.ndarray:
    if pixels.shape[0] == height:
        return pixels
    return resize(pixels, max(1, round(pixels.shape[1] * height / pixels.shape[0])), height)


@cache
def _photo() -> np.ndarray | None:
    from ..common.data import package_photos  # takes seconds to import, and few handlings need it

    photos = package_photos()
    return photos[-1].pixels if photos else None


def _write(draw: PIL.ImageDraw.ImageDraw, where: tuple[float, float], words: str, size: int) -> None:
    draw.text(where, words, _DARK, _font(size))


@cache
def _font(size: int) -> PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont:
    """The one that Pillow brings, so that pictures are the same on every machine."""
    return PIL.ImageFont.load_default(size)
