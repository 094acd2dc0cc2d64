"""The network of the space "autoencoder": the first layers of the encoder of TAESANA, a distilled DC-AE."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from .differences import correlations, mean_and_variance

_FIRST, _WIDTH, _BLOCKS = 32, 64, 3
_FLOOR = 1e-6  # of a variance, for its logarithm
_COMPARED = (4, 8)  # the places of layers whose maps are compared with each other


class SanaEncoder(nn.Sequential):
    """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, 704 + 2 * 2016): mean and log deviation of each map of each
    layer, and the correlations of the maps of two layers.

    Tensors are named by their place, as in the published file. Its later layers, of coarser maps, added nothing.
    """

    def __init__(self) -> None:
        super().__init__(
            _halving(3, _FIRST),
            nn.ReLU(),
            _halving(_FIRST, _WIDTH),
            nn.ReLU(),
            _Block(),
            _halving(_WIDTH, _WIDTH, bias=False),
            *(_Block() for _ in range(_BLOCKS)),
        )

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        maps = views.permute(0, 3, 1, 2).float().div_(255).contiguous(memory_format=torch.channels_last)
        strengths, together = [], []
        for place, layer in enumerate(self):
            maps = layer(maps)
            if isinstance(layer, (nn.ReLU, _Block)):
                strengths.append(_strength(maps))
            if place in _COMPARED:
                together.append(correlations(maps))
        return torch.cat([*strengths, *together], dim=1)


class _Block(nn.Module):
    """ReLU(x + F(x)), F three convolutions."""

    def __init__(self) -> None:
        super().__init__()
        three = [nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1) for _ in range(3)]
        self.conv = nn.Sequential(three[0], nn.ReLU(), three[1], nn.ReLU(), three[2])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.conv(x))


def _halving(inputs: int, outputs: int, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=bias)


def _strength(maps: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) -> (n, 2 c): mean and log deviation of each map."""
    mean, variance = mean_and_variance(maps)
    return torch.cat([mean, (variance + _FLOOR).log() / 2], dim=1)
