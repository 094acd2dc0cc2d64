"""What is no picture, or more than one: programs, pages, archives, noise."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from .seeds import seeds


def strangers() -> Iterator[tuple[str, bytes]]:
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
