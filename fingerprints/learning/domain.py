"""Learn what a collection is about (attribution/domain.py)."""

from __future__ import annotations

import numpy as np

from ..attribution.domain import Domain
from ..splits import content_share
from .learn_network import fit_network

_LOST = 0.01  # of its own pictures that are taken for something else
_HELD = 0.3
_HIDDEN, _MEMBERS, _EPOCHS, _DECAY = 16, 1, 30, 1.0


def learn_domain(about: str, inside: np.ndarray, contents: np.ndarray, outside: np.ndarray) -> Domain:
    """From views (n, D) of the collection's own pictures, with their ``contents`` (n,), and of photos of other things
    (m, D). The least is chosen on contents that were not learned from."""
    held = content_share(contents, "domain") < _HELD
    x = np.concatenate([inside[~held], outside])
    y = np.repeat([True, False], [int((~held).sum()), len(outside)])
    weight = np.where(y, 0.5 / max(int(y.sum()), 1), 0.5 / max(int((~y).sum()), 1))
    network = fit_network(x, y, weight, _HIDDEN, _MEMBERS, _EPOCHS, _DECAY)
    return Domain(about, network, float(np.quantile(network(inside[held]), _LOST)))
