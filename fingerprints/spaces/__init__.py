"""Representation spaces: each maps views of an image to vectors, one idea a file.

A file of this folder that has ``SPACES`` is found by itself: to add a space is to add a file. What needs torch lies in
networks/ and is imported when a view is embedded.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from importlib import import_module
from pkgutil import iter_modules

import numpy as np

from ..ahead import Ahead, cores
from ..errors import SpaceError
from .base import BeginsAlike, Space
from .pretrained import SPACES as _PRETRAINED

_LEAST_PART = 4  # views, for which it is worth while to trouble another core
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
    """Each space in turn with its embeddings of views (n, h, w, 3). Spaces that begin alike do so once, and a free core
    looks at some of the views meanwhile."""
    parts = np.array_split(views, max(1, min(cores(), len(views) // _LEAST_PART)))
    work: dict[str, tuple[list[Space], list[Ahead[list[np.ndarray]]]]] = {}
    for group in _alike([get_space(name) for name in names]):
        pieces = [Ahead(partial(_embedded, group, part)) for part in parts]
        work |= {space.name: (group, pieces) for space in group}
    found: dict[str, np.ndarray] = {}
    try:
        for name in names:
            if name not in found:
                group, pieces = work[name]
                # the last piece first: it is the first ones that others begin with
                of_pieces = [piece.result() for piece in reversed(pieces)][::-1]
                found |= {space.name: np.concatenate(rows) for space, *rows in zip(group, *of_pieces, strict=True)}
            yield name, found[name]
    finally:  # whoever asks may have heard enough
        for _, pieces in work.values():
            for piece in pieces:
                piece.drop()


def _alike(spaces: Sequence[Space]) -> list[list[Space]]:
    """Those that begin alike together."""
    groups: dict[object, list[Space]] = {}
    for space in spaces:
        groups.setdefault(space.begin if isinstance(space, BeginsAlike) else space.name, []).append(space)
    return list(groups.values())


def _embedded(group: Sequence[Space], views: np.ndarray) -> list[np.ndarray]:
    """The embeddings in each space of a group."""
    first = group[0]
    if not isinstance(first, BeginsAlike):
        return [first.embed(views)]
    begun = first.begin(views)
    return [space.of(begun) for space in group if isinstance(space, BeginsAlike)]


__all__ = ["PRETRAINED", "Space", "embed_each", "get_space"]
