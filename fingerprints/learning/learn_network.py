"""Fit a Network: small perceptrons on standardised features."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from ..attribution.calibration import Network

_BATCH, _RATE = 256, 3e-3


def fit_network(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, hidden: int, members: int, epochs: int, decay: float
) -> Network:
    """Log-odds of y (n,) from features x (n, k), each row of so much ``weight`` (n,): the mean of so many ``members``
    of one ``hidden`` layer, which differ in their seeds."""
    centre = np.average(x, axis=0, weights=weight)
    scale = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=weight)) + 1e-6
    plain = Network(tuple(centre.tolist()), tuple(scale.tolist()), ())
    z, each = plain.standardised(x), weight / weight.mean()
    found = []
    for seed in range(members):
        network = MLPClassifier(
            (hidden,),
            alpha=decay,
            batch_size=min(_BATCH, len(z)),
            learning_rate_init=_RATE,
            max_iter=epochs,
            random_state=seed,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # so many epochs are enough
            network.fit(z, y, sample_weight=each)
        (w, v), (b, c) = network.coefs_, network.intercepts_
        found.append((_rounded(w), _rounded(b), _rounded(v[:, 0]), float(c[0])))
    return Network(plain.centre, plain.scale, tuple(found))


def _rounded(values: np.ndarray) -> Any:
    return np.round(values, 5).tolist()
