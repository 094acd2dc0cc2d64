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


class Learned:
    """Mean and standard deviation of the network's feature maps over a view."""

    name = "learned"
    version = 2

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 336)."""
        return batched(self._network, views)

    @cached_property
    def _network(self) -> Any:
        from safetensors.torch import load_file

        from .encoder import Encoder

        network = Encoder()
        network.load_state_dict(load_file(WEIGHTS))
        return network.for_use()


class Gram(Learned):
    """How the network's fine feature maps go together: the correlation of each with each other one over a view.

    The Gram matrix of a texture (Gatys et al., 2015), its diagonal taken out: which traces meet at one place, whatever
    their strength. In no collection: a row of the study (benchmarks/paper_methods.py).
    """

    name = "gram"
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 1540)."""
        return batched(self._network.fine_correlations, views)
