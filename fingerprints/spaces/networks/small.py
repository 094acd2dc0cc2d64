"""The network of the small learned spaces: a residual network of three blocks."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

FEATURES = 256
_WIDTHS = (32, 64, 128, 128)


class SmallEncoder(nn.Module):
    """uint8 (n, h, w, 3), h and w >= 16 -> float32 (n, FEATURES): the means of the last maps.

    The first convolution keeps the resolution, each block halves it. About 0.6 million parameters.
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(*_normalised(3, _WIDTHS[0], 3), nn.ReLU())
        self.blocks = nn.Sequential(*(_Residual(a, b) for a, b in pairwise(_WIDTHS)))
        self.last = nn.Sequential(*_normalised(_WIDTHS[-1], FEATURES, 1), nn.ReLU())

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        return self.features((views.permute(0, 3, 1, 2).float() - 127.5) / 64.0)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """The same from pixels (n, 3, h, w) that are centred on zero, 64 grey levels = 1."""
        maps = self.last(self.blocks(self.stem(x.contiguous(memory_format=torch.channels_last))))
        return maps.float().mean(dim=(2, 3))


class _Residual(nn.Module):
    """ReLU(F(x) + W x) at half the resolution: F two normalised 3 x 3 convolutions, W one of 1 x 1."""

    def __init__(self, narrow: int, wide: int) -> None:
        super().__init__()
        self.change = nn.Sequential(*_normalised(narrow, wide, 3, stride=2), nn.ReLU(), *_normalised(wide, wide, 3))
        self.keep = nn.Sequential(*_normalised(narrow, wide, 1, stride=2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.change(x) + self.keep(x))


def _normalised(narrow: int, wide: int, kernel: int, stride: int = 1) -> list[nn.Module]:
    return [nn.Conv2d(narrow, wide, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(wide)]
