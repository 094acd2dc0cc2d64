"""A map of fingerprints: classical multidimensional scaling (Torgerson, 1952)."""

from __future__ import annotations

import numpy as np
import scipy.linalg


def planar(squared: np.ndarray) -> tuple[np.ndarray, float]:
    """Squared distances (g, g) -> places (g, 2), and the share of the variance that the plane shows.

    Each coordinate's sign is such that its largest value is positive: the same distances give the same map.
    """
    centring = np.eye(len(squared)) - 1.0 / len(squared)
    values, vectors = scipy.linalg.eigh(-0.5 * centring @ squared @ centring)
    places = vectors[:, :-3:-1] * np.sqrt(np.maximum(values[:-3:-1], 0.0))
    places *= np.sign(places[np.abs(places).argmax(axis=0), range(places.shape[1])])
    return places, float(np.maximum(values[-2:], 0).sum() / np.maximum(values, 0).sum())
