"""Formats that are read where what decodes them is installed: HEIC, JPEG XL and JPEG 2000.

What decodes them is imported when the first such file comes; nothing here is needed for any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

import PIL.features


@dataclass(frozen=True)
class Further:
    """``pillow`` is what Pillow calls the format, ``installed`` whether it looks as if it can be read here;
    ``register`` makes sure of it, and raises ImportError or OSError where it cannot."""

    pillow: str
    suffixes: tuple[str, ...]
    installed: Callable[[], bool]
    register: Callable[[], None]


@cache
def opener(kind: str) -> str | None:
    """Pillow's name of one of these formats, after which it can be opened; None where it cannot be read here."""
    further = FURTHER[kind]
    if not further.installed():
        return None
    try:
        further.register()
    except (ImportError, OSError):
        return None
    return further.pillow


def installed() -> list[str]:
    """Those that can be read here, as far as can be told without importing anything."""
    return [kind for kind, further in FURTHER.items() if further.installed()]


def suffixes() -> frozenset[str]:
    """Of their files' names."""
    return frozenset(suffix for kind in installed() for suffix in FURTHER[kind].suffixes)


def _heic() -> None:
    import pillow_heif

    # one thread: each takes address space, of which a reading process has little
    pillow_heif.register_heif_opener(decode_threads=1, thumbnails=False, depth_images=False, aux_images=False)


def _jpeg_xl() -> None:
    from pillow_jxl import JpegXLImagePlugin

    JpegXLImagePlugin.DECODE_THREADS = 0


def _jpeg_2000() -> None:
    from PIL import Jpeg2KImagePlugin  # noqa: F401  it registers itself


def _has(package: str) -> Callable[[], bool]:
    def has() -> bool:
        try:
            return find_spec(package) is not None
        except ValueError:  # a package that was put out of action
            return False

    return has


FURTHER = {
    "HEIC": Further("HEIF", (".heic", ".heics", ".heif", ".heifs", ".hif"), _has("pillow_heif"), _heic),
    "JPEG XL": Further("JXL", (".jxl",), _has("pillow_jxl"), _jpeg_xl),
    "JPEG 2000": Further(
        "JPEG2000",
        (".jp2", ".j2k", ".jpc", ".jpf", ".jpx", ".j2c"),
        lambda: bool(PIL.features.check("jpg_2000")),
        _jpeg_2000,
    ),
}
