"""An answer as one picture to show to others: the image it is about, the sentence, the candidates, and the caveat."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from fingerprints.images import Image, png_bytes, resize
from registry.card import Card
from registry.identify import Answer
from registry.words import certainty, sentence, steadiness

from .answer import Bar, bars

_WIDTH, _HEIGHT, _MARGIN, _LEFT = 1200, 630, 48, 460
_PICTURE, _STEP, _FOOT = 372, 42, 518
_PAPER, _INK, _QUIET, _TRACK = (255, 255, 255), (24, 24, 27), (82, 82, 91), (228, 228, 231)
_COLOURS = {"best": (15, 118, 110), "other": (138, 143, 152), "unsure": (168, 96, 8)}
_CAVEAT = "A lead, not a proof: fingerprints can be removed or forged."


def share_png(image: Image, answer: Answer, cards: Mapping[str, Card]) -> bytes:
    """A PNG of 1200 x 630, the size that sites show beside a link."""
    canvas = PIL.Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    canvas.paste(_thumbnail(image), (_MARGIN, _MARGIN))
    draw = PIL.ImageDraw.Draw(canvas)
    y = _paragraph(draw, sentence(answer, cards), _MARGIN - 6, 38, 34, _INK)
    y = _paragraph(draw, f"{certainty(answer)} {steadiness(answer)}".strip(), y + 8, 21, 62, _QUIET)
    y += 24
    for bar in bars(answer, cards, answer.collection)[: (_FOOT - y) // _STEP]:
        _bar(draw, bar, y)
        y += _STEP
    about = f"{image.width} x {image.height} pixels, sha-256 of the pixels {image.digest[:16]}"
    source = f"registry {answer.registry}, revision {answer.revision}, collection {answer.collection}"
    for line, (text, size) in enumerate(((_CAVEAT, 21), (about, 17), (source, 17))):
        _line(draw, text, (_MARGIN, _HEIGHT - 106 + 30 * line), size, _INK if line == 0 else _QUIET)
    return png_bytes(np.asarray(canvas))


def _thumbnail(image: Image) -> PIL.Image.Image:
    factor = _PICTURE / max(image.width, image.height)
    width, height = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return PIL.Image.fromarray(resize(image.pixels, width, height))


def _paragraph(draw: PIL.ImageDraw.ImageDraw, text: str, y: int, size: int, columns: int, colour: object) -> int:
    """Lines of at most so many characters, four of them; returns where they end."""
    for line in textwrap.wrap(text, columns, max_lines=4, placeholder=" …"):
        _line(draw, line, (_LEFT, y), size, colour)
        y += round(size * 1.3)
    return y


def _bar(draw: PIL.ImageDraw.ImageDraw, bar: Bar, y: int) -> None:
    left, right = _LEFT + 290, _WIDTH - _MARGIN - 70
    _line(draw, textwrap.shorten(bar.label, 28, placeholder=" …"), (_LEFT, y), 21, _INK)
    draw.rounded_rectangle((left, y + 4, right, y + 22), 4, fill=_TRACK)
    end = left + max(3, round((right - left) * bar.share))
    draw.rounded_rectangle((left, y + 4, end, y + 22), 4, fill=_COLOURS[bar.kind])
    share = f"{100 * bar.share:.0f} %" if bar.share >= 0.01 else "< 1 %"
    _line(draw, share, (right + 14, y), 21, _INK)


def _line(draw: PIL.ImageDraw.ImageDraw, text: str, place: tuple[int, int], size: int, colour: object) -> None:
    draw.text(place, text, fill=colour, font=PIL.ImageFont.load_default(size))  # type: ignore[arg-type]
