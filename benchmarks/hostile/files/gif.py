"""GIF files of frames and blocks without end."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .seeds import seeds


def gifs() -> Iterator[tuple[str, bytes]]:
    plain = seeds()["plain.gif"]
    for width, height in ((65535, 65535), (0, 0), (8000, 8000), (65535, 16)):
        yield f"of {width} x {height}.gif", plain[:6] + struct.pack("<HH", width, height) + plain[10:]
    head = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 64, 64, 0) + b"\x02\x01\x44\0"
    yield "300,000 frames.gif", head + frame * 300_000 + b"\x3b"
    yield "blocks of one byte without end.gif", head + b"\x21\xfe" + b"\x01a" * 15_000_000
    yield (
        "a frame beyond its canvas.gif",
        head + b"\x2c" + struct.pack("<HHHHB", 9, 9, 65535, 65535, 0) + b"\x02\x01\x44\0",
    )
    yield "a code size of 255.gif", head + b"\x2c" + struct.pack("<HHHHB", 0, 0, 64, 64, 0) + b"\xff\x01\x44\0\x3b"
    yield "comments without end.gif", head + b"\x21\xfe\x01a\x00" * 5_000_000
