"""What the supervised networks share: labels, crops of at most 64 px, and the training of classifier.py."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

import numpy as np
import torch
from torch import nn

from .base import Images
from .classifier import Loss, Schedule, random_crops, train

_CROP = 64


class SupervisedNetwork(ABC):
    """Trained from scratch on random crops that start on multiples of ``grid``."""

    name: str
    classes: np.ndarray
    grid = 1
    loss: Loss | None = None

    def __init__(self, schedule: Schedule | None = None, seed: int = 0) -> None:
        self.schedule, self.seed = schedule or Schedule(), seed

    @abstractmethod
    def network(self, classes: int, side: int) -> nn.Module:
        """A new network for crops (n, 3, side, side) in [-1, 1]."""

    def augment(self, crops: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """What happens to training crops, uint8 (n, 3, h, w): nothing here."""
        return crops

    def fit(self, images: Images, labels: np.ndarray) -> Self:
        self.classes, targets = np.unique(labels, return_inverse=True)
        pixels = channels_first(images)
        self._side = min(_CROP, *pixels.shape[2:])
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)
            self._model = self.network(len(self.classes), self._side)
        train(self._model, pixels, targets, self.schedule, self._prepare, loss=self.loss, seed=self.seed)
        return self

    def _prepare(self, batch: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return scaled(self.augment(random_crops(batch, self._side, rng, self.grid), rng))


def channels_first(images: Images) -> np.ndarray:
    """uint8 (n, h, w, 3) -> (n, 3, h, w)."""
    return np.asarray(images).transpose(0, 3, 1, 2)


def scaled(images: np.ndarray) -> np.ndarray:
    """uint8 -> float32 in [-1, 1], of the same shape."""
    return images.astype(np.float32) / 127.5 - 1.0
