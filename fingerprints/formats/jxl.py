"""The size of a JPEG XL image, from its first bytes: what decodes it decodes all of it before it tells its size."""

from __future__ import annotations

_CODESTREAM = b"\xff\x0a"
_MOST_BOXES = 1_000
# ISO/IEC 18181-1, SizeHeader: how the width follows from the height, by a number of three bits; 0: it is given.
_RATIOS = (None, (1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
_LENGTHS = (9, 13, 18, 30)  # bits of a side, by a number of two bits


class _Bits:
    """The bits of a number, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self._left = int.from_bytes(data, "little")

    def take(self, count: int) -> int:
        taken, self._left = self._left & ((1 << count) - 1), self._left >> count
        return taken


def jxl_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) as the file states it; None where no image begins in it."""
    stream = _codestream(data)
    if stream is None or not data.startswith(_CODESTREAM, stream):
        return None
    bits = _Bits(data[stream + 2 : stream + 14])
    small = bits.take(1) == 1
    height = _side(bits, small)
    ratio = _RATIOS[bits.take(3)]
    width = _side(bits, small) if ratio is None else height * ratio[0] // ratio[1]
    return width, height


def _side(bits: _Bits, small: bool) -> int:
    return (bits.take(5) + 1) * 8 if small else bits.take(_LENGTHS[bits.take(2)]) + 1


def _codestream(data: bytes) -> int | None:
    """Where the image itself begins: at once, or in a box of its own, whole or the first part of it."""
    if data.startswith(_CODESTREAM):
        return 0
    at = 0
    for _ in range(_MOST_BOXES):
        size, name, head = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if name in (b"jxlc", b"jxlp"):
            return at + head + (4 if name == b"jxlp" else 0)
        if size < head:
            return None
        at += size
    return None
