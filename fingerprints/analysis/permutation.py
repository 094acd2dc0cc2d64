"""Permutation tests: what a figure would be if the labels said nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def shuffled(labels: np.ndarray, units: np.ndarray, draws: int, seed: int = 0) -> np.ndarray:
    """The labels (g,) dealt anew among the units, ``draws`` times: (draws, g).

    ``units`` (g,): generators that share a design (two seeds of one) are one unit, keep one label, and move together;
    dealt one by one they would count as independent evidence. ValueError when a unit has two labels.
    """
    names, first, unit = np.unique(units, return_index=True, return_inverse=True)
    of_unit = np.asarray(labels)[first]
    if (of_unit[unit] != labels).any():
        mixed = sorted({str(names[u]) for u in unit[of_unit[unit] != labels]})
        raise ValueError(f"generators of one unit must share their label, but {', '.join(mixed)} has several.")
    random = np.random.default_rng(seed)
    return np.stack([of_unit[random.permutation(len(names))][unit] for _ in range(draws)])


def p_value(observed: float, null: Sequence[float] | np.ndarray) -> float:
    """The share of permutations that reach the observed figure, the observed one among them: never 0."""
    null = np.asarray(null, float)
    return float((1 + (null >= observed - 1e-12).sum()) / (1 + len(null)))
