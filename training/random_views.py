"""Random views of images for training: cropped and scaled, mirrored, recoloured."""

from __future__ import annotations

import torch
import torch.nn.functional as F

SIDE = 32


def random_crops(pixels: torch.Tensor, least: float, generator: torch.Generator) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> float (n, 3, SIDE, SIDE) in [0, 1]: a square of ``least`` to all of the area, half of them
    mirrored."""
    n = len(pixels)
    side = torch.sqrt(_uniform(least, 1.0, n, generator))
    mirror = torch.sign(_uniform(-1.0, 1.0, n, generator))
    shift = _uniform(-1.0, 1.0, 2 * n, generator).reshape(2, n) * (1 - side)
    zero = torch.zeros(n)
    affine = torch.stack([mirror * side, zero, shift[0], zero, side, shift[1]], dim=1).reshape(n, 2, 3)
    grid = F.affine_grid(affine, [n, 3, SIDE, SIDE], align_corners=False)
    images = pixels.permute(0, 3, 1, 2).float() / 255.0
    return F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)


def recoloured(images: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """(n, 3, h, w) in [0, 1], of the same shape: another brightness, contrast and saturation, a fifth of them grey."""
    brightness, contrast, saturation = (_uniform(0.6, 1.4, len(images), generator)[:, None, None, None] for _ in "bcs")
    grey_ones = (_uniform(0.0, 1.0, len(images), generator) < 0.2)[:, None, None, None]
    x = images * brightness
    mean = x.mean(dim=(1, 2, 3), keepdim=True)
    x = mean + contrast * (x - mean)
    grey = x.mean(dim=1, keepdim=True)
    return (grey + torch.where(grey_ones, 0.0, saturation) * (x - grey)).clamp(0, 1)


def _uniform(low: float, high: float, count: int, generator: torch.Generator) -> torch.Tensor:
    return low + (high - low) * torch.rand(count, generator=generator)
