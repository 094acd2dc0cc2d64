"""Whitenings, which are upper triangular, in eight bits a value: a quarter of what half of a matrix takes in float32.

The diagonal is many times as large as what stands beside it, so it is kept as it is; each row of the rest is in whole
steps of its own size (eight_bits.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .eight_bits import coarse, packed, unpacked


def coarse_triangle(whitening: np.ndarray) -> np.ndarray:
    """The whitening (d, d) as it will be when it is stored and read."""
    diagonal, rest = _parts(whitening)
    return coarse(rest.T).T + np.diag(diagonal)


def packed_triangle(name: str, whitening: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays to store for the whitening (d, d)."""
    diagonal, rest = _parts(whitening)
    arrays = packed(name, rest.T)
    return {**arrays, name: arrays[name].T[_above(len(rest))], _diagonal(name): diagonal}


def unpacked_triangle(name: str, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
    """The whitening (d, d) again. Files of earlier versions hold its upper triangle, or all of it, in float16 or
    float32. KeyError or ValueError."""
    stored = arrays[name]
    if stored.dtype != np.int8:
        return stored.astype(np.float32) if stored.ndim == 2 else _filled(stored, 0)
    rest = unpacked(name, {**arrays, name: _filled(stored, 1).T.astype(np.int8)}).T
    return rest + np.diag(arrays[_diagonal(name)])


def packed_triangles(name: str, whitenings: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays to store for one whitening or more, one after the other."""
    each = [packed_triangle(name, whitening) for whitening in whitenings]
    return {part: np.stack([arrays[part] for arrays in each]) for part in each[0]}


def unpacked_triangles(name: str, arrays: Mapping[str, np.ndarray]) -> Iterator[np.ndarray]:
    """These whitenings again; none where nothing is stored under that name."""
    stored = {part: values for part, values in arrays.items() if part == name or part.startswith(f"{name}.")}
    for number in range(len(arrays.get(name, ()))):
        yield unpacked_triangle(name, {part: values[number] for part, values in stored.items()})


def _parts(whitening: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    diagonal = np.diagonal(whitening).astype(np.float32)
    return diagonal, np.triu(whitening, 1)


def _filled(stored: np.ndarray, offset: int) -> np.ndarray:
    """The matrix (d, d) with these values on its diagonal number ``offset`` and above."""
    d = math.isqrt(2 * len(stored)) + offset
    matrix = np.zeros((d, d), np.float32)
    matrix[_above(d, offset)] = stored
    return matrix


def _above(d: int, offset: int = 1) -> tuple[np.ndarray, np.ndarray]:
    return np.triu_indices(d, offset)


def _diagonal(name: str) -> str:
    return f"{name}.diagonal"
