"""What a collection is about, where its pictures all show one kind of thing: of others it knows nothing.

A collection of faces compares whatever it is asked about with faces, and a small photo of something else lies nearest
to one generator or another. So it learns to tell its own pictures, photos and generated ones alike, from photos of
other things, and gives no answer about those.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .attribution.calibration import Network
from .attribution.learn_network import fit_network
from .splits import content_share

SPACE = "shape"  # that pictures are compared in
_LOST = 0.01  # of its own pictures that are taken for something else
_HELD = 0.3
_HIDDEN, _MEMBERS, _EPOCHS, _DECAY = 16, 1, 30, 1.0


@dataclass(frozen=True)
class Domain:
    """``about``: what all pictures show, in a word ("faces"); log-odds of that by ``network``, and the ``least`` that
    is asked for."""

    about: str
    network: Network
    least: float

    def shows(self, embedded: np.ndarray) -> bool:
        """Does an image show that? ``embedded`` (views, D): its views in the space ``SPACE``."""
        return bool(self.network(embedded).mean() >= self.least)

    @classmethod
    def learn(cls, about: str, inside: np.ndarray, contents: np.ndarray, outside: np.ndarray) -> Domain:
        """From views (n, D) of the collection's own pictures, with their ``contents`` (n,), and of photos of other
        things (m, D). The least is chosen on contents that were not learned from."""
        held = content_share(contents, "domain") < _HELD
        x = np.concatenate([inside[~held], outside])
        y = np.repeat([True, False], [int((~held).sum()), len(outside)])
        weight = np.where(y, 0.5 / max(int(y.sum()), 1), 0.5 / max(int((~y).sum()), 1))
        network = fit_network(x, y, weight, _HIDDEN, _MEMBERS, _EPOCHS, _DECAY)
        return cls(about, network, float(np.quantile(network(inside[held]), _LOST)))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Domain:
        return cls(str(facts["about"]), Network.from_json(facts["network"]), float(facts["least"]))
