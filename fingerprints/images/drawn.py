"""Whether an image was drawn, and not taken or generated as photos are: plain areas, or very few colours.

Sensors and decoders of generators leave no two neighbouring pixels alike for long; drawings, charts and the screens of
programs do. benchmarks.field prints what is said of such pictures.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_PLAIN = 0.66  # the share of pixels that are exactly as the next one; of one in a hundred photos it is more than .6
_FEW = 64  # colours
_DIGITS = np.array([1 << 16, 1 << 8, 1])  # a colour as one number


def is_drawn(crops: Sequence[np.ndarray]) -> bool:
    """Of uint8 (h, w, 3) crops."""
    plain = float(np.mean([(crop[:, 1:] == crop[:, :-1]).all(axis=2).mean() for crop in crops]))
    return plain > _PLAIN or _colours(crops) <= _FEW


def _colours(crops: Sequence[np.ndarray]) -> int:
    return len(np.unique(np.concatenate([(crop @ _DIGITS).ravel() for crop in crops])))
