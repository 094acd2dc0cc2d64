"""An answer as one picture to show to others: the image it is about, the sentence, the ladder, and the caveat.

In English alone: the font that Pillow brings has no other letters.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from fingerprints.images.image import Image, png_bytes, resize
from fingerprints.sentence import Sentence, counted, said
from registry.answers.identify import Answer
from registry.answers.sentences import certainty, looked_for, sentence, steadiness
from registry.storage.card import Card

from ..language.languages import ENGLISH
from ..language.telling import joined, speaking, told
from ..parts.words import ASKED_FOR
from .answer import share_text
from .ladder import Bar, Step, ladder

_WIDTH, _HEIGHT, _MARGIN, _LEFT = 1200, 630, 48, 460
_LINES, _LINES_OF_WORTH = 4, 6  # of the sentence; of what it is worth, which of a photo names models
_PICTURE, _ROW, _FOOT = 372, 28, 510
_FACT = 130  # characters that fit into a line
_PAPER, _INK, _QUIET, _TRACK = (255, 255, 255), (24, 24, 27), (82, 82, 91), (228, 228, 231)
_COLOURS = {"best": (15, 118, 110), "other": (138, 143, 152), "unsure": (168, 96, 8)}
_CAVEAT = said("A lead, not a proof: fingerprints can be removed or forged.")


def share_png(image: Image, answer: Answer, cards: Mapping[str, Card], address: str = "") -> bytes:
    """A PNG of 1200 x 630, the size that sites show beside a link. ``address``: of the server that answered."""
    with speaking(ENGLISH):
        return _drawn(image, answer, cards, address)


def _drawn(image: Image, answer: Answer, cards: Mapping[str, Card], address: str) -> bytes:
    canvas = PIL.Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    shown = answer.within.of(image.pixels) if answer.within else image.pixels
    canvas.paste(_thumbnail(shown), (_MARGIN, _MARGIN))
    draw = PIL.ImageDraw.Draw(canvas)
    y = _paragraph(draw, told(sentence(answer, cards)), _MARGIN - 6, 34, _INK)
    y = _paragraph(draw, worth(answer, cards), y + 6, 20, _QUIET, _LINES_OF_WORTH) + 12
    for step in steps_shown(answer, cards):
        y = _step(draw, step, y)
    caveat = joined([_CAVEAT, ASKED_FOR.get(answer.strictness, "")])
    _line(draw, caveat, (_MARGIN, _FOOT + 4), 21, _INK)
    facts = (told(_about(image)), told(_source(answer)), told(_asked(cards, address)))
    for row, fact in enumerate(facts):
        _line(draw, textwrap.shorten(fact, _FACT, placeholder=" …"), (_MARGIN, _FOOT + 32 + 24 * row), 17, _QUIET)
    return png_bytes(np.asarray(canvas))


def _about(image: Image) -> Sentence:
    facts = {"width": image.width, "height": image.height, "digest": image.digest[:16]}
    return said("{width} x {height} pixels, sha-256 of the pixels {digest}", **facts)


def _source(answer: Answer) -> Sentence:
    facts = {"registry": answer.registry, "revision": answer.revision, "collection": answer.collection}
    return said("registry {registry}, revision {revision}, collection {collection}", **facts)


def _asked(cards: Mapping[str, Card], address: str) -> Sentence:
    """When, where, and how many models were known then: a later answer may know more."""
    models = counted("compared with {number} model", "compared with {number} models", len(cards))
    day = datetime.now(UTC).date().isoformat()
    if not address:
        return said("{day}, {models}", day=day, models=models)
    return said("{day}, {models}, asked at {address}", day=day, models=models, address=address)


def worth(answer: Answer, cards: Mapping[str, Card]) -> str:
    """What the answer is worth: what was looked for, how sure it is, and how steady."""
    return joined([looked_for(answer, cards), certainty(answer), steadiness(answer)])


def steps_shown(answer: Answer, cards: Mapping[str, Card]) -> list[Step]:
    """The steps that are said, and the first in any case: what is not sure enough is not shown around."""
    first, *rest = ladder(answer, cards)
    return [first, *(step for step in rest if step.said)]


def _thumbnail(pixels: np.ndarray) -> PIL.Image.Image:
    factor = _PICTURE / max(pixels.shape[:2])
    height, width = (max(1, round(side * factor)) for side in pixels.shape[:2])
    return PIL.Image.fromarray(resize(pixels, width, height))


def _paragraph(draw: PIL.ImageDraw.ImageDraw, text: str, y: int, size: int, colour: object, most: int = _LINES) -> int:
    """As many lines as it takes, but ``most`` at most; returns where they end."""
    for line in _lines(draw, text, size, most):
        _line(draw, line, (_LEFT, y), size, colour)
        y += round(size * 1.3)
    return y


def _lines(draw: PIL.ImageDraw.ImageDraw, text: str, size: int, most: int) -> list[str]:
    """Broken between words where the right margin begins; what is beyond the last line is cut, and said to be."""
    lines, font = [""], PIL.ImageFont.load_default(size)
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, font=font) > _WIDTH - _MARGIN - _LEFT:
            lines.append(word)
        else:
            lines[-1] = longer
    return [*lines[: most - 1], f"{lines[most - 1]} …"] if len(lines) > most else lines


def _step(draw: PIL.ImageDraw.ImageDraw, step: Step, y: int) -> int:
    """The question, its note if nothing is said, and as many bars as there is room for; returns where they end. Nothing
    when what is said has no room."""
    room = (_FOOT - y) // _ROW - 1
    if room < sum(bar.kind == "best" for bar in step.bars):
        return y
    _line(draw, joined([step.title, "" if step.said else step.note]), (_LEFT, y), 18, _QUIET)
    for row, bar in enumerate(step.bars[:room], 1):
        _bar(draw, bar, y + row * _ROW)
    return y + (1 + min(room, len(step.bars))) * _ROW + 6


def _bar(draw: PIL.ImageDraw.ImageDraw, bar: Bar, y: int) -> None:
    left, right = _LEFT + 300, _WIDTH - _MARGIN - 70
    _line(draw, textwrap.shorten(told(bar.label), 32, placeholder=" …"), (_LEFT, y), 19, _INK)
    draw.rounded_rectangle((left, y + 4, right, y + 20), 4, fill=_TRACK)
    end = left + max(3, round((right - left) * bar.share))
    draw.rounded_rectangle((left, y + 4, end, y + 20), 4, fill=_COLOURS[bar.kind])
    _line(draw, told(share_text(bar.share)), (right + 14, y), 19, _INK)


def _line(draw: PIL.ImageDraw.ImageDraw, text: str, place: tuple[int, int], size: int, colour: object) -> None:
    draw.text(place, text, fill=colour, font=PIL.ImageFont.load_default(size))  # type: ignore[arg-type]
