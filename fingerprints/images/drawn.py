"""Plain areas and colours: what tells drawings, charts and palettes from photos."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .surroundings import DIGITS

_EVERY = 4  # rows, and columns where colours are counted, between two that are looked at


def plain_share(crops: Sequence[np.ndarray]) -> float:
    """The share of pixels of uint8 (h, w, 3) crops that are exactly as the next one."""
    return float(np.mean([(row[:, 1:] == row[:, :-1]).all(axis=2).mean() for row in _rows(crops)]))


def colours(crops: Sequence[np.ndarray]) -> int:
    """How many colours uint8 (h, w, 3) crops have."""
    return len(np.unique(np.concatenate([(row[:, ::_EVERY] @ DIGITS).ravel() for row in _rows(crops)])))


def is_grey(crops: Sequence[np.ndarray]) -> bool:
    """Have uint8 (h, w, 3) crops no colour but grey?"""
    return all((row == row[:, :, :1]).all() for row in _rows(crops))


def _rows(crops: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [crop[::_EVERY] for crop in crops]
