"""The four losses of the GANs, on scores (n, 1) of a discriminator D: each gives D's loss and the generator's."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

PENALTY = 10.0


def discriminator_loss(slug: str, real: Tensor, fake: Tensor) -> Tensor:
    """What D minimises, without the gradient penalty of WGAN-GP."""
    of_real, of_fake = _ON_REAL[slug], _ON_FAKE[slug]
    return of_real(real).mean() + of_fake(fake).mean()


def generator_loss(slug: str, fake: Tensor) -> Tensor:
    """What the generator minimises: scores like those of real images; for hinge and WGAN-GP simply high ones."""
    return _ON_FAKE_OF_GENERATOR[slug](fake).mean()


def gradient_penalty(discriminator: nn.Module, real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """PENALTY * (|grad D| - 1)^2 between real and fake images, mixed by ``mix`` (n, 1, 1, 1): Gulrajani et al. 2017."""
    between = (mix * real + (1 - mix) * fake).requires_grad_()
    (gradient,) = torch.autograd.grad(discriminator(between).sum(), between, create_graph=True)
    return PENALTY * ((gradient.flatten(1).norm(dim=1) - 1) ** 2).mean()


_Loss = dict[str, Callable[[Tensor], Tensor]]
_ON_REAL: _Loss = {
    "nonsaturating": lambda score: F.softplus(-score),  # Goodfellow et al. 2014
    "leastsquares": lambda score: 0.5 * (score - 1) ** 2,  # Mao et al. 2017
    "wgangp": lambda score: -score,  # Arjovsky et al. 2017
    "hinge": lambda score: F.relu(1 - score),  # Lim and Ye 2017
}
_ON_FAKE: _Loss = {
    "nonsaturating": F.softplus,
    "leastsquares": lambda score: 0.5 * score**2,
    "wgangp": lambda score: score,
    "hinge": lambda score: F.relu(1 + score),
}
_ON_FAKE_OF_GENERATOR: _Loss = {
    "nonsaturating": _ON_REAL["nonsaturating"],
    "leastsquares": _ON_REAL["leastsquares"],
    "wgangp": lambda score: -score,
    "hinge": lambda score: -score,
}
