"""Samples in: what a person gives as images of one generator, turned into a stream of decoded images.

A source is an image, a folder, a zip, a Parquet file or a data set on the Hugging Face Hub. Nothing is unpacked
to disk, one image at a time is in memory, and no size that a file states about itself is believed. One bad image
is reported and passed over (``Unreadable``); a source that is unusable as a whole ends the stream (``IntakeError``).
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from fingerprints.images.image import SUFFIXES, Image, ImageError, decode

from .sandbox import decode_apart, read_parquet_apart
from .sources.common import (
    ARCHIVES,
    Encoded,
    Found,
    IntakeError,
    Limits,
    Meter,
    Passed,
    Reader,
    Unreadable,
    listed,
    printable,
)
from .sources.files import images_below, read_file, read_folder
from .sources.rows import read_hub, read_parquet
from .sources.zips import read_zip

__all__ = [
    "DataSet",
    "Duplicate",
    "IntakeError",
    "Limits",
    "Passed",
    "Sample",
    "Unreadable",
    "image_files",
    "listed",
    "read_samples",
]

SOURCES_THAT_WORK = "an image, a folder, a .zip, a .parquet file, or a Hugging Face data set as owner/name"

Decoder = Callable[[bytes, str], Image]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)


@dataclass(frozen=True)
class Sample:
    """One usable image. Images with the same ``content`` share a prompt, a latent or a source."""

    image: Image
    content: str


@dataclass(frozen=True)
class DataSet:
    """A data set on the Hugging Face Hub, owner/name, and nothing else: it never names a file on this machine."""

    name: str

    def __post_init__(self) -> None:
        if not _HUB_ID.fullmatch(self.name):
            raise IntakeError(f"{printable(self.name)} is not the name of a data set. Give owner/name.")


@dataclass(frozen=True)
class Duplicate:
    """One image whose decoded pixels are those of ``first_origin``, which was already given."""

    origin: str
    first_origin: str


DEFAULT_LIMITS = Limits()


def read_samples(
    sources: Sequence[str | Path | DataSet],
    *,
    limits: Limits = DEFAULT_LIMITS,
    column: str = "image",
    split: str = "train",
    limit: int | None = None,
    covers: Callable[[int], bool] | None = None,
    untrusted: bool = False,
    passed: Passed | None = None,
) -> Iterator[Sample | Unreadable | Duplicate]:
    """Stream the images of all sources, in order: each one a Sample, Unreadable or a Duplicate of an earlier one.

    ``column`` and ``split`` are where Parquet files and Hub data sets keep the images; ``limit`` ends the stream
    after that many samples; ``covers`` is asked whether an image's shorter side is usable; ``untrusted`` files
    are read in a sandbox (sandbox.py); what lies beside images in a folder or a zip is counted in ``passed``.
    A ``str`` may name a file here or a Hub data set; a ``Path`` never reaches the network, and a ``DataSet`` never
    this disk. Sources that do not exist raise IntakeError here, what is found while reading (damage, limits, no image
    at all) raises it from the iterator.
    """
    if not sources:
        raise IntakeError(f"No samples were given. Give {SOURCES_THAT_WORK}.")
    if limit is not None and limit < 1:
        raise IntakeError(f"The number of images was limited to {limit}; it must be 1 or more.")
    readers = [_reader(source, column, split, untrusted) for source in sources]
    meter = Meter(limits, limit, Counter() if passed is None else passed)
    found = chain.from_iterable(reader(meter) for reader in readers)
    return _samples(found, limit, covers, decode_apart if untrusted else decode)


def image_files(path: str | Path, passed: Passed | None = None) -> list[Path]:
    """The images of a folder and its subfolders by suffix, sorted; a file is its own list.

    What else is there (other suffixes, hidden files, links to folders) is counted in ``passed``. Raises IntakeError
    when the path does not exist, or is a folder that cannot be read or holds no image.
    """
    if os.path.isdir(path):
        return images_below(Path(path), f"The folder {path}", Counter() if passed is None else passed)
    if os.path.isfile(path):
        return [Path(path)]
    raise IntakeError(f"{path} does not exist. Give an image or a folder of images.")


# From encoded to decoded: the same for every source.


def _samples(
    found: Iterable[Found], limit: int | None, covers: Callable[[int], bool] | None, decoder: Decoder
) -> Iterator[Sample | Unreadable | Duplicate]:
    seen: dict[str, str] = {}
    taken = 0
    for item in found:
        result = item if isinstance(item, Unreadable) else _judge(item, seen, covers, decoder)
        taken += isinstance(result, Sample)
        yield result
        del item, result  # or this image would stay in memory until the next one is decoded
        if taken == limit:
            return


def _judge(
    item: Encoded, seen: dict[str, str], covers: Callable[[int], bool] | None, decoder: Decoder
) -> Sample | Unreadable | Duplicate:
    """Decode one image and say what becomes of it; ``seen`` maps digests to origins and is added to."""
    try:
        image = decoder(item.data, item.origin)
    except ImageError as error:
        return Unreadable(item.origin, error.sentence)
    if covers is not None and not covers(image.shorter_side):
        return Unreadable(item.origin, _not_covered(image))
    digest = image.digest
    if digest in seen:
        return Duplicate(item.origin, seen[digest])
    seen[digest] = item.origin
    return Sample(image, item.content or digest[:16])


def _not_covered(image: Image) -> str:
    return (
        f"{image.origin} is {image.width} x {image.height} pixels, a size that this collection does not cover. Give "
        f"images at their native size, or choose a collection that covers a shorter side of {image.shorter_side}."
    )


# Which reader a source needs.


def _reader(source: str | Path | DataSet, column: str, split: str, untrusted: bool) -> Reader:
    if isinstance(source, DataSet):
        return partial(read_hub, source.name, column, split)
    if os.path.isdir(source):
        return partial(read_folder, Path(source))
    if os.path.isfile(source):
        return _file_reader(Path(source), column, untrusted)
    if os.path.exists(source):
        raise IntakeError(f"{source} is neither a file nor a folder. Give {SOURCES_THAT_WORK}.")
    if isinstance(source, str) and _is_hub_id(source):
        return partial(read_hub, source, column, split)
    raise IntakeError(f"{printable(str(source))} does not exist. Give {SOURCES_THAT_WORK}.")


def _file_reader(path: Path, column: str, untrusted: bool) -> Reader:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return partial(read_zip, path)
    if suffix == ".parquet":
        return partial(read_parquet_apart if untrusted else read_parquet, path, column)
    if suffix in ARCHIVES:
        raise IntakeError(f"{path.name} is an archive of a kind that is not read ({suffix}). Give the images as .zip.")
    return partial(read_file, path)


def _is_hub_id(source: str) -> bool:
    """owner/name; a mistyped local file has a file's suffix and is not looked up on the Hub."""
    suffix = Path(source).suffix.lower()
    return _HUB_ID.fullmatch(source) is not None and suffix not in SUFFIXES | ARCHIVES | {".parquet"}
