"""Images from a generator: the image of an index is the same however many are asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torch import Tensor, nn

from ..designs.cards import FOLDER, card
from ..designs.catalogue import design_of
from ..designs.design import Design
from ..designs.errors import ZooError
from .kinds import product_of

BLOCK = 16  # images are made in whole blocks: a smaller batch may be rounded otherwise


def sample(name: str, n: int, seed: int = 0, folder: Path = FOLDER) -> Iterator[np.ndarray]:
    """``n`` images, uint8 (32, 32, 3), as they are made. Raises UnknownGenerator, and ZooError for n or seed < 0."""
    if n < 0 or seed < 0:
        raise ZooError(f"Both the number of images and the seed must be 0 or more; found {n} and {seed}.")
    return samples_of(load(name, folder), n, seed)


def load(name: str, folder: Path = FOLDER) -> nn.Module:
    """The trained network. Raises UnknownGenerator, and ZooError for weights that are not those of the card."""
    known = card(name, folder)
    stored = (folder / f"{name}.safetensors").read_bytes()
    if hashlib.sha256(stored).hexdigest() != known.weights_digest:
        raise ZooError(f"{name}.safetensors is not the file its card describes; restore it, or train {name} again.")
    return network_of(design_of(name), stored)


def network_of(design: Design, stored: bytes) -> nn.Module:
    """A design's network with weights from the bytes of a safetensors file, ready to sample in float32."""
    product = product_of(design)
    product.load_state_dict(safetensors.torch.load(stored))
    return product.eval()


def samples_of(product: nn.Module, n: int, seed: int) -> Iterator[np.ndarray]:
    """Images 0 to n - 1 of a seed, uint8 (32, 32, 3)."""
    for begin in range(0, n, BLOCK):
        images = _images(product, noise(seed, range(begin, begin + BLOCK), product.latent))
        yield from images[: n - begin]


def noise(seed: int, indices: range, size: int) -> Tensor:
    """Standard normal (len(indices), size), one stream of random numbers for each (seed, index)."""
    rows = [np.random.default_rng([seed, index]).standard_normal(size, dtype=np.float32) for index in indices]
    return torch.from_numpy(np.stack(rows))


@torch.no_grad()
def _images(product: nn.Module, latents: Tensor) -> np.ndarray:
    images = product(latents).clamp(-1, 1)
    return ((images + 1) * 127.5).round().byte().permute(0, 2, 3, 1).contiguous().numpy()
