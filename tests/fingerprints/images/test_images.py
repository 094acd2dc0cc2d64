"""Decoding: what is read is read right, and what cannot be read gets a sentence that says what to do."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprints.formats.further import FURTHER, opener
from fingerprints.formats.tiff import first_directory
from fingerprints.images import codecs
from fingerprints.images import image as images
from fingerprints.images.image import (
    FORMATS,
    SUFFIXES,
    ImageError,
    decode,
    from_pixels,
    jpeg_bytes,
    png_bytes,
    resize,
)

NOISE = np.random.default_rng(0).integers(0, 256, (40, 56, 3), dtype=np.uint8)
SMOOTH = np.stack(np.broadcast_arrays(np.arange(40)[:, None] * 4, np.arange(56)[None] * 3, 90), axis=2).astype(np.uint8)


def encoded(image: PIL.Image.Image | np.ndarray, file_format: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture = PIL.Image.fromarray(image) if isinstance(image, np.ndarray) else image
    picture.save(buffer, file_format, **options)
    return buffer.getvalue()


def brand(name: bytes, *compatible: bytes) -> bytes:
    """The first box of an ISO media file (HEIC, AVIF, MP4, CR3) and a little of what follows."""
    body = b"ftyp" + name + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", len(body) + 4) + body + b"\0\0\0\x08mdat" + bytes(64)


def segment(marker: int, data: bytes) -> bytes:
    """A segment of a JPEG file."""
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data


def chunk(name: bytes, data: bytes, checksum: int | None = None) -> bytes:
    """A chunk of a PNG file; its checksum may be a wrong one."""
    right = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", right if checksum is None else checksum)


def huge_png(side: int) -> bytes:
    """A valid black PNG of side x side, 1 bit a pixel, written row by row: tens of kB, and never in memory whole."""
    squeeze = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    data = b"".join(squeeze.compress(row) for _ in range(side)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("file_format", "options"),
    [("PNG", {}), ("WEBP", {"lossless": True}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})],
)
def test_the_same_pixels_in_any_lossless_file_decode_alike(file_format: str, options: dict[str, Any]) -> None:
    image = decode(encoded(NOISE, file_format, **options))
    np.testing.assert_array_equal(image.pixels, NOISE)
    assert image.pixels.dtype == np.uint8 and image.pixels.flags.c_contiguous
    assert (image.format, image.notes, image.height, image.width) == (file_format, (), 40, 56)


def test_a_tall_image_is_the_same_across_the_strips_it_is_converted_in() -> None:
    tall = np.random.default_rng(1).integers(0, 256, (600, 17, 3), dtype=np.uint8)
    np.testing.assert_array_equal(decode(png_bytes(tall)).pixels, tall)


def test_jpeg_and_avif_and_gif_are_read(photos: list[np.ndarray]) -> None:
    crop = photos[0][:64, :64]
    for file_format, tolerance in (("JPEG", 6), ("AVIF", 6), ("GIF", 20)):
        pixels = decode(encoded(crop, file_format)).pixels
        assert np.abs(pixels.astype(int) - crop).mean() < tolerance


def test_a_path_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    path.write_bytes(png_bytes(NOISE))
    assert decode(path).origin == "one.png"
    assert decode(str(path), origin="upload 3").origin == "upload 3"
    with pytest.raises(ImageError, match=r"none\.png cannot be read: No such file"):
        decode(tmp_path / "none.png")
    with pytest.raises(ImageError, match="cannot be read"):
        decode(tmp_path)


# What is not an image, and what to do about it


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "is empty"),
        (b"Dear reader,\nthis is no image.\n" * 20, "not an image in a format this tool reads; PNG, JPEG"),
        (b"\x89PNG\r\n\x1a\n", "is a PNG that is truncated or damaged"),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", r"is a web page \(HTML\), not an image; open its address"),
        (b"\xef\xbb\xbf \n<HTML><svg/></HTML>", r"is a web page \(HTML\), not an image"),
        (b"<!-- saved --><html lang='en'>" + bytes(64), r"is a web page \(HTML\), not an image"),
        (b"<?xml version='1.0'?><html xmlns='x'/>", r"is a web page \(HTML\), not an image"),
        (b"<?xml version='1.0'?>\n<!-- drawn --><svg/>", "is an SVG drawing, not an image this tool reads; export it"),
        (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "is an XML text, not an image; download the image"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "is a Git LFS pointer, not the image itself"),
        (b"/annex/objects/SHA256E-s1--0.png\n", "is a git-annex pointer, not the image itself"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\4CgBI" + bytes(64), "is a PNG in the form of iPhone apps.*save it as plain PNG"),
        (brand(b"isom", b"mp41"), "is a video .*save one frame of it as PNG"),
        (brand(b"qt  "), "is a video .*save one frame of it as PNG"),
        (b"\0\0\0\x08wide\0\0\1\0mdat" + bytes(64), "is a video .QuickTime.*save one frame"),
        (b"\x1a\x45\xdf\xa3" + bytes(64), "is a video .Matroska or WebM.*save one frame"),
        (b"RIFF\x24\0\0\0AVI LIST" + bytes(64), "is a video .AVI.*save one frame"),
        (b"\0\0\1\xba" + bytes(64), "is a video .MPEG.*save one frame"),
        (b"%PDF-1.7\n" + bytes(64), "is a PDF document.*save the picture in it as PNG"),
        (b"PK\3\4" + bytes(64), "is a zip archive.*unpack it"),
        (b"PK\5\6" + bytes(18), "is an empty zip archive"),
        (brand(b"crx ", b"isom"), "is a camera RAW file.*export it as full-size JPEG or PNG"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(64), "is a camera RAW file.*export"),
        (b"II*\0\x10\0\0\0CR\2\0" + bytes(64), "is a camera RAW file.*export"),
        (b"IIRO\x08\0\0\0" + bytes(64), "is a camera RAW file.*export"),
        (b"IIU\0\x18\0\0\0" + bytes(64), "is a camera RAW file.*export"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing; export it as PNG|export it as PNG"),
        (b"8BPS\0\1" + bytes(64), "is a Photoshop document"),
    ],
    ids=lambda value: value if isinstance(value, str) else repr(value[:12]),
)
def test_what_is_not_an_image_is_named(data: bytes, sentence: str) -> None:
    with pytest.raises(ImageError, match=f"^my file .*{sentence}"):
        decode(data, origin="my file")


def test_a_raw_suffix_is_enough() -> None:
    with pytest.raises(ImageError, match=r"P1\.NEF is a camera RAW file; export"):
        decode(b"II*\0" + bytes(64), origin="P1.NEF")


@pytest.mark.parametrize("tag", [(254, 4, 1), (50706, 4, 0x00000401)], ids=["thumbnail first", "DNG"])
def test_a_raw_file_that_opens_as_its_thumbnail_is_refused(tag: tuple[int, int, int]) -> None:
    # A DNG, NEF or ARW is a TIFF whose first image is a small copy: decoding that would answer for the wrong pixels.
    whole = encoded(NOISE, "TIFF", tiffinfo={tag[0]: tag[2]})
    with pytest.raises(ImageError, match=r"camera RAW file.*export it as full-size JPEG or PNG"):
        decode(whole)


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_file_is_an_error_not_half_an_image(file_format: str, share: float) -> None:
    whole = encoded(NOISE, file_format)
    with pytest.raises(ImageError, match=r"truncated or damaged|not an image"):
        decode(whole[: int(len(whole) * share)])


@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
def test_a_truncated_upload_is_told_from_a_stranger(file_format: str) -> None:
    whole = encoded(NOISE, file_format)
    with pytest.raises(ImageError, match=rf"cut begins as {file_format} .*truncated or damaged.*again"):
        decode(whole[: len(whole) // 2], origin="cut")


@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_a_file_cut_anywhere_is_said_to_be_cut(file_format: str) -> None:
    whole = encoded(NOISE, file_format)
    for length in {*range(26, 200), *range(200, len(whole) // 2, 37)}:
        with pytest.raises(
            ImageError, match=r"(an?|begins as) (PNG|JPEG|WebP|GIF|BMP|TIFF|AVIF) .*truncated or damaged"
        ):
            decode(whole[:length])


def odd_bmp() -> bytes:
    """A BMP whose colours lie in the bits as in no other."""
    masks = struct.pack("<3I", 0xFC000000, 0x3F00000, 0xFC000)
    header = struct.pack("<IiiHHIIiiII", 40, 16, 16, 1, 32, 3, 1024, 0, 0, 0, 0) + masks
    return b"BM" + struct.pack("<IHHI", 14 + len(header) + 1024, 0, 0, 14 + len(header)) + header + bytes(1024)


def odd_jpeg(at: int, value: int) -> bytes:
    """A JPEG in whose frame header one byte is another; 4: bits, 9: layers."""
    data = bytearray(encoded(NOISE, "JPEG"))
    data[data.index(b"\xff\xc0") + at] = value
    return bytes(data)


def odd_tiff() -> bytes:
    """A TIFF of 3 bits a pixel, all of whose tags are whole."""
    data = bytearray(encoded(NOISE[:, :, 0], "TIFF"))
    (bits,) = (tag.at for tag in first_directory(bytes(data)).tags if tag.number == 258)  # type: ignore[union-attr]
    struct.pack_into("<H", data, bits + 8, 3)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (odd_bmp(), "a BMP"),
        (odd_jpeg(4, 12), "a JPEG"),
        (odd_jpeg(9, 2), "a JPEG"),
        (odd_jpeg(1, 0xC3), "a JPEG"),
        (odd_tiff(), "a TIFF"),
    ],
)
def test_a_whole_file_of_a_kind_that_is_not_read_is_not_called_damaged(data: bytes, kind: str) -> None:
    with pytest.raises(ImageError, match=f"^odd is {kind} of a kind that cannot be read here; save it as PNG.$"):
        decode(data, origin="odd")


def test_all_suffixes_of_the_formats_that_are_read_are_known() -> None:
    PIL.Image.init()
    read = {*FORMATS, *(opener(kind) for kind in FURTHER)}
    known = {suffix for suffix, file_format in PIL.Image.registered_extensions().items() if file_format in read}
    assert known == SUFFIXES


@pytest.mark.parametrize("side", [1, 8, 15])
def test_a_tiny_image_is_refused_with_its_size(side: int) -> None:
    with pytest.raises(ImageError, match=f"only {side} x {side} pixels; the shorter side must have 16"):
        decode(png_bytes(np.zeros((side, side, 3), np.uint8)))


def test_the_smallest_image_is_read() -> None:
    assert decode(png_bytes(NOISE[:16, :16])).shorter_side == 16


@pytest.mark.parametrize(("side", "sentence"), [(12_000, "144 megapixels; at most 64"), (20_000, "pixels")])
def test_a_small_file_with_too_many_pixels_is_refused(side: int, sentence: str) -> None:
    data = huge_png(side)
    assert len(data) < 200_000
    with pytest.raises(ImageError, match=sentence):
        decode(data)


def test_a_file_with_too_many_bytes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png_bytes(NOISE))
    monkeypatch.setattr(images, "MAX_BYTES", 1000)
    for source in (path, path.read_bytes()):
        with pytest.raises(ImageError, match="at most 0 MB are read"):
            decode(source)


# Odd images that are read, and what is said of them


@pytest.mark.parametrize("file_format", ["GIF", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_first_frame_of_an_animation_is_used_and_noted(file_format: str) -> None:
    frames = [PIL.Image.new("RGB", (40, 40), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if file_format == "WEBP" else {}
    image = decode(encoded(frames[0], file_format, save_all=True, append_images=frames[1:], **options))
    np.testing.assert_allclose(image.pixels.astype(int), np.full((40, 40, 3), (255, 0, 0)), atol=4)
    assert image.notes == ("It has 3 frames; the first one was used.",)


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_16_bit_grey_is_scaled_not_clipped(file_format: str) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint16) * 257, (16, 1))
    image = decode(encoded(ramp, file_format))
    np.testing.assert_array_equal(image.pixels[:, :, 1], np.tile(np.arange(256), (16, 1)))
    np.testing.assert_array_equal(image.pixels[:, :, 0], image.pixels[:, :, 2])
    assert image.notes == ("16-bit grey was scaled to 8 bits.",)


def test_16_bit_grey_is_rounded_to_the_nearest_level() -> None:
    levels = np.repeat(np.array([[0, 128, 129, 32767, 32768, 65406, 65407, 65535]], np.uint16), 16, axis=0).repeat(2, 1)
    assert decode(encoded(levels, "PNG")).pixels[0, ::2, 0].tolist() == [0, 0, 1, 127, 128, 254, 255, 255]


def test_big_endian_16_bit_grey_is_read_like_little_endian() -> None:
    ramp = np.tile(np.arange(32, dtype=np.uint16) * 2000, (16, 1))
    little = encoded(ramp, "TIFF")
    big = encoded(PIL.Image.frombytes("I;16B", (32, 16), ramp.astype(">u2").tobytes()), "TIFF")
    np.testing.assert_array_equal(decode(big).pixels, decode(little).pixels)


def test_values_that_no_scale_is_known_for_are_refused() -> None:
    with pytest.raises(ImageError, match="32-bit values outside 0-65535; save it as 8-bit PNG"):
        decode(encoded(np.full((20, 20), 1_000_000, np.int32), "TIFF"))
    with pytest.raises(ImageError, match="floating-point values; save it as 8-bit PNG"):
        decode(encoded(np.full((20, 20), 0.5, np.float32), "TIFF"))


def test_grey_and_black_and_white_become_three_equal_channels() -> None:
    for mode in ("L", "1"):
        pixels = decode(encoded(PIL.Image.fromarray(SMOOTH).convert(mode), "PNG")).pixels
        assert pixels.shape == (40, 56, 3) and np.all(pixels == pixels[:, :, :1])


def test_cmyk_jpeg_keeps_its_colours() -> None:
    image = decode(encoded(PIL.Image.fromarray(SMOOTH).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(image.pixels.astype(int) - SMOOTH).mean() < 4
    assert image.notes == ("CMYK was converted to RGB.",)


def test_alpha_is_placed_on_white() -> None:
    layered = np.zeros((20, 30, 4), np.uint8)
    layered[:, 10:20, 3] = 128
    layered[:, 20:, 3] = 255
    image = decode(encoded(layered, "PNG"))
    assert image.pixels[0, [0, 10, 20], 0].tolist() == [255, 127, 0]
    assert image.notes == ("Transparent parts were placed on white.",)


def test_opaque_alpha_changes_nothing_and_is_not_noted() -> None:
    layered = np.dstack([NOISE, np.full(NOISE.shape[:2], 255, np.uint8)])
    image = decode(encoded(layered, "PNG"))
    np.testing.assert_array_equal(image.pixels, NOISE)
    assert image.notes == ()


@pytest.mark.parametrize("file_format", ["PNG", "GIF"])
def test_a_transparent_palette_entry_becomes_white(file_format: str) -> None:
    picture = PIL.Image.new("P", (20, 20), 1)
    picture.putpalette([10, 20, 30, 200, 100, 50])
    picture.paste(0, (0, 0, 10, 20))
    image = decode(encoded(picture, file_format, transparency=0))
    assert image.pixels[0, 0].tolist() == [255, 255, 255] and image.pixels[0, 19].tolist() == [200, 100, 50]
    assert "Transparent parts were placed on white." in image.notes


def test_a_palette_without_transparency_is_read_as_its_colours() -> None:
    picture = PIL.Image.fromarray(SMOOTH).quantize(16)
    np.testing.assert_array_equal(decode(encoded(picture, "PNG")).pixels, np.asarray(picture.convert("RGB")))


@pytest.mark.parametrize(("file_format", "mode"), [("PNG", "RGB"), ("TIFF", "RGB"), ("PNG", "RGBA"), ("PNG", "I;16")])
@pytest.mark.parametrize(("orientation", "quarter_turns"), [(1, 0), (3, 2), (6, -1), (8, 1)])
def test_exif_rotation_is_applied(file_format: str, mode: str, orientation: int, quarter_turns: int) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    stored = SMOOTH[:, :, 0].astype(np.uint16) * 257 if mode == "I;16" else PIL.Image.fromarray(SMOOTH).convert(mode)
    upright = np.repeat(SMOOTH[:, :, :1], 3, axis=2) if mode == "I;16" else SMOOTH
    image = decode(encoded(stored, file_format, exif=exif))
    np.testing.assert_array_equal(image.pixels, np.rot90(upright, quarter_turns))


def test_an_exif_rotated_jpeg_is_upright() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    image = decode(encoded(SMOOTH, "JPEG", exif=exif, quality=95, subsampling=0))
    assert image.pixels.shape == (56, 40, 3)
    assert np.abs(image.pixels.astype(int) - np.rot90(SMOOTH, -1)).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_what_pillow_makes_of_it(orientation: int) -> None:
    tall = np.random.default_rng(2).integers(0, 256, (300, 40, 3), dtype=np.uint8)
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    data = encoded(tall, "PNG", exif=exif)
    upright = PIL.ImageOps.exif_transpose(PIL.Image.open(io.BytesIO(data)))
    np.testing.assert_array_equal(decode(data).pixels, np.asarray(upright))


# What a file says beside its picture never refuses the picture


def exif_of(orientation: int, *, with_signed_rational: bool = False) -> bytes:
    """EXIF, and beside the orientation a brightness of -1/0, as phones write it."""
    tags = [struct.pack("<HHLHH", 0x0112, 3, 1, orientation, 0)]
    if with_signed_rational:
        tags.append(struct.pack("<HHLL", 0x9203, 10, 1, 8 + 2 + 2 * 12 + 4))
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + b"".join(tags) + bytes(4) + struct.pack("<ii", -1, 0)


UPSIDE_DOWN = exif_of(6)
BRIGHT = exif_of(6, with_signed_rational=True)
LONG_TEXT = zlib.compress(bytes(3_000_000))


def jpeg_with(*segments: bytes) -> bytes:
    data = encoded(NOISE, "JPEG")
    return data[:2] + b"".join(segments) + data[2:]


def png_with(*chunks: bytes, at_end: bool = False) -> bytes:
    data = encoded(NOISE, "PNG")
    where = data.index(b"IEND" if at_end else b"IDAT") - 4
    return data[:where] + b"".join(chunks) + data[where:]


@pytest.mark.parametrize(
    "segments",
    [
        [segment(0xE1, b"Exif\0\0" + BRIGHT)],
        [segment(0xE1, b"Exif\0\0" + UPSIDE_DOWN), segment(0xED, b"Photoshop 3.0\0008BIM\4\4")],
        [segment(0xE1, b"Exif\0\0" + UPSIDE_DOWN), segment(0xE2, b"ICC_PROFILE\0\1")],
        [segment(0xE1, b"Exif\0\0" + UPSIDE_DOWN), segment(0xE2, b"MPF\0" + exif_of(6))],
        [segment(0xE1, b"Exif\0\0" + UPSIDE_DOWN), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0\xff\xfe<")],
        [segment(0xEE, b"Adobe"), b"\xff", segment(0xE1, b"Exif\0\0" + UPSIDE_DOWN), segment(0xFE, b"")],
    ],
    ids=["negative rational", "Photoshop", "ICC", "frames", "XMP", "Adobe"],
)
def test_damaged_metadata_of_a_jpeg_refuses_nothing(segments: list[bytes]) -> None:
    image, sound = decode(jpeg_with(*segments)), decode(jpeg_with(segment(0xE1, b"Exif\0\0" + UPSIDE_DOWN)))
    np.testing.assert_array_equal(image.pixels, sound.pixels)
    assert image.pixels.shape == (56, 40, 3) and image.n_bytes == len(jpeg_with(*segments))


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize(
    "beside",
    [
        chunk(b"zTXt", b"a\0\x09abc"),
        chunk(b"iTXt", b"workflow\0\1\0\0\0" + LONG_TEXT),
        chunk(b"tEXt", b"a\0b", checksum=1),
        chunk(b"iCCP", b""),
        chunk(b"cHRM", bytes(5)),
        chunk(b"pHYs", b""),
        chunk(b"acTL", bytes(3)),
        chunk(b"eXIf", BRIGHT),
    ],
    ids=lambda data: data[4:8].decode(),
)
def test_damaged_metadata_of_a_png_refuses_nothing(beside: bytes, at_end: bool) -> None:
    turned = [] if b"eXIf" in beside else [chunk(b"eXIf", UPSIDE_DOWN)]
    np.testing.assert_array_equal(decode(png_with(*turned, beside, at_end=at_end)).pixels, np.rot90(NOISE, -1))


def test_a_png_that_is_cut_after_its_pixels_is_whole() -> None:
    data = png_with(chunk(b"tEXt", b"a\0" + bytes(50)), at_end=True)
    np.testing.assert_array_equal(decode(data[:-40]).pixels, NOISE)


def test_exif_with_a_wrong_checksum_says_nothing() -> None:
    np.testing.assert_array_equal(decode(png_with(chunk(b"eXIf", UPSIDE_DOWN, checksum=1))).pixels, NOISE)


def test_damaged_metadata_of_a_webp_refuses_nothing() -> None:
    turned = encoded(NOISE, "WEBP", lossless=True, exif=b"Exif\0\0" + BRIGHT)
    np.testing.assert_array_equal(decode(turned).pixels, np.rot90(NOISE, -1))
    cut = turned + b"XMP " + struct.pack("<L", 500) + b"abc"
    cut = cut[:4] + struct.pack("<L", len(cut) - 8) + cut[8:]
    np.testing.assert_array_equal(decode(cut).pixels, np.rot90(NOISE, -1))


def test_damaged_metadata_of_an_avif_refuses_nothing() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112], exif[0x0110] = 6, "Camera 1"
    data = encoded(NOISE, "AVIF", exif=exif)
    head = data.rindex(b"MM\0*", 0, data.index(b"Camera 1"))
    damaged = data[:head] + b"XX" + data[head + 2 :]
    np.testing.assert_array_equal(decode(damaged).pixels, decode(data).pixels)
    assert decode(data).pixels.shape == (56, 40, 3)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
@pytest.mark.parametrize("change", [{8: 1 << 31}, {0: 700}], ids=["text outside the file", "XMP of a wrong type"])
def test_damaged_metadata_of_a_tiff_refuses_nothing(compression: str, change: dict[int, int]) -> None:
    data = bytearray(encoded(NOISE, "TIFF", compression=compression, tiffinfo={274: 6, 270: "a picture" * 4}))
    (text,) = (tag.at for tag in first_directory(bytes(data)).tags if tag.number == 270)  # type: ignore[union-attr]
    for offset, value in change.items():
        struct.pack_into("<L" if offset else "<H", data, text + offset, value)
    np.testing.assert_array_equal(decode(bytes(data)).pixels, np.rot90(NOISE, -1))


def test_damaged_further_frames_are_noted_and_refuse_nothing() -> None:
    pages = [PIL.Image.fromarray(NOISE), PIL.Image.fromarray(SMOOTH)]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    image = decode(data[: -SMOOTH.nbytes - 40])
    np.testing.assert_array_equal(image.pixels, NOISE)
    assert image.notes == ("It has further frames, which are damaged; the first one was used.",)


@pytest.mark.parametrize("where", [0.3, 0.5, 0.7])
def test_a_png_whose_pixels_are_damaged_is_refused(where: float) -> None:
    data = bytearray(encoded(NOISE, "PNG"))
    middle = int(len(data) * where)
    data[middle : middle + 300] = bytes(300)
    with pytest.raises(ImageError, match="truncated or damaged"):
        decode(bytes(data))


# Whatever the bytes, an image or an ImageError


def _seeds() -> list[bytes]:
    picture = PIL.Image.fromarray(NOISE[:24, :24])
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    plain = [encoded(picture, name) for name in ("PNG", "JPEG", "WEBP", "AVIF", "BMP", "TIFF")]
    moving = [encoded(picture, name, save_all=True, append_images=[picture.rotate(90)]) for name in ("GIF", "WEBP")]
    turned = [encoded(picture, name, exif=exif) for name in ("JPEG", "PNG", "WEBP")]
    return [*plain, *moving, *turned, encoded(picture.convert("P"), "PNG", transparency=3)]


def only_image_errors(data: bytes) -> None:
    try:
        image = decode(data)
    except ImageError as error:
        assert len(str(error)) > 20
    else:
        assert image.pixels.shape[2] == 3 and image.pixels.dtype == np.uint8


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=300), st.sampled_from([b"", *(seed[:24] for seed in _seeds())]))
def test_random_bytes_never_surprise(tail: bytes, head: bytes) -> None:
    only_image_errors(head + tail)


@settings(deadline=None, max_examples=200)
@given(
    seed=st.sampled_from(_seeds()),
    length=st.none() | st.floats(0, 1),
    flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    in_header=st.booleans(),
)
def test_damaged_files_never_surprise(
    seed: bytes, length: float | None, flips: list[tuple[float, int]], in_header: bool
) -> None:
    data = bytearray(seed if length is None else seed[: int(length * len(seed))])
    reach = min(len(data), 64 if in_header else len(data))
    for where, value in flips if reach else []:
        data[int(where * reach)] = value
    only_image_errors(bytes(data))


@pytest.mark.parametrize("kind", [RuntimeError, ZeroDivisionError, KeyError])
def test_rarer_errors_of_decoders_become_a_sentence(kind: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(image: PIL.Image.Image) -> None:
        raise kind("from deep inside")

    data = encoded(NOISE, "BMP")
    monkeypatch.setattr(PIL.Image.Image, "load", broken)
    with pytest.raises(ImageError, match="truncated or damaged"):
        decode(data)


# Encoding


def test_arrays_are_wrapped_only_when_they_are_pixels() -> None:
    np.testing.assert_array_equal(from_pixels(NOISE).pixels, NOISE)
    for wrong in (NOISE.astype(np.float32), NOISE[:, :, 0], np.zeros((20, 20, 4), np.uint8)):
        with pytest.raises(ImageError, match="expected uint8 pixels"):
            from_pixels(wrong)


def test_the_canonical_jpeg_is_baseline_with_halved_chroma() -> None:
    with PIL.Image.open(io.BytesIO(jpeg_bytes(NOISE, 75))) as opened:
        assert PIL.JpegImagePlugin.get_sampling(opened) == 2
        assert "progressive" not in opened.info
        np.testing.assert_array_equal(np.asarray(opened), codecs.jpeg(NOISE, 75))
        np.testing.assert_array_equal(np.asarray(opened), decode(jpeg_bytes(NOISE, 75)).pixels)


def test_png_bytes_and_resize() -> None:
    np.testing.assert_array_equal(decode(png_bytes(NOISE)).pixels, NOISE)
    assert decode(png_bytes(NOISE[:, :, 0])).pixels.shape == (40, 56, 3)
    assert resize(NOISE, 30, 20).shape == (20, 30, 3)
