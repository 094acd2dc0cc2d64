"""Files that say of themselves who made them, in each way that there is, and whether that is read."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
import PIL.Image
import PIL.PngImagePlugin

from fingerprints.claims import read_claims

_SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_SAYS = "model"  # what each of the claims has in its words
_XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description rdf:about="" '
    f'Iptc4xmpExt:DigitalSourceType="{_SOURCE}"></rdf:Description></rdf:RDF></x:xmpmeta>'
).encode()
_PARAMETERS = "a lighthouse\nSteps: 30, Sampler: Euler, CFG scale: 7, Seed: 1, Size: 64x64, Model: lighthouse-model"


def claiming() -> Iterator[tuple[str, bool]]:
    """What carries the claim, and whether it is read."""
    for carrier, data in _files():
        yield carrier, any(_SAYS in claim.says for claim in read_claims(data))


def _files() -> Iterator[tuple[str, bytes]]:
    for form, mime in (("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")):
        yield f"Content Credentials in {form}", _signed(_encoded(form), mime)
    for form in ("JPEG", "WEBP"):
        yield f"XMP in {form}", _encoded(form, xmp=_XMP)
        yield f"EXIF in {form}", _encoded(form, exif=_exif())
    yield "IPTC in JPEG", _with_iptc(_encoded("JPEG"))
    for key, text in (("XML:com.adobe.xmp", _XMP.decode()), ("parameters", _PARAMETERS)):
        yield f"{key} in PNG", _encoded("PNG", pnginfo=_texts(key, text))


def _encoded(form: str, **options: object) -> bytes:
    stored = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    PIL.Image.fromarray(pixels).save(stored, form, **options)
    return stored.getvalue()


def _texts(key: str, text: str) -> PIL.PngImagePlugin.PngInfo:
    found = PIL.PngImagePlugin.PngInfo()
    found.add_itxt(key, text)
    return found


def _exif() -> PIL.Image.Exif:
    found = PIL.Image.Exif()
    found.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + _PARAMETERS.encode("utf-16-be")
    return found


def _with_iptc(jpeg: bytes) -> bytes:
    """In a segment of its own behind the first two bytes."""
    says = b"Made by a model"
    record = b"\x1c\x02\x6e" + struct.pack(">H", len(says)) + says
    content = b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record
    return jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(content) + 2) + content + jpeg[2:]


def _signed(data: bytes, mime: str) -> bytes:
    from tests.signing import signed  # with certificates that are made there, and a library that few benchmarks need

    return signed(data, mime)
