"""Representation spaces: each maps views of an image to vectors, one idea a file.

A file of this folder that has ``SPACES`` is found by itself: to add a space is to add a file. What needs torch lies in
networks/ and is imported when a view is embedded.
"""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from ..errors import SpaceError
from .base import Space
from .learned import OfMaps, seen
from .pretrained import SPACES as _PRETRAINED

PRETRAINED = {space.name: space for space in _PRETRAINED}


def _found() -> dict[str, Space]:
    modules = [import_module(f"{__name__}.{found.name}") for found in iter_modules(__path__) if not found.ispkg]
    return {space.name: space for module in modules for space in getattr(module, "SPACES", ())}


_SPACES = _found()


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


__all__ = ["PRETRAINED", "Space", "embed_each", "get_space"]
