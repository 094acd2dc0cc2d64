"""Files and bytes in, pixels out: the one module that opens images which others give.

Everything that can be wrong with a stranger's file is answered here with an ``ImageError`` whose text says
what was found and what would work. Nothing after this module sees an undecoded image.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.JpegImagePlugin

from ..claims import Claim, read_claims
from ..errors import UserError
from ..formats.bare import without_metadata
from ..formats.further import FURTHER, opener, suffixes
from ..formats.jxl import jxl_size
from ..formats.kinds import known, raw, stranger, unopened, unread
from ..sentence import Sentence, said

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
MAX_BYTES = 64_000_000
MAX_PIXELS = 64_000_000
MIN_SIDE = 16
SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".avif", ".avifs", ".gif", ".bmp", ".tif", ".tiff"}
    | suffixes()
)
_NEW_SUBFILE_TYPE, _DNG_VERSION = 254, 50706  # TIFF tags
_ORIENTATION = 0x0112  # EXIF tag

# EXIF's orientations: how a picture is turned, whether its rows become columns, and whether the first becomes the last.
_TURNS = {
    2: (PIL.Image.Transpose.FLIP_LEFT_RIGHT, False, False),
    3: (PIL.Image.Transpose.ROTATE_180, False, True),
    4: (PIL.Image.Transpose.FLIP_TOP_BOTTOM, False, True),
    5: (PIL.Image.Transpose.TRANSPOSE, True, False),
    6: (PIL.Image.Transpose.ROTATE_270, True, True),
    7: (PIL.Image.Transpose.TRANSVERSE, True, True),
    8: (PIL.Image.Transpose.ROTATE_90, True, False),
}

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
_STRIP = 256  # rows that are converted at a time, so that a large image is not in memory four times


class ImageError(UserError, ValueError):
    """The file is not an image this project can use; the text says why and what would work."""


class _Damaged(ImageError):
    """No decoder makes a picture of the bytes, which may be the fault of what the file says beside it."""


@dataclass(frozen=True)
class Image:
    """A decoded image: ``pixels`` is uint8 of shape (height, width, 3), upright, sRGB as stored, alpha on white.

    ``origin`` names where it came from, ``format`` and ``n_bytes`` describe the file, ``claims`` is what the
    file says of its origin (never evidence, and read only if asked for), ``notes`` what decoding had to decide.
    """

    pixels: np.ndarray
    origin: str
    format: str
    n_bytes: int
    claims: tuple[Claim, ...] = ()
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
        found = hashlib.sha256(f"{self.pixels.shape}".encode())
        found.update(np.ascontiguousarray(self.pixels).data)  # pixels are many: not copied
        return found.hexdigest()

    @property
    def shorter_side(self) -> int:
        return min(self.height, self.width)


def decode(source: bytes | Path | str, origin: str | None = None, *, claims: bool = False) -> Image:
    """Decode a file or its bytes, with what it says of its origin if ``claims`` are asked for. Raises ImageError with a
    sentence for a person.

    What a file says about its picture never refuses the picture: where it cannot be decoded, it is tried once more
    without its metadata.
    """
    data, name = _read(source, origin)
    image = _with_or_without_metadata(data, name)
    return replace(image, claims=read_claims(data)) if claims else image


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
                raise ImageError(_too_large(name, size))
            data = path.read_bytes()
        except OSError as error:
            raise ImageError(said("{name} cannot be read: {why}.", name=name, why=error.strerror or error)) from error
    if not data:
        raise ImageError(said("{name} is empty (0 bytes). Save or download it again.", name=name))
    if len(data) > MAX_BYTES:
        raise ImageError(_too_large(name, len(data)))
    return data, name


def _too_large(name: str, size: int) -> Sentence:
    return said(
        "{name} has {found} MB; at most {most} MB are read.",
        name=name,
        found=f"{size / 1e6:.0f}",
        most=f"{MAX_BYTES / 1e6:.0f}",
    )


def _with_or_without_metadata(data: bytes, name: str) -> Image:
    if sentence := stranger(data, name):
        raise ImageError(sentence)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's size and metadata warnings: both are checked by hand
        try:
            return _decoded(data, name)
        except _Damaged as error:
            damage = error.sentence  # not the error itself: it holds the pixels that were decoded so far
        bare = without_metadata(data)
        if bare == data:
            raise ImageError(damage)
        try:
            return replace(_decoded(bare, name), n_bytes=len(data))
        except _Damaged:
            raise ImageError(damage) from None


def _decoded(data: bytes, name: str) -> Image:
    opened = _open(data, name)
    _refuse_sizes(opened.size, name)
    _refuse_raw(opened, name)
    try:
        pixels, notes = _to_rgb(opened, name)
    except MemoryError as error:
        raise ImageError(
            said("{name} needs more memory than it may have; save it as PNG or JPEG, with fewer pixels.", name=name)
        ) from error
    except ImageError:
        raise
    except _DAMAGE as error:
        raise _Damaged(unread(data, name, _short(error))) from error
    return Image(pixels, name, opened.format or "", len(data), notes=(*_notes_on_frames(opened), *notes))


def _open(data: bytes, name: str) -> PIL.Image.Image:
    try:
        return PIL.Image.open(io.BytesIO(data), formats=_formats(data, name))
    except ImageError:
        raise
    except PIL.Image.DecompressionBombError as error:
        most = f"{MAX_PIXELS / 1e6:.0f}"
        raise ImageError(
            said("{name} declares more pixels than the {most} megapixels allowed.", name=name, most=most)
        ) from error
    except _DAMAGE as error:
        raise _Damaged(unopened(data, name)) from error


def _formats(data: bytes, name: str) -> tuple[str, ...]:
    """Those by which Pillow may open it: a file of a further format by that alone, so that no other changes."""
    kind = known(data)
    if kind not in FURTHER:
        return FORMATS
    if kind == "JPEG XL":  # to open one is to decode it, so its size is looked at before
        size = jxl_size(data)
        if size is None:
            raise _Damaged(unopened(data, name))
        _refuse_sizes(size, name)
    further = opener(kind)
    return (further,) if further else FORMATS


def _refuse_sizes(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise ImageError(
            said(
                "{name} is {width} x {height}, {found} megapixels; at most {most} are read. Crop it (rather than scale "
                "it, which weakens a fingerprint).",
                name=name,
                width=width,
                height=height,
                found=f"{width * height / 1e6:.0f}",
                most=f"{MAX_PIXELS / 1e6:.0f}",
            )
        )
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            said(
                "{name} is only {width} x {height} pixels; the shorter side must have {least} or more.",
                name=name,
                width=width,
                height=height,
                least=MIN_SIDE,
            )
        )


def _refuse_raw(opened: PIL.Image.Image, name: str) -> None:
    """Most RAW files are TIFFs that begin with a thumbnail; what Pillow would decode is that, not the photo."""
    tags = getattr(opened, "tag_v2", {})
    if _DNG_VERSION in tags or tags.get(_NEW_SUBFILE_TYPE) == 1:
        raise ImageError(raw(name))


def _notes_on_frames(opened: PIL.Image.Image) -> list[str]:
    try:
        frames = getattr(opened, "n_frames", 1)
    except _DAMAGE:
        return [said("It has further frames, which are damaged; the first one was used.")]
    if frames > 1 and opened.format == "HEIF":
        return [said("It holds {frames} pictures; the main one was used.", frames=frames)]
    return [said("It has {frames} frames; the first one was used.", frames=frames)] if frames > 1 else []


def _exif(opened: PIL.Image.Image, tag: int) -> Any:
    """What EXIF says, or None: damaged EXIF says nothing, and the pixels may still be fine."""
    try:
        return opened.getexif().get(tag)
    except _DAMAGE:
        return None


def _to_rgb(opened: PIL.Image.Image, name: str) -> tuple[np.ndarray, list[str]]:
    """uint8 (height, width, 3), upright, converted strip by strip; and what had to be decided."""
    opened.load()  # before EXIF is asked: a PNG may have it at its end, and a TIFF is turned on the way
    orientation = None if _is_upright(opened) else _exif(opened, _ORIENTATION)
    turn, lying, backwards = _TURNS.get(orientation if isinstance(orientation, int) else 1, (None, False, False))
    convert = _converter(opened, name)
    width, height = opened.size
    pixels = np.empty((width, height, 3) if lying else (height, width, 3), np.uint8)
    decided: set[str] = set()
    for top in range(0, height, _STRIP):
        bottom = min(top + _STRIP, height)
        strip = opened.crop((0, top, width, bottom))
        part, note = convert(strip if turn is None else strip.transpose(turn))
        first, last = (height - bottom, height - top) if backwards else (top, bottom)
        pixels[(slice(None), slice(first, last)) if lying else slice(first, last)] = part
        decided.add(note)
    return pixels, sorted(decided - {""})


def _is_upright(opened: PIL.Image.Image) -> bool:
    """In these formats the picture itself says which side is up, not EXIF, unless it was made of a JPEG file."""
    return opened.format == "HEIF" or (opened.format == "JXL" and not getattr(opened, "jpeg", False))


def _converter(upright: PIL.Image.Image, name: str) -> Callable[[PIL.Image.Image], tuple[np.ndarray, str]]:
    if upright.mode == "F":
        raise ImageError(said("{name} holds floating-point values; save it as 8-bit PNG.", name=name))
    if upright.mode.startswith("I"):
        if upright.mode == "I" and not _fits_16_bits(upright):
            raise ImageError(said("{name} holds 32-bit values outside 0-65535; save it as 8-bit PNG.", name=name))
        return _from_wide_grey
    if upright.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in upright.info:
        return _on_white
    return _plainly


def _fits_16_bits(grey: PIL.Image.Image) -> bool:
    values = np.asarray(grey)
    return int(values.min()) >= 0 and int(values.max()) <= 65535


def _from_wide_grey(strip: PIL.Image.Image) -> tuple[np.ndarray, str]:
    grey = ((np.asarray(strip).astype(np.int64) + 128) // 257).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2), said("16-bit grey was scaled to 8 bits.")


def _on_white(strip: PIL.Image.Image) -> tuple[np.ndarray, str]:
    layered = strip.convert("RGBA")
    white = PIL.Image.new("RGBA", layered.size, (255, 255, 255, 255))
    note = "" if np.asarray(layered.getchannel("A")).min() == 255 else said("Transparent parts were placed on white.")
    return np.asarray(PIL.Image.alpha_composite(white, layered).convert("RGB")), note


def _plainly(strip: PIL.Image.Image) -> tuple[np.ndarray, str]:
    return np.asarray(strip.convert("RGB")), said("CMYK was converted to RGB.") if strip.mode == "CMYK" else ""


def _short(error: BaseException) -> str:
    return str(error).split("\n")[0][:120] or type(error).__name__
