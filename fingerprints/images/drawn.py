"""Whether an image was drawn, and not taken or generated as photos are: plain areas, or very few colours; and whether
it was reduced to a palette.

Sensors and decoders of generators leave no two neighbouring pixels alike for long; drawings, charts and the screens of
programs do. benchmarks.field prints what is said of such pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .surroundings import DIGITS

_PLAIN = 0.66  # the share of pixels that are exactly as the next one; of one in a hundred photos it is more than .6
_FEW = 64  # colours
_PALETTE = 256  # colours, of GIF and PNG-8
_EVERY = 4  # rows, and columns where colours are counted, between two that are looked at


def is_drawn(crops: Sequence[np.ndarray]) -> bool:
    """Of uint8 (h, w, 3) crops."""
    rows = [crop[::_EVERY] for crop in crops]
    plain = float(np.mean([(row[:, 1:] == row[:, :-1]).all(axis=2).mean() for row in rows]))
    return plain > _PLAIN or _colours(rows) <= _FEW


def has_palette(crops: Sequence[np.ndarray]) -> bool:
    """Have these uint8 (h, w, 3) crops no more colours than a palette holds, and yet some that are not grey?"""
    rows = [crop[::_EVERY] for crop in crops]
    grey = all((row == row[:, :, :1]).all() for row in rows)
    return not grey and _colours(rows) <= _PALETTE


def _colours(rows: Sequence[np.ndarray]) -> int:
    return len(np.unique(np.concatenate([(row[:, ::_EVERY] @ DIGITS).ravel() for row in rows])))
