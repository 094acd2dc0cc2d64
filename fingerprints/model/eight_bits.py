"""Matrices in eight bits a value: each column in whole steps of its own size. Half the bytes of float16."""

from __future__ import annotations

import numpy as np

_MOST = 127  # steps from 0, to either side
_BITS = 16  # of a step's fraction: so few that values which are whole steps give the same step again, exactly


def coarse(values: np.ndarray) -> np.ndarray:
    """The matrix (n, d) as it will be when it is stored and read: float32, off by half a step at most."""
    steps, sizes = _steps(values)
    return steps * sizes


def packed(name: str, values: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays to store for the matrix (n, d)."""
    steps, sizes = _steps(values)
    return {name: steps.astype(np.int8), _sizes(name): sizes}


def unpacked(name: str, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """The matrix (n, d) float32; files of earlier versions hold its values themselves. KeyError or ValueError."""
    values = arrays[name].astype(np.float32)
    return values * arrays[_sizes(name)] if arrays[name].dtype == np.int8 else values


def _sizes(name: str) -> str:
    return f"{name}.step"


def _steps(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values = np.asarray(values, dtype=np.float32)
    largest = np.abs(values).max(axis=0, initial=0.0)
    fraction, exponent = np.frexp(np.where(largest > 0, largest / _MOST, 1.0))
    sizes = np.ldexp(np.ceil(fraction * 2**_BITS) / 2**_BITS, exponent).astype(np.float32)
    return np.round(values / sizes), sizes
