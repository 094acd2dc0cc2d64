"""Files made to do harm, at least 300, of every kind that a visitor may give: images, zips and Parquet files.

Each is made here from nothing, the same on every machine. ``hostile_images`` are given as images, ``hostile_metadata``
among them for what they say of themselves, ``hostile_sources`` as batches of samples.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pyarrow as pa
import pyarrow.parquet as pq

from fingerprints.formats.further import FURTHER, opener
from fingerprints.images.image import FORMATS

_NOISE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
_CUTS = (0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99)
_HUGE = 65_500
KINDS = {
    **{"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "avif": "AVIF", "gif": "GIF", "bmp": "BMP", "tif": "TIFF"},
    **{"jp2": "JPEG2000", "j2k": "JPEG2000", "heic": "HEIF", "jxl": "JXL"},
}
_FURTHER = [opener(kind) for kind in FURTHER]
_WRITTEN = {*FORMATS, *filter(None, _FURTHER)}  # what is read here can be written here


def seeds() -> dict[str, bytes]:
    """A small valid file of every format and kind that is read, by name."""
    picture = PIL.Image.fromarray(_NOISE)
    moving: dict[str, Any] = {"save_all": True, "append_images": [picture.rotate(90), picture.rotate(180)]}
    made: dict[str, tuple[PIL.Image.Image, dict[str, Any]]] = {
        "plain.png": (picture, {}),
        "palette.png": (picture.quantize(16), {"transparency": 3}),
        "alpha.png": (picture.convert("RGBA"), {}),
        "wide.png": (PIL.Image.fromarray(_NOISE[:, :, 0].astype(np.uint16) * 257), {}),
        "plain.jpg": (picture, {"quality": 90}),
        "progressive.jpg": (picture, {"progressive": True}),
        "cmyk.jpg": (picture.convert("CMYK"), {}),
        "grey.jpg": (picture.convert("L"), {}),
        "lossy.webp": (picture, {"quality": 80}),
        "lossless.webp": (picture.convert("RGBA"), {"lossless": True}),
        "moving.webp": (picture, moving),
        "plain.avif": (picture, {}),
        "alpha.avif": (picture.convert("RGBA"), {}),
        "plain.gif": (picture, {}),
        "moving.gif": (picture, moving),
        "plain.bmp": (picture, {}),
        "palette.bmp": (picture.quantize(16), {}),
        "plain.tif": (picture, {}),
        "lzw.tif": (picture, {"compression": "tiff_lzw"}),
        "deflate.tif": (picture, {"compression": "tiff_deflate"}),
        "jpeg.tif": (picture, {"compression": "jpeg"}),
        "pages.tif": (picture, moving),
        "plain.jp2": (picture, {}),
        "tiled.j2k": (picture, {"tile_size": (16, 16), "no_jp2": True}),
        "plain.heic": (picture, {}),
        "alpha.heic": (picture.convert("RGBA"), {}),
        "moving.heic": (picture, moving),
        "lossy.jxl": (picture, {"quality": 80}),
        "boxed.jxl": (picture, {"lossless": True, "use_container": True}),
    }
    made = {name: how for name, how in made.items() if KINDS[name.rsplit(".", 1)[1]] in _WRITTEN}
    return {name: encoded(image, name, **options) for name, (image, options) in made.items()}


def encoded(picture: PIL.Image.Image, name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, KINDS[name.rsplit(".", 1)[1]], **options)
    return buffer.getvalue()


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """One random damage, or several: bytes changed, cut out, doubled, or the end lost."""
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        where = int(rng.integers(0, max(len(changed), 1)))
        length = int(rng.integers(1, 40))
        kind = int(rng.integers(0, 5))
        if kind == 0:
            changed[where : where + length] = rng.integers(0, 256, length, np.uint8).tobytes()
        elif kind == 1:
            changed[where : where + 4] = [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"][length % 3]
        elif kind == 2:
            del changed[where : where + length]
        elif kind == 3:
            changed[where:where] = changed[where : where + length]
        elif len(changed) > 40:
            del changed[where:]
    return bytes(changed)


def hostile_images() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the files that are given as images."""
    for name, data in seeds().items():
        yield from _damaged(name, data)
    yield from _png()
    yield from _jpeg()
    yield from _gif()
    yield from _webp()
    yield from _bmp()
    yield from _tiff()
    yield from _boxes("plain.avif", b"meta", b"iloc", b"iprp", b"av1C", b"pitm", b"mdat", b"iinf")
    yield from _boxes("plain.heic", b"meta", b"iloc", b"iprp", b"hvcC", b"pitm", b"mdat", b"iinf")
    yield from _jpeg_xl()
    yield from _jpeg_2000()
    yield from _strangers()
    yield from hostile_metadata()


def hostile_metadata() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of small whole pictures that carry harm beside them: texts, EXIF, XMP and Content Credentials."""
    yield from _texts()
    yield from _exif()
    yield from _xmp()
    yield from _credentials()


def _damaged(name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    for cut in _CUTS:
        yield f"cut at {cut:.0%}, {name}", data[: int(cut * len(data))]
    middle = len(data) // 2
    yield f"zeroed, {name}", data[:middle] + bytes(len(data) - middle)
    yield f"doubled, {name}", data[:middle] + data
    yield f"with an end of rubbish, {name}", data + bytes(range(256)) * 400
    rng = np.random.default_rng(len(name))
    for number in range(3):
        yield f"mutated {number}, {name}", mutated(data, rng)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png_of(
    width: int, height: int, depth: int, colour: int, *chunks: bytes, interlaced: int = 0, data: bytes = b""
) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    body = _chunk(b"IHDR", header) + b"".join(chunks) + _chunk(b"IDAT", data or zlib.compress(bytes(100)))
    return b"\x89PNG\r\n\x1a\n" + body + _chunk(b"IEND", b"")


def _zeros(megabytes: int) -> bytes:
    """Compressed a thousand times smaller."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def _png() -> Iterator[tuple[str, bytes]]:
    for width, height in ((2**31 - 1, 2**31 - 1), (0, 0), (_HUGE, _HUGE), (1, 2**31 - 1), (64_000_000, 1), (1, 1)):
        yield f"of {width} x {height}.png", _png_of(width, height, 8, 2)
    for depth, colour in ((3, 2), (16, 3), (255, 255), (8, 7), (1, 2), (0, 0)):
        yield f"of depth {depth} and colour {colour}.png", _png_of(64, 64, depth, colour)
    yield "64 megapixels of nothing.png", _png_of(8000, 8000, 8, 6, data=_zeros(250))
    yield "64 megapixels, interlaced.png", _png_of(8000, 8000, 16, 6, interlaced=1, data=_zeros(500))
    yield "more data than pixels.png", _png_of(64, 64, 8, 2, data=_zeros(500))
    texts = b"".join(_chunk(b"tEXt", b"key%d\0value" % n) for n in range(200_000))
    yield "200,000 texts.png", _png_of(64, 64, 8, 2, texts)
    for kind, head in ((b"zTXt", b"key\0\0"), (b"iCCP", b"name\0\0"), (b"iTXt", b"key\0\1\0\0\0")):
        yield f"an exploding {kind.decode()}.png", _png_of(64, 64, 8, 2, _chunk(kind, head + _zeros(200)))
    yield "a long text.png", _png_of(64, 64, 8, 2, _chunk(b"tEXt", b"parameters\0" + b"x" * 30_000_000))
    yield "EXIF of rubbish.png", _png_of(64, 64, 8, 2, _chunk(b"eXIf", b"MM\0*\0\0\0\x08" + b"\xff" * 5000))
    frames = _chunk(b"acTL", struct.pack(">II", 2**31 - 1, 0))
    yield "two thousand million frames.png", _png_of(64, 64, 8, 2, frames)
    yield "a palette without colours.png", _png_of(64, 64, 8, 3)
    yield "a chunk of 4 GB.png", seeds()["plain.png"][:33] + struct.pack(">I", 2**32 - 1) + b"IDAT" + bytes(50)


def _jpeg() -> Iterator[tuple[str, bytes]]:
    plain = seeds()["plain.jpg"]
    frame = plain.index(b"\xff\xc0")
    for width, height in ((65535, 65535), (8000, 8000), (0, 0), (65535, 1), (64, 0)):
        sizes = struct.pack(">HH", height, width)
        yield f"of {width} x {height}.jpg", plain[: frame + 5] + sizes + plain[frame + 9 :]
    for scans in (300, 3000):
        yield f"{scans} scans of 36 megapixels.jpg", _many_scans(6000, scans)
    yield "markers without end.jpg", b"\xff\xd8" + b"\xff\xe1\x00\x02" * 3_000_000
    yield "a comment after another.jpg", b"\xff\xd8" + (b"\xff\xfe\xff\xff" + bytes(65533)) * 200 + plain[2:]
    yield "EXIF of rubbish.jpg", b"\xff\xd8\xff\xe1\xff\xffExif\0\0MM\0*" + b"\xff" * 65525 + plain[2:]
    yield "nothing but an end.jpg", b"\xff\xd8\xff\xd9"
    table = plain.index(b"\xff\xc4")
    yield "Huffman tables of rubbish.jpg", plain[: table + 5] + b"\xff" * 60 + plain[table + 65 :]


def _many_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG that refines the same empty coefficients again and again: small, and slow to decode."""
    picture = PIL.Image.new("L", (side, side), 128)
    data = encoded(picture, "x.jpg", progressive=True, quality=50)
    first = data.index(b"\xff\xda")
    second = data.index(b"\xff\xda", first + 2)
    third = data.index(b"\xff\xda", second + 2)
    return data[:second] + data[second:third] * scans + b"\xff\xd9"


def _gif() -> Iterator[tuple[str, bytes]]:
    plain = seeds()["plain.gif"]
    for width, height in ((65535, 65535), (0, 0), (8000, 8000), (65535, 16)):
        yield f"of {width} x {height}.gif", plain[:6] + struct.pack("<HH", width, height) + plain[10:]
    head = b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0x80, 0, 0) + bytes(6)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 64, 64, 0) + b"\x02\x01\x44\0"
    yield "300,000 frames.gif", head + frame * 300_000 + b"\x3b"
    yield "blocks of one byte without end.gif", head + b"\x21\xfe" + b"\x01a" * 15_000_000
    yield (
        "a frame beyond its canvas.gif",
        head + b"\x2c" + struct.pack("<HHHHB", 9, 9, 65535, 65535, 0) + b"\x02\x01\x44\0",
    )
    yield "a code size of 255.gif", head + b"\x2c" + struct.pack("<HHHHB", 0, 0, 64, 64, 0) + b"\xff\x01\x44\0\x3b"
    yield "comments without end.gif", head + b"\x21\xfe\x01a\x00" * 5_000_000


def _webp() -> Iterator[tuple[str, bytes]]:
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


def _bmp() -> Iterator[tuple[str, bytes]]:
    plain = seeds()["plain.bmp"]
    for width, height in ((2**31 - 1, 2**31 - 1), (-64, 64), (64, -(2**31)), (0, 0), (8000, 8000)):
        yield f"of {width} x {height}.bmp", plain[:18] + struct.pack("<ii", width, height) + plain[26:]
    for bits in (0, 1, 2, 4, 16, 32, 64, 65535):
        yield f"of {bits} bits.bmp", plain[:28] + struct.pack("<H", bits) + plain[30:]
    for compression in (1, 2, 3, 4, 5, 2**32 - 1):
        yield f"compressed as {compression}.bmp", plain[:30] + struct.pack("<I", compression) + plain[34:]
    runs = struct.pack("<IiiHHIIiiII", 40, 8000, 8000, 1, 8, 1, 0, 0, 0, 256, 0)
    head = b"BM" + struct.pack("<IHHI", 0, 0, 0, 54 + 1024)
    yield "64 megapixels in runs.bmp", head + runs + bytes(1024) + b"\xff\x01" * 2_000_000


def _tiff() -> Iterator[tuple[str, bytes]]:
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


def _boxes(name: str, *boxes: bytes) -> Iterator[tuple[str, bytes]]:
    """An AVIF or a HEIC, some of whose boxes lie about their sizes."""
    plain, ending = seeds().get(name), name.rsplit(".", 1)[1]
    if plain is None:
        return
    size = plain.index(b"ispe") + 8
    for width, height in ((2**32 - 1, 2**32 - 1), (0, 0), (8000, 8000), (65535, 16), (64, 2**31)):
        yield f"of {width} x {height}.{ending}", plain[:size] + struct.pack(">II", width, height) + plain[size + 8 :]
    for box in boxes:
        where = plain.index(box) - 4
        yield f"an endless {box.decode()}.{ending}", plain[:where] + b"\xff\xff\xff\xff" + plain[where + 4 :]
        yield f"an empty {box.decode()}.{ending}", plain[:where] + b"\0\0\0\x08" + plain[where + 4 :]
    yield f"boxes in boxes.{ending}", plain[:32] + b"\0\0\xff\xffmeta" * 8_000 + plain[32:]


def _jpeg_xl() -> Iterator[tuple[str, bytes]]:
    plain, boxed = seeds().get("lossy.jxl"), seeds().get("boxed.jxl")
    if plain is None or boxed is None:
        return
    for sizes in (b"\xff" * 9, bytes(9), b"\xfe\xff\xff\xff\x01" + bytes(4)):
        yield f"of a size of {sizes.hex()}.jxl", plain[:2] + sizes + plain[11:]
    where = boxed.index(b"jxlc") - 4
    for size in (0, 1, 7, 2**31, 2**32 - 1):
        yield f"a box of {size} bytes.jxl", boxed[:where] + struct.pack(">I", size) + boxed[where + 4 :]
    yield "many empty boxes.jxl", boxed[:where] + b"\0\0\0\x08free" * 500_000 + boxed[where:]
    yield "a JPEG that cannot be made.jxl", boxed[:where] + _box(b"jbrd", b"\xff" * 300) + boxed[where:]
    yield "EXIF without end.jxl", boxed[:where] + _box(b"Exif", b"\xff" * 300, 2**32 - 1) + boxed[where:]
    yield "boxes but no image.jxl", boxed[:where]


def _jpeg_2000() -> Iterator[tuple[str, bytes]]:
    plain = seeds().get("tiled.j2k")
    if plain is None:
        return
    size = plain.index(b"\xff\x51") + 6  # 32 bits each: the picture's sides, its offsets, then those of its tiles
    for width, height in ((2**32 - 1, 2**32 - 1), (0, 0), (8000, 8000), (64_000_000, 1), (64, 2**31)):
        sides = struct.pack(">II", width, height)
        yield f"of {width} x {height}.j2k", plain[:size] + sides + plain[size + 8 :]
        yield f"of tiles of {width} x {height}.j2k", plain[: size + 16] + sides + plain[size + 24 :]
    for layers in (0, 255, 16384, 65535):
        yield f"of {layers} layers of colour.j2k", plain[: size + 32] + struct.pack(">H", layers) + plain[size + 34 :]
    boxed = seeds()["plain.jp2"]
    yield "boxes in boxes.jp2", boxed[:32] + b"\0\0\xff\xffjp2h" * 8_000 + boxed[32:]
    yield "many empty boxes.jp2", boxed[:32] + b"\0\0\0\x08free" * 500_000 + boxed[32:]


def _strangers() -> Iterator[tuple[str, bytes]]:
    plain = seeds()["plain.png"]
    yield from {
        "nothing.png": b"",
        "one byte.png": b"\x89",
        "zeros.png": bytes(5_000_000),
        "random.jpg": np.random.default_rng(1).bytes(1_000_000),
        "a page.png": b"<!doctype html><script>alert(1)</script>",
        "a drawing.png": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "entities.png": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + b"&b;" * 100_000,
        "a program.png": b"\x7fELF\x02\x01\x01" + bytes(3000),
        "a Windows program.jpg": b"MZ" + bytes(3000),
        "a document.jpg": b"%PDF-1.7" + bytes(3000),
        "PostScript.tif": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run",
        "a page behind a picture.png": plain + b"<script>alert(1)</script>",
        "an archive behind a picture.png": plain + b"PK\x03\x04" + bytes(3000),
        "a picture behind a page.gif": b"GIF89a/*" + b"*/=1;alert(1)" + bytes(300),
        "gzip.png": zlib.compress(plain),
        "an icon.png": b"\0\0\1\0\1\0" + bytes(300),
        "text of controls.png": "\u202egnp.exe\0\x1b[2J".encode() * 100,
    }.items()


def _png_with(*chunks: bytes) -> bytes:
    plain = seeds()["plain.png"]
    where = plain.index(b"IDAT") - 4
    return plain[:where] + b"".join(chunks) + plain[where:]


def _jpeg_with(*segments: tuple[int, bytes]) -> bytes:
    plain = seeds()["plain.jpg"]
    added = b"".join(b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments)
    return plain[:2] + added + plain[2:]


def _texts() -> Iterator[tuple[str, bytes]]:
    """What programs write that generate pictures, as it would cost most to read."""
    yield (
        "many texts that unpack to much.png",
        _png_with(*[_chunk(b"zTXt", b"k%d\0\0" % n + _zeros(1)) for n in range(99)]),
    )
    yield "a packed text that is cut.png", _png_with(_chunk(b"zTXt", b"parameters\0\0" + _zeros(1)[:500]))
    for key, text in (
        (b"parameters", b"Steps: 1, " + b"Model: " * 140_000),
        (b"prompt", b'{"class_type": ' + b'"a/b' * 250_000),
        (b"workflow", b'{"nodes": ' + b"[" * 900_000),
        (b"prompt", b'"class_type"' + b'"' + b"a\\" * 400_000 + b'.ckpt"'),
        (b"invokeai_metadata", b'"model":{' * 100_000),
        (b"sd-metadata", b'"model" ' + b" " * 900_000),
        (b"Software", "\u202e\x1b[2J\0<script>".encode() * 10_000),
        (b"", b"no name"),
    ):
        yield f"{len(text)} bytes of {key.decode()}.png", _png_with(_chunk(b"tEXt", key + b"\0" + text))
    yield "a hundred thousand comments.jpg", _jpeg_with(*[(0xFE, b"a")] * 100_000)


def _exif() -> Iterator[tuple[str, bytes]]:
    def exif(*tags: tuple[int, int, int, int], count: int | None = None, rest: bytes = b"") -> bytes:
        entries = b"".join(struct.pack("<HHLL", *tag) for tag in tags)
        return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags) if count is None else count) + entries + rest

    made = {
        "that points to itself": exif((0x8769, 4, 1, 8)),
        "that points outside": exif((0x8769, 4, 1, 2**32 - 1), (0x0131, 2, 2**32 - 1, 2**32 - 1)),
        "of 65,535 tags that are not there": exif(count=65535),
        "of texts that overlap": exif(*[(0x0131, 2, 60_000, 8)] * 4000),
        "of a comment of odd bytes": exif(
            (0x8769, 4, 1, 26), rest=bytes(4) + exif((0x9286, 7, 33, 44))[8:] + b"UNICODE\0\xd8"
        ),
        "of no text": exif((0x010F, 7, 40, 26), rest=bytes(4) + b"\xff\xfe\0\xd8" * 10),
    }
    for name, data in made.items():
        yield f"EXIF {name}.jpg", _jpeg_with((0xE1, b"Exif\0\0" + data[:65_000]))
        yield f"EXIF {name}.png", _png_with(_chunk(b"eXIf", data))
    records = b"\x1c\x02\x6e\xff\xff" * 10_000
    yield "IPTC without end.jpg", _jpeg_with((0xED, b"Photoshop 3.0\08BIM\x04\x04\xff\xff\xff\xff" + records))


def _xmp() -> Iterator[tuple[str, bytes]]:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    fields = {
        "of entities": f'<!DOCTYPE x [<!ENTITY a0 "a">{entities}]><a:Credit>&a11;</a:Credit>',
        "of a file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><a:Credit>&a;</a:Credit>',
        "without values": "a:DigitalSourceType=" * 40_000,
        "of begins": "<a:Credit " * 80_000,
        "of open elements": "<a:Credit>" * 80_000,
        "of letters": "a" * 900_000,
        "of spaces": "<a:Credit" + " " * 900_000,
        "of a wrong address": 'a:provenance="http://[::1"',
    }
    for name, inside in fields.items():
        packet = f"<x:xmpmeta>{inside}</x:xmpmeta>".encode()
        yield f"XMP {name}.png", _png_with(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))
    yield "XMP that is never closed.png", _png_with(_chunk(b"tEXt", b"a\0" + b"<x:xmpmeta>" * 900_000))


def _box(kind: bytes, data: bytes, size: int | None = None) -> bytes:
    return struct.pack(">I", len(data) + 8 if size is None else size) + kind + data


def _store(inside: bytes, size: int | None = None) -> bytes:
    """The box that holds all Content Credentials."""
    about = bytes.fromhex("6332706100110010800000aa00389b71") + b"\x03c2pa\0"
    return _box(b"jumb", _box(b"jumd", about) + inside, size)


def _credentials() -> Iterator[tuple[str, bytes]]:
    claim = bytes.fromhex("6332636c00110010800000aa00389b71") + b"\x03c2pa.claim\0"
    deep = b""
    for _ in range(2_000):
        deep = _box(b"jumb", _box(b"jumd", claim) + deep)
    stores = {
        "empty": b"",
        "deep": deep,
        "of a box without end": _box(b"jumb", _box(b"jumd", claim), 2**32 - 1),
        "of a box of no size": _box(b"jumb", b"", 0) * 100,
        "of an endless array": _box(b"jumb", _box(b"jumd", claim) + _box(b"cbor", b"\x9b" + b"\xff" * 8)),
        "of arrays in arrays": _box(b"jumb", _box(b"jumd", claim) + _box(b"cbor", b"\x81" * 50_000)),
        "of many boxes": _box(b"jumb", _box(b"jumd", claim)) * 50_000,
    }
    for name, inside in stores.items():
        store = _store(inside)
        yield f"credentials {name}.png", _png_with(_chunk(b"caBX", store))
        yield f"credentials {name}, cut.png", _png_with(_chunk(b"caBX", store))[: 200 + len(store) // 2]
        parts = [
            b"JP\0\1" + struct.pack(">I", n + 1) + store[n * 60_000 :][:60_000] for n in range(len(store) // 60_000 + 1)
        ]
        yield f"credentials {name}.jpg", _jpeg_with(*[(0xEB, part) for part in parts])
        avif = seeds()["plain.avif"]
        yield (
            f"credentials {name}.avif",
            avif + _box(b"uuid", bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + store),
        )
    yield "credentials longer than the file.png", _png_with(_chunk(b"caBX", _store(b"", 2**31)))
    yield "a hundred credentials.png", _png_with(*[_chunk(b"caBX", _store(b""))] * 100)


def hostile_sources(folder: Path) -> Iterator[Path]:
    """Zips and Parquet files, written to ``folder``, for the intake of samples."""
    picture, rng = seeds()["plain.png"], np.random.default_rng(2)
    members: dict[str, list[tuple[str, bytes]]] = {
        "leads outside": [("../../evil.png", picture), ("/etc/evil.png", picture), ("c:\\evil.png", picture)],
        "of zeros": [("zeros.png", bytes(300_000_000))],
        "in a zip": [("inner.zip", bytes(3000)), ("a.png", picture)],
        "of hostile images": list(hostile_images())[:150],
        "of names": [("\u202e\x1b[2J" + "n" * 3000 + ".png", picture)],
        "of many": [(f"{number}.png", b"") for number in range(20_000)],
    }
    for name, files in members.items():
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for inside, data in files:
                archive.writestr(inside, data)
        yield folder / f"{name}.zip"
    rows = {"image": [{"bytes": picture, "path": "/etc/passwd"}] * 40, "content_id": [str(n) for n in range(40)]}
    pq.write_table(pa.table(rows), folder / "good.parquet")
    pq.write_table(pa.table({"image": [b"", None, b"hello", picture]}), folder / "holes.parquet")
    pq.write_table(pa.table({"image": [bytes(50_000_000)] * 20}), folder / "of zeros.parquet", compression="zstd")
    pq.write_table(pa.table({f"c{n}": [1] for n in range(5000)}), folder / "columns.parquet")
    yield from (folder / f"{name}.parquet" for name in ("good", "holes", "of zeros", "columns"))
    for kind in ("good.parquet", "in a zip.zip"):
        data = (folder / kind).read_bytes()
        for number in range(20):
            path = folder / f"mutated {number} {kind}"
            path.write_bytes(mutated(data, rng))
            yield path
