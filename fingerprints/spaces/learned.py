"""Learned spaces: what a small network that tells simulated image decoders apart sees in a view.

The network never saw a generated image. It was trained on real photos passed through random up-sampling pipelines
(training/decoders.py), and what its feature maps say carries over to the decoders of real generators.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..sentence import said
from .networks import batched

WEIGHTS = Path(__file__).parent / "weights" / "decoders.safetensors"
_POOLED = 336


@dataclass(frozen=True)
class OfMaps:
    """Some of what the network's feature maps say of a view; spaces of this kind can share one pass (``seen``)."""

    name: str
    label: str
    version: int
    columns: slice

    @property
    def begin(self) -> Callable[[np.ndarray], np.ndarray]:
        return seen

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, d)."""
        return self.of(seen(views))

    def of(self, what_is_seen: np.ndarray) -> np.ndarray:
        """The same from ``seen`` (n, 3416) of the views."""
        return np.ascontiguousarray(what_is_seen[:, self.columns])


LEARNED = OfMaps("learned", said("traces that a small network looks for"), 2, slice(0, _POOLED))
"""Mean and standard deviation of each feature map: how strong each trace is."""

GRAM = OfMaps("gram", said("which of these traces meet at one place"), 2, slice(_POOLED, None))
"""The correlation of each feature map with each other one, once between the fine maps and once between coarse ones.

The Gram matrix of a texture (Gatys et al., 2015), its diagonal taken out: which traces meet at one place, whatever
their strength.
"""


def seen(views: np.ndarray) -> np.ndarray:
    """One pass of the network: uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 3416)."""
    return batched(_network().seen, views)


@cache
def _network() -> Any:
    from safetensors.torch import load_file

    from .networks.differences import Encoder

    network = Encoder()
    network.load_state_dict(load_file(WEIGHTS))
    return network.for_use()


SPACES = (LEARNED, GRAM)
