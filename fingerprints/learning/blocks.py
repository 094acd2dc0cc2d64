"""What lies side by side, each part in coordinates of its own, in other coordinates of each part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from ..model.discriminant import Discriminant
from .withheld import Withheld


@dataclass(frozen=True)
class Blocks:
    """The matrix B (D, D) that is zero but for square ``blocks`` along its diagonal."""

    blocks: Sequence[np.ndarray]

    def times(self, rows: np.ndarray) -> np.ndarray:
        """B rows, of (D, n)."""
        return self._each(rows, self.blocks)

    def around(self, symmetric: np.ndarray) -> np.ndarray:
        """B^T S B: a covariance (D, D) of rows x, as that of x B."""
        transposed = [block.T for block in self.blocks]
        return self._each(self._each(symmetric, transposed).T, transposed).T

    def _each(self, rows: np.ndarray, blocks: Sequence[np.ndarray]) -> np.ndarray:
        ends = np.cumsum([len(block) for block in blocks])[:-1]
        return np.concatenate([block @ part for block, part in zip(blocks, np.split(rows, ends), strict=True)])


@dataclass(frozen=True)
class Rewhitening:
    """By space, the whitening that was learned from all images (``whole``), and those without what was withheld in each
    turn. Rows that were whitened by the first ones have seen the images that they are to judge."""

    whole: Sequence[Discriminant]
    turns: Sequence[Mapping[Withheld, Discriminant]]

    def without(self, turn: Withheld) -> Blocks | None:
        """What takes rows x, whitened by the whole, to x B, where they would lie without what is withheld; None where
        nothing is."""
        if not all(turn in of_space for of_space in self.turns):
            return None
        pairs = [
            (whole.whitening, of_space[turn].whitening) for whole, of_space in zip(self.whole, self.turns, strict=True)
        ]
        return Blocks([scipy.linalg.solve_triangular(ours, theirs) for ours, theirs in pairs])
