"""One training step of a GAN, the same recipe for all designs."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from ..designs.design import ACTIVATION, LOSS, NORMALISATION, SKIP, UP_SAMPLING, Design
from .losses import discriminator_loss, generator_loss, gradient_penalty
from .parts import LATENT, Decoder, critic, discriminator
from .recipe import Recipe, adam, follow


def decoder_of(design: Design) -> Decoder:
    """The untrained generator of a design."""
    return Decoder(
        design.slug(UP_SAMPLING), design.slug(NORMALISATION), design.slug(ACTIVATION), design.slug(SKIP) == "skip"
    )


class GAN(Recipe):
    """Steps of the discriminator, then one of the generator; the average generator is kept.

    WGAN-GP has the critic that its paper asks for: no normalisation, a gradient penalty in its place, a higher rate and
    two steps for one of the generator; the discriminator of the others bounds it so tightly that it learns little. So
    the level WGAN-GP of the axis "loss" stands for a loss and its critic together.
    """

    steps = 2000

    def __init__(self, design: Design) -> None:
        self.loss = design.slug(LOSS)
        generator = decoder_of(design)
        self.wasserstein = self.loss == "wgangp"
        if self.wasserstein:
            self.steps = 1000  # with two steps of the critic: as many as a discriminator has
        judge, rate = (critic(), 1e-3) if self.wasserstein else (discriminator(), 5e-4)
        self.networks = {"generator": generator, "average": copy.deepcopy(generator), "discriminator": judge}
        self.optimizers = {"generator": adam(generator, 5e-4), "discriminator": adam(judge, rate)}

    @property
    def product(self) -> nn.Module:
        return self.networks["average"]

    def step(self, real: Tensor, rng: torch.Generator, step: int) -> dict[str, float]:
        generator, judge = self.networks["generator"], self.networks["discriminator"]
        latents = torch.randn(len(real), LATENT, generator=rng)
        if self.wasserstein:
            with torch.no_grad():
                other = generator(torch.randn(len(real), LATENT, generator=rng))
            self._judge(real, other, rng)
        fake = generator(latents)
        judged = self._judge(real, fake.detach(), rng)
        judge.requires_grad_(False)
        deceived = generator_loss(self.loss, judge(fake))
        self.descend("generator", deceived)
        judge.requires_grad_(True)
        follow(self.product, generator, 0.995)
        return {"discriminator": judged, "generator": float(deceived.detach())}

    def _judge(self, real: Tensor, fake: Tensor, rng: torch.Generator) -> float:
        """One step of the discriminator."""
        judge = self.networks["discriminator"]
        loss = discriminator_loss(self.loss, judge(real), judge(fake))
        if self.wasserstein:
            loss = loss + gradient_penalty(judge, real, fake, torch.rand(len(real), 1, 1, 1, generator=rng))
        self.descend("discriminator", loss)
        return float(loss.detach())

    def finish(self, rng: torch.Generator) -> None:
        """Batch normalisation's means belong to the average weights only after a pass of these."""
        batches = [layer for layer in self.product.modules() if isinstance(layer, nn.BatchNorm2d)]
        for layer in batches:
            layer.reset_running_stats()
            layer.momentum = None  # a plain mean over what follows
        self.product.train()
        with torch.no_grad():
            for _ in range(32):
                self.product(torch.randn(64, LATENT, generator=rng))
