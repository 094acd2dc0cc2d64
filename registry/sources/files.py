"""Files and folders of images."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fingerprints.images import SUFFIXES

from .common import Found, IntakeError, Meter, Unreadable, is_clutter, no_image, printable, read_bounded


def read_file(path: Path, meter: Meter) -> Iterator[Found]:
    yield _from_file(path, printable(path.name), meter)


def read_folder(root: Path, meter: Meter) -> Iterator[Found]:
    files, others = walk(root)
    name = os.path.basename(os.path.abspath(root))
    if not files:
        raise no_image(f"The folder {name}", others)
    meter.expect(len(files), f"The folder {name}")
    for path in files:
        yield _from_file(path, printable(f"{name}/{path.relative_to(root).as_posix()}"), meter)


def walk(root: Path) -> tuple[list[Path], Counter[str]]:
    """The images below a folder, sorted, and how many other files there are of each suffix."""
    images: list[Path] = []
    others: Counter[str] = Counter()
    for folder, subfolders, names in os.walk(root, onerror=_refuse_folder):
        subfolders[:] = [name for name in subfolders if not is_clutter(name)]
        for path in (Path(folder, name) for name in names if not is_clutter(name)):
            # os.path.isfile: a device or a pipe with an image's name would be read without end
            if path.suffix.lower() in SUFFIXES and os.path.isfile(path):
                images.append(path)
            else:
                others[path.suffix.lower()] += 1
    return sorted(images), others


def _refuse_folder(error: OSError) -> None:
    raise IntakeError(
        f"The folder {error.filename} cannot be read ({error.strerror}). Change its permissions, or give other folders."
    ) from error


def _from_file(path: Path, origin: str, meter: Meter) -> Found:
    meter.count_file(origin)
    try:
        with path.open("rb") as stream:
            return read_bounded(stream, origin, meter)
    except OSError as error:
        return Unreadable(origin, f"{origin} cannot be read ({error.strerror or error}). Check that it can be opened.")
