"""Representation spaces: each maps views of an image to vectors, one idea a file."""

from .base import Space
from .dct import BlockDCT
from .frequency import Frequency, Residual

_SPACES: dict[str, Space] = {space.name: space for space in (BlockDCT(), Residual(), Frequency())}


def get_space(name: str) -> Space:
    """The space of that name; ValueError lists the known ones."""
    if name not in _SPACES:
        raise ValueError(f"no space is called {name!r}; known: {', '.join(sorted(_SPACES))}.")
    return _SPACES[name]


__all__ = ["BlockDCT", "Frequency", "Residual", "Space", "get_space"]
