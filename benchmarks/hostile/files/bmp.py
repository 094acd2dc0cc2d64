"""BMP files of impossible sizes and depths."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .seeds import seeds


def bmps() -> Iterator[tuple[str, bytes]]:
    plain = seeds()["plain.bmp"]
    for width, height in ((2**31 - 1, 2**31 - 1), (-64, 64), (64, -(2**31)), (0, 0), (8000, 8000)):
        yield f"of {width} x {height}.bmp", plain[:18] + struct.pack("<ii", width, height) + plain[26:]
    for bits in (0, 1, 2, 4, 16, 32, 64, 65535):
        yield f"of {bits} bits.bmp", plain[:28] + struct.pack("<H", bits) + plain[30:]
    for compression in (1, 2, 3, 4, 5, 2**32 - 1):
        yield f"compressed as {compression}.bmp", plain[:30] + struct.pack("<I", compression) + plain[34:]
    runs = struct.pack("<IiiHHIIiiII", 40, 8000, 8000, 1, 8, 1, 0, 0, 0, 256, 0)
    head = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024)
    yield "64 megapixels in runs.bmp", head + runs + bytes(1024) + b"\xff\x01" * 2_000_000
