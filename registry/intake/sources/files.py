"""Files and folders of images."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fingerprints.images.image import SUFFIXES

from .common import (
    DANGLING,
    DEVICE,
    HIDDEN,
    NO_SUFFIX,
    TO_FOLDER,
    Found,
    IntakeError,
    Meter,
    Passed,
    Unreadable,
    is_clutter,
    is_noise,
    no_image,
    printable,
    read_bounded,
)


def read_file(path: Path, meter: Meter) -> Iterator[Found]:
    yield _from_file(path, printable(path.name), meter)


def read_folder(root: Path, meter: Meter) -> Iterator[Found]:
    name = os.path.basename(os.path.abspath(root))
    files = images_below(root, f"The folder {name}", meter.passed)
    meter.expect(len(files), f"The folder {name}")
    for path in files:
        yield _from_file(path, printable(f"{name}/{path.relative_to(root).as_posix()}"), meter)


def images_below(root: Path, name: str, passed: Passed) -> list[Path]:
    """The images below a folder, sorted; what else is there is counted in ``passed``. IntakeError if there is none."""
    images: list[Path] = []
    others: Passed = Counter()
    for folder, subfolders, names in os.walk(root, onerror=_refuse_folder):
        others.update(filter(None, (_folder_passed(folder, name) for name in subfolders)))
        subfolders[:] = [name for name in subfolders if not is_clutter(name)]
        for path in (Path(folder, name) for name in names if not is_noise(name)):
            if kind := _passed_as(path):
                others[kind] += 1
            else:
                images.append(path)
    if not images:
        raise no_image(name, others)
    passed.update(others)
    return sorted(images)


def _folder_passed(parent: str, name: str) -> str | None:
    """As what a subfolder is counted that is not walked."""
    if is_clutter(name):
        return None if is_noise(name) else HIDDEN
    return TO_FOLDER if os.path.islink(os.path.join(parent, name)) else None


def _passed_as(path: Path) -> str | None:
    """As what a file is counted that is not looked at; None for an image."""
    suffix = path.suffix.lower()
    if is_clutter(path.name):
        return HIDDEN
    if not os.path.exists(path):
        return DANGLING
    if suffix not in SUFFIXES:
        return suffix or NO_SUFFIX
    # a device or a pipe with an image's name would be read without end
    return None if os.path.isfile(path) else DEVICE


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
