"""WebP files of canvases and frames that are not there."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .seeds import seeds


def webps() -> Iterator[tuple[str, bytes]]:
    def riff(*chunks: bytes) -> bytes:
        body = b"WEBP" + b"".join(chunks)
        return b"RIFF" + struct.pack("<I", len(body)) + body

    def chunk(kind: bytes, data: bytes) -> bytes:
        return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)

    def canvas(side: int, flags: int = 2) -> bytes:
        return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + (side - 1).to_bytes(3, "little") * 2)

    for side in (64, 8000, 16383):
        bits = b"\x2f" + ((side - 1) | (side - 1) << 14).to_bytes(4, "little")
        yield f"lossless, of {side} px and nothing.webp", riff(chunk(b"VP8L", bits + bytes(100)))
        begin = b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", side, side)
        yield f"lossy, of {side} px and nothing.webp", riff(chunk(b"VP8 ", begin + bytes(100)))
    lossless = seeds()["lossless.webp"]
    inner = lossless[lossless.index(b"VP8L") :]
    frame = chunk(b"ANMF", bytes(6) + (63).to_bytes(3, "little") + (47).to_bytes(3, "little") + bytes(4) + inner)
    loop = chunk(b"ANIM", bytes(6))
    yield "10,000 frames.webp", riff(canvas(64), loop, frame * 10_000)
    yield "a canvas of 16 million pixels a side.webp", riff(canvas(1 << 24), loop, frame)
    yield "a moving canvas of 64 megapixels.webp", riff(canvas(8000), loop, frame * 20)
    yield "a chunk longer than the file.webp", lossless[:16] + struct.pack("<I", 2**31) + lossless[20:]
