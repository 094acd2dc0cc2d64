"""The places in a file where something can be said of its origin: texts, EXIF, XMP, and IPTC's older form.

They are found by the structure of each format, in the bytes as they were given; nothing is decoded. So they are found
too where a decoder stumbles over them, and what is damaged is passed over.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from itertools import islice

from ..formats.kinds import known
from ..formats.parts import jpeg_segments, png_chunks, webp_chunks
from ..formats.tiff import Tag, first_directory

_MOST_PARTS = 20_000  # chunks or segments: a file may have millions
_MOST_TEXTS = 200
_MOST_BYTES = 4_000_000  # of all texts, unpacked
_MOST_XMP = 1_000_000
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
    for name, at, end in islice(png_chunks(data), _MOST_PARTS):
        if name == b"eXIf":
            found.exif = data[at + 8 : end - 4]
        elif name in _TEXTS and len(found.texts) < _MOST_TEXTS:
            key, text = _TEXTS[name](data[at + 8 : end - 4], room)
            room = max(room - len(text), 0)
            if key == _PNG_XMP:
                found.xmp = text[:_MOST_XMP]
            elif key and text:
                found.texts.setdefault(key, text)


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
    for marker, at, end in islice(jpeg_segments(data), _MOST_PARTS):
        start = at + 4
        if marker == 0xE1 and data.startswith(_JPEG_EXIF, start):
            found.exif = found.exif or data[start + len(_JPEG_EXIF) : end]
        elif marker == 0xE1 and data.startswith(_JPEG_XMP, start):
            found.xmp = found.xmp or data[start + len(_JPEG_XMP) : end].decode("utf-8", "replace")
        elif marker == 0xED and data.startswith(_PHOTOSHOP, start):
            found.iptc = found.iptc or data[start + len(_PHOTOSHOP) : end]
        elif marker == 0xFE:
            found.texts.setdefault("Comment", _words(data[start:end]))


def _webp(data: bytes, found: Carried) -> None:
    for name, at, end in islice(webp_chunks(data), _MOST_PARTS):
        if name == b"EXIF":
            found.exif = data[at + 8 : end].removeprefix(_JPEG_EXIF)
        elif name == b"XMP ":
            found.xmp = data[at + 8 : min(end, at + 8 + _MOST_XMP)].rstrip(b"\x00").decode("utf-8", "replace")


def _tiff(data: bytes, found: Carried) -> None:
    """A TIFF says in its own first directory what others say in EXIF."""
    found.exif = data
    directory = first_directory(data)
    records = [tag for tag in directory.tags if tag.number == _TIFF_IPTC] if directory else []
    found.iptc = _bytes_of(data, records[0]) if records else b""


def _bytes_of(data: bytes, tag: Tag) -> bytes:
    return data[tag.where : tag.where + min(tag.size, _MOST_XMP)] if tag.where is not None else b""
