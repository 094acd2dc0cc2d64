"""Photographs that installed packages ship, to click before one has an image at hand. They need no network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fingerprints.images.image import ImageError, decode
from fingerprints.sentence import said

from .figures import thumbnail

# package, path inside it, what it shows
_PHOTOS = (
    ("sklearn", "datasets/images/china.jpg", said("a temple in China")),
    ("sklearn", "datasets/images/flower.jpg", said("a flower")),
    ("gradio", "media_assets/images/cheetah1.jpg", said("a cheetah")),
    ("gradio", "media_assets/images/lion.jpg", said("a lion")),
)
_SIDE = 96


@dataclass(frozen=True)
class Example:
    """A photograph on this machine and its small picture (JPEG)."""

    path: Path
    shows: str
    small: bytes


@cache
def examples() -> tuple[Example, ...]:
    """Those that are installed and readable."""
    found = []
    for package, inside, shows in _PHOTOS:
        spec = find_spec(package)
        if spec is None or spec.origin is None:
            continue
        path = Path(spec.origin).parent / inside
        try:
            found.append(Example(path, shows, thumbnail(decode(path), _SIDE)))
        except ImageError:
            continue  # another version of the package that no longer ships it
    return tuple(found)
