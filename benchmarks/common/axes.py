"""What is known of the design of generators, axis by axis. The levels follow the published names and the zoo's cards.

A generator without a level on an axis takes no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from zoo import Card


@dataclass(frozen=True)
class Axis:
    """One design choice: the ``level`` of each generator that it is known of.

    ``tied``: generators that keep one label when labels are permuted (empty: those that are held out together).
    ``probed``: whether a probe can be asked; not when each level is a class of its own relatives.
    """

    name: str
    level: Mapping[str, str]
    tied: Mapping[str, str] = field(default_factory=dict)
    probed: bool = True


@dataclass(frozen=True)
class Design:
    """The axes of a group; what is held out ``together`` because it shares too much (seeds of one design, checkpoints
    of one training); and relatives that should lie near: ``kin``, between ``sides`` if there are any."""

    axes: tuple[Axis, ...]
    together: Mapping[str, str]
    kin: Mapping[str, str]
    kinship: str
    sides: Mapping[str, str] = field(default_factory=dict)


_DECODERS = {
    "SD KL-f8": ("stable-diffusion-v1-5", "dreamshaper-8", "stable-diffusion-2-1", "pixart-xl-2-512x512",
                 "pixart-xl-2-1024-ms"),
    "SDXL KL-f8": ("stable-diffusion-xl-base-1.0", "playground-v2-1024px-aesthetic"),
    "MoVQ": ("kandinsky-3",),
}  # fmt: skip
_DENOISERS = {
    "U-Net": ("stable-diffusion-v1-5", "dreamshaper-8", "stable-diffusion-2-1", "stable-diffusion-xl-base-1.0",
              "playground-v2-1024px-aesthetic", "kandinsky-3"),
    "DiT": ("pixart-xl-2-512x512", "pixart-xl-2-1024-ms"),
}  # fmt: skip
_SAME_MODEL = {"dreamshaper-8": "stable-diffusion-v1-5", "pixart-xl-2-1024-ms": "pixart-xl-2-512x512"}

# The 18 VAEs: one code base, one architecture. What ties the latents to the prior, and what compares images.
_REGULARISERS = {
    "KL": ("vae-betavae-b-20", "vae-betavae-b-35", "vae-conditionalvae-20", "vae-dfcvae-49", "vae-iwae-19",
           "vae-logcoshvae-49", "vae-miwae-29", "vae-mssimvae-29", "vae-vanilla-vae-25"),
    "disentangling": ("vae-betatcvae-49", "vae-dipvae-83"),
    "Wasserstein or MMD": ("vae-infovae-31", "vae-infovae-7", "vae-swae-49", "vae-wae-imq-15", "vae-wae-rbf-18"),
    "discrete latents": ("vae-categoricalvae-49", "vae-jointvae-49"),
}  # fmt: skip
_NOT_BY_PIXEL = ("vae-dfcvae-49", "vae-mssimvae-29")
_CHECKPOINTS = {"vae-betavae-b-35": "vae-betavae-b-20", "vae-infovae-7": "vae-infovae-31"}

_DIGIT_LOSSES = {
    "cross-entropy": ("gan", "cgan", "acgan", "infogan", "dragan"),
    "least squares": ("lsgan",),
    "Wasserstein": ("wgan", "wgan-gp"),
    "energy": ("ebgan", "began"),
    "VAE": ("vae", "cvae"),
}


def design_of(group: str, names: Sequence[str]) -> Design:
    """The design of a group of the evaluation data (t2i, celeba64, mnist), for the generators in ``names``."""
    found: Design = {"t2i": _t2i, "celeba64": _celeba64, "mnist": _mnist}[group](names)
    return found


def design_of_zoo(cards: Sequence[Card]) -> Design:
    """Of the zoo: the five axes of its GANs, and the kind of all. A design and its seeds are held out together."""
    gans = [card for card in cards if card.kind == "gan"]
    axes = [Axis(axis, {card.name: card.design[axis] for card in gans}) for axis in (gans[0].design if gans else ())]
    kinds = Axis("kind", {card.name: card.kind for card in cards})
    cell = {card.name: " | ".join([card.kind, *card.design.values()]) for card in cards}
    return Design((*axes, kinds), cell, cell, "the same design trained from another seed")


def _t2i(names: Sequence[str]) -> Design:
    model = {name: _SAME_MODEL.get(name, name) for name in names}
    axes = (Axis("image decoder", _by_name(_DECODERS)), Axis("denoiser", _by_name(_DENOISERS)))
    return Design(axes, model, model, "a fine-tune of it, or the model at another size")


def _celeba64(names: Sequence[str]) -> Design:
    regulariser = _by_name(_REGULARISERS)
    compared = {n: "perceptual or structural" if n in _NOT_BY_PIXEL else "pixel by pixel" for n in regulariser}
    axes = (
        Axis("regulariser of a VAE", regulariser),
        Axis("reconstruction loss of a VAE", compared),
        Axis("VAE or GAN", {name: name.split("-")[0].upper() for name in names}),
    )
    training = {name: _CHECKPOINTS.get(name, name) for name in names}
    return Design(axes, training, training, "the same training at another epoch")


def _mnist(names: Sequence[str]) -> Design:
    base = {name: name.split("-", 1)[0] for name in names}
    algorithm = {name: name.split("-", 1)[1].replace("infogan-cont", "infogan") for name in names}
    loss = _by_name(_DIGIT_LOSSES)
    axes = (
        Axis("code base", base, tied={name: name for name in names}),
        Axis("loss", {name: loss[algorithm[name]] for name in names}),
        Axis("algorithm", algorithm, tied={name: name for name in names}, probed=False),
    )
    return Design(axes, algorithm, algorithm, "the same algorithm in the other code base", sides=base)


def _by_name(levels: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {name: level for level, names in levels.items() for name in names}
