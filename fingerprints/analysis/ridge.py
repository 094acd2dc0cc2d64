"""Ridge regression in its dual form: generators are few and coordinates many, so kernels of inner products do."""

from __future__ import annotations

import numpy as np


def dual(kernel: np.ndarray, ridge: float, queries: np.ndarray, noise: float = 0.0) -> np.ndarray:
    """The matrix (q, g) that takes the training targets (g, levels) to the predictions for queries.

    ``kernel`` (g, g) and ``queries`` (q, g): inner products, about any origin; the intercept is not shrunk. ``noise``:
    the sampling variance of a query's coordinates beyond that of the training generators. Ridge regression is least
    squares for inputs with white noise, so it adds g * noise to the ridge: few images are trusted less.
    """
    g = len(kernel)
    column, total = kernel.mean(axis=0), kernel.mean()
    centred = kernel - column - column[:, None] + total
    strength = ridge * np.trace(centred) / g + g * noise
    across = queries - queries.mean(axis=1, keepdims=True) - column + total
    smooth = np.linalg.solve(centred + strength * np.eye(g), across.T).T
    return np.asarray(smooth + 1.0 / g)  # its rows sum to 0: only the mean target is to be added


def leave_out(kernel: np.ndarray, units: np.ndarray, ridge: float) -> np.ndarray:
    """The matrix (g, g) that takes targets to the predictions for each generator, had its unit not been there.

    Closed form: with the hat matrix H, the held-out residual of unit U is (I - H_UU)^-1 times its fitted residual.
    """
    hat = dual(kernel, ridge, kernel)
    found = np.zeros_like(hat)
    for unit in np.unique(units):
        rows = np.flatnonzero(units == unit)
        residual = -hat[rows]
        residual[np.arange(len(rows)), rows] += 1.0
        found[rows] = -np.linalg.solve(residual[:, rows], residual)
        found[rows, rows] += 1.0
    return found
