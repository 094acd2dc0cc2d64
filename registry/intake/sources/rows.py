"""Parquet files and data sets on the Hub: rows with a cell that holds the image."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

from .common import Found, IntakeError, Meter, Unreadable, printable, read_bounded, short

CONTENT_COLUMN = "content_id"
_ROWS_AT_ONCE = 4


def read_parquet(path: Path, column: str, meter: Meter) -> Iterator[Found]:
    import pyarrow as pa  # 0.1 s, and only Parquet files need it

    name = printable(path.name)
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
            f"{name} cannot be read as a Parquet file ({short(error)}): it is something else, truncated or damaged. "
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


def read_hub(name: str, column: str, split: str, meter: Meter) -> Iterator[Found]:
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
        raise OSError(short(error)) from error
    return stream


def _from_row(
    row: dict[str, Any],
    column: str,
    origin: str,
    meter: Meter,
    fetch: Callable[[str], IO[bytes] | None] = lambda path: None,
) -> Found:
    """One cell: bytes, or a mapping with ``bytes`` or else a ``path`` that ``fetch`` may open."""
    meter.count_file(origin)
    cell, stated = row[column], row.get(CONTENT_COLUMN)
    content = None if stated is None or stated == "" else str(stated)
    data, path = (cell.get("bytes"), cell.get("path")) if isinstance(cell, dict) else (cell, None)
    if isinstance(data, bytes):
        return read_bounded(io.BytesIO(data), origin, meter, content)
    if not path:
        return Unreadable(origin, f"{origin} holds no image in its column {column!r}. Leave such rows out.")
    try:
        with_bytes = fetch(str(path))
        if with_bytes is not None:
            with with_bytes as stream:
                return read_bounded(stream, origin, meter, content)
    except OSError as error:
        return Unreadable(origin, f"{origin} cannot be fetched ({short(error)}). Try again later.")
    shown = printable(str(path))
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
            raise IntakeError(f"{what} ({short(error)}). {advice}") from error
        yield row


def _no_column(name: str, column: str, found: Sequence[str]) -> IntakeError:
    columns = printable(", ".join(found))
    return IntakeError(f"{name} has no column {column!r}; its columns are {columns}. Name the one with the images.")


def _no_bytes(name: str, column: str, kind: str) -> IntakeError:
    return IntakeError(
        f"{name} holds {printable(kind)} in its column {column!r}, not images. Name a column of encoded images "
        "(binary, or a struct with bytes and path)."
    )
