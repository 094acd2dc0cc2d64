"""Yu, Davis and Fritz, "Attributing fake images to GANs: learning and analyzing GAN fingerprints" (ICCV 2019).

A network R reconstructs the image x; what it leaves over is the fingerprint of the image, F(x) = R(x) - x. Each source
y owns a learned fingerprint F_y of that size, and p(y | x) is the softmax of corr(F(x), F_y), all learned end to end
with the reconstruction error. Simplified for a CPU: R is three convolutions at full and half resolution, without the
adversarial loss of the paper; images above 64 px are trained and scored on crops of 64 px that start on multiples of 16
(fingerprints are tied to positions).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .parts.base import Images
from .parts.classifier import log_softmax
from .parts.supervised import SupervisedNetwork, channels_first, scaled

_WIDTH = 16
_RECONSTRUCTION = 1.0  # weight of the mean absolute error beside the cross-entropy


def _loss(model: nn.Module, x: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    left_over = model.left_over(x)
    return functional.cross_entropy(model.correlations(left_over), target) + _RECONSTRUCTION * left_over.abs().mean()


class Yu19(SupervisedNetwork):
    name = "Yu19"
    grid = 16
    loss = staticmethod(_loss)

    def network(self, classes: int, side: int) -> nn.Module:
        return _Fingerprints(classes, side)

    def scores(self, images: Images) -> np.ndarray:
        """Log probabilities (n, classes), the mean over the crops of a larger image."""
        pixels, side = channels_first(images), self._side
        height, width = pixels.shape[2:]
        corners = [(y, x) for y in range(0, height - side + 1, side) for x in range(0, width - side + 1, side)]
        crops = [log_softmax(self._model, pixels[:, :, y : y + side, x : x + side], scaled) for y, x in corners]
        return np.mean(crops, axis=0)


class _Fingerprints(nn.Module):
    """R, and one fingerprint a source."""

    def __init__(self, classes: int, side: int) -> None:
        super().__init__()
        self.fine = nn.Sequential(nn.Conv2d(3, _WIDTH, 3, padding=1), nn.ReLU())
        self.coarse = nn.Sequential(nn.Conv2d(_WIDTH, 2 * _WIDTH, 3, 2, 1), nn.ReLU(), nn.Upsample(size=(side, side)))
        self.join = nn.Conv2d(3 * _WIDTH, 3, 3, padding=1)
        # Of norm 1: only directions count, and the longer a vector, the less a step turns it.
        self.sources = nn.Parameter(functional.normalize(torch.randn(classes, 3 * side * side)))
        self.sharpness = nn.Parameter(torch.tensor(10.0))

    def left_over(self, x: torch.Tensor) -> torch.Tensor:
        fine = self.fine(x)
        return self.join(torch.cat([fine, self.coarse(fine)], dim=1)) - x

    def correlations(self, left_over: torch.Tensor) -> torch.Tensor:
        images, sources = functional.normalize(left_over.flatten(1)), functional.normalize(self.sources)
        return self.sharpness * images @ sources.T

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.correlations(self.left_over(x))
