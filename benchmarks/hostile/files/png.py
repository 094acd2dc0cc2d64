"""PNG files that lie about their size, or unpack to a thousand times their own."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from .seeds import seeds

_HUGE = 65_500


def pngs() -> Iterator[tuple[str, bytes]]:
    for width, height in ((2**31 - 1, 2**31 - 1), (0, 0), (_HUGE, _HUGE), (1, 2**31 - 1), (64_000_000, 1), (1, 1)):
        yield f"of {width} x {height}.png", png_of(width, height, 8, 2)
    for depth, colour in ((3, 2), (16, 3), (255, 255), (8, 7), (1, 2), (0, 0)):
        yield f"of depth {depth} and colour {colour}.png", png_of(64, 64, depth, colour)
    yield "64 megapixels of nothing.png", png_of(8000, 8000, 8, 6, data=zeros(250))
    yield "64 megapixels, interlaced.png", png_of(8000, 8000, 16, 6, interlaced=1, data=zeros(500))
    yield "more data than pixels.png", png_of(64, 64, 8, 2, data=zeros(500))
    texts = b"".join(chunk(b"tEXt", b"key%d\0value" % n) for n in range(200_000))
    yield "200,000 texts.png", png_of(64, 64, 8, 2, texts)
    for kind, head in ((b"zTXt", b"key\0\0"), (b"iCCP", b"name\0\0"), (b"iTXt", b"key\0\1\0\0\0")):
        yield f"an exploding {kind.decode()}.png", png_of(64, 64, 8, 2, chunk(kind, head + zeros(200)))
    yield "a long text.png", png_of(64, 64, 8, 2, chunk(b"tEXt", b"parameters\0" + b"x" * 30_000_000))
    yield "EXIF of rubbish.png", png_of(64, 64, 8, 2, chunk(b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 5000))
    frames = chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    yield "two thousand million frames.png", png_of(64, 64, 8, 2, frames)
    yield "a palette without colours.png", png_of(64, 64, 8, 3)
    yield "a chunk of 4 GB.png", seeds()["plain.png"][:33] + struct.pack(">I", 2**32 - 1) + b"IDAT" + bytes(50)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(
    width: int, height: int, depth: int, colour: int, *chunks: bytes, interlaced: int = 0, data: bytes = b""
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    body = chunk(b"IHDR", header) + b"".join(chunks) + chunk(b"IDAT", data or zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b"")


def png_with(*chunks: bytes) -> bytes:
    plain = seeds()["plain.png"]
    where = plain.index(b"IDAT") - 4
    return plain[:where] + b"".join(chunks) + plain[where:]


def zeros(megabytes: int) -> bytes:
    """Compressed a thousand times smaller."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()
