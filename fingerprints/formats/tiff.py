"""The directories of a TIFF: the lists of tags that say how a picture lies, and what is said about it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_MOST_TAGS = 1 << 16
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}  # bytes of a value, by its type


@dataclass(frozen=True)
class Tag:
    """One entry, which begins ``at``; its values take ``size`` bytes, which lie ``where`` if they need more room."""

    at: int
    number: int
    size: int
    where: int | None


@dataclass(frozen=True)
class Directory:
    """``order``: "<" or ">", as struct has it."""

    order: str
    tags: tuple[Tag, ...]


def first_directory(data: bytes) -> Directory | None:
    """None where it lies outside the file, wholly or in part."""
    order = "<" if data.startswith(b"II") else ">"
    big = b"+" in data[2:4]
    try:
        (start,) = struct.unpack_from(order + ("Q" if big else "L"), data, 8 if big else 4)
    except struct.error:
        return None
    return directory_at(data, order, start, big=big)


def directory_at(data: bytes, order: str, start: int, *, big: bool = False) -> Directory | None:
    """The directory that begins at ``start``, of a TIFF or a BigTIFF; None where it lies outside, wholly or in part."""
    pointer, counter, room = ("Q", "Q", 8) if big else ("L", "H", 4)
    entry = struct.Struct(f"{order}HH{pointer}{pointer}")
    try:
        (count,) = struct.unpack_from(order + counter, data, start)
        start += struct.calcsize(order + counter)
        places = [start + number * entry.size for number in range(min(count, _MOST_TAGS))]
        found = [(at, *entry.unpack_from(data, at)) for at in places]
    except (struct.error, OverflowError):
        return None
    sized = [(at, number, values * _SIZES.get(kind, 0), where) for at, number, kind, values, where in found]
    return Directory(order, tuple(Tag(at, n, size, where if size > room else None) for at, n, size, where in sized))
