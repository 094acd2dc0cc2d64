"""The paper's SL and SSL spaces, small: penultimate features of a network that saw real images alone.

ManiFPT (section 4.1) takes the pooled features of a ResNet-50 that learned ImageNet's classes (SL), or of one trained
by Barlow Twins (SSL), on images scaled to 224 px. These two were trained by this project on CIFAR-10 classes, and by
Barlow Twins on CIFAR-10 and CelebA (training/learn_encoders.py; the model cards lie beside the weights). Views keep
their size: scaling would wash the traces out. ``pretrained`` has the large ones.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..sentence import said
from .networks import batched

_FOLDER = Path(__file__).parent / "weights"


class SmallLearned:
    """phi is the small encoder with the weights of that name."""

    name: str
    label: str
    version = 1

    @property
    def weights(self) -> Path:
        return _FOLDER / f"{self.name}.safetensors"

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 256)."""
        return batched(self._network, views)

    @cached_property
    def _network(self) -> Any:
        from safetensors.torch import load_file

        from .networks.small import SmallEncoder

        network = SmallEncoder()
        network.load_state_dict(load_file(self.weights))
        return network.eval()


class Supervised(SmallLearned):
    """SL: the network knows the ten classes of CIFAR-10."""

    name = "sl"
    label = said("what a network that was trained to name things sees in it")


class SelfSupervised(SmallLearned):
    """SSL: the network knows, by Barlow Twins, which two views come from one image."""

    name = "ssl"
    label = said("what a network that was trained without names sees in it")


SPACES = (Supervised(), SelfSupervised())
