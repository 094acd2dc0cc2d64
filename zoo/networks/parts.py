"""Parts that the generators are made of, one for each axis of the design, and the discriminator of all GANs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

LATENT = 64
_HALF_POWER = 0.5**0.5  # of two paths that are added, so that the sum varies as much as one
WIDTHS = (96, 64, 32, 16)  # channels at 4, 8, 16 and 32 px


class Interpolated(nn.Module):
    """Twice the size by interpolation, then a convolution: (n, c, h, w) -> (n, d, 2h, 2w)."""

    def __init__(self, inward: int, outward: int, mode: str, size: int) -> None:
        super().__init__()
        self.mode = mode
        self.convolution = nn.Conv2d(inward, outward, size, padding=size // 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.convolution(F.interpolate(x, scale_factor=2.0, mode=self.mode))


def up_sampling(slug: str, inward: int, outward: int) -> nn.Module:
    """The four ways to twice the size: (n, inward, h, w) -> (n, outward, 2h, 2w)."""
    if slug == "transposed":
        return nn.ConvTranspose2d(inward, outward, 4, stride=2, padding=1)
    if slug == "shuffle":
        return nn.Sequential(nn.Conv2d(inward, 4 * outward, 3, padding=1), nn.PixelShuffle(2))
    return Interpolated(inward, outward, slug, 3)


def shortcut(slug: str, inward: int, outward: int) -> nn.Module:
    """The same way to twice the size with the smallest kernel it has, for the path around a block."""
    if slug == "transposed":
        return nn.ConvTranspose2d(inward, outward, 2, stride=2)
    if slug == "shuffle":
        return nn.Sequential(nn.Conv2d(inward, 4 * outward, 1), nn.PixelShuffle(2))
    return Interpolated(inward, outward, slug, 1)


def normalisation(slug: str, channels: int) -> nn.Module:
    kinds = {"batch": nn.BatchNorm2d, "instance": nn.InstanceNorm2d}
    return kinds[slug](channels, affine=True) if slug in kinds else nn.Identity()


def activation(slug: str) -> nn.Module:
    return {"relu": nn.ReLU(), "leaky": nn.LeakyReLU(0.2), "silu": nn.SiLU()}[slug]


class Block(nn.Module):
    """act(norm(up(x))), and with ``skip`` the up-sampled x is added to it: (n, c, h, w) -> (n, d, 2h, 2w)."""

    def __init__(self, inward: int, outward: int, up: str, norm: str, act: str, skip: bool) -> None:
        super().__init__()
        self.main = nn.Sequential(up_sampling(up, inward, outward), normalisation(norm, outward), activation(act))
        self.around = shortcut(up, inward, outward) if skip else None

    def forward(self, x: Tensor) -> Tensor:
        return self.main(x) if self.around is None else (self.main(x) + self.around(x)) * _HALF_POWER


class Decoder(nn.Module):
    """Latents (n, LATENT) to images (n, 3, 32, 32) in (-1, 1): the generator of every GAN and the decoder of every VAE.

    DCGAN's shape (Radford et al. 2016) at this size: a linear map to 4 x 4, three up-sampling blocks, a convolution.
    """

    def __init__(self, up: str, norm: str, act: str, skip: bool) -> None:
        super().__init__()
        self.latent = LATENT
        self.first = nn.Linear(LATENT, WIDTHS[0] * 16)
        self.begin = nn.Sequential(normalisation(norm, WIDTHS[0]), activation(act))
        steps = pairwise(WIDTHS)
        self.blocks = nn.Sequential(*(Block(inward, outward, up, norm, act, skip) for inward, outward in steps))
        self.last = nn.Conv2d(WIDTHS[-1], 3, 3, padding=1)
        he_initialised(self)
        nn.init.normal_(self.last.weight, std=0.02)  # begins with grey images, far from where tanh is flat

    def forward(self, latents: Tensor) -> Tensor:
        x = self.first(latents).view(-1, WIDTHS[0], 4, 4)
        return torch.tanh(self.last(self.blocks(self.begin(x))))


def discriminator() -> nn.Module:
    """Images (n, 3, 32, 32) to one score each (n, 1), with spectral normalisation (Miyato et al. 2018)."""
    return _judge(spectral_norm)


def critic() -> nn.Module:
    """The same layers without normalisation: the gradient penalty of WGAN-GP is what bounds them."""
    return he_initialised(_judge(lambda layer: layer))


def _judge(bounded: Callable[[nn.Module], nn.Module]) -> nn.Module:
    layers: list[nn.Module] = []
    for inward, outward in ((3, 32), (32, 64), (64, 128)):
        layers += [bounded(nn.Conv2d(inward, outward, 4, stride=2, padding=1)), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Flatten(), bounded(nn.Linear(128 * 16, 1)))


def he_initialised(network: nn.Module) -> nn.Module:
    """The network, each layer by He et al. 2015: one without normalisation keeps the scale of its input too."""
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
            fan = layer.weight[0].numel() if not isinstance(layer, nn.ConvTranspose2d) else _fan_transposed(layer)
            nn.init.normal_(layer.weight, std=(2 / fan) ** 0.5)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def _fan_transposed(layer: nn.ConvTranspose2d) -> float:
    """Each output pixel of a strided transposed convolution sees every stride-th tap of the kernel only."""
    return layer.in_channels * layer.kernel_size[0] * layer.kernel_size[1] / (layer.stride[0] * layer.stride[1])
