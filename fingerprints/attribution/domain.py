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

from .calibration import Network

SPACE = "shape"  # that pictures are compared in


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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Domain:
        return cls(str(facts["about"]), Network.from_json(facts["network"]), float(facts["least"]))
