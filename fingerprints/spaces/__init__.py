"""Representation spaces: each maps views of an image to vectors, one idea a file."""

from .base import Space
from .correlation import Correlation
from .dct import BlockDCT
from .filters import Filters
from .frequency import Frequency, Residual
from .full_frequency import FullFrequency
from .learned import Gram, Learned
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
    Learned(),
    Gram(),
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
    """The space of that name; ValueError lists the known ones."""
    if name not in _SPACES:
        raise ValueError(f"no space is called {name!r}; known: {', '.join(sorted(_SPACES))}.")
    return _SPACES[name]


__all__ = [
    "PRETRAINED",
    "RGB",
    "BlockDCT",
    "Correlation",
    "Filters",
    "Frequency",
    "FullFrequency",
    "Gram",
    "Learned",
    "Pretrained",
    "Residual",
    "SelfSupervised",
    "Space",
    "Supervised",
    "get_space",
]
