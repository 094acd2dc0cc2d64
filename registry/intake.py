"""Samples in: what a person gives as images of one generator, turned into a stream of decoded images.

A source is an image, a folder, a zip, a Parquet file or a data set on the Hugging Face Hub. Nothing is unpacked
to disk, one image at a time is in memory, and no size that a file states about itself is believed. One bad image
is reported and passed over (``Unreadable``); a source that is unusable as a whole ends the stream (``IntakeError``).
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np

from fingerprints.images import MAX_BYTES, SUFFIXES, WHAT_WORKS, Image, ImageError, decode

CONTENT_COLUMN = "content_id"
SOURCES_THAT_WORK = "an image, a folder, a .zip, a .parquet file, or a Hugging Face data set as owner/name"

_ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"})
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_CHUNK = 1 << 20
_ROWS_AT_ONCE = 4
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


class IntakeError(ValueError):
    """The source as a whole is unusable; the text says what was found and what would work."""


@dataclass(frozen=True)
class Sample:
    """One usable image. Images with the same ``content`` share a prompt, a latent or a source."""

    image: Image
    content: str


@dataclass(frozen=True)
class Unreadable:
    """One image that was passed over; ``reason`` is a sentence for a person."""

    origin: str
    reason: str


@dataclass(frozen=True)
class Duplicate:
    """One image whose decoded pixels are those of ``first_origin``, which was already given."""

    origin: str
    first_origin: str


@dataclass(frozen=True)
class Limits:
    """What one call of read_samples takes, over all its sources: images, their bytes, and the bytes of one."""

    max_files: int = 5_000
    max_total_bytes: int = 2_000_000_000
    max_member_bytes: int = MAX_BYTES


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class _Encoded:
    """The bytes of one image before decoding, and its content where the source states one."""

    origin: str
    data: bytes
    content: str | None = None


@dataclass
class _Meter:
    """What was read so far, held against the limits. Refused images count too: they cost time as well."""

    limits: Limits
    wanted: int | None
    files: int = field(default=0, init=False)
    bytes: int = field(default=0, init=False)

    def expect(self, files: int, name: str) -> None:
        """Refuse at once what would be refused after minutes, unless only the first images are wanted."""
        total = self.files + files
        if self.wanted is None and total > self.limits.max_files:
            with_earlier = f", with the other sources {total:,}" if self.files else ""
            raise IntakeError(f"{name} holds {files:,} images{with_earlier}; {self._advice()}")

    def count_file(self, name: str) -> None:
        self.files += 1
        if self.files > self.limits.max_files:
            raise IntakeError(f"{name} is image number {self.files:,}; {self._advice()}")

    def count_bytes(self, n: int, name: str) -> None:
        self.bytes += n
        if self.bytes > self.limits.max_total_bytes:
            raise IntakeError(
                f"The images up to {name} hold {_size(self.bytes)} unpacked; at most "
                f"{_size(self.limits.max_total_bytes)} are read at a time. Give fewer images."
            )

    def _advice(self) -> str:
        return f"at most {self.limits.max_files:,} are read at a time. Give fewer, or limit the number of images."


_Found = _Encoded | Unreadable
_Reader = Callable[[_Meter], Iterator[_Found]]


def read_samples(
    sources: Sequence[str | Path],
    *,
    limits: Limits = DEFAULT_LIMITS,
    column: str = "image",
    split: str = "train",
    limit: int | None = None,
    covers: Callable[[int], bool] | None = None,
) -> Iterator[Sample | Unreadable | Duplicate]:
    """Stream the images of all sources, in order: each one a Sample, Unreadable or a Duplicate of an earlier one.

    ``column`` and ``split`` are where Parquet files and Hub data sets keep the images; ``limit`` ends the stream
    after that many samples; ``covers`` is asked whether an image's shorter side is usable. Only a ``str`` can name
    a Hub data set: a ``Path`` never reaches the network. Sources that do not exist raise IntakeError here,
    what is found while reading (damage, limits, no image at all) raises it from the iterator.
    """
    if not sources:
        raise IntakeError(f"No samples were given. Give {SOURCES_THAT_WORK}.")
    if limit is not None and limit < 1:
        raise IntakeError(f"The number of images was limited to {limit}; it must be 1 or more.")
    readers = [_reader(source, column, split) for source in sources]
    meter = _Meter(limits, limit)
    return _samples(chain.from_iterable(reader(meter) for reader in readers), limit, covers)


def image_files(path: str | Path) -> list[Path]:
    """The images of a folder and its subfolders by suffix, sorted; hidden files are skipped. A file is its own list.

    Raises IntakeError when the path does not exist or a folder cannot be read.
    """
    if os.path.isdir(path):
        return _walk(Path(path))[0]
    if os.path.isfile(path):
        return [Path(path)]
    raise IntakeError(f"{path} does not exist. Give an image or a folder of images.")


# From encoded to decoded: the same for every source.


def _samples(
    found: Iterable[_Found], limit: int | None, covers: Callable[[int], bool] | None
) -> Iterator[Sample | Unreadable | Duplicate]:
    seen: dict[str, str] = {}
    taken = 0
    for item in found:
        result = item if isinstance(item, Unreadable) else _judge(item, seen, covers)
        taken += isinstance(result, Sample)
        yield result
        del item, result  # or this image would stay in memory until the next one is decoded
        if taken == limit:
            return


def _judge(
    item: _Encoded, seen: dict[str, str], covers: Callable[[int], bool] | None
) -> Sample | Unreadable | Duplicate:
    """Decode one image and say what becomes of it; ``seen`` maps digests to origins and is added to."""
    try:
        image = decode(item.data, item.origin)
    except ImageError as error:
        return Unreadable(item.origin, str(error))
    if covers is not None and not covers(image.shorter_side):
        return Unreadable(item.origin, _not_covered(image))
    digest = _digest(image.pixels)
    if digest in seen:
        return Duplicate(item.origin, seen[digest])
    seen[digest] = item.origin
    return Sample(image, item.content or digest[:16])


def _digest(pixels: np.ndarray) -> str:
    digest = hashlib.sha256(repr(pixels.shape).encode())
    digest.update(np.ascontiguousarray(pixels).data)
    return digest.hexdigest()


def _not_covered(image: Image) -> str:
    return (
        f"{image.origin} is {image.width} x {image.height} pixels, a size that this collection does not cover. Give "
        f"images at their native size, or choose a collection that covers a shorter side of {image.shorter_side}."
    )


# Which reader a source needs.


def _reader(source: str | Path, column: str, split: str) -> _Reader:
    if os.path.isdir(source):
        return partial(_read_folder, Path(source))
    if os.path.isfile(source):
        return _file_reader(Path(source), column)
    if os.path.exists(source):
        raise IntakeError(f"{source} is neither a file nor a folder. Give {SOURCES_THAT_WORK}.")
    if isinstance(source, str) and _is_hub_id(source):
        return partial(_read_hub, source, column, split)
    raise IntakeError(f"{_printable(str(source))} does not exist. Give {SOURCES_THAT_WORK}.")


def _file_reader(path: Path, column: str) -> _Reader:
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return partial(_read_zip, path)
    if suffix == ".parquet":
        return partial(_read_parquet, path, column)
    if suffix in _ARCHIVES:
        raise IntakeError(f"{path.name} is an archive of a kind that is not read ({suffix}). Give the images as .zip.")
    return partial(_read_file, path)


def _is_hub_id(source: str) -> bool:
    """owner/name; a mistyped local file has a file's suffix and is not looked up on the Hub."""
    suffix = Path(source).suffix.lower()
    return _HUB_ID.fullmatch(source) is not None and suffix not in SUFFIXES | _ARCHIVES | {".parquet"}


# Files and folders.


def _read_file(path: Path, meter: _Meter) -> Iterator[_Found]:
    yield _from_file(path, _printable(path.name), meter)


def _read_folder(root: Path, meter: _Meter) -> Iterator[_Found]:
    files, others = _walk(root)
    name = os.path.basename(os.path.abspath(root))
    if not files:
        raise _no_image(f"The folder {name}", others)
    meter.expect(len(files), f"The folder {name}")
    for path in files:
        yield _from_file(path, _printable(f"{name}/{path.relative_to(root).as_posix()}"), meter)


def _walk(root: Path) -> tuple[list[Path], Counter[str]]:
    """The images below a folder, sorted, and how many other files there are of each suffix."""
    images: list[Path] = []
    others: Counter[str] = Counter()
    for folder, subfolders, names in os.walk(root, onerror=_refuse_folder):
        subfolders[:] = [name for name in subfolders if not _is_clutter(name)]
        for path in (Path(folder, name) for name in names if not _is_clutter(name)):
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


def _is_clutter(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _from_file(path: Path, origin: str, meter: _Meter) -> _Found:
    meter.count_file(origin)
    try:
        with path.open("rb") as stream:
            return _read_bounded(stream, origin, meter)
    except OSError as error:
        return Unreadable(origin, f"{origin} cannot be read ({error.strerror or error}). Check that it can be opened.")


def _read_bounded(stream: IO[bytes], origin: str, meter: _Meter, content: str | None = None) -> _Found:
    """Read one image's bytes to the end, or until they are more than the limit, whatever its header says."""
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        meter.count_bytes(len(chunk), origin)
        data += chunk
        if len(data) > meter.limits.max_member_bytes:
            return _too_large(origin, f"more than {_size(meter.limits.max_member_bytes)}", meter)
    return _Encoded(origin, bytes(data), content)


def _too_large(origin: str, found: str, meter: _Meter) -> Unreadable:
    allowed = _size(meter.limits.max_member_bytes)
    return Unreadable(origin, f"{origin} unpacks to {found}; at most {allowed} are read. Crop it or leave it out.")


# Zip archives, never unpacked to disk.


class _BoundedFile(io.BufferedReader):
    """A file that refuses one read of more than ``bound`` bytes.

    zipfile reads the list of members in one piece, as long as the archive says it is, and makes objects of it.
    """

    def __init__(self, path: Path, bound: int) -> None:
        super().__init__(io.FileIO(path))
        self.bound = bound
        self.shown = _printable(path.name)

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.bound:
            raise IntakeError(
                f"{self.shown} lists its members in {_size(size)}; at most {_size(self.bound)} are read. "
                "Zip fewer files, the images alone."
            )
        return super().read(size)


def _read_zip(path: Path, meter: _Meter) -> Iterator[_Found]:
    name = _printable(path.name)
    with _opened_zip(path, name, meter.limits) as archive:
        members, others = _members(archive, name)
        if not members:
            raise _no_image(name, others)
        meter.expect(len(members), name)
        for member in members:
            yield _from_member(archive, member, _printable(f"{name}/{member.filename}"), meter)


@contextmanager
def _opened_zip(path: Path, name: str, limits: Limits) -> Iterator[zipfile.ZipFile]:
    bound = max(_CHUNK, _DIRECTORY_BYTES_PER_FILE * limits.max_files)
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


def _members(archive: zipfile.ZipFile, name: str) -> tuple[list[zipfile.ZipInfo], Counter[str]]:
    """What is to be read or reported, sorted by name, and how many other files there are of each suffix."""
    wanted: list[zipfile.ZipInfo] = []
    others: Counter[str] = Counter()
    for member in archive.infolist():
        # not is_dir(): that fails on an empty name
        if member.filename.endswith("/") or any(
            _is_clutter(part) for part in member.filename.split("/") if part.strip(".")
        ):
            continue
        suffix = Path(member.filename).suffix.lower()
        if suffix in SUFFIXES or _objection(member):
            _refuse_encrypted(member, name)
            wanted.append(member)
        else:
            others[suffix] += 1
    return sorted(wanted, key=lambda member: member.filename), others


def _refuse_encrypted(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & 0x1:
        inside = _printable(member.filename)
        raise IntakeError(f"{name} is encrypted ({inside} asks for a password). Zip the images without a password.")


def _objection(member: zipfile.ZipInfo) -> str | None:
    """Why a member is not even opened, or None."""
    name = member.filename
    if name.startswith("/") or "\\" in name or ".." in name.split("/") or re.match(r"[A-Za-z]:", name):
        return "has a name that leads outside the archive; zip the folder again with plain relative names"
    if stat.S_IFMT(member.external_attr >> 16) not in {0, stat.S_IFREG}:
        return "is a link or a special file, not an image; put the image itself into the archive"
    if Path(name).suffix.lower() in _ARCHIVES:
        return "is an archive inside the archive; unpack it and zip the images themselves"
    if Path(name).suffix.lower() in SUFFIXES and member.compress_type not in _ZIP_METHODS:
        return "is compressed by a method that is not read; zip the images with ordinary compression (deflate)"
    return None


def _from_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, origin: str, meter: _Meter) -> _Found:
    meter.count_file(origin)
    if objection := _objection(member):
        return Unreadable(origin, f"{origin} {objection}.")
    try:
        with archive.open(member) as stream:
            return _read_bounded(stream, origin, meter)
    except IntakeError:
        raise
    except _ZIP_ERRORS as error:
        return Unreadable(origin, f"{origin} is damaged in the archive ({_short(error)}). Zip the images again.")


# Parquet files and Hub data sets: rows with a cell that holds the image.


def _read_parquet(path: Path, column: str, meter: _Meter) -> Iterator[_Found]:
    import pyarrow as pa  # 0.1 s, and only Parquet files need it

    name = _printable(path.name)
    errors = (pa.ArrowException, OSError, ValueError)  # ValueError: text that is not UTF-8
    with _opened_parquet(path, name, errors) as file:
        columns = _parquet_columns(file, column, name)
        if not file.metadata.num_rows:
            raise IntakeError(f"{name} holds no image: it has no rows. Give a file with one image in each row.")
        meter.expect(file.metadata.num_rows, name)
        for index, row in enumerate(
            _guarded(_rows(file, columns), errors, f"{name} is damaged", "Save or download it again.")
        ):
            yield _from_row(row, column, f"{name} row {index}", meter)


@contextmanager
def _opened_parquet(path: Path, name: str, errors: tuple[type[Exception], ...]) -> Iterator[Any]:
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        str(file.schema_arrow)  # decodes the names, which are bytes until then
    except errors as error:
        raise IntakeError(
            f"{name} cannot be read as a Parquet file ({_short(error)}): it is something else, truncated or damaged. "
            "Save or download it again."
        ) from error
    with file:
        yield file


def _parquet_columns(file: Any, column: str, name: str) -> list[str]:
    """The columns to read; refuses a schema without images where they are expected."""
    schema = file.schema_arrow
    if column not in schema.names:
        raise _no_column(name, column, schema.names)
    kind = schema.field(column).type
    children = {child.name: child.type for child in kind} if str(kind).startswith("struct") else {"bytes": kind}
    if str(children.get("bytes")) not in {"binary", "large_binary", "binary_view"}:
        raise _no_bytes(name, column, str(kind))
    return [name for name in (column, CONTENT_COLUMN) if name in schema.names]


def _rows(file: Any, columns: list[str]) -> Iterator[dict[str, Any]]:
    for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE, columns=columns):
        yield from batch.to_pylist()


def _read_hub(name: str, column: str, split: str, meter: _Meter) -> Iterator[_Found]:
    import datasets  # 0.7 s and 180 MB, and only Hub data sets need it
    import datasets.load
    import pyarrow as pa

    # RuntimeError: data sets that need a script. The HTTP client's own errors are no OSError.
    errors = (
        datasets.exceptions.DatasetsError,
        datasets.load.httpx.HTTPError,
        pa.ArrowException,
        OSError,
        ValueError,
        RuntimeError,
    )
    rows = _guarded(
        _hub_rows(datasets, name, column, split),
        errors,
        f"{name} is no file or folder here, and cannot be read as a data set from the Hugging Face Hub",
        "Check its name, its split and the connection, or give the images as a folder, a .zip or a .parquet file.",
    )
    fetch = partial(_open_on_hub, datasets, name, errors)
    index = -1
    for index, row in enumerate(rows):
        yield _from_row(row, column, f"{name} {split} row {index}", meter, fetch)
    if index < 0:
        raise IntakeError(f"The data set {name} holds no image: its split {split} has no rows. Give another split.")


def _hub_rows(datasets: Any, name: str, column: str, split: str) -> Iterator[dict[str, Any]]:
    data = datasets.load_dataset(name, split=split, streaming=True)
    if data.features is not None:
        if column not in data.features:
            raise _no_column(f"The data set {name}", column, list(data.features))
        feature = data.features[column]
        if isinstance(feature, datasets.Value | datasets.ClassLabel) and "binary" not in feature.dtype:
            raise _no_bytes(f"The data set {name}", column, feature.dtype)
        # Other image columns would be decoded on the way, by code that has none of our limits.
        data = data.select_columns([key for key in (column, CONTENT_COLUMN) if key in data.features])
        data = data.cast_column(column, datasets.Image(decode=False))
    for row in data:
        if column not in row:
            raise _no_column(f"The data set {name}", column, list(row))
        yield row


def _open_on_hub(datasets: Any, name: str, errors: tuple[type[Exception], ...], path: str) -> IO[bytes] | None:
    """Open a file that a row points to, in the data set's own repository and nowhere else; None if it is elsewhere.

    A row can say any path, of this machine or of its network too. Files in a zip are named zip://inner::outer.
    """
    *inner, outer = path.split("::")
    own = outer.startswith(f"hf://datasets/{name}@") and "/../" not in path
    if not own or len(inner) > 1 or not all(part.startswith("zip://") for part in inner):
        return None
    try:
        stream: IO[bytes] = datasets.utils.file_utils.xopen(path, "rb")
    except errors as error:
        raise OSError(_short(error)) from error
    return stream


def _from_row(
    row: dict[str, Any],
    column: str,
    origin: str,
    meter: _Meter,
    fetch: Callable[[str], IO[bytes] | None] = lambda path: None,
) -> _Found:
    """One cell: bytes, or a mapping with ``bytes`` or else a ``path`` that ``fetch`` may open."""
    meter.count_file(origin)
    cell, stated = row[column], row.get(CONTENT_COLUMN)
    content = None if stated is None or stated == "" else str(stated)
    data, path = (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (cell, None)
    if isinstance(data, bytes):
        return _read_bounded(io.BytesIO(data), origin, meter, content)
    if not path:
        return Unreadable(origin, f"{origin} holds no image in its column {column!r}. Leave such rows out.")
    try:
        with_bytes = fetch(str(path))
        if with_bytes is not None:
            with with_bytes as stream:
                return _read_bounded(stream, origin, meter, content)
    except OSError as error:
        return Unreadable(origin, f"{origin} cannot be fetched ({_short(error)}). Try again later.")
    shown = _printable(str(path))
    return Unreadable(origin, f"{origin} holds a path ({shown}), not an image. Store the image's bytes in the row.")


def _guarded(
    rows: Iterable[dict[str, Any]], errors: tuple[type[Exception], ...], what: str, advice: str
) -> Iterator[dict[str, Any]]:
    """The same rows, with the errors of reading them (and of nothing else) as an IntakeError."""
    iterator = iter(rows)
    while True:
        try:
            row = next(iterator)
        except StopIteration:
            return
        except IntakeError:
            raise
        except errors as error:
            raise IntakeError(f"{what} ({_short(error)}). {advice}") from error
        yield row


# Sentences.


def _no_image(name: str, others: Counter[str]) -> IntakeError:
    total = sum(others.values())
    kinds = ", ".join(suffix or "no suffix" for suffix, _ in others.most_common(4))
    beside = f"only {total:,} other {'file' if total == 1 else 'files'} ({kinds})" if total else "it is empty"
    return IntakeError(f"{name} holds no image, {beside}. {WHAT_WORKS} work; give a .zip or .parquet by its own name.")


def _no_column(name: str, column: str, found: Sequence[str]) -> IntakeError:
    columns = _printable(", ".join(found))
    return IntakeError(f"{name} has no column {column!r}; its columns are {columns}. Name the one with the images.")


def _no_bytes(name: str, column: str, kind: str) -> IntakeError:
    return IntakeError(
        f"{name} holds {_printable(kind)} in its column {column!r}, not images. Name a column of encoded images "
        "(binary, or a struct with bytes and path)."
    )


def _size(n: int) -> str:
    if n < 1_000_000:
        return f"{n:,} bytes"
    return f"{n / 1e6:,.0f} MB" if n < 1_000_000_000 else f"{n / 1e9:,.1f} GB"


def _printable(text: str) -> str:
    """A stranger's name, fit for a terminal, a page and UTF-8: no control, bidi or half characters, not endless."""
    return "".join(char if char.isprintable() else "?" for char in text)[:200]


def _short(error: BaseException) -> str:
    return _printable(str(error).split("\n")[0])[:160].rstrip(". ") or type(error).__name__
