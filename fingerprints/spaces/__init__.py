"""Representation spaces: each maps views of an image to vectors, one idea a file."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..errors import SpaceError
from .autoencoder import Autoencoder
from .base import Space
from .correlation import Correlation
from .dct import BlockDCT
from .filters import Filters
from .frequency import Frequency, Residual
from .full_frequency import FullFrequency
from .learned import GRAM, LEARNED, OfMaps, seen
from .pretrained import Pretrained
from .rgb import RGB
from .small_learned import SelfSupervised, Supervised

PRETRAINED = {
    space.name: space
    for space in (Pretrained("resnet50", "microsoft/resnet-50"), Pretrained("dinov2", "facebook/dinov2-base"))
}
_ALL: tuple[Space, ...] = (
    BlockDCT(),
    Correlation(),
    Filters(),
    LEARNED,
    GRAM,
    Autoencoder(),
    Residual(),
    Frequency(),
    RGB(),
    FullFrequency(),
    Supervised(),
    SelfSupervised(),
    *PRETRAINED.values(),
)
_SPACES: dict[str, Space] = {space.name: space for space in _ALL}


def get_space(name: str) -> Space:
    """The space of that name; SpaceError lists the known ones."""
    if name not in _SPACES:
        raise SpaceError(f"no space is called {name!r}; known: {', '.join(sorted(_SPACES))}.")
    return _SPACES[name]


def embed_each(views: np.ndarray, names: Sequence[str]) -> Iterator[tuple[str, np.ndarray]]:
    """Each space in turn with its embeddings of views (n, h, w, 3); spaces of one network share its pass."""
    of_network = None
    for name in names:
        space = get_space(name)
        if isinstance(space, OfMaps):
            of_network = seen(views) if of_network is None else of_network
            yield name, space.of(of_network)
        else:
            yield name, space.embed(views)


__all__ = [
    "PRETRAINED",
    "RGB",
    "Autoencoder",
    "BlockDCT",
    "Correlation",
    "Filters",
    "Frequency",
    "FullFrequency",
    "Pretrained",
    "Residual",
    "SelfSupervised",
    "Space",
    "Supervised",
    "embed_each",
    "get_space",
]
