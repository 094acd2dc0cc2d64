"""Files and bytes in, pixels out: the one module that opens and encodes images.

Everything that can be wrong with a stranger's file is answered here with an ``ImageError`` whose text says
what was found and what would work. Nothing after this module sees an undecoded image.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.ImageOps
import PIL.JpegImagePlugin

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MAX_BYTES = 64_000_000
MAX_PIXELS = 64_000_000
MIN_SIDE = 16
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jfif", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff"})
WHAT_WORKS = "PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF"

# What people upload instead of an image, told by the first bytes: (offset, bytes, what it is, what to do).
_VIDEO, _FRAME = "a video ({})", "save one frame of it as PNG"
_RAW, _EXPORT = "a camera RAW file", "export it as full-size JPEG or PNG"
_STRANGERS = (
    (0, b"%PDF", "a PDF document", "save the picture in it as PNG"),
    (0, b"PK\x03\x04", "a zip archive", "unpack it and give the images (a zip of samples belongs under Contribute)"),
    (0, b"PK\x05\x06", "an empty zip archive", "give the images themselves"),
    (0, b"\x1a\x45\xdf\xa3", _VIDEO.format("Matroska or WebM"), _FRAME),
    (0, b"\x00\x00\x01\xba", _VIDEO.format("MPEG"), _FRAME),
    (0, b"\x00\x00\x01\xb3", _VIDEO.format("MPEG"), _FRAME),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _VIDEO.format("Windows Media"), _FRAME),
    (0, b"FLV\x01", _VIDEO.format("Flash"), _FRAME),
    (8, b"AVI ", _VIDEO.format("AVI"), _FRAME),
    (4, b"moov", _VIDEO.format("QuickTime"), _FRAME),
    (4, b"mdat", _VIDEO.format("QuickTime"), _FRAME),
    (4, b"wide", _VIDEO.format("QuickTime"), _FRAME),
    (0, b"FUJIFILMCCD-RAW", _RAW, _EXPORT),
    (8, b"CR\x02\x00", _RAW, _EXPORT),  # Canon's CR2, a TIFF but for these bytes
    (0, b"IIRO", _RAW, _EXPORT),
    (0, b"IIRS", _RAW, _EXPORT),
    (0, b"MMOR", _RAW, _EXPORT),
    (0, b"IIU\x00", _RAW, _EXPORT),
    (0, b"FOVb", _RAW, _EXPORT),
    (0, b"\x00MRM", _RAW, _EXPORT),
    (0, b"<svg", "an SVG drawing", "export it as PNG"),
    (0, b"<?xml", "an XML text, perhaps an SVG drawing", "export it as PNG"),
    (0, b"8BPS", "a Photoshop document", "export it as PNG"),
    (0, b"\xff\x0a", "a JPEG XL image", "save it as PNG"),
    (0, b"\x00\x00\x00\x0cJXL ", "a JPEG XL image", "save it as PNG"),
    (0, b"\x00\x00\x00\x0cjP  ", "a JPEG 2000 image", "save it as PNG"),
    (0, b"\xff\x4f\xff\x51", "a JPEG 2000 image", "save it as PNG"),
)
_RAW_SUFFIXES = {".dng", ".nef", ".nrw", ".cr2", ".cr3", ".arw", ".orf", ".rw2", ".pef", ".srw", ".raf", ".x3f", ".iiq"}
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"mif2", b"msf1"}
_AVIF_BRANDS = {b"avif", b"avis"}
_NEW_SUBFILE_TYPE, _DNG_VERSION = 254, 50706  # TIFF tags

# What Pillow's decoders raise on damaged files, each kind met by fuzzing (AVIF: RuntimeError, ZeroDivisionError).
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    ArithmeticError,
    LookupError,
    EOFError,
    struct.error,
    MemoryError,
    TypeError,
    RuntimeError,
)
_MOST_CLAIMS = 50
_STRIP = 256  # rows that are converted at a time, so that a large image is not in memory four times


class ImageError(ValueError):
    """The file is not an image this project can use; the text says why and what would work."""


@dataclass(frozen=True)
class Image:
    """A decoded image: ``pixels`` is uint8 of shape (height, width, 3), upright, sRGB as stored, alpha on white.

    ``origin`` names where it came from, ``format`` and ``n_bytes`` describe the file, ``claims`` is what the
    file says of itself (easily forged, never evidence), ``notes`` what decoding had to decide.
    """

    pixels: np.ndarray
    origin: str
    format: str
    n_bytes: int
    claims: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def digest(self) -> str:
        """sha256 of the decoded pixels and their shape: the same picture in any lossless file has the same."""
        return hashlib.sha256(f"{self.pixels.shape}".encode() + self.pixels.tobytes()).hexdigest()

    @property
    def shorter_side(self) -> int:
        return min(self.height, self.width)


def decode(source: bytes | Path | str, origin: str | None = None) -> Image:
    """Decode a file or its bytes. Raises ImageError with a sentence for a person."""
    data, name = _read(source, origin)
    _refuse_strangers(data, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's size and metadata warnings: both are checked by hand
        opened = _open(data, name)
        _refuse_sizes(opened, name)
        _refuse_raw(opened, name)
        try:
            notes = _notes_on_frames(opened)
            claims = _claims(opened)
            PIL.ImageOps.exif_transpose(opened, in_place=True)
            pixels = _to_rgb(opened, name, notes)
        except ImageError:
            raise
        except MemoryError as error:
            raise ImageError(
                f"{name} needs more memory than it may have; save it as PNG or JPEG, with fewer pixels."
            ) from error
        except _DAMAGE as error:
            raise ImageError(
                f"{name} begins as {opened.format} but cannot be read to its end ({_short(error)}): "
                "the file is truncated or damaged. Save or download it again."
            ) from error
    return Image(pixels, name, opened.format or "", len(data), claims, tuple(notes))


def from_pixels(pixels: np.ndarray, origin: str = "array") -> Image:
    """Wrap an array, uint8 of shape (height, width, 3), as an Image."""
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
        raise ImageError(f"{origin}: expected uint8 pixels (height, width, 3), found {pixels.dtype} {pixels.shape}.")
    return Image(np.ascontiguousarray(pixels), origin, "array", pixels.nbytes)


def jpeg_bytes(pixels: np.ndarray, quality: int) -> bytes:
    """Encode uint8 (height, width, 3) as baseline JPEG with 4:2:0 chroma."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "JPEG", quality=quality, subsampling=2)
    return buffer.getvalue()


def jpeg_round_trip(pixels: np.ndarray, quality: int) -> np.ndarray:
    """The pixels after one JPEG encoding (4:2:0) of the given quality, as uint8 of the same shape."""
    with PIL.Image.open(io.BytesIO(jpeg_bytes(pixels, quality)), formats=("JPEG",)) as decoded:
        return np.asarray(decoded.convert("RGB"))


def webp_round_trip(pixels: np.ndarray, quality: int) -> np.ndarray:
    """The pixels after one lossy WebP encoding of the given quality, as uint8 of the same shape."""
    stored = io.BytesIO()
    PIL.Image.fromarray(pixels).save(stored, "WEBP", quality=quality)
    with PIL.Image.open(stored, formats=("WEBP",)) as decoded:
        return np.asarray(decoded.convert("RGB"))


def resize(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Lanczos resampling of uint8 (h, w, 3) to (height, width, 3)."""
    return np.asarray(PIL.Image.fromarray(pixels).resize((width, height), PIL.Image.Resampling.LANCZOS))


def png_bytes(pixels: np.ndarray) -> bytes:
    """Encode uint8 (height, width[, 3]) losslessly as PNG."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _read(source: bytes | Path | str, origin: str | None) -> tuple[bytes, str]:
    if isinstance(source, bytes):
        data, name = source, origin or "the upload"
    else:
        path = Path(source)
        name = origin or path.name
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise ImageError(f"{name} has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read.")
            data = path.read_bytes()
        except OSError as error:
            raise ImageError(f"{name} cannot be read: {error.strerror or error}.") from error
    if not data:
        raise ImageError(f"{name} is empty (0 bytes). Save or download it again.")
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name} has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read.")
    return data, name


def _refuse_strangers(data: bytes, name: str) -> None:
    for offset, magic, kind, advice in _STRANGERS:
        if data[offset : offset + len(magic)] == magic:
            raise ImageError(f"{name} is {kind}, not an image this tool reads; {advice}.")
    if Path(name).suffix.lower() in _RAW_SUFFIXES:
        raise ImageError(f"{name} is {_RAW}; {_EXPORT}.")
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _HEIC_BRANDS and not _AVIF_BRANDS & set(_compatible_brands(data)):
            raise ImageError(f"{name} is a HEIC photo; save or export it as JPEG or PNG (best: without resizing).")
        if brand == b"crx ":
            raise ImageError(f"{name} is {_RAW}; {_EXPORT}.")
        if brand not in _HEIC_BRANDS | _AVIF_BRANDS:
            raise ImageError(f"{name} is a video (MP4 or QuickTime), not an image; save one frame of it as PNG.")


def _compatible_brands(data: bytes) -> list[bytes]:
    end = min(int.from_bytes(data[:4], "big"), 256, len(data))
    return [data[i : i + 4] for i in range(16, end, 4)]


def _open(data: bytes, name: str) -> PIL.Image.Image:
    try:
        return PIL.Image.open(io.BytesIO(data), formats=FORMATS)
    except PIL.Image.DecompressionBombError as error:
        raise ImageError(f"{name} declares more pixels than the {MAX_PIXELS / 1e6:.0f} megapixels allowed.") from error
    except _DAMAGE as error:
        raise ImageError(f"{name} is not an image in a format this tool reads; {WHAT_WORKS} work.") from error


def _refuse_sizes(opened: PIL.Image.Image, name: str) -> None:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"{name} is {width} x {height}, {width * height / 1e6:.0f} megapixels; at most "
            f"{MAX_PIXELS / 1e6:.0f} are read. Crop it (rather than scale it, which weakens a fingerprint)."
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"{name} is only {width} x {height} pixels; the shorter side must have {MIN_SIDE} or more.")


def _refuse_raw(opened: PIL.Image.Image, name: str) -> None:
    """Most RAW files are TIFFs that begin with a thumbnail; what Pillow would decode is that, not the photo."""
    tags = getattr(opened, "tag_v2", {})
    if _DNG_VERSION in tags or tags.get(_NEW_SUBFILE_TYPE) == 1:
        raise ImageError(f"{name} is {_RAW}, or a TIFF that begins with a reduced copy; {_EXPORT}.")


def _notes_on_frames(opened: PIL.Image.Image) -> list[str]:
    frames = getattr(opened, "n_frames", 1)
    return [f"It has {frames} frames; the first one was used."] if frames > 1 else []


def _claims(opened: PIL.Image.Image) -> dict[str, str]:
    """Text that the file carries about its own origin."""
    texts = (
        (key[:100], value[:2000])
        for key, value in opened.info.items()
        if isinstance(key, str) and isinstance(value, str) and key.lower() not in {"dpi", "srgb"}
    )
    claims = dict(islice(texts, _MOST_CLAIMS))
    try:
        exif = opened.getexif()
        for tag, label in ((0x010F, "Make"), (0x0110, "Model"), (0x0131, "Software")):
            if isinstance(exif.get(tag), str):
                claims[label] = exif[tag].strip("\x00 ")[:200]
    except _DAMAGE:
        pass  # damaged EXIF says nothing; the pixels may still be fine
    return claims


def _to_rgb(upright: PIL.Image.Image, name: str, notes: list[str]) -> np.ndarray:
    """uint8 (height, width, 3), converted strip by strip; what had to be decided is added to ``notes``."""
    upright.load()
    convert = _converter(upright, name)
    width, height = upright.size
    pixels = np.empty((height, width, 3), np.uint8)
    decided: set[str] = set()
    for top in range(0, height, _STRIP):
        pixels[top : top + _STRIP], note = convert(upright.crop((0, top, width, min(top + _STRIP, height))))
        decided.add(note)
    notes += sorted(decided - {""})
    return pixels


def _converter(upright: PIL.Image.Image, name: str) -> Callable[[PIL.Image.Image], tuple[np.ndarray, str]]:
    if upright.mode == "F":
        raise ImageError(f"{name} holds floating-point values; save it as 8-bit PNG.")
    if upright.mode.startswith("I"):
        if upright.mode == "I" and not _fits_16_bits(upright):
            raise ImageError(f"{name} holds 32-bit values outside 0-65535; save it as 8-bit PNG.")
        return _from_wide_grey
    if upright.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in upright.info:
        return _on_white
    return _plainly


def _fits_16_bits(grey: PIL.Image.Image) -> bool:
    values = np.asarray(grey)
    return int(values.min()) >= 0 and int(values.max()) <= 65535


def _from_wide_grey(strip: PIL.Image.Image) -> tuple[np.ndarray, str]:
    grey = ((np.asarray(strip).astype(np.int64) + 128) // 257).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2), "16-bit grey was scaled to 8 bits."


def _on_white(strip: PIL.Image.Image) -> tuple[np.ndarray, str]:
    layered = strip.convert("RGBA")
    white = PIL.Image.new("RGBA", layered.size, (255, 255, 255, 255))
    note = "" if np.asarray(layered.getchannel("A")).min() == 255 else "Transparent parts were placed on white."
    return np.asarray(PIL.Image.alpha_composite(white, layered).convert("RGB")), note


def _plainly(strip: PIL.Image.Image) -> tuple[np.ndarray, str]:
    return np.asarray(strip.convert("RGB")), "CMYK was converted to RGB." if strip.mode == "CMYK" else ""


def _short(error: BaseException) -> str:
    return str(error).split("\n")[0][:120] or type(error).__name__
