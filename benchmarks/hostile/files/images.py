"""All hostile files that are given as images."""

from __future__ import annotations

from collections.abc import Iterator

from .bmp import bmps
from .boxes import jpeg_2000s, jpeg_xls, lying_boxes
from .gif import gifs
from .jpeg import jpegs
from .metadata import hostile_metadata
from .png import pngs
from .seeds import damaged, seeds
from .strangers import strangers
from .tiff import tiffs
from .webp import webps


def hostile_images() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the files that are given as images."""
    for name, data in seeds().items():
        yield from damaged(name, data)
    yield from pngs()
    yield from jpegs()
    yield from gifs()
    yield from webps()
    yield from bmps()
    yield from tiffs()
    yield from lying_boxes("plain.avif", b"meta", b"iloc", b"iprp", b"av1C", b"pitm", b"mdat", b"iinf")
    yield from lying_boxes("plain.heic", b"meta", b"iloc", b"iprp", b"hvcC", b"pitm", b"mdat", b"iinf")
    yield from jpeg_xls()
    yield from jpeg_2000s()
    yield from strangers()
    yield from hostile_metadata()
