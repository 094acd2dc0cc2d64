"""Simulated image decoders: random up-sampling pipelines that leave traces on real photos.

Every generator ends in layers that enlarge a small map into an image. A simulated decoder does the same with random
choices: it scales a photo down by 2, 4 or 8, and brings it back by one to three up-sampling stages, each followed by
random filters and a random residual block. What it does to photos is its fingerprint, and no generated image is needed
to learn to tell thousands of them apart. A part of them only processes photos, as cameras and sites do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

Step = Callable[[torch.Tensor], torch.Tensor]
_HISTORY_SHARE = 0.15


@dataclass(frozen=True)
class SimulatedDecoder:
    """A fixed random pipeline on photos: float (n, 3, h, w) in [-1, 1], h and w multiples of 8, same shape out."""

    factor: int
    steps: tuple[Step, ...]
    detail: float
    down: str

    @torch.no_grad()
    def __call__(self, photos: torch.Tensor) -> torch.Tensor:
        x = photos
        if self.factor > 1:
            small = _shrink(photos, self.factor, self.down)
            x = small
        for step in self.steps:
            x = step(x)
        x = F.interpolate(x, size=photos.shape[-2:], mode="bicubic") if x.shape != photos.shape else x
        if self.factor > 1:
            x = x + self.detail * (photos - _enlarge(small, self.factor))
        return x.clamp(-1, 1)


def simulated_decoder(seed: int) -> SimulatedDecoder:
    """The decoder of that number: the same number gives the same decoder."""
    rng = np.random.default_rng(seed)
    if rng.random() < _HISTORY_SHARE:
        return SimulatedDecoder(1, tuple(_processing(rng)), 0.0, "area")
    factor = int(rng.choice([2, 4, 8], p=[0.35, 0.35, 0.3]))
    steps: list[Step] = []
    for _ in range(int(np.log2(factor))):
        if rng.random() < 0.5:
            steps.append(_residual_block(rng))
        steps.append(_up_sampling(rng))
        if rng.random() < 0.8:
            steps.append(_filter(rng))
        if rng.random() < 0.6:
            steps.append(_residual_block(rng))
    if rng.random() < 0.3:
        steps.append(_noise(rng))
    detail = float(rng.uniform(0.4, 0.98) if rng.random() < 0.85 else rng.uniform(0.0, 0.4))
    return SimulatedDecoder(factor, tuple(steps), detail, str(rng.choice(["area", "bicubic"])))


def _processing(rng: np.random.Generator) -> list[Step]:
    """What cameras and sites do: demosaicing, noise, sharpening, scaling, in a random selection."""
    choices = [_demosaicing, _noise, _sharpening, _rescaling, _filter]
    return [make(rng) for make in choices if rng.random() < 0.5]


def _shrink(x: torch.Tensor, factor: int, mode: str) -> torch.Tensor:
    if mode == "area":
        return F.avg_pool2d(x, factor)
    return F.interpolate(x, scale_factor=1 / factor, mode="bicubic", antialias=True)


def _enlarge(x: torch.Tensor, factor: int) -> torch.Tensor:
    return F.interpolate(x, scale_factor=float(factor), mode="bicubic")


def _convolve(x: torch.Tensor, kernel: torch.Tensor) -> torch.Tensor:
    """A kernel (out, in, k, k), borders mirrored."""
    k = kernel.shape[-1] // 2
    return F.conv2d(F.pad(x, (k, k, k, k), mode="reflect"), kernel)


def _random(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.from_numpy(rng.standard_normal(shape).astype(np.float32))


def _strength(rng: np.random.Generator, low: float, high: float) -> float:
    """Log-uniform: most traces of real decoders are faint."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _filter(rng: np.random.Generator) -> Step:
    """A filter near the identity, per channel or across channels, 3 x 3 or 5 x 5."""
    size, strength = int(rng.choice([3, 5])), _strength(rng, 0.02, 0.2)
    kernel = _random(rng, 3, 3, size, size) * strength / size
    if rng.random() < 0.6:
        kernel = kernel * torch.eye(3)[:, :, None, None]
    kernel = kernel - kernel.sum(dim=(2, 3), keepdim=True) / size**2
    kernel[[0, 1, 2], [0, 1, 2], size // 2, size // 2] += 1.0
    return lambda x: _convolve(x, kernel)


def _residual_block(rng: np.random.Generator) -> Step:
    """x + strength * W2 act(W1 x): what a convolution block with a non-linearity adds, texture-dependent."""
    width = int(rng.choice([8, 16]))
    first, second = _random(rng, width, 3, 3, 3) / 5.0, _random(rng, 3, width, 3, 3) / np.sqrt(9 * width)
    bias = _random(rng, width) * 0.2
    act: Step = [F.relu, F.silu, F.tanh, lambda x: F.leaky_relu(x, 0.2)][int(rng.integers(4))]
    strength = _strength(rng, 0.02, 0.3)

    def block(x: torch.Tensor) -> torch.Tensor:
        hidden = act(_convolve(x, first) + bias[None, :, None, None])
        added = _convolve(hidden, second)
        return x + strength * (added - added.mean(dim=(2, 3), keepdim=True))

    return block


def _up_sampling(rng: np.random.Generator) -> Step:
    """Twice the size: interpolation, a transposed convolution, or a pixel shuffle with a filter for each phase."""
    kind = rng.choice(["nearest", "bilinear", "bicubic", "transposed", "shuffle"], p=[0.25, 0.1, 0.1, 0.3, 0.25])
    if kind in ("nearest", "bilinear", "bicubic"):
        return lambda x: F.interpolate(x, scale_factor=2.0, mode=str(kind))
    strength = _strength(rng, 0.004, 0.08)
    if kind == "transposed":
        size = int(rng.choice([2, 4]))
        tent = torch.tensor([1.0, 1.0] if size == 2 else [0.25, 0.75, 0.75, 0.25])
        kernel = torch.eye(3)[:, :, None, None] * (tent[:, None] * tent[None, :])
        noise = _random(rng, 3, 3, size // 2, 2, size // 2, 2)  # taps by phase: each phase keeps the mean colour
        noise = noise - noise.mean(dim=(2, 4), keepdim=True) if size == 4 else 0.3 * noise
        kernel = kernel + strength * noise.reshape(3, 3, size, size)
        return lambda x: F.conv_transpose2d(x, kernel, stride=2, padding=(size - 2) // 2)
    phases = torch.zeros(12, 3, 3, 3)
    phases[torch.arange(12), torch.arange(12) // 4, 1, 1] = 1.0
    noise = _random(rng, 12, 3, 3, 3)
    phases = phases + strength * (noise - noise.mean(dim=(2, 3), keepdim=True))
    return lambda x: F.pixel_shuffle(_convolve(x, phases), 2)


def _noise(rng: np.random.Generator) -> Step:
    """Noise of a fixed strength, white or coloured, more or less of it in the dark."""
    strength = _strength(rng, 0.003, 0.03)
    colour = _random(rng, 3, 3, 3, 3)
    colour = colour / colour.flatten(1).norm(dim=1)[:, None, None, None]
    white, shade = rng.random() < 0.5, float(rng.uniform(-0.8, 0.8))

    def add(x: torch.Tensor) -> torch.Tensor:
        noise = torch.randn_like(x)
        noise = noise if white else _convolve(noise, colour)
        return x + strength * noise * (1 + shade * x.mean(dim=1, keepdim=True))

    return add


def _sharpening(rng: np.random.Generator) -> Step:
    """Unsharp mask, or its opposite."""
    amount, sigma = float(rng.uniform(-0.6, 1.2)), float(rng.uniform(0.5, 1.6))
    line = torch.exp(-0.5 * (torch.arange(-3.0, 4.0) / sigma) ** 2)
    line = line / line.sum()
    kernel = torch.eye(3)[:, :, None, None] * (line[:, None] * line[None, :])
    return lambda x: x + amount * (x - _convolve(x, kernel))


def _rescaling(rng: np.random.Generator) -> Step:
    """Up by 1.3 to 3 (a photo that was enlarged) with some interpolation; the size is cut back to what it was."""
    factor, mode = float(rng.uniform(1.2, 3.0)), str(rng.choice(["bilinear", "bicubic", "nearest"]))

    def scale(x: torch.Tensor) -> torch.Tensor:
        large = F.interpolate(x, scale_factor=factor, mode=mode)
        return large[..., : x.shape[-2], : x.shape[-1]]

    return scale


def _demosaicing(rng: np.random.Generator) -> Step:
    """A Bayer mosaic of one of four phases, filled in bilinearly."""
    dy, dx = int(rng.integers(2)), int(rng.integers(2))
    cross = torch.tensor([[0.25, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 0.25]])
    plus = torch.tensor([[0.0, 0.25, 0.0], [0.25, 1.0, 0.25], [0.0, 0.25, 0.0]])
    kernel = torch.stack([cross, plus, cross])[:, None]

    def fill(x: torch.Tensor) -> torch.Tensor:
        mask = torch.zeros(1, 3, *x.shape[-2:])
        mask[:, 0, dy::2, dx::2] = 1
        mask[:, 2, 1 - dy :: 2, 1 - dx :: 2] = 1
        mask[:, 1, dy::2, 1 - dx :: 2] = 1
        mask[:, 1, 1 - dy :: 2, dx::2] = 1
        return F.conv2d(F.pad(x * mask, (1, 1, 1, 1), mode="reflect"), kernel, groups=3)

    return fill
