"""HEIC, JPEG XL and JPEG 2000: read where what decodes them is installed, and as carefully as any other format."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from fingerprints.claims import VALID
from fingerprints.formats import further, kinds
from fingerprints.formats.further import FURTHER, installed, opener, suffixes
from fingerprints.formats.jxl import jxl_size
from fingerprints.images import image as images
from fingerprints.images.image import ImageError, decode
from registry.intake.sandbox import Decoders
from signing import TRAINED, signed

NOISE = np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)
ROOT = Path(__file__).parents[3]
LOSSLESS: dict[str, dict[str, Any]] = {
    "HEIC": {"quality": -1, "chroma": 444, "matrix_coefficients": 0},
    "JPEG XL": {"lossless": True},
    "JPEG 2000": {},
}


def encoded(kind: str, picture: np.ndarray | PIL.Image.Image = NOISE, **options: Any) -> bytes:
    name, buffer = opener(kind), io.BytesIO()
    assert name is not None, f"{kind} needs its package: pip install -r requirements-dev.txt"
    image = PIL.Image.fromarray(picture) if isinstance(picture, np.ndarray) else picture
    image.save(buffer, name, **(options or LOSSLESS[kind]))
    return buffer.getvalue()


@pytest.mark.parametrize("kind", FURTHER)
def test_the_pixels_are_those_that_were_written(kind: str) -> None:
    image = decode(encoded(kind))
    assert np.abs(image.pixels.astype(int) - NOISE).max() <= (1 if kind == "HEIC" else 0)
    assert (image.format, image.notes, image.pixels.dtype) == (opener(kind), (), np.uint8)


@pytest.mark.parametrize("kind", FURTHER)
@pytest.mark.parametrize("mode", ["L", "RGBA", "I;16"])
def test_other_kinds_of_pixels_are_read_too(kind: str, mode: str) -> None:
    grey = NOISE[:, :, 0]
    picture = PIL.Image.fromarray(grey.astype(np.uint16) * 257) if mode == "I;16" else PIL.Image.fromarray(NOISE)
    image = decode(encoded(kind, picture if mode == "I;16" else picture.convert(mode), **LOSSLESS[kind]))
    expected = {"RGBA": NOISE, "I;16": grey[:, :, None]}.get(mode, np.asarray(picture.convert("L"))[..., None])
    assert np.abs(image.pixels.astype(int) - expected).max() <= 1


@pytest.mark.parametrize("kind", FURTHER)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.99])
def test_a_truncated_file_is_an_error_not_half_an_image(kind: str, share: float) -> None:
    whole = encoded(kind)
    with pytest.raises(ImageError, match=rf"^cut (is|begins as) (a )?{kind} .*truncated or damaged"):
        decode(whole[: int(share * len(whole))], "cut")


def test_a_jpeg_in_a_jpeg_xl_is_turned_as_the_jpeg(tmp_path: Path) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    PIL.Image.fromarray(NOISE).save(tmp_path / "x.jpg", exif=exif)
    opener("JPEG XL")
    with PIL.Image.open(tmp_path / "x.jpg") as opened:
        opened.save(tmp_path / "x.jxl", lossless_jpeg=True)
    np.testing.assert_array_equal(decode(tmp_path / "x.jxl").pixels, decode(tmp_path / "x.jpg").pixels)


def test_each_format_says_in_its_own_way_which_side_is_up() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    turned = decode(encoded("HEIC", exif=exif.tobytes(), **LOSSLESS["HEIC"])).pixels
    assert np.abs(turned.astype(int) - np.rot90(NOISE, -1)).max() <= 1
    # in JPEG XL, EXIF does not turn the picture
    np.testing.assert_array_equal(decode(encoded("JPEG XL", exif=exif.tobytes(), lossless=True)).pixels, NOISE)


def test_of_several_pictures_in_a_heic_the_main_one_is_used() -> None:
    other = PIL.Image.new("RGB", (56, 40), "red")
    image = decode(encoded("HEIC", save_all=True, append_images=[other], **LOSSLESS["HEIC"]))
    assert image.notes == ("It holds 2 pictures; the main one was used.",)
    assert np.abs(image.pixels.astype(int) - NOISE).max() <= 1


# Sizes are looked at before anything is decoded


SIZES = [(16, 16), (56, 40), (256, 256), (300, 200), (128, 64), (320, 240), (160, 90), (9, 513), (8200, 20), (20, 9000)]


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"lossless": True, "use_container": True}])
@pytest.mark.parametrize("size", SIZES)
def test_the_size_of_a_jpeg_xl_is_told_by_its_first_bytes(size: tuple[int, int], options: dict[str, Any]) -> None:
    data = encoded("JPEG XL", PIL.Image.new("RGB", size, "teal"), effort=1, **options)
    assert jxl_size(data) == size


def oversized() -> Iterator[tuple[str, bytes]]:
    sides = struct.pack(">II", 9000, 9000)
    heic, jpeg_2000 = encoded("HEIC"), encoded("JPEG 2000", no_jp2=True)
    where = heic.index(b"ispe") + 8
    yield "HEIC", heic[:where] + sides + heic[where + 8 :]
    where = jpeg_2000.index(b"\xff\x51") + 6
    yield "JPEG 2000", jpeg_2000[:where] + sides + jpeg_2000[where + 8 :]
    # not small, 18 bits of height, ratio 1 to 1
    bits = (0 | 2 << 1 | 8999 << 3 | 1 << 21).to_bytes(12, "little")
    yield "JPEG XL", b"\xff\x0a" + bits + bytes(100)


@pytest.mark.parametrize(("kind", "data"), oversized(), ids=lambda value: value if isinstance(value, str) else "")
def test_too_many_pixels_are_refused(kind: str, data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    if kind == "JPEG XL":  # what opens it would decode it
        monkeypatch.setattr(PIL.Image, "open", lambda *_, **__: pytest.fail("it was opened"))
    with pytest.raises(ImageError, match=r"9000 x 9000, 81 megapixels; at most 64|truncated or damaged"):
        decode(data)


@pytest.mark.parametrize(
    "data", [b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n", b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0\0\0\x08free" * 2000]
)
def test_a_jpeg_xl_without_an_image_is_damaged(data: bytes) -> None:
    with pytest.raises(ImageError, match=r"is a JPEG XL that is truncated or damaged|only"):
        decode(data)


# Without the packages


FIRST_BYTES = {
    "HEIC": [b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", b"\0\0\0\x14ftypmif1\0\0\0\0heic"],
    "JPEG XL": [b"\xff\x0a" + bytes(64), b"\0\0\0\x0cJXL \r\n\x87\n"],
    "JPEG 2000": [b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(64), b"\xff\x4f\xff\x51" + bytes(64)],
}
SENTENCES = {
    "HEIC": "x is a HEIC photo; save or export it as JPEG or PNG (best: without resizing).",
    "JPEG XL": "x is a JPEG XL image, not an image this tool reads; save it as PNG.",
    "JPEG 2000": "x is a JPEG 2000 image, not an image this tool reads; save it as PNG.",
}


@pytest.mark.parametrize("kind", FURTHER)
def test_without_its_package_a_file_gets_a_sentence(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "opener", lambda kind: None)
    for data in (*FIRST_BYTES[kind], encoded(kind)):
        with pytest.raises(ImageError) as error:
            decode(data, "x")
        assert str(error.value) == SENTENCES[kind]


@pytest.mark.parametrize(("kind", "package"), [("HEIC", "pillow_heif"), ("JPEG XL", "pillow_jxl")])
def test_a_package_that_does_not_run_here_is_as_good_as_none(
    kind: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = encoded(kind)
    further.opener.cache_clear()
    monkeypatch.setitem(sys.modules, package, None)
    try:
        with pytest.raises(ImageError, match=kind):
            decode(data)
        assert kind not in installed() and not set(FURTHER[kind].suffixes) & suffixes()
    finally:
        further.opener.cache_clear()


def test_what_is_read_here_is_said_and_looked_for() -> None:
    assert installed() == list(FURTHER) and "HEIC, JPEG XL, JPEG 2000, GIF" in kinds.WHAT_WORKS
    assert {".heic", ".jxl", ".jp2"} <= images.SUFFIXES


def test_packages_are_imported_only_for_their_files(tmp_path: Path) -> None:
    program = (
        "import sys; from fingerprints.images.image import decode; decode(sys.argv[1]); "
        "print(sorted({'pillow_heif', 'pillow_jxl'} & set(sys.modules)))"
    )
    PIL.Image.fromarray(NOISE).save(tmp_path / "x.png")
    (tmp_path / "x.heic").write_bytes(encoded("HEIC"))
    (tmp_path / "x.jxl").write_bytes(encoded("JPEG XL"))
    for name, imported in (("x.png", "[]"), ("x.heic", "['pillow_heif']"), ("x.jxl", "['pillow_jxl']")):
        command = [sys.executable, "-c", program, str(tmp_path / name)]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == imported


# As with other formats


@pytest.mark.parametrize(("kind", "mime"), [("HEIC", "image/heic"), ("JPEG XL", "image/jxl")])
def test_they_say_where_they_come_from(kind: str, mime: str) -> None:
    container = {"use_container": True} if kind == "JPEG XL" else {}
    (one,) = decode(signed(encoded(kind, **LOSSLESS[kind], **container), mime), claims=True).claims
    assert one.signed == VALID and one.says.startswith("Generated by a trained model.")
    packet = f'<x:xmpmeta><a:b Iptc4xmpExt:DigitalSourceType="{TRAINED}"/></x:xmpmeta>'.encode()
    (one,) = decode(encoded(kind, xmp=packet, **LOSSLESS[kind]), claims=True).claims
    assert one.says == "Generated by a trained model."


def test_the_same_in_a_process_of_its_own() -> None:
    pool = Decoders(1)
    for kind in FURTHER:
        data = encoded(kind)
        np.testing.assert_array_equal(pool.decode(data).pixels, decode(data).pixels)
    pool.close()


def test_a_heic_whose_exif_is_damaged_is_read() -> None:
    exif = PIL.Image.Exif()
    exif[0x0110] = "Camera 1"
    data = encoded("HEIC", exif=exif, **LOSSLESS["HEIC"])
    head = data.rindex(b"MM\0*", 0, data.index(b"Camera 1"))
    np.testing.assert_array_equal(decode(data[:head] + b"XX" + data[head + 2 :]).pixels, decode(data).pixels)
