"""The parts that a file consists of, by the lengths that it states: nothing is decoded, and the last part may be cut.

Each comes with its name and with where it lies in the file, from its head to the beginning of the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FILLED = re.compile(rb"\xff+")  # before a marker may stand any number of these
_START_OF_SCAN = 0xDA


def png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, begin, end): a head of 8 bytes, the content, a checksum of 4."""
    at = 8
    while at + 8 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], at, end
        at = end


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, begin, end) of those before the pixels: a head of 4 bytes, the content."""
    at = 2
    while filled := _FILLED.match(data, at):
        at = filled.end() - 1
        if at + 4 > len(data) or data[at + 1] == _START_OF_SCAN:
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], at, end
        at = end


def webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, begin, end): a head of 8 bytes, the content, a byte more where its length is odd."""
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        yield data[at : at + 4], at, end
        at = end
