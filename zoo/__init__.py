"""Small generators of 32 px faces whose designs are known: what a probe says of a design can be checked on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .designs.cards import Card, UnknownGenerator, card, names

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Card", "UnknownGenerator", "card", "names", "sample"]


def sample(name: str, n: int, seed: int = 0) -> Iterator[np.ndarray]:
    """``n`` images of a generator, uint8 (32, 32, 3), as they are made. Raises UnknownGenerator at once."""
    from .networks.sampling import sample as sample_in_torch  # here, so that names and cards are there without torch

    return sample_in_torch(name, n, seed)
