"""The kinds of generators: how each is trained, and the network that makes its images.

That network, the product, has a number ``latent`` and maps standard normal noise (n, latent) to images (n, 3, 32, 32).
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from ..designs.design import Design
from . import diffusion, flow, gan, vae
from .recipe import Recipe

_RECIPES: dict[str, Callable[[Design], Recipe]] = {
    "gan": gan.GAN,
    "vae": vae.VAE,
    "diffusion": diffusion.Diffusion,
    "flow": flow.MaximumLikelihood,
}
_PRODUCTS: dict[str, Callable[[Design], nn.Module]] = {
    "gan": gan.decoder_of,
    "vae": vae.decoder_of,
    "diffusion": lambda design: diffusion.Sampler(),  # there is one design
    "flow": lambda design: flow.Flow(),
}


def recipe_of(design: Design) -> Recipe:
    """The training of a design, untrained."""
    return _RECIPES[design.kind](design)


def product_of(design: Design) -> nn.Module:
    """The network of a design, untrained."""
    return _PRODUCTS[design.kind](design)
