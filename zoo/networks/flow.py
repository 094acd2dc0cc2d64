"""A normalising flow: Glow (Kingma and Dhariwal 2018) with few steps, sampled a little colder than it was trained."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..designs.design import Design
from .recipe import Recipe, adam

LEVELS, STEPS, HIDDEN = 3, 6, 64
TEMPERATURE = 0.7
_SIDE = 32


class FlowStep(nn.Module):
    """An affine map of each channel, an invertible 1 x 1 convolution, an affine coupling: x (n, c, h, w) <-> y."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(channels))
        self.log_scale = nn.Parameter(torch.zeros(channels))
        self.mixing = nn.Parameter(torch.linalg.qr(torch.randn(channels, channels))[0])
        last = nn.Conv2d(HIDDEN, channels, 3, padding=1)
        nn.init.zeros_(last.weight)  # the coupling begins as the identity
        nn.init.zeros_(last.bias)
        self.coupling = nn.Sequential(
            nn.Conv2d(channels // 2, HIDDEN, 3, padding=1), nn.ReLU(), nn.Conv2d(HIDDEN, HIDDEN, 1), nn.ReLU(), last
        )

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """y, and the log-determinant (n,) of the step."""
        x = (x + self.shift[:, None, None]) * self.log_scale.exp()[:, None, None]
        x = F.conv2d(x, self.mixing[:, :, None, None])
        kept, changed = x.chunk(2, dim=1)
        log_scale, shift = self._affine(kept)
        constant = self.log_scale.sum() + torch.linalg.slogdet(self.mixing)[1]
        volume = constant * x.shape[2] * x.shape[3] + log_scale.flatten(1).sum(dim=1)
        return torch.cat([kept, (changed + shift) * log_scale.exp()], dim=1), volume

    def inverse(self, y: Tensor) -> Tensor:
        kept, changed = y.chunk(2, dim=1)
        log_scale, shift = self._affine(kept)
        x = torch.cat([kept, changed * (-log_scale).exp() - shift], dim=1)
        x = F.conv2d(x, torch.linalg.inv(self.mixing)[:, :, None, None])
        return x * (-self.log_scale).exp()[:, None, None] - self.shift[:, None, None]

    def _affine(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        raw, shift = self.coupling(kept).chunk(2, dim=1)
        return torch.tanh(raw), shift  # a scale between 1/e and e, so that the inverse is bounded too


class Flow(nn.Module):
    """Levels of squeezing 2 x 2 pixels into channels and STEPS flow steps; half of the channels leave after each.

    ``encode`` gives what leaves, (n, latent), and log-determinants (n,); calling it maps noise (n, latent) to images.
    """

    def __init__(self) -> None:
        super().__init__()
        self.latent = 3 * _SIDE * _SIDE
        self.levels = nn.ModuleList(
            nn.ModuleList(FlowStep(12 * 2**level) for _ in range(STEPS)) for level in range(LEVELS)
        )

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        left: list[Tensor] = []
        volume = x.new_zeros(len(x))
        for level, steps in enumerate(self.levels):
            x = F.pixel_unshuffle(x, 2)
            for step in steps:
                x, added = step(x)
                volume = volume + added
            if level < LEVELS - 1:
                leaving, x = x.chunk(2, dim=1)
                left.append(leaving.flatten(1))
        return torch.cat([*left, x.flatten(1)], dim=1), volume

    def forward(self, noise: Tensor) -> Tensor:
        x = noise.new_zeros(len(noise), 0)
        for level in reversed(range(LEVELS)):
            channels, side = 12 * 2**level, _SIDE // 2 ** (level + 1)
            size = channels * side * side // (1 if level == LEVELS - 1 else 2)
            noise, part = noise[:, :-size], TEMPERATURE * noise[:, -size:]
            part = part.reshape(len(part), -1, side, side)
            x = part if level == LEVELS - 1 else torch.cat([part, x], dim=1)
            for step in reversed(self.levels[level]):
                x = step.inverse(x)
            x = F.pixel_shuffle(x, 2)
        return x


class MaximumLikelihood(Recipe):
    """The likelihood of images whose 256 levels are filled evenly (dequantisation), in bits a dimension."""

    steps = 4000

    def __init__(self, design: Design) -> None:
        self.networks = {"flow": Flow()}
        self.optimizers = {"flow": adam(self.networks["flow"], 1e-3, momentum=0.9)}

    @property
    def product(self) -> nn.Module:
        return self.networks["flow"]

    def step(self, real: Tensor, rng: torch.Generator, step: int) -> dict[str, float]:
        filled = real + torch.rand(real.shape, generator=rng) * (2 / 256)
        with torch.autocast("cpu", enabled=False):  # a likelihood adds up thousands of terms: float32
            latents, volume = self.networks["flow"].encode(filled)
            log_density = volume - 0.5 * (latents**2 + math.log(2 * math.pi)).sum(dim=1)
            bits = -log_density.mean() / (real[0].numel() * math.log(2)) + 7  # levels are 2/256 = 2^-7 apart
            self.warm_up(step)
            self.descend("flow", bits)
        return {"bits": float(bits.detach())}

    def warm_up(self, step: int) -> None:
        """Small steps at first: the likelihood of a flow that fits nothing yet has large gradients."""
        for group in self.optimizers["flow"].param_groups:
            group["lr"] = 1e-3 * min(1.0, (step + 1) / 200)
