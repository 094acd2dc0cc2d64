"""Variational autoencoders (Kingma and Welling 2014) with the decoders of the GANs."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..designs.design import PRIOR, UP_SAMPLING, Design
from .parts import LATENT, Decoder, he_initialised
from .recipe import Recipe, adam

_BETA = {"beta1": 1.0, "beta4": 4.0}


def decoder_of(design: Design) -> Decoder:
    """The untrained decoder of a design; its normalisation and activation are not varied."""
    return Decoder(design.slug(UP_SAMPLING), norm="batch", act="relu", skip=False)


def encoder() -> nn.Module:
    """Images (n, 3, 32, 32) to means and log-variances (n, 2 * LATENT)."""
    layers: list[nn.Module] = []
    for inward, outward in ((3, 32), (32, 64), (64, 128)):
        layers += [nn.Conv2d(inward, outward, 4, stride=2, padding=1), nn.BatchNorm2d(outward), nn.LeakyReLU(0.2)]
    return he_initialised(nn.Sequential(*layers, nn.Flatten(), nn.Linear(128 * 16, 2 * LATENT)))


class VAE(Recipe):
    """The evidence bound with the optimal variance of the pixels (Rybkin et al. 2021), which needs no weight.

    With d pixels the reconstruction costs d/2 log MSE; beta weighs the prior's part (Higgins et al. 2017).
    """

    steps = 2000

    def __init__(self, design: Design) -> None:
        self.beta = _BETA[design.slug(PRIOR)]
        self.networks = {"encoder": encoder(), "decoder": decoder_of(design)}
        self.optimizers = {"both": adam(nn.ModuleList(self.networks.values()), 1e-3, momentum=0.9)}

    @property
    def product(self) -> nn.Module:
        return self.networks["decoder"]

    def step(self, real: Tensor, rng: torch.Generator, step: int) -> dict[str, float]:
        mean, log_variance = self.networks["encoder"](real).float().chunk(2, dim=1)
        log_variance = log_variance.clamp(-10, 10)
        noise = torch.randn(mean.shape, generator=rng)
        again = self.product(mean + noise * (0.5 * log_variance).exp()).float()
        error = ((again - real) ** 2).mean()
        reconstruction = 0.5 * real[0].numel() * error.log()
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(dim=1).mean()
        self.descend("both", (reconstruction + self.beta * divergence) / real[0].numel())
        return {"error": float(error.detach()), "divergence": float(divergence.detach())}
