"""The places in a file where something can be said of its origin: texts, EXIF, XMP, and IPTC's older form.

They are found by the structure of each format, in the bytes as they were given; nothing is decoded. So they are found
too where a decoder stumbles over them, and what is damaged is passed over.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..formats.kinds import known
from ..formats.tiff import Tag, first_directory

_MOST_PARTS = 20_000  # chunks or segments: a file may have millions
_MOST_TEXTS = 200
_MOST_BYTES = 4_000_000  # of all texts, unpacked
_MOST_XMP = 1_000_000
_START_OF_SCAN = 0xDA
_JPEG_XMP, _JPEG_EXIF, _PHOTOSHOP = b"http://ns.adobe.com/xap/1.0/\x00", b"Exif\x00\x00", b"Photoshop 3.0\x00"
_PNG_XMP = "XML:com.adobe.xmp"
_TIFF_IPTC = 33723
# EXIF as formats of boxes hold it: a TIFF whose first directory follows its head.
_EXIF_HEAD = re.compile(rb"II\*\x00\x08\x00\x00\x00|MM\x00\*\x00\x00\x00\x08")


@dataclass
class Carried:
    """``texts`` by name; ``exif`` is a small TIFF, ``iptc`` the records of IPTC-IIM; empty where there is none."""

    texts: dict[str, str] = field(default_factory=dict)
    exif: bytes = b""
    xmp: str = ""
    iptc: bytes = b""


def carried(data: bytes) -> Carried:
    """What a file of any format carries. Never raises for what is damaged."""
    found = Carried()
    kind = known(data)
    if kind == "PNG":
        _png(data, found)
    elif kind == "JPEG":
        _jpeg(data, found)
    elif kind == "WebP":
        _webp(data, found)
    elif kind == "TIFF":
        _tiff(data, found)
    elif kind not in ("GIF", "BMP", None):  # formats of boxes; where in them is not worth knowing
        head = _EXIF_HEAD.search(data)
        found.exif = data[head.start() :] if head else b""
    found.xmp = found.xmp or _packet(data)
    return found


def _packet(data: bytes) -> str:
    """XMP is made to be found by programs that do not know the format around it."""
    start = data.find(b"<x:xmpmeta")
    if start < 0:
        return ""
    end = data.find(b"</x:xmpmeta>", start, start + _MOST_XMP)
    return data[start : end if end > 0 else start + _MOST_XMP].decode("utf-8", "replace")


def _png(data: bytes, found: Carried) -> None:
    room = _MOST_BYTES
    for name, body in _png_chunks(data):
        if name == b"eXIf":
            found.exif = body
        elif name in _TEXTS and len(found.texts) < _MOST_TEXTS:
            key, text = _TEXTS[name](body, room)
            room = max(room - len(text), 0)
            if key == _PNG_XMP:
                found.xmp = text[:_MOST_XMP]
            elif key and text:
                found.texts.setdefault(key, text)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    for _ in range(_MOST_PARTS):
        if at + 8 > len(data):
            return
        size, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        small = name == b"eXIf" or name in _TEXTS
        yield name, data[at + 8 : at + 8 + size] if small else b""
        at += size + 12


def _plain_text(body: bytes, room: int) -> tuple[str, str]:
    key, _, text = body.partition(b"\x00")
    return _keyword(key), _words(text[:room])


def _packed_text(body: bytes, room: int) -> tuple[str, str]:
    key, _, rest = body.partition(b"\x00")
    return _keyword(key), _words(_unpacked(rest[1:], room))


def _international_text(body: bytes, room: int) -> tuple[str, str]:
    key, _, rest = body.partition(b"\x00")
    text = rest[2:].split(b"\x00", 2)[-1]
    return _keyword(key), _words(_unpacked(text, room) if rest[:1] == b"\x01" else text[:room])


_TEXTS = {b"tEXt": _plain_text, b"zTXt": _packed_text, b"iTXt": _international_text}


def _keyword(key: bytes) -> str:
    return key[:79].decode("latin-1")


def _words(text: bytes) -> str:
    """PNG's older texts are Latin-1, but most programs write UTF-8 into them."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("latin-1")


def _unpacked(data: bytes, room: int) -> bytes:
    """At most ``room`` bytes; what comes before a damage, where there is one."""
    if room <= 0:
        return b""
    try:
        return zlib.decompressobj().decompress(data, room)
    except zlib.error:
        return b""


def _jpeg(data: bytes, found: Carried) -> None:
    for marker, start, end in _jpeg_segments(data):
        if marker == 0xE1 and data.startswith(_JPEG_EXIF, start):
            found.exif = found.exif or data[start + len(_JPEG_EXIF) : end]
        elif marker == 0xE1 and data.startswith(_JPEG_XMP, start):
            found.xmp = found.xmp or data[start + len(_JPEG_XMP) : end].decode("utf-8", "replace")
        elif marker == 0xED and data.startswith(_PHOTOSHOP, start):
            found.iptc = found.iptc or data[start + len(_PHOTOSHOP) : end]
        elif marker == 0xFE:
            found.texts.setdefault("Comment", _words(data[start:end]))


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    at = 2
    for _ in range(_MOST_PARTS):
        if data[at : at + 1] != b"\xff" or at + 4 > len(data) or data[at + 1] == _START_OF_SCAN:
            return
        if data[at + 1] == 0xFF:  # a byte that fills up
            at += 1
            continue
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], at + 4, end
        at = end


def _webp(data: bytes, found: Carried) -> None:
    at = 12
    for _ in range(_MOST_PARTS):
        if at + 8 > len(data):
            return
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if name == b"EXIF":
            found.exif = data[at + 8 : at + 8 + size].removeprefix(_JPEG_EXIF)
        elif name == b"XMP ":
            found.xmp = data[at + 8 : at + 8 + min(size, _MOST_XMP)].decode("utf-8", "replace")
        at += 8 + size + size % 2


def _tiff(data: bytes, found: Carried) -> None:
    """A TIFF says in its own first directory what others say in EXIF."""
    found.exif = data
    directory = first_directory(data)
    records = [tag for tag in directory.tags if tag.number == _TIFF_IPTC] if directory else []
    found.iptc = _bytes_of(data, records[0]) if records else b""


def _bytes_of(data: bytes, tag: Tag) -> bytes:
    return data[tag.where : tag.where + min(tag.size, _MOST_XMP)] if tag.where is not None else b""
