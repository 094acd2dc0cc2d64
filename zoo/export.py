"""Everything that a collection of fingerprints is built from, as folders: real faces, samples, and cards' facts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.files import write_atomically
from fingerprints.images.image import png_bytes

from .designs.cards import Card, card, names
from .designs.catalogue import design_of
from .designs.design import UP_SAMPLING
from .networks.sampling import sample
from .training.faces import read_faces

REAL, CARDS = "real", "cards.json"
_KINDS = {"gan": "GAN", "vae": "VAE", "diffusion": "Diffusion model", "flow": "Normalising flow"}
# For titles, which must tell generators apart in few words; the card's design has the full ones.
_SHORT = {
    "nonsaturating": "non-saturating",
    "leastsquares": "least squares",
    "wgangp": "WGAN-GP",
    "batch": "batch norm",
    "instance": "instance norm",
    "nonorm": "no norm",
    "relu": "ReLU",
    "leaky": "leaky ReLU",
    "silu": "SiLU",
    "skip": "skips",
    "plain": "no skips",
    "beta1": "beta 1",
    "beta4": "beta 4",
}


def export(folder: Path, data: Path, n: int, seed: int, tell: Callable[[str], None]) -> None:
    """Write ``folder``/real, a folder of ``n`` samples for each published generator, and ``folder``/cards.json.

    The real faces are those of the manifold: no generator was trained on them and no benchmark tests on them. Raises
    ZooError where the data cannot be read.
    """
    known = [card(name) for name in names()]
    _write(folder / REAL, REAL, read_faces(data).manifold)
    for one in known:
        _write(folder / one.name, f"{one.name}-{seed}", sample(one.name, n, seed))
        tell(f"{one.name}: {n} samples")
    write_atomically(folder / CARDS, json.dumps([facts(one) for one in known], indent=1).encode())


def facts(known: Card) -> dict[str, Any]:
    """What a registry's card says of a generator of the zoo."""
    kind = _KINDS[known.kind]
    choices = [_SHORT.get(level.slug, level.slug) for _, level in design_of(known.name).choices]
    return {
        "name": known.name,
        "title": f"{kind}: {', '.join(choices)}" + ("" if known.seed == 1 else f" (seed {known.seed})"),
        "family": kind,
        "decoder": known.design.get(UP_SAMPLING.name, kind),
        "source": f"trained by this project on {known.training_faces} faces of CelebA",
        "contributor": "embedded",
        "design": dict(known.design),
    }


def _write(folder: Path, prefix: str, images: Iterable[np.ndarray]) -> None:
    for index, image in enumerate(images):
        write_atomically(folder / f"{prefix}-{index:05d}.png", png_bytes(image))
