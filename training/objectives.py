"""What the small encoders learn: the classes of CIFAR-10 (SL), or that two views of an image belong together (SSL)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from fingerprints.spaces.networks.small import FEATURES, SmallEncoder

from .random_views import random_crops, recoloured
from .real_images import CELEBA, CIFAR, Reals, classes_of, read_reals

_PROJECTED = 512
_REDUNDANCY = 0.005  # the weight of the second term of Barlow Twins, as in its paper
_NEIGHBOURS = 10
_AT_ONCE = 256


class Objective(Protocol):
    """``head``: what is trained with the encoder and thrown away. ``sets``: the images that it learns from."""

    name: str
    about: str
    batch: int
    head: nn.Module
    sets: dict[str, Reals]

    def loss(self, encoder: SmallEncoder, generator: torch.Generator) -> torch.Tensor:
        """Of one random batch."""
        ...

    def figures(self, encoder: SmallEncoder) -> dict[str, float]:
        """What to say of a trained encoder, measured on contents that it did not learn from."""
        ...


class Supervised:
    """SL: softmax over the ten classes, on crops of CIFAR-10."""

    name = "sl"
    about = "supervised: the ten classes of CIFAR-10"
    batch = 128

    def __init__(self, data: Path) -> None:
        learned, self._held = read_reals(data, CIFAR)
        self.sets = {CIFAR: learned}
        self._names, targets = np.unique(classes_of(learned), return_inverse=True)
        self._targets = torch.from_numpy(targets)
        self.head = nn.Linear(FEATURES, len(self._names))

    def loss(self, encoder: SmallEncoder, generator: torch.Generator) -> torch.Tensor:
        learned = self.sets[CIFAR]
        rows = torch.randint(len(learned), (self.batch,), generator=generator)
        views = random_crops(learned.pixels[rows], 0.5, generator)
        return functional.cross_entropy(self.head(features(encoder, views)), self._targets[rows])

    def figures(self, encoder: SmallEncoder) -> dict[str, float]:
        with torch.inference_mode():
            named = self._names[self.head(embedded(encoder, self._held)).argmax(dim=1).numpy()]
        return {"accuracy on held-out contents": float((named == classes_of(self._held)).mean())}


class BarlowTwins:
    """SSL: Zbontar et al., "Barlow Twins: self-supervised learning via redundancy reduction" (ICML 2021).

    Half of each batch is from CIFAR-10, half from CelebA. Simplified for a CPU: a projector of 512 in place of 8,192
    values, and two layers in place of three.
    """

    name = "ssl"
    about = "self-supervised: Barlow Twins on CIFAR-10 and CelebA"
    batch = 256

    def __init__(self, data: Path) -> None:
        pairs = {group: read_reals(data, group) for group in (CIFAR, CELEBA)}
        self.sets = {group: learned for group, (learned, _) in pairs.items()}
        self._held = {group: held for group, (_, held) in pairs.items()}
        self.head = nn.Sequential(
            nn.Linear(FEATURES, _PROJECTED, bias=False),
            nn.BatchNorm1d(_PROJECTED),
            nn.ReLU(),
            nn.Linear(_PROJECTED, _PROJECTED, bias=False),
        )

    def loss(self, encoder: SmallEncoder, generator: torch.Generator) -> torch.Tensor:
        return self._loss(encoder, self.sets, generator)

    def figures(self, encoder: SmallEncoder) -> dict[str, float]:
        with torch.inference_mode():
            generator = torch.Generator().manual_seed(0)
            losses = [float(self._loss(encoder, self._held, generator)) for _ in range(8)]
            right = _nearest_class(encoder, self.sets[CIFAR], self._held[CIFAR])
        return {
            "Barlow Twins loss on held-out contents": float(np.mean(losses)),
            f"CIFAR-10 class by {_NEIGHBOURS} neighbours, accuracy on held-out contents": right,
        }

    def _loss(self, encoder: SmallEncoder, sets: dict[str, Reals], generator: torch.Generator) -> torch.Tensor:
        drawn = [
            reals.pixels[torch.randint(len(reals), (self.batch // len(sets),), generator=generator)]
            for reals in sets.values()
        ]
        one, other = (torch.cat([random_crops(pixels, 0.25, generator) for pixels in drawn]) for _ in range(2))
        views = recoloured(torch.cat([one, other]), generator)
        return redundancy(*self.head(features(encoder, views)).chunk(2))


def redundancy(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """sum_i (1 - C_ii)^2 + lambda sum_{i != j} C_ij^2, C the correlations between two views' features (n, d)."""
    a, b = ((z - z.mean(dim=0)) / (z.std(dim=0, unbiased=False) + 1e-5) for z in (one, other))
    correlations = a.T @ b / len(a)
    diagonal = correlations.diagonal()
    others = correlations.square().sum() - diagonal.square().sum()
    return (1 - diagonal).square().sum() + _REDUNDANCY * others


def features(encoder: SmallEncoder, views: torch.Tensor) -> torch.Tensor:
    """Views (n, 3, h, w) in [0, 1] -> (n, FEATURES), in half precision while training: twice as fast."""
    with torch.autocast("cpu", torch.bfloat16, enabled=encoder.training):
        return encoder.features((255.0 * views - 127.5) / 64.0)


def embedded(encoder: SmallEncoder, reals: Reals) -> torch.Tensor:
    """All images as they are: (n, FEATURES)."""
    return torch.cat([encoder(part) for part in reals.pixels.split(_AT_ONCE)])


def _nearest_class(encoder: SmallEncoder, learned: Reals, held: Reals) -> float:
    """How often the commonest class among the nearest images by cosine is right."""
    names, targets = np.unique(classes_of(learned), return_inverse=True)
    bank, queries = (functional.normalize(embedded(encoder, reals)) for reals in (learned, held))
    nearest = (queries @ bank.T).topk(_NEIGHBOURS).indices
    votes = functional.one_hot(torch.from_numpy(targets)[nearest], len(names)).sum(dim=1)
    return float((names[votes.argmax(dim=1).numpy()] == classes_of(held)).mean())


OBJECTIVES: dict[str, type[Supervised] | type[BarlowTwins]] = {kind.name: kind for kind in (Supervised, BarlowTwins)}
