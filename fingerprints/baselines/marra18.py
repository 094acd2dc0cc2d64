"""Marra et al., "Detection of GAN-generated fake images over social networks" (MIPR 2018): a supervised network on RGB.

The paper fine-tunes XceptionNet. Simplified for a CPU: the small residual network of attribution/network.py, trained
from scratch on random crops of at most 64 px; a larger image is scored by its whole surface.
"""

from __future__ import annotations

from typing import Self

import numpy as np
import torch

from ..attribution.network import Schedule, log_softmax, random_crops, small_resnet, train
from .base import Images

_CROP = 64


class Marra18:
    name = "Marra18"
    classes: np.ndarray

    def __init__(self, schedule: Schedule | None = None, seed: int = 0) -> None:
        self.schedule, self.seed = schedule or Schedule(), seed

    def fit(self, images: Images, labels: np.ndarray) -> Self:
        self.classes, targets = np.unique(labels, return_inverse=True)
        pixels = np.asarray(images).transpose(0, 3, 1, 2)
        side = min(_CROP, *pixels.shape[2:])
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            self._model = small_resnet(3, len(self.classes), side)
        train(
            self._model,
            pixels,
            targets,
            self.schedule,
            lambda batch, rng: scaled(self.augment(random_crops(batch, side, rng), rng)),
            seed=self.seed,
        )
        return self

    def scores(self, images: Images) -> np.ndarray:
        """Log probabilities (n, classes)."""
        return log_softmax(self._model, np.asarray(images).transpose(0, 3, 1, 2), scaled)

    def augment(self, crops: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What happens to training crops, uint8 (n, 3, h, w): nothing here."""
        return crops


def scaled(images: np.ndarray) -> np.ndarray:
    """uint8 -> float32 in [-1, 1], of the same shape."""
    return images.astype(np.float32) / 127.5 - 1.0
