"""Files of boxes in boxes (AVIF, HEIC, JPEG XL, JPEG 2000), some of whose boxes lie about their sizes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .seeds import seeds


def lying_boxes(name: str, *boxes: bytes) -> Iterator[tuple[str, bytes]]:
    """An AVIF or a HEIC, some of whose boxes lie about their sizes."""
    plain, ending = seeds().get(name), name.rsplit(".", 1)[1]
    if plain is None:
        return
    size = plain.index(b"ispe") + 8
    for width, height in ((2**32 - 1, 2**32 - 1), (0, 0), (8000, 8000), (65535, 16), (64, 2**31)):
        yield f"of {width} x {height}.{ending}", plain[:size] + struct.pack(">II", width, height) + plain[size + 8 :]
    for box in boxes:
        where = plain.index(box) - 4
        yield f"an endless {box.decode()}.{ending}", plain[:where] + b"\xff\xff\xff\xff" + plain[where + 4 :]
        yield f"an empty {box.decode()}.{ending}", plain[:where] + b"\0\0\0\x08" + plain[where + 4 :]
    yield f"boxes in boxes.{ending}", plain[:32] + b"\0\0\xff\xffmeta" * 8_000 + plain[32:]


def jpeg_xls() -> Iterator[tuple[str, bytes]]:
    plain, boxed = seeds().get("lossy.jxl"), seeds().get("boxed.jxl")
    if plain is None or boxed is None:
        return
    for sizes in (b"\xff" * 9, bytes(9), b"\xfe\xff\xff\xff\x01" + bytes(4)):
        yield f"of a size of {sizes.hex()}.jxl", plain[:2] + sizes + plain[11:]
    where = boxed.index(b"jxlc") - 4
    for size in (0, 1, 7, 2**31, 2**32 - 1):
        yield f"a box of {size} bytes.jxl", boxed[:where] + struct.pack(">I", size) + boxed[where + 4 :]
    yield "many empty boxes.jxl", boxed[:where] + b"\0\0\0\x08free" * 500_000 + boxed[where:]
    yield "a JPEG that cannot be made.jxl", boxed[:where] + box(b"jbrd", b"\xff" * 300) + boxed[where:]
    yield "EXIF without end.jxl", boxed[:where] + box(b"Exif", b"\xff" * 300, 2**32 - 1) + boxed[where:]
    yield "boxes but no image.jxl", boxed[:where]


def jpeg_2000s() -> Iterator[tuple[str, bytes]]:
    plain = seeds().get("tiled.j2k")
    if plain is None:
        return
    size = plain.index(b"\xff\x51") + 6  # 32 bits each: the picture's sides, its offsets, then those of its tiles
    for width, height in ((2**32 - 1, 2**32 - 1), (0, 0), (8000, 8000), (64_000_000, 1), (64, 2**31)):
        sides = struct.pack(">II", width, height)
        yield f"of {width} x {height}.j2k", plain[:size] + sides + plain[size + 8 :]
        yield f"of tiles of {width} x {height}.j2k", plain[: size + 16] + sides + plain[size + 24 :]
    for layers in (0, 255, 16384, 65535):
        yield f"of {layers} layers of colour.j2k", plain[: size + 32] + struct.pack(">H", layers) + plain[size + 34 :]
    boxed = seeds()["plain.jp2"]
    yield "boxes in boxes.jp2", boxed[:32] + b"\0\0\xff\xffjp2h" * 8_000 + boxed[32:]
    yield "many empty boxes.jp2", boxed[:32] + b"\0\0\0\x08free" * 500_000 + boxed[32:]


def box(kind: bytes, data: bytes, size: int | None = None) -> bytes:
    return struct.pack(">I", len(data) + 8 if size is None else size) + kind + data
