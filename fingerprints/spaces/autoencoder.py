"""What the encoder of a trained autoencoder sees in a view.

An encoder that was trained together with a decoder knows what decoders make of an image: its maps tell generators
apart, and generated images from photos, far better than the same network with random weights does
(benchmarks.controls.encoder).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from ..sentence import said
from .networks import batched

WEIGHTS = Path(__file__).parent / "weights" / "taesana_encoder.safetensors"


class Autoencoder:
    """How strong each map of TAESANA's encoder is (networks/sana.py), and how the maps of two layers go together."""

    name = "autoencoder"
    label = said("what the encoder of an image model sees in it")
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 4736)."""
        return batched(_network(), views)


@cache
def _network() -> Any:
    from safetensors.torch import load_file

    from .networks.sana import SanaEncoder

    network = SanaEncoder()
    network.load_state_dict(load_file(WEIGHTS))
    return network.eval()


SPACES = (Autoencoder(),)
