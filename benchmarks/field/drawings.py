"""Pictures that are neither photos nor made by a model: drawings, charts, programs, sprites, text scans, fractals.

Each is drawn here, by its number alone, so that it is the same on every machine. uint8 (height, width, 3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from scipy.ndimage import gaussian_filter

_OF_EACH = 5
_TEXT = "the answer of a careful reader is as long as the proof that there is and says what it rests on"
_INKS = ((214, 69, 65), (52, 120, 190), (60, 150, 90), (240, 180, 60), (120, 90, 160), (70, 70, 80))
Draw = PIL.ImageDraw.ImageDraw
Random = np.random.Generator


def drawings() -> Iterator[tuple[str, np.ndarray]]:
    """Kind and pixels of each."""
    for kind, drawn in KINDS.items():
        for number in range(_OF_EACH):
            yield kind, drawn(np.random.default_rng(number))


def drawing(rng: Random) -> np.ndarray:
    """Flat coloured shapes with dark outlines, as in a children's book."""
    page, draw = _page(768, 640, tuple(rng.integers(190, 256, 3)))
    for _ in range(25):
        x, y, size = (int(rng.integers(*span)) for span in ((0, 768), (0, 640), (30, 160)))
        box, ink = (x, y, x + size, y + int(size * rng.uniform(0.5, 1.5))), _ink(rng)
        if rng.random() < 0.5:
            draw.ellipse(box, ink, (20, 20, 20), 4)
        else:
            draw.polygon([(x + dx, y + dy) for dx, dy in rng.integers(-size, size, (5, 2))], ink, (20, 20, 20), 4)
    return np.asarray(page)


def chart(rng: Random) -> np.ndarray:
    """Bars and a line over a grid, with axes and numbers."""
    page, draw = _page(800, 600, (255, 255, 255))
    for step in range(6):
        y = 520 - 80 * step
        draw.line((80, y, 760, y), (225, 225, 225))
        _write(draw, (40, y - 8), str(20 * step), 15)
    heights, ink = rng.integers(30, 400, 12), _ink(rng)
    for place, height in enumerate(heights):
        draw.rectangle((90 + 56 * place, 520 - height, 126 + 56 * place, 520), ink)
        _write(draw, (92 + 56 * place, 530), f"{place + 1:02}", 15)
    draw.line([(108 + 56 * place, 500 - int(h)) for place, h in enumerate(np.cumsum(heights) / 8)], _ink(rng), 4)
    draw.line((80, 40, 80, 520, 760, 520), (60, 60, 60), 2)
    _write(draw, (250, 14), "Answers of the year, by month", 20)
    return np.asarray(page)


def program(rng: Random) -> np.ndarray:
    """A window with a menu, a list at the left and coloured lines of text."""
    dark = rng.random() < 0.5
    ground, words = ((30, 30, 34), (210, 210, 215)) if dark else ((250, 250, 250), (40, 40, 45))
    page, draw = _page(1024, 768, ground)
    draw.rectangle((0, 0, 1024, 34), (60, 60, 66) if dark else (228, 228, 232))
    draw.rectangle((0, 34, 200, 768), (40, 40, 44) if dark else (240, 240, 243))
    _write(draw, (12, 8), "File   Edit   View   Window   Help", 15, words)
    for row in range(20):
        _write(draw, (16, 48 + 26 * row), _sentence(rng, 2), 14, words)
    for row in range(32):
        indent = 230 + 24 * int(rng.integers(0, 4))
        _write(draw, (indent, 48 + 22 * row), _sentence(rng, int(rng.integers(2, 9))), 14, _ink(rng))
    draw.rounded_rectangle((820, 700, 980, 740), 6, (52, 120, 190))
    _write(draw, (870, 711), "Apply", 15, (255, 255, 255))
    return np.asarray(page)


def sprites(rng: Random) -> np.ndarray:
    """A game's scene: small mirrored figures on tiles, each pixel eight by eight."""
    colours = rng.integers(0, 256, (6, 3))
    tiles = rng.integers(0, 2, (8, 8))
    scene = colours[np.tile(tiles, (9, 12))]
    for _ in range(14):
        half = rng.integers(0, 6, (8, 4)) * (rng.random((8, 4)) < 0.7)
        figure = np.concatenate([half, half[:, ::-1]], axis=1)
        y, x = rng.integers(0, 64), rng.integers(0, 88)
        scene[y : y + 8, x : x + 8][figure > 0] = colours[figure[figure > 0]]
    return np.kron(scene, np.ones((8, 8, 1))).astype(np.uint8)


def text_scan(rng: Random) -> np.ndarray:
    """A printed page on slightly dirty paper, not quite straight."""
    page, draw = _page(800, 1000, (250, 248, 242))
    for line in range(34):
        _write(draw, (70, 70 + 25 * line), _sentence(rng, 12), 17, (35, 33, 33))
    tilted = page.rotate(rng.uniform(-1.5, 1.5), PIL.Image.Resampling.BICUBIC, fillcolor=(235, 233, 228))
    dirt = gaussian_filter(rng.normal(scale=60, size=(1000, 800)), 12) + rng.normal(scale=2, size=(1000, 800))
    return _pixels(gaussian_filter(np.asarray(tilted, float), (0.6, 0.6, 0)) + dirt[:, :, None])


def fractal(rng: Random) -> np.ndarray:
    """A Julia set, coloured by how soon its points escape."""
    y, x = np.mgrid[-1.2:1.2:600j, -1.6:1.6:800j]
    z, start = x + 1j * y, np.exp(2j * np.pi * rng.random()) * 0.7885
    soon = np.zeros(z.shape)
    for _ in range(80):
        inside = np.abs(z) < 4
        soon += inside
        z = np.where(inside, z * z + start, z)
    phases = rng.random(3) * 2 * np.pi
    return _pixels(127.5 * (1 + np.sin(np.sqrt(soon)[:, :, None] * 1.3 + phases)))


def gradient(rng: Random) -> np.ndarray:
    """Smooth colours that flow into each other, as behind a screen's icons."""
    y, x = np.mgrid[0:1:640j, 0:1:960j]
    waves = [np.sin(2 * np.pi * (rng.normal() * x + rng.normal() * y + rng.random())) for _ in range(9)]
    return _pixels(127.5 + 40 * np.stack([sum(waves[channel::3]) for channel in range(3)], axis=2))


KINDS: dict[str, Callable[[Random], np.ndarray]] = {
    "drawing": drawing,
    "chart": chart,
    "program": program,
    "game sprites": sprites,
    "text scan": text_scan,
    "fractal": fractal,
    "gradient": gradient,
}


def _page(width: int, height: int, colour: tuple[int, ...]) -> tuple[PIL.Image.Image, Draw]:
    page = PIL.Image.new("RGB", (width, height), tuple(map(int, colour)))
    return page, PIL.ImageDraw.Draw(page)


def _write(draw: Draw, where: tuple[float, float], words: str, size: int, ink: tuple[int, ...] = (40, 40, 45)) -> None:
    draw.text(where, words, ink, PIL.ImageFont.load_default(size))


def _sentence(rng: Random, words: int) -> str:
    return " ".join(rng.choice(_TEXT.split(), words))


def _ink(rng: Random) -> tuple[int, ...]:
    return _INKS[rng.integers(len(_INKS))]


def _pixels(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(values + 0.5, 0, 255).astype(np.uint8))
