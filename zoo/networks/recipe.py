"""What every kind of generator gives to the training loop: networks, optimizers and one step."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

BATCH = 64


class Recipe(ABC):
    """One kind's way of training. ``networks`` and ``optimizers`` are all of its state and fill a checkpoint."""

    steps: int
    networks: dict[str, nn.Module]
    optimizers: dict[str, torch.optim.Optimizer]

    @property
    @abstractmethod
    def product(self) -> nn.Module:
        """The network whose weights are published."""

    @abstractmethod
    def step(self, real: Tensor, rng: torch.Generator, step: int) -> dict[str, float]:
        """Learn from real images (BATCH, 3, 32, 32) in [-1, 1], all randomness from ``rng``; the losses by name."""

    def finish(self, rng: torch.Generator) -> None:  # noqa: B027 (most kinds have nothing left to do)
        """What is left to do after the last step."""

    def descend(self, name: str, loss: Tensor) -> None:
        """One step of the named optimizer, and of no other."""
        self.optimizers[name].zero_grad(set_to_none=True)
        loss.backward()
        self.optimizers[name].step()


def adam(network: nn.Module, rate: float, momentum: float = 0.0) -> torch.optim.Adam:
    """Adam; without momentum for GANs, where it makes generators without normalisation circle and collapse."""
    return torch.optim.Adam(network.parameters(), lr=rate, betas=(momentum, 0.99), fused=True)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, inertia: float) -> None:
    """The exponential moving average of the weights; what is not a float (a count of batches) is copied."""
    for kept, new in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if kept.is_floating_point():
            kept.lerp_(new, 1 - inertia)
        else:
            kept.copy_(new)
