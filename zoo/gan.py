"""One training step of a GAN, the same recipe for all designs."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from .design import ACTIVATION, LOSS, NORMALISATION, SKIP, UP_SAMPLING, Design
from .losses import PENALTY_EVERY, discriminator_loss, generator_loss, gradient_penalty
from .networks import LATENT, Decoder, discriminator
from .recipe import Recipe, adam, follow


def decoder_of(design: Design) -> Decoder:
    """The untrained generator of a design."""
    return Decoder(
        design.slug(UP_SAMPLING), design.slug(NORMALISATION), design.slug(ACTIVATION), design.slug(SKIP) == "skip"
    )


class GAN(Recipe):
    """One step of the discriminator and one of the generator on the same latents; the average generator is kept."""

    steps = 2000

    def __init__(self, design: Design) -> None:
        self.loss = design.slug(LOSS)
        generator, critic = decoder_of(design), discriminator()
        self.networks = {"generator": generator, "average": copy.deepcopy(generator), "discriminator": critic}
        self.optimizers = {"generator": adam(generator, 5e-4), "discriminator": adam(critic, 5e-4)}

    @property
    def product(self) -> nn.Module:
        return self.networks["average"]

    def step(self, real: Tensor, rng: torch.Generator, step: int) -> dict[str, float]:
        generator, critic = self.networks["generator"], self.networks["discriminator"]
        fake = generator(torch.randn(len(real), LATENT, generator=rng))
        loss = discriminator_loss(self.loss, critic(real), critic(fake.detach()))
        if self.loss == "wgangp" and step % PENALTY_EVERY == 0:
            mix = torch.rand(len(real), 1, 1, 1, generator=rng)
            loss = loss + gradient_penalty(critic, real, fake.detach(), mix)
        self.descend("discriminator", loss)
        critic.requires_grad_(False)
        deceived = generator_loss(self.loss, critic(fake))
        self.descend("generator", deceived)
        critic.requires_grad_(True)
        follow(self.product, generator, 0.995)
        return {"discriminator": float(loss.detach()), "generator": float(deceived.detach())}

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
