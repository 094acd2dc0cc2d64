"""Learned spaces: what a small network that tells simulated image decoders apart sees in a view.

The network never saw a generated image. It was trained on real photos passed through random up-sampling pipelines
(training/decoders.py), and its pooled features carry over to the decoders of real generators.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from .batched import batched

WEIGHTS = Path(__file__).parent / "weights" / "decoders.safetensors"


class OnePass:
    """The network's statistics of views, pooled ones first; the last views' are kept, for the other space to read."""

    def __init__(self) -> None:
        self._last: tuple[np.ndarray, np.ndarray] | None = None

    def of(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 336 + 1540)."""
        last = self._last  # one read: another thread may answer for other views meanwhile
        if last is None or last[0] is not views:
            last = self._last = views, batched(self._network.with_correlations, views)
        return last[1]

    @cached_property
    def _network(self) -> Any:
        from safetensors.torch import load_file

        from .encoder import Encoder

        network = Encoder()
        network.load_state_dict(load_file(WEIGHTS))
        return network.for_use()


class Learned:
    """Mean and standard deviation of the network's feature maps over a view."""

    name = "learned"
    version = 2
    dimension = 336

    def __init__(self, one_pass: OnePass) -> None:
        self._pass = one_pass

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 336)."""
        return np.ascontiguousarray(self._pass.of(views)[:, : self.dimension])


class Gram:
    """How the network's fine feature maps go together: the correlation of each with each other one over a view.

    The Gram matrix of a texture (Gatys et al., 2015), its diagonal taken out: which traces meet at one place, whatever
    their strength.
    """

    name = "gram"
    version = 1

    def __init__(self, one_pass: OnePass) -> None:
        self._pass = one_pass

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 1540)."""
        return np.ascontiguousarray(self._pass.of(views)[:, Learned.dimension :])
