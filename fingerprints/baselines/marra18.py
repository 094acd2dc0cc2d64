"""Marra et al., "Detection of GAN-generated fake images over social networks" (MIPR 2018): a supervised network on RGB.

The paper fine-tunes XceptionNet. Simplified for a CPU: the small residual network of parts/classifier.py, trained
from scratch on random crops of at most 64 px; a larger image is scored by its whole surface.
"""

from __future__ import annotations

import numpy as np
from torch import nn

from .parts.base import Images
from .parts.classifier import log_softmax, small_resnet
from .parts.supervised import SupervisedNetwork, channels_first, scaled


class Marra18(SupervisedNetwork):
    name = "Marra18"

    def network(self, classes: int, side: int) -> nn.Module:
        return small_resnet(3, classes, side)

    def scores(self, images: Images) -> np.ndarray:
        """Log probabilities (n, classes)."""
        return log_softmax(self._model, channels_first(images), scaled)
