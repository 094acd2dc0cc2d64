"""Zip archives, never unpacked to disk."""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from fingerprints.images.image import SUFFIXES

from .common import (
    ARCHIVES,
    CHUNK,
    HIDDEN,
    NO_SUFFIX,
    Found,
    IntakeError,
    Limits,
    Meter,
    Passed,
    Unreadable,
    is_clutter,
    is_noise,
    no_image,
    printable,
    read_bounded,
    readable_size,
    short,
)

# Bytes that the list of a zip's members may take per allowed file: names are long, and captions lie beside images.
_DIRECTORY_BYTES_PER_FILE = 2_000
# zipfile inflates deflate in steps, but a whole chunk of bzip2 or LZMA at once, which may be gigabytes.
_ZIP_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
# All that zipfile is known to raise on damaged archives; OverflowError comes from absurd 64-bit offsets.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    OverflowError,
)


class _BoundedFile(io.BufferedReader):
    """A file that refuses one read of more than ``bound`` bytes.

    zipfile reads the list of members in one piece, as long as the archive says it is, and makes objects of it.
    """

    def __init__(self, path: Path, bound: int) -> None:
        super().__init__(io.FileIO(path))
        self.bound = bound
        self.shown = printable(path.name)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.bound:
            raise IntakeError(
                f"{self.shown} lists its members in {readable_size(size)}; at most "
                f"{readable_size(self.bound)} are read. Zip fewer files, the images alone."
            )
        return super().read(size)


def read_zip(path: Path, meter: Meter) -> Iterator[Found]:
    name = printable(path.name)
    with _opened_zip(path, name, meter.limits) as archive:
        members, others = _members(archive, name)
        if not members:
            raise no_image(name, others)
        meter.passed.update(others)
        meter.expect(len(members), name)
        for member in members:
            yield _from_member(archive, member, printable(f"{name}/{_path(member)}"), meter)


@contextmanager
def _opened_zip(path: Path, name: str, limits: Limits) -> Iterator[zipfile.ZipFile]:
    bound = max(CHUNK, _DIRECTORY_BYTES_PER_FILE * limits.max_files)
    try:
        stream = _BoundedFile(path, bound)
    except OSError as error:
        raise IntakeError(f"{name} cannot be read ({error.strerror}). Check that it can be opened.") from error
    with stream:
        try:
            archive = zipfile.ZipFile(stream)
        except IntakeError:
            raise
        except _ZIP_ERRORS as error:
            raise IntakeError(_not_a_zip(stream, name)) from error
        with archive:
            yield archive


def _not_a_zip(stream: IO[bytes], name: str) -> str:
    stream.seek(0)
    begin = stream.read(4)
    if not begin:
        return f"{name} is empty (0 bytes). Save or upload it again."
    if begin == b"PK\x03\x04":
        return f"{name} begins as a zip archive, but its list of files is missing or damaged. Save or upload it again."
    return f"{name} is not a zip archive, whatever its name. Give the images as a folder or a .zip."


def _members(archive: zipfile.ZipFile, name: str) -> tuple[list[zipfile.ZipInfo], Passed]:
    """What is to be read or reported, sorted by name; what else there is is counted."""
    wanted: list[zipfile.ZipInfo] = []
    others: Passed = Counter()
    for member in archive.infolist():
        path = _path(member)
        parts = [part for part in path.split("/") if part.strip(".")]
        if path.endswith("/") or any(is_noise(part) for part in parts):  # not is_dir(): that fails on an empty name
            continue
        suffix = Path(path).suffix.lower()
        if any(is_clutter(part) for part in parts):
            others[HIDDEN] += 1
        elif suffix in SUFFIXES or _objection(member):
            _refuse_encrypted(member, name)
            wanted.append(member)
        else:
            others[suffix or NO_SUFFIX] += 1
    return sorted(wanted, key=_path), others


def _path(member: zipfile.ZipInfo) -> str:
    """Its name with the separator of the format; some programs on Windows write a backslash."""
    return member.filename.replace("\\", "/")


def _refuse_encrypted(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & 0x1:
        inside = printable(member.filename)
        raise IntakeError(f"{name} is encrypted ({inside} asks for a password). Zip the images without a password.")


def _objection(member: zipfile.ZipInfo) -> str | None:
    """Why a member is not even opened, or None."""
    name = _path(member)
    if name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name):
        return "has a name that leads outside the archive; zip the folder again with plain relative names"
    if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "is a link or a special file, not an image; put the image itself into the archive"
    if Path(name).suffix.lower() in ARCHIVES:
        return "is an archive inside the archive; unpack it and zip the images themselves"
    if Path(name).suffix.lower() in SUFFIXES and member.compress_type not in _ZIP_METHODS:
        return "is compressed by a method that is not read; zip the images with ordinary compression (deflate)"
    return None


def _from_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, origin: str, meter: Meter) -> Found:
    meter.count_file(origin)
    if objection := _objection(member):
        return Unreadable(origin, f"{origin} {objection}.")
    try:
        with archive.open(member) as stream:
            return read_bounded(stream, origin, meter)
    except IntakeError:
        raise
    except _ZIP_ERRORS as error:
        return Unreadable(origin, f"{origin} is damaged in the archive ({short(error)}). Zip the images again.")
