"""The network of the learned space: four convolutions on pixel differences, pooled twice."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

WIDTH = 56


class Encoder(nn.Module):
    """uint8 (n, h, w, 3), h and w even -> float32 (n, 6 * WIDTH): mean and standard deviation of two sets of maps.

    Each 2 x 2 block of pixels becomes the channels of one place, so that the period of the last up-sampling is seen by
    every layer, at a quarter of the cost.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(_layer(48, WIDTH), _layer(WIDTH, WIDTH))
        self.coarse = nn.Sequential(_layer(WIDTH, WIDTH), _layer(WIDTH, 2 * WIDTH, stride=2))

    def for_use(self) -> Encoder:
        """Itself, no longer to be trained: each normalisation is folded into the convolution before it."""
        self.eval()
        for layer in (*self.fine, *self.coarse):
            layer[0], layer[1] = fuse_conv_bn_eval(layer[0], layer[1]), nn.Identity()
        return self

    def forward(self, views: torch.Tensor) -> torch.Tensor:
        fine, coarse = self._maps(views)
        return _strengths(fine, coarse)

    def seen(self, views: torch.Tensor) -> torch.Tensor:
        """What forward says, and how the maps go together: uint8 (n, h, w, 3) -> float32 (n, 6 W + W (W - 1)), with
        W = WIDTH: the correlations of the fine maps, and of as many coarse ones."""
        fine, coarse = self._maps(views)
        # of half of the coarse maps: all have four times the pairs, and a basis too large for a registry
        return torch.cat([_strengths(fine, coarse), correlations(fine), correlations(coarse[:, :WIDTH])], dim=1)

    def _maps(self, views: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        places = F.pixel_unshuffle(differences(views), 2).contiguous(memory_format=torch.channels_last)
        fine = self.fine(places)
        return fine, self.coarse(fine)


def _strengths(fine: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
    return torch.cat([pooled(fine), pooled(coarse)], dim=1)


def _layer(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.1, inplace=True),
    )


def differences(views: torch.Tensor) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> (n, 12, h, w): first and second differences across and down, a tenth of a grey level = .01.

    Content lives in the slow part of an image, traces of decoders in the fast one; strong edges are squashed.
    """
    x = views.permute(0, 3, 1, 2).float() / 10.0
    wide = F.pad(x, (1, 1, 1, 1), mode="replicate")
    right, down = wide[..., 1:-1, 2:] - x, wide[..., 2:, 1:-1] - x
    left, up = x - wide[..., 1:-1, :-2], x - wide[..., :-2, 1:-1]
    return torch.cat([right, down, right - left, down - up], dim=1).clamp_(-4, 4)


def pooled(maps: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) -> (n, 2 c): mean and standard deviation of each map."""
    flat = _by_place(maps)
    mean = flat.mean(dim=1)
    variance = (flat - mean[:, None]).square_().mean(dim=1)
    return torch.cat([mean, (variance + 1e-5).sqrt()], dim=1)


def correlations(maps: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) -> (n, c (c - 1) / 2): Pearson's, of each map with each other one, over all places."""
    flat = _by_place(maps)
    flat = flat - flat.mean(dim=1, keepdim=True)
    covariance = flat.transpose(1, 2) @ flat / flat.shape[1]
    deviation = (covariance.diagonal(dim1=1, dim2=2) + 1e-5).sqrt()
    row, column = torch.triu_indices(*covariance.shape[1:], offset=1)
    return covariance[:, row, column] / (deviation[:, row] * deviation[:, column])


def _by_place(maps: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) -> (n, h w, c): channels last, as they lie, so that nothing is copied."""
    n, c, height, width = maps.shape
    return maps.permute(0, 2, 3, 1).reshape(n, height * width, c)
