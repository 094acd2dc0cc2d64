"""The picture of a file without what is said about it: for files whose metadata is damaged.

Decoders read metadata on the way to the pixels and give up where it is broken, though the picture is whole. Here text,
colour profiles, previews and lists of frames are left out, by the structure of each format; nothing is decoded. EXIF
stays where a decoder passes it over unread, because it says which side is up.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from .kinds import known
from .parts import jpeg_segments, png_chunks, webp_chunks
from .tiff import first_directory

_BESIDE = 0x20  # in the first letter of a PNG chunk: it is a small one, and the picture can be shown without it
_ICC_AND_XMP = 0x24  # the flags in VP8X that announce what is left out
_JPEG_BESIDE = frozenset({*range(0xE0, 0xF0), 0xFE})  # APP0 to APP15, and comments
# TIFF tags that describe: names, dates, resolution, colours of white; and beyond the last one that tells how the
# pixels lie, all but DNGVersion, by which a RAW file is known.
_TIFF_BESIDE = frozenset({269, 270, 271, 272, 282, 283, 285, 296, 297, 301, 305, 306, 315, 316, 318, 319})
_LAST_TIFF_TAG, _DNG_VERSION = 532, 50706
_NO_TYPE = 0  # readers pass over a tag whose type they do not know


def without_metadata(data: bytes) -> bytes:
    """The bytes of the same picture; ``data`` itself where nothing can be left out."""
    bare = _BARE.get(known(data) or "")
    return bare(data) if bare else data


def _png(data: bytes) -> bytes:
    """The chunks that make the picture, transparency among them, and EXIF if it is whole."""
    view = memoryview(data)
    kept: list[memoryview] = [view[:8]]
    for name, at, end in png_chunks(data):
        if not name[0] & _BESIDE or name == b"tRNS" or (name == b"eXIf" and _is_whole_chunk(view[at:end])):
            kept.append(view[at:end])
    return b"".join(kept)


def _is_whole_chunk(chunk: memoryview) -> bool:
    return zlib.crc32(chunk[4:-4]) == int.from_bytes(chunk[-4:], "big")


def _jpeg(data: bytes) -> bytes:
    """All but comments and APP segments; of those JFIF's and Adobe's, which tell the colours, and EXIF stay."""
    view, end = memoryview(data), 2
    kept: list[memoryview] = [view[:2]]
    for marker, at, end in jpeg_segments(data):
        if marker not in _JPEG_BESIDE or _tells(marker, data[at + 4 : min(end, at + 18)]):
            kept.append(view[at:end])
    return b"".join([*kept, view[end:]])


def _tells(marker: int, begin: bytes) -> bool:
    """Whether a segment says something of the colours or of which side is up, and is long enough to say it."""
    if marker == 0xE0:
        return begin.startswith(b"JFIF\x00") and len(begin) == 14
    if marker == 0xEE:
        return begin.startswith(b"Adobe") and len(begin) >= 12
    return marker == 0xE1 and begin.startswith(b"Exif\x00\x00")


def _webp(data: bytes) -> bytes:
    """All but colour profile and XMP, and EXIF if it is cut."""
    kept = [b"WEBP"]
    for name, at, end in webp_chunks(data):
        chunk = data[at:end]
        if name == b"VP8X" and len(chunk) > 8:
            chunk = chunk[:8] + bytes([chunk[8] & ~_ICC_AND_XMP]) + chunk[9:]
        if name not in (b"ICCP", b"XMP ") and not (name == b"EXIF" and end > len(data)):
            kept.append(chunk)
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<L", len(body)) + body


def _avif(data: bytes) -> bytes:
    """The same file, whose list of contents has no EXIF; how it is turned, it says in another place too."""
    at = 0
    while at + 8 <= len(data):
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name == b"meta":
            return data[:at] + data[at : at + size].replace(b"Exif", b"none") + data[at + size :]
        if size < 8:
            break
        at += size
    return data


def _tiff(data: bytes) -> bytes:
    """The same file, in whose first directory the tags that describe have a type that no reader knows."""
    directory = first_directory(data)
    if directory is None:
        return data
    bare = bytearray(data)
    for tag in directory.tags:
        if tag.number in _TIFF_BESIDE or (tag.number > _LAST_TIFF_TAG and tag.number != _DNG_VERSION):
            struct.pack_into(f"{directory.order}H", bare, tag.at + 2, _NO_TYPE)
    return bytes(bare)


_BARE: dict[str, Callable[[bytes], bytes]] = {
    "PNG": _png,
    "JPEG": _jpeg,
    "WebP": _webp,
    "AVIF": _avif,
    "HEIC": _avif,
    "TIFF": _tiff,
}
