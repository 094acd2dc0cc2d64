"""What a file is, told by its first bytes, and the sentence about one that cannot be read.

A name says little: a server saves its error page as photo.jpg, a phone calls a HEIC photo IMG_0001.JPG.
"""

from __future__ import annotations

from pathlib import Path

from ..sentence import Sentence, said
from .further import FURTHER, installed, opener
from .parts import jpeg_segments
from .tiff import first_directory

WHAT_WORKS = said("{formats}, GIF, BMP or TIFF", formats=", ".join(["PNG, JPEG, WebP, AVIF", *installed()]))

# What people upload instead of an image: (offset, bytes, the sentence about it).
_VIDEO = said("{name} is a video ({kind}), not an image this tool reads; save one frame of it as PNG.")
_RAW = said("{name} is a camera RAW file, not an image this tool reads; export it as full-size JPEG or PNG.")
_QUICKTIME, _MPEG = _VIDEO.of(kind="QuickTime"), _VIDEO.of(kind="MPEG")
_STRANGERS = (
    (0, b"%PDF", said("{name} is a PDF document, not an image this tool reads; save the picture in it as PNG.")),
    (
        0,
        b"PK\x03\x04",
        said(
            "{name} is a zip archive, not an image this tool reads; unpack it and give the images (a zip of samples "
            "belongs under Contribute)."
        ),
    ),
    (
        0,
        b"PK\x05\x06",
        said("{name} is an empty zip archive, not an image this tool reads; give the images themselves."),
    ),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO.of(kind=said("Matroska or WebM"))),
    (0, b"\x00\x00\x01\xba", _MPEG),
    (0, b"\x00\x00\x01\xb3", _MPEG),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _VIDEO.of(kind="Windows Media")),
    (0, b"FLV\x01", _VIDEO.of(kind="Flash")),
    (8, b"AVI ", _VIDEO.of(kind="AVI")),
    (4, b"moov", _QUICKTIME),
    (4, b"mdat", _QUICKTIME),
    (4, b"wide", _QUICKTIME),
    (0, b"FUJIFILMCCD-RAW", _RAW),
    (8, b"CR\x02\x00", _RAW),  # Canon's CR2, a TIFF but for these bytes
    (0, b"IIRO", _RAW),
    (0, b"IIRS", _RAW),
    (0, b"MMOR", _RAW),
    (0, b"IIU\x00", _RAW),
    (0, b"FOVb", _RAW),
    (0, b"\x00MRM", _RAW),
    (0, b"8BPS", said("{name} is a Photoshop document, not an image this tool reads; export it as PNG.")),
    (
        12,
        b"CgBI",
        said("{name} is a PNG in the form of iPhone apps (CgBI), not an image this tool reads; save it as plain PNG."),
    ),
)
_RAW_FILE = said("{name} is a camera RAW file; export it as full-size JPEG or PNG.")
_RAW_SUFFIXES = {".dng", ".nef", ".nrw", ".cr2", ".cr3", ".arw", ".orf", ".rw2", ".pef", ".srw", ".raf", ".x3f", ".iiq"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}

# Text that lies where an image should: the first of these in it says what it is.
_HEAD = 1024
_PAGE = said("{name} is a web page (HTML), not an image; open its address in a browser and save the picture itself.")
_DRAWING = said("{name} is an SVG drawing, not an image this tool reads; export it as PNG.")
_XML = said("{name} is an XML text, not an image; download the image itself.")
_TAGS = {b"<!doctype html": _PAGE, b"<html": _PAGE, b"<head": _PAGE, b"<body": _PAGE, b"<svg": _DRAWING}
_POINTERS = {
    b"version https://git-lfs.": said(
        "{name} is a Git LFS pointer, not the image itself; fetch the image with git lfs pull."
    ),
    b"/annex/objects/": said(
        "{name} is a git-annex pointer, not the image itself; fetch the image with git annex get."
    ),
}

# What is read: (offset, bytes, name).
_READ = (
    (0, b"\x89PNG\r\n\x1a\n", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (8, b"WEBP", "WebP"),
    (8, b"avi", "AVIF"),  # avif, avis
    (8, b"mif1", "AVIF"),  # a HEIC photo's too, but that is known before
    (8, b"msf1", "AVIF"),
    (0, b"GIF8", "GIF"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"II+\x00", "TIFF"),
    (0, b"MM\x00+", "TIFF"),
    (0, b"\xff\x0a", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (0, b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
)
# Of those, the ones that are read only where what decodes them is installed: what they are and what to do.
_NOT_HERE = {
    "HEIC": said("{name} is a HEIC photo; save or export it as JPEG or PNG (best: without resizing)."),
    "JPEG XL": said("{name} is a JPEG XL image, not an image this tool reads; save it as PNG."),
    "JPEG 2000": said("{name} is a JPEG 2000 image, not an image this tool reads; save it as PNG."),
}
_CODED = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # JPEG's markers that say how the picture is coded
_DECODED = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})  # in whole and progressive, Huffman or arithmetic


def stranger(data: bytes, name: str) -> Sentence | None:
    """The sentence about a file that is something else than an image in a format that is read."""
    for offset, magic, sentence in _STRANGERS:
        if data.startswith(magic, offset):
            return sentence.of(name=name)
    if text := _text(data):
        return text.of(name=name)
    if Path(name).suffix.lower() in _RAW_SUFFIXES:
        return _RAW_FILE.of(name=name)
    further = known(data) or ""
    if further in _NOT_HERE and opener(further) is None:
        return _NOT_HERE[further].of(name=name)
    return _film(data, name) if data[4:8] == b"ftyp" else None


def raw(name: str) -> Sentence:
    """The sentence about a RAW file that begins as another format."""
    return said(
        "{name} is a camera RAW file, or a TIFF that begins with a reduced copy; export it as full-size JPEG or PNG.",
        name=name,
    )


def known(data: bytes) -> str | None:
    """The format that a file has by its first bytes, if it is one that is read, here or where more is installed."""
    if data.startswith(b"BM") and data[6:10] == bytes(4):
        return "BMP"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS and not _AVIF_BRANDS & set(_compatible_brands(data)):
        return "HEIC"
    return next((name for offset, magic, name in _READ if data.startswith(magic, offset)), None)


def unopened(data: bytes, name: str) -> Sentence:
    """The sentence about a file that is no stranger, but that no decoder opens."""
    kind = known(data)
    if kind is None:
        return said(
            "{name} is not an image in a format this tool reads; {formats} work.", name=name, formats=WHAT_WORKS
        )
    if _is_odd(data, kind):
        return _odd(name, kind)
    if kind in FURTHER:  # of these there are many that no decoder reads
        return said(
            "{name} is {kind} that is truncated or damaged, or of a kind that cannot be read here. Save it as JPEG or "
            "PNG.",
            name=name,
            kind=_with_article(kind),
        )
    return said(
        "{name} is {kind} that is truncated or damaged. Save or download it again.",
        name=name,
        kind=_with_article(kind),
    )


def unread(data: bytes, name: str, why: str) -> Sentence:
    """The sentence about a file that a decoder opens, but does not read to its end."""
    kind = known(data)
    if kind == "JPEG" and _is_odd(data, kind):
        return _odd(name, kind)
    return said(
        "{name} begins as {kind} but cannot be read to its end ({why}): the file is truncated or damaged. Save or "
        "download it again.",
        name=name,
        kind=kind or said("an image"),
        why=why,
    )


def _text(data: bytes) -> Sentence | None:
    """The sentence about a text, still without the file's name."""
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for begin, pointer in _POINTERS.items():
        if head.startswith(begin):
            return pointer
    if not head.startswith(b"<"):
        return None
    tags = [tag for tag in _TAGS if tag in head]
    if tags:
        return _TAGS[min(tags, key=head.index)]
    return _XML if head.startswith(b"<?xml") else None


def _film(data: bytes, name: str) -> Sentence | None:
    """The sentence about a video or a RAW file, which begin as AVIF and HEIC do."""
    brand = data[8:12]
    if brand == b"crx ":
        return _RAW_FILE.of(name=name)
    if brand not in _HEIC_BRANDS | _AVIF_BRANDS:
        return said("{name} is a video (MP4 or QuickTime), not an image; save one frame of it as PNG.", name=name)
    return None


def _compatible_brands(data: bytes) -> list[bytes]:
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return [data[i : i + 4] for i in range(16, end, 4)]


def _with_article(kind: str) -> Sentence:
    """A file of that kind, so that other languages can leave the article out."""
    return said("an {kind}", kind=kind) if kind == "AVIF" else said("a {kind}", kind=kind)


def _odd(name: str, kind: str) -> Sentence:
    return said(
        "{name} is {kind} of a kind that cannot be read here; save it as PNG.", name=name, kind=_with_article(kind)
    )


def _is_odd(data: bytes, kind: str) -> bool:
    """Whether a file is whole as far as a decoder must see it to open it, so that its kind is what is not read."""
    if kind == "BMP":
        pixels, header = (int.from_bytes(data[at : at + 4], "little") for at in (10, 14))
        return len(data) >= max(pixels, 14 + header, 26)
    if kind == "TIFF":
        return _has_whole_directory(data)
    return kind == "JPEG" and _is_coded_oddly(data)


def _is_coded_oddly(data: bytes) -> bool:
    """A JPEG of 12 bits, lossless, of two layers, ..."""
    for marker, at, _ in jpeg_segments(data):
        if marker in _CODED and len(data) >= at + 10:
            return marker not in _DECODED or data[at + 4] != 8 or data[at + 9] not in (1, 3, 4)
    return False


def _has_whole_directory(data: bytes) -> bool:
    """Whether all that a TIFF says of its first picture is there."""
    directory = first_directory(data)
    return directory is not None and all(
        tag.where is None or tag.where + tag.size <= len(data) for tag in directory.tags
    )
