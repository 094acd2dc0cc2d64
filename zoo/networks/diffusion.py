"""A diffusion model: a small U-Net that predicts the velocity, sampled by DDIM in few steps."""

from __future__ import annotations

import copy
import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..designs.design import Design
from .recipe import Recipe, adam, follow

WIDTH = 40
SAMPLING_STEPS = 20
_SIDE = 32


def schedule(t: Tensor) -> tuple[Tensor, Tensor]:
    """Signal and noise at time t in [0, 1]: cos and sin of a right angle's part (Nichol and Dhariwal 2021)."""
    angle = t * (math.pi / 2)
    return angle.cos(), angle.sin()


class ResidualBlock(nn.Module):
    """x + conv(silu(norm(conv(silu(norm(x))) + time))): (n, c, h, w) -> (n, d, h, w)."""

    def __init__(self, inward: int, outward: int) -> None:
        super().__init__()
        self.before, self.after = nn.GroupNorm(4, inward), nn.GroupNorm(4, outward)
        self.first = nn.Conv2d(inward, outward, 3, padding=1)
        self.second = nn.Conv2d(outward, outward, 3, padding=1)
        self.time = nn.Linear(2 * WIDTH, outward)
        self.around = nn.Conv2d(inward, outward, 1) if inward != outward else nn.Identity()
        nn.init.zeros_(self.second.weight)  # a block begins as its shortcut

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        hidden = self.first(F.silu(self.before(x))) + self.time(time)[:, :, None, None]
        return self.around(x) + self.second(F.silu(self.after(hidden)))


class UNet(nn.Module):
    """Velocity v = signal * noise - noise' * image (Salimans and Ho 2022) of noisy images (n, 3, 32, 32) at times (n,).

    Works on 2 x 2 patches, at 16 and 8 px.
    """

    def __init__(self) -> None:
        super().__init__()
        self.time = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.SiLU())
        self.inward = nn.Conv2d(12, WIDTH, 3, padding=1)
        self.high = ResidualBlock(WIDTH, WIDTH)
        self.down = nn.Conv2d(WIDTH, 2 * WIDTH, 3, stride=2, padding=1)
        self.low = nn.ModuleList(ResidualBlock(2 * WIDTH, 2 * WIDTH) for _ in range(3))
        self.up = nn.Conv2d(2 * WIDTH, WIDTH, 3, padding=1)
        self.join = ResidualBlock(2 * WIDTH, WIDTH)
        self.outward = nn.Sequential(nn.GroupNorm(4, WIDTH), nn.SiLU(), nn.Conv2d(WIDTH, 12, 3, padding=1))

    def forward(self, noisy: Tensor, t: Tensor) -> Tensor:
        time = self.time(_waves(t))
        high = self.high(self.inward(F.pixel_unshuffle(noisy, 2)), time)
        x = self.down(high)
        for block in self.low:
            x = block(x, time)
        x = self.up(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        return F.pixel_shuffle(self.outward(self.join(torch.cat([x, high], dim=1), time)), 2)


def _waves(t: Tensor) -> Tensor:
    """Times (n,) as sines and cosines (n, WIDTH) of rising frequency."""
    frequencies = torch.exp(torch.linspace(0.0, math.log(100.0), WIDTH // 2))
    angles = t[:, None] * frequencies * math.pi
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Sampler(nn.Module):
    """DDIM without added noise (Song et al. 2021), in SAMPLING_STEPS steps: (n, latent) to images (n, 3, 32, 32)."""

    def __init__(self) -> None:
        super().__init__()
        self.latent = 3 * _SIDE * _SIDE
        self.network = UNet()

    def forward(self, noise: Tensor) -> Tensor:
        x = noise.view(-1, 3, _SIDE, _SIDE)
        for now, then in pairwise(torch.linspace(1.0, 0.0, SAMPLING_STEPS + 1)):
            signal, strength = schedule(now)
            velocity = self.network(x, now.expand(len(x)))
            image = (signal * x - strength * velocity).clamp(-1, 1)
            rest = strength * x + signal * velocity
            signal, strength = schedule(then)
            x = signal * image + strength * rest
        return x


class Diffusion(Recipe):
    """The squared error of the velocity at random times; the average network is kept."""

    steps = 4000

    def __init__(self, design: Design) -> None:
        sampler = Sampler()
        self.networks = {"sampler": sampler, "average": copy.deepcopy(sampler)}
        self.optimizers = {"sampler": adam(sampler, 1e-3, momentum=0.9)}

    @property
    def product(self) -> nn.Module:
        return self.networks["average"]

    def step(self, real: Tensor, rng: torch.Generator, step: int) -> dict[str, float]:
        sampler = self.networks["sampler"]
        t = (torch.arange(len(real)) + torch.rand(len(real), generator=rng)) / len(real)  # spread evenly, less variance
        noise = torch.randn(real.shape, generator=rng)
        signal, strength = (part[:, None, None, None] for part in schedule(t))
        velocity = sampler.network(signal * real + strength * noise, t).float()
        loss = ((velocity - (signal * noise - strength * real)) ** 2).mean()
        self.descend("sampler", loss)
        follow(self.product, sampler, min(0.998, 1 - 1 / (step + 2)))
        return {"error": float(loss.detach())}
