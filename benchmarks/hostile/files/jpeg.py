"""JPEG files that lie about their size, or take minutes to decode."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import PIL.Image

from .seeds import encoded, seeds


def jpegs() -> Iterator[tuple[str, bytes]]:
    plain = seeds()["plain.jpg"]
    frame = plain.index(b"\xff\xc0")
    for width, height in ((65535, 65535), (8000, 8000), (0, 0), (65535, 1), (64, 0)):
        sizes = struct.pack(">HH", height, width)
        yield f"of {width} x {height}.jpg", plain[: frame + 5] + sizes + plain[frame + 9 :]
    for scans in (300, 3000):
        yield f"{scans} scans of 36 megapixels.jpg", _many_scans(6000, scans)
    yield "markers without end.jpg", b"\xff\xd8" + b"\xff\xe1\x00\x02" * 3_000_000
    yield "a comment after another.jpg", b"\xff\xd8" + (b"\xff\xfe\xff\xff" + bytes(65533)) * 200 + plain[2:]
    yield "EXIF of rubbish.jpg", b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM\0*" + b"\xff" * 65525 + plain[2:]
    yield "nothing but an end.jpg", b"\xff\xd8\xff\xd9"
    table = plain.index(b"\xff\xc4")
    yield "Huffman tables of rubbish.jpg", plain[: table + 5] + b"\xff" * 60 + plain[table + 65 :]


def _many_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG that refines the same empty coefficients again and again: small, and slow to decode."""
    picture = PIL.Image.new("L", (side, side), 128)
    data = encoded(picture, "x.jpg", progressive=True, quality=50)
    first = data.index(b"\xff\xda")
    second = data.index(b"\xff\xda", first + 2)
    third = data.index(b"\xff\xda", second + 2)
    return data[:second] + data[second:third] * scans + b"\xff\xd9"


def jpeg_with(*segments: tuple[int, bytes]) -> bytes:
    plain = seeds()["plain.jpg"]
    added = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return plain[:2] + added + plain[2:]
