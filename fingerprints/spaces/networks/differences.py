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
        self.places: nn.Module = nn.PixelUnshuffle(2)
        self.fine = nn.Sequential(_layer(48, WIDTH), _layer(WIDTH, WIDTH))
        self.coarse = nn.Sequential(_layer(WIDTH, WIDTH), _layer(WIDTH, 2 * WIDTH, stride=2))

    def for_use(self) -> Encoder:
        """Itself, no longer to be trained: each normalisation is folded into the convolution before it, and the blocks
        of pixels into the first one."""
        self.eval()
        for layer in (*self.fine, *self.coarse):
            layer[0], layer[1] = fuse_conv_bn_eval(layer[0], layer[1]), nn.Identity()
        self.fine[0][0], self.places = _over_pixels(self.fine[0][0]), nn.Identity()
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
        fine = self.fine(self.places(differences(views)).contiguous(memory_format=torch.channels_last))
        return fine, self.coarse(fine)


def _strengths(fine: torch.Tensor, coarse: torch.Tensor) -> torch.Tensor:
    return torch.cat([pooled(fine), pooled(coarse)], dim=1)


def _layer(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.LeakyReLU(0.1, inplace=True),
    )


def _over_pixels(layer: nn.Conv2d) -> nn.Conv2d:
    """What a convolution of 2 x 2 blocks, 3 x 3 of them at once, does to their 6 x 6 pixels."""
    outputs, inputs = layer.weight.shape[0], layer.weight.shape[1] // 4
    wide = nn.Conv2d(inputs, outputs, 6, stride=2, padding=2)
    by_pixel = layer.weight.reshape(outputs, inputs, 2, 2, 3, 3).permute(0, 1, 4, 2, 5, 3)
    wide.weight = nn.Parameter(by_pixel.reshape(wide.weight.shape).contiguous(memory_format=torch.channels_last))
    wide.bias = layer.bias
    return wide


def differences(views: torch.Tensor) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> (n, 12, h, w): first and second differences across and down, a tenth of a grey level = .01.

    Content lives in the slow part of an image, traces of decoders in the fast one; strong edges are squashed.
    """
    x = views.permute(0, 3, 1, 2).contiguous().float() / 10.0
    across, down = F.pad(x.diff(dim=3), (1, 1)), F.pad(x.diff(dim=2), (0, 0, 1, 1))  # no difference at the border
    right, left, below, above = across[..., 1:], across[..., :-1], down[:, :, 1:], down[:, :, :-1]
    return torch.cat([right, below, right - left, below - above], dim=1).clamp_(-4, 4)


def pooled(maps: torch.Tensor) -> torch.Tensor:
    """(n, c, h, w) -> (n, 2 c): mean and standard deviation of each map."""
    mean, variance = mean_and_variance(maps)
    return torch.cat([mean, (variance + 1e-5).sqrt()], dim=1)


def mean_and_variance(maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, c, h, w) -> (n, c) twice: of each map. torch.var_mean takes many times as long of channels that lie last."""
    flat = _by_place(maps)
    mean = flat.mean(dim=1)
    return mean, (flat - mean[:, None]).square_().mean(dim=1)


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
