"""Files that are whole or not there: canonical JSON, safetensors with one metadata key, atomic writes, digests."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from safetensors import SafetensorError, safe_open

from fingerprints.errors import UserError

_KEY = "manifpt"  # several metadata keys make the bytes differ from save to save; one does not


class BrokenFile(UserError, ValueError):
    """A file of the registry is missing, damaged or not what the schema says."""


@contextmanager
def as_known(what: str) -> Iterator[None]:
    """What is read inside and is not as this version knows it, as a BrokenFile that begins with ``what``."""
    try:
        yield
    except (KeyError, TypeError, ValueError) as error:
        raise BrokenFile(f"{what}: {str(error).rstrip('.')}.") from error


def what_to_do(error: UserError | str) -> str:
    """What is wrong with a file of the registry in use, and the way on."""
    return (
        f"{error} The registry is damaged: `python -m registry verify` says where. `--registry NEW-FOLDER` begins a "
        "whole one, and `python -m registry sync OWNER/NAME --registry NEW-FOLDER` takes one that is published."
    )


def canonical_json(value: Any) -> bytes:
    """UTF-8, sorted keys, no spaces: one value, one digest."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BrokenFile(f"{path.name} in {path.parent.name} cannot be read: {error}.") from error


def arrays_bytes(arrays: dict[str, np.ndarray], facts_json: str) -> bytes:
    """A safetensors file. Arrays are made contiguous: a transposed one would be saved wrong without an error."""
    return safetensors.numpy.save({k: np.ascontiguousarray(v) for k, v in arrays.items()}, metadata={_KEY: facts_json})


def read_arrays(path: Path, only: tuple[str, ...] | None = None) -> tuple[dict[str, np.ndarray], str]:
    """Arrays (all, or ``only`` some of them) and facts of a safetensors file of ours; every value finite. Raises
    BrokenFile."""
    try:
        with safe_open(path, framework="numpy") as opened:
            facts = (opened.metadata() or {}).get(_KEY)
            keys = [key for key in opened.keys() if only is None or key in only]  # noqa: SIM118 (not a dict)
            arrays = {key: opened.get_tensor(key) for key in keys}
    except (OSError, SafetensorError, ValueError) as error:
        raise BrokenFile(f"{path.name} in {path.parent.name} cannot be read: {error}.") from error
    if facts is None:
        raise BrokenFile(f"{path.name} in {path.parent.name} was not written by this project: its facts are missing.")
    bad = [key for key, value in arrays.items() if value.dtype.kind == "f" and not np.isfinite(value).all()]
    if bad:
        raise BrokenFile(f"{path.name} in {path.parent.name} holds values that are not finite: {', '.join(bad)}.")
    return arrays, facts


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def link(source: Path, target: Path) -> None:
    """A hard link in a folder that is made if need be; a copy where links are not possible."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def copy_folder(source: Path, target: Path) -> None:
    """All files below a folder. Raises the OSError of the first one that cannot be copied: shutil.copytree goes on to
    the end, and the text of its error is the list of all."""
    for path in sorted(source.rglob("*")):
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir(parents=True, exist_ok=True)
        else:
            shutil.copy2(path, copy)


def write_new(path: Path, data: bytes) -> None:
    """A file in a folder that nobody reads yet, flushed to the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
