"""TIFF files whose tags, strips and pages lead nowhere, or round and round."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import PIL.Image

from .seeds import encoded


def tiffs() -> Iterator[tuple[str, bytes]]:
    def tiff(*tags: tuple[int, int, int, int], after: int = 0) -> bytes:
        entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
        return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + struct.pack("<I", after) + bytes(4096)

    def grey(width: int, height: int, *more: tuple[int, int, int, int], after: int = 0) -> bytes:
        sizes = ((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1))
        return tiff(*sizes, *(more or ((273, 4, 1, 200), (278, 4, 1, height), (279, 4, 1, 4096))), after=after)

    for width, height in ((2**32 - 1, 2**32 - 1), (0, 0), (8000, 8000), (64, 2**31)):
        yield f"of {width} x {height}.tif", grey(width, height)
    yield "a page after itself.tif", grey(64, 64, after=8)
    yield "a strip beyond the end.tif", grey(64, 64, (273, 4, 1, 2**32 - 1), (278, 4, 1, 64), (279, 4, 1, 2**32 - 1))
    yield "a thousand million strips.tif", grey(64, 64, (273, 4, 10**9, 200), (278, 4, 1, 1), (279, 4, 10**9, 200))
    yield "a tile larger than the picture.tif", grey(64, 64, (322, 4, 1, 2**31), (323, 4, 1, 2**31), (324, 4, 1, 200))
    for compression in (5, 6, 7, 8, 32773, 34676, 34925, 50000, 50001, 65535):
        more = ((259, 3, 1, compression), (273, 4, 1, 200), (278, 4, 1, 64), (279, 4, 1, 4096))
        yield f"compressed as {compression}.tif", grey(64, 64, *more)
    for bits in (0, 1, 12, 16, 32, 64, 999):
        yield f"of {bits} bits.tif", grey(64, 64, (258, 3, 1, bits), (273, 4, 1, 200), (279, 4, 1, 4096))
    stripes = ((277, 3, 1, 60000), (273, 4, 1, 200), (278, 4, 1, 64), (279, 4, 1, 4096))
    yield "60,000 values a pixel.tif", grey(64, 64, *stripes)
    yield "65,535 tags.tif", b"II*\0" + struct.pack("<IH", 8, 65535) + struct.pack("<HHII", 700, 7, 4, 9) * 65535
    pages = b"".join(struct.pack("<H", 0) + struct.pack("<I", 8 + 6 * (n + 1)) for n in range(200_000))
    yield "200,000 empty pages.tif", b"II*\0" + struct.pack("<I", 8) + pages
    yield (
        "64 megapixels, deflated.tif",
        encoded(PIL.Image.new("RGBA", (8000, 8000)), "x.tif", compression="tiff_deflate"),
    )
