"""ManiFPT in the learned spaces, SL and SSL: the artifact is a vector, and embedding is the slow part."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache

import numpy as np

from fingerprints.geometry.artifact import artifacts
from fingerprints.geometry.projection import Projection
from fingerprints.spaces import PRETRAINED, Space, get_space

from .data import Views
from .manifpt import Attributor, ManiFPT, blockwise


class ManiFPTOfVectors(ManiFPT):
    """The paper's pipeline where phi gives vectors (n, d)."""

    def __init__(self, bank: Views, space: str, projection: Projection, attributor: Callable[[], Attributor]) -> None:
        super().__init__(bank, space, projection, attributor)
        self._space = remembering(space)

    def artifacts(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3) -> artifacts (n, d). No view may be in the bank."""
        return artifacts(blockwise(self._space.embed, pixels), self._manifold, self._projection)


class Remembering:
    """A space that embeds the same block of views once, for all projections and classifiers."""

    def __init__(self, space: Space) -> None:
        self.name, self.version, self._space = space.name, space.version, space
        self._known: dict[bytes, np.ndarray] = {}

    def embed(self, views: np.ndarray) -> np.ndarray:
        """As the space does; float32 (n, d)."""
        key = hashlib.sha256(views.tobytes()).digest()
        if key not in self._known:
            self._known[key] = self._space.embed(views)
        return self._known[key]


@cache
def remembering(space: str) -> Remembering:
    """The one that all rows share."""
    return Remembering(get_space(space))


def usable_pretrained() -> list[str]:
    """The large spaces whose weights are here; a line for each that is left out."""
    reasons = {name: space.missing() for name, space in PRETRAINED.items()}
    for reason in filter(None, reasons.values()):
        print(f"left out: {reason}", flush=True)
    return [name for name, reason in reasons.items() if not reason]
