"""What a small view shows: the directions of its edges in each of 8 x 8 cells, and its brightness in 16 x 16.

It says nothing of who made an image. A collection of pictures of one kind of thing uses it to see what it does not know
(fingerprints/attribution/domain.py).
"""

from __future__ import annotations

import numpy as np

from ..sentence import said
from .base import luma_and_chroma

_CELLS, _DIRECTIONS, _COARSE = 8, 9, 16
_FAINT = 50.0  # grey levels: edges of less than that in all count as none
_LITTLE = 0.02  # what brightness weighs beside edges


class Shape:
    """Histograms of oriented gradients (Dalal and Triggs 2005) of the whole view, and its brightness."""

    name = "shape"
    label = said("what the picture shows, roughly")
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, s, s, 3), s >= 16 -> float32 (n, 8 * 8 * 9 + 16 * 16)."""
        luma = luma_and_chroma(views)[:, 0]
        edges = _histograms(luma)
        edges = np.sqrt(edges / (edges.sum(axis=1, keepdims=True) + _FAINT))
        bright = _block_means(luma, _COARSE)
        bright = bright - bright.mean(axis=1, keepdims=True)
        bright = _LITTLE * bright / (bright.std(axis=1, keepdims=True) + 4.0)
        return np.concatenate([edges, bright], axis=1).astype(np.float32)


def _histograms(luma: np.ndarray) -> np.ndarray:
    """(n, s, s) -> (n, cells * cells * directions): the strength of edges by place and direction."""
    down, across = np.gradient(luma, axis=(1, 2))
    strength = np.hypot(down, across)
    turn = np.mod(np.arctan2(down, across), np.pi) / np.pi * _DIRECTIONS
    found = []
    for direction in range(_DIRECTIONS):
        gap = np.abs(turn - direction)
        near = np.maximum(0.0, 1.0 - np.minimum(gap, _DIRECTIONS - gap))
        found.append(_block_means(strength * near, _CELLS, total=True))
    return np.stack(found, axis=2).reshape(len(luma), -1)


def _block_means(values: np.ndarray, blocks: int, total: bool = False) -> np.ndarray:
    """(n, s, s) -> (n, blocks * blocks): the mean, or the sum, in each block; what is left over at the end is cut."""
    side = values.shape[1] // blocks
    cut = values[:, : side * blocks, : side * blocks].reshape(len(values), blocks, side, blocks, side)
    return np.asarray((cut.sum(axis=(2, 4)) if total else cut.mean(axis=(2, 4))).reshape(len(values), -1))


SPACES = (Shape(),)
