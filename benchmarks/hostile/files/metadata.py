"""Small whole pictures that carry harm beside them: texts, EXIF, XMP and Content Credentials."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .boxes import box
from .jpeg import jpeg_with
from .png import chunk, png_with, zeros
from .seeds import seeds


def hostile_metadata() -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of small whole pictures that carry harm beside them: texts, EXIF, XMP and Content Credentials."""
    yield from _texts()
    yield from _exif()
    yield from _xmp()
    yield from _credentials()


def _texts() -> Iterator[tuple[str, bytes]]:
    """What programs write that generate pictures, as it would cost most to read."""
    yield (
        "many texts that unpack to much.png",
        png_with(*[chunk(b"zTXt", b"k%d\0\0" % n + zeros(1)) for n in range(99)]),
    )
    yield "a packed text that is cut.png", png_with(chunk(b"zTXt", b"parameters\0\0" + zeros(1)[:500]))
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
        yield f"{len(text)} bytes of {key.decode()}.png", png_with(chunk(b"tEXt", key + b"\0" + text))
    yield "a hundred thousand comments.jpg", jpeg_with(*[(0xFE, b"a")] * 100_000)


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
        yield f"EXIF {name}.jpg", jpeg_with((0xE1, b"Exif\0\0" + data[:65_000]))
        yield f"EXIF {name}.png", png_with(chunk(b"eXIf", data))
    records = b"\x1c\x02\x6e\xff\xff" * 10_000
    yield "IPTC without end.jpg", jpeg_with((0xED, b"Photoshop 3.0\08BIM\x04\x04\xff\xff\xff\xff" + records))


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
        yield f"XMP {name}.png", png_with(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))
    yield "XMP that is never closed.png", png_with(chunk(b"tEXt", b"a\0" + b"<x:xmpmeta>" * 900_000))


def _credentials() -> Iterator[tuple[str, bytes]]:
    claim = bytes.fromhex("6332636c00110010800000aa00389b71") + b"\x03c2pa.claim\0"
    deep = b""
    for _ in range(2_000):
        deep = box(b"jumb", box(b"jumd", claim) + deep)
    stores = {
        "empty": b"",
        "deep": deep,
        "of a box without end": box(b"jumb", box(b"jumd", claim), 2**32 - 1),
        "of a box of no size": box(b"jumb", b"", 0) * 100,
        "of an endless array": box(b"jumb", box(b"jumd", claim) + box(b"cbor", b"\x9b" + b"\xff" * 8)),
        "of arrays in arrays": box(b"jumb", box(b"jumd", claim) + box(b"cbor", b"\x81" * 50_000)),
        "of many boxes": box(b"jumb", box(b"jumd", claim)) * 50_000,
    }
    for name, inside in stores.items():
        store = _store(inside)
        yield f"credentials {name}.png", png_with(chunk(b"caBX", store))
        yield f"credentials {name}, cut.png", png_with(chunk(b"caBX", store))[: 200 + len(store) // 2]
        parts = [
            b"JP\0\1" + struct.pack(">I", n + 1) + store[n * 60_000 :][:60_000] for n in range(len(store) // 60_000 + 1)
        ]
        yield f"credentials {name}.jpg", jpeg_with(*[(0xEB, part) for part in parts])
        avif = seeds()["plain.avif"]
        yield (
            f"credentials {name}.avif",
            avif + box(b"uuid", bytes.fromhex("d8fec3d61b0e483c92975828877ec481") + store),
        )
    yield "credentials longer than the file.png", png_with(chunk(b"caBX", _store(b"", 2**31)))
    yield "a hundred credentials.png", png_with(*[chunk(b"caBX", _store(b""))] * 100)


def _store(inside: bytes, size: int | None = None) -> bytes:
    """The box that holds all Content Credentials."""
    about = bytes.fromhex("6332706100110010800000aa00389b71") + b"\x03c2pa\0"
    return box(b"jumb", box(b"jumd", about) + inside, size)
