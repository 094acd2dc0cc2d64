"""Small whole files of every format and kind that is read, and what damage does to them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
import PIL.Image

from fingerprints.formats.further import FURTHER, opener
from fingerprints.images.image import FORMATS

_NOISE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
_CUTS = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
KINDS = {
    **{"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "avif": "AVIF", "gif": "GIF", "bmp": "BMP", "tif": "TIFF"},
    **{"jp2": "JPEG2000", "j2k": "JPEG2000", "heic": "HEIF", "jxl": "JXL"},
}
_FURTHER = [opener(kind) for kind in FURTHER]
_WRITTEN = {*FORMATS, *filter(None, _FURTHER)}  # what is read here can be written here


def seeds() -> dict[str, bytes]:
    """A small valid file of every format and kind that is read, by name."""
    picture = PIL.Image.fromarray(_NOISE)
    moving: dict[str, Any] = {"save_all": True, "append_images": [picture.rotate(90), picture.rotate(180)]}
    made: dict[str, tuple[PIL.Image.Image, dict[str, Any]]] = {
        "plain.png": (picture, {}),
        "palette.png": (picture.quantize(16), {"transparency": 3}),
        "alpha.png": (picture.convert("RGBA"), {}),
        "wide.png": (PIL.Image.fromarray(_NOISE[:, :, 0].astype(np.uint16) * 257), {}),
        "plain.jpg": (picture, {"quality": 90}),
        "progressive.jpg": (picture, {"progressive": True}),
        "cmyk.jpg": (picture.convert("CMYK"), {}),
        "grey.jpg": (picture.convert("L"), {}),
        "lossy.webp": (picture, {"quality": 80}),
        "lossless.webp": (picture.convert("RGBA"), {"lossless": True}),
        "moving.webp": (picture, moving),
        "plain.avif": (picture, {}),
        "alpha.avif": (picture.convert("RGBA"), {}),
        "plain.gif": (picture, {}),
        "moving.gif": (picture, moving),
        "plain.bmp": (picture, {}),
        "palette.bmp": (picture.quantize(16), {}),
        "plain.tif": (picture, {}),
        "lzw.tif": (picture, {"compression": "tiff_lzw"}),
        "deflate.tif": (picture, {"compression": "tiff_deflate"}),
        "jpeg.tif": (picture, {"compression": "jpeg"}),
        "pages.tif": (picture, moving),
        "plain.jp2": (picture, {}),
        "tiled.j2k": (picture, {"tile_size": (16, 16), "no_jp2": True}),
        "plain.heic": (picture, {}),
        "alpha.heic": (picture.convert("RGBA"), {}),
        "moving.heic": (picture, moving),
        "lossy.jxl": (picture, {"quality": 80}),
        "boxed.jxl": (picture, {"lossless": True, "use_container": True}),
    }
    made = {name: how for name, how in made.items() if KINDS[name.rsplit(".", 1)[1]] in _WRITTEN}
    return {name: encoded(image, name, **options) for name, (image, options) in made.items()}


def encoded(picture: PIL.Image.Image, name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, KINDS[name.rsplit(".", 1)[1]], **options)
    return buffer.getvalue()


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One random damage, or several: bytes changed, cut out, doubled, or the end lost."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        where = int(rng.integers(0, max(len(changed), 1)))
        length = int(rng.integers(1, 40))
        kind = int(rng.integers(0, 5))
        if kind == 0:
            changed[where : where + length] = rng.integers(0, 256, length, np.uint8).tobytes()
        elif kind == 1:
            changed[where : where + 4] = [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"][length % 3]
        elif kind == 2:
            del changed[where : where + length]
        elif kind == 3:
            changed[where:where] = changed[where : where + length]
        elif len(changed) > 40:
            del changed[where:]
    return bytes(changed)


def damaged(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    for cut in _CUTS:
        yield f"cut at {cut:.0%}, {name}", data[: int(cut * len(data))]
    middle = len(data) // 2
    yield f"zeroed, {name}", data[:middle] + bytes(len(data) - middle)
    yield f"doubled, {name}", data[:middle] + data
    yield f"with an end of rubbish, {name}", data + bytes(range(256)) * 400
    rng = np.random.default_rng(len(name))
    for number in range(3):
        yield f"mutated {number}, {name}", mutated(data, rng)
