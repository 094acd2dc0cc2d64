"""All generators of a collection as a few large arrays on disk, mapped into memory: ten thousand open as one file.

An index is derived from the fingerprints, lies beside the revisions and may be deleted at any time:

    indexes/<revision>/<collection>/index.json             what it was made from
    indexes/<revision>/<collection>/<space>.<part>.npy     see _shapes
    indexes/<revision>/<collection>/joint.lengths.npy      of all spaces at once, if it has such a thing (shortlist.py)

Its pages are read when they are needed, and the system takes them back when others need the memory. A new revision
takes over the rows that an older index has.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from fingerprints.files import write_atomically
from fingerprints.model import discriminant, evidence, few_samples, shortlist
from fingerprints.model import joint as at_once
from fingerprints.model.evidence import Known
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.model.joint import Joint
from fingerprints.model.reference import Reference
from fingerprints.model.shortlist import lengths_of

from .files import BrokenFile, canonical_json, read_json, sha256_of

_CHUNK = 256  # generators that are computed or copied at a time
_JOINT = "joint"  # no space is called so
_STATED = 3  # numbers that a fingerprint states of itself: looseness, contents, norm

Arrays = dict[str, np.ndarray]
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Table:
    """The generators (g,) of a collection in one space: their ``means`` (g, h, d) under h histories, ``looseness``,
    ``contents`` and ``norms`` (g,), and all of them as images are weighed against them."""

    means: np.ndarray
    looseness: np.ndarray
    contents: np.ndarray
    norms: np.ndarray
    known: Known


@dataclass(frozen=True)
class Tables:
    """``by_space``: the generators in each space. ``lengths`` (g, 3, h): of all spaces at once; None where they were
    not asked for, or not taken yet."""

    by_space: dict[str, Table]
    lengths: np.ndarray | None = None


@dataclass(frozen=True)
class Wanted:
    """What an index has to hold. ``digests``: of what was learned, by space; ``keys``: the digests of the generators'
    fingerprints by space; ``read``: number of a generator, space -> its fingerprint, with a mean for each history."""

    references: Mapping[str, Reference]
    joint: Joint | None
    digests: Mapping[str, str]
    keys: Mapping[str, Sequence[str]]
    histories: int
    read: Callable[[int, str], Fingerprint]

    def made_from(self) -> dict[str, Any]:
        """Rows are worth nothing to a program that whitens otherwise, or to other references."""
        modules = (discriminant, evidence, few_samples, at_once, shortlist)
        program = [sha256_of(Path(module.__file__ or "")) for module in modules]
        return {"program": program, "references": dict(self.digests), "histories": self.histories}


@dataclass(frozen=True)
class Older:
    """An index that rows can be taken over from: where it lies, and by space the digest that each row was made from."""

    folder: Path
    keys: Mapping[str, Sequence[str]]


def mapped(folder: Path, wanted: Wanted) -> Tables:
    """The tables in ``folder``, which is made when it is not there. OSError when it cannot be, ValueError when an array
    is damaged."""
    facts = {"made from": wanted.made_from(), "keys": {space: list(keys) for space, keys in wanted.keys.items()}}
    if _facts(folder) != facts:
        _make(folder, wanted, facts)
    tables = {space: _table(reference, _opened(folder, space)) for space, reference in wanted.references.items()}
    return Tables(tables, _opened_lengths(folder) if wanted.joint else None)


def in_memory(wanted: Wanted) -> Tables:
    """The same without a file, for collections of common size."""
    found = {}
    for space, reference in wanted.references.items():
        size = len(wanted.keys[space])
        arrays: Arrays = {
            part: np.zeros(shape, dtype) for part, (shape, dtype) in _shapes(reference, size, wanted.histories).items()
        }
        if size:
            _fill(arrays, slice(0, size), wanted, space)
        found[space] = _table(reference, arrays)
    return Tables(found)


def _shapes(reference: Reference, g: int, h: int) -> dict[str, tuple[tuple[int, ...], type]]:
    """``means``, and ``numbers``: what fingerprints state, then the squares of Known; its other arrays as they are."""
    shapes = Known.shapes(reference, g, h)
    numbers = _STATED + shapes.pop("squares")[1]
    as_weighed = {part: (shape, np.float32) for part, shape in shapes.items()}
    return {"means": ((g, h, reference.dimension), np.float32), **as_weighed, "numbers": ((g, numbers), np.float64)}


def _of_known(arrays: Arrays) -> Arrays:
    """Those that Known fills and takes."""
    return {**arrays, "squares": arrays["numbers"][:, _STATED:]}


def _fill(arrays: Arrays, rows: slice, wanted: Wanted, space: str) -> None:
    """The rows of some generators, from their fingerprints."""
    prints = [wanted.read(number, space) for number in range(rows.start, rows.stop)]
    means = np.array([one.means for one in prints], np.float32)
    stated = np.array([[one.looseness, one.contents, one.norm] for one in prints])
    arrays["means"][rows], arrays["numbers"][rows, :_STATED] = means, stated
    Known.of(wanted.references[space], means, stated[:, 0], stated[:, 1]).put(_of_known(arrays), rows.start)


def _table(reference: Reference, arrays: Arrays) -> Table:
    stated = np.array(arrays["numbers"][:, :_STATED])
    known = Known.of_arrays(reference, _of_known(arrays), stated[:, 0])
    return Table(arrays["means"], stated[:, 0], stated[:, 1], stated[:, 2], known)


def _facts(folder: Path) -> Any:
    try:
        return read_json(folder / "index.json")
    except BrokenFile:
        return None


def _opened(folder: Path, space: str) -> Arrays:
    parts = ("means", "within", "contrast", "numbers")
    return {part: np.load(folder / f"{space}.{part}.npy", mmap_mode="r") for part in parts}


def _opened_lengths(folder: Path) -> np.ndarray:
    opened: np.ndarray = np.load(folder / f"{_JOINT}.lengths.npy", mmap_mode="r")
    return opened


def _make(folder: Path, wanted: Wanted, facts: dict[str, Any]) -> None:
    """Whole or not there: in a folder beside it, flushed to the disk, then renamed."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".building-"))
    try:
        older = _older(folder, wanted)
        known = {space: _write(building, space, wanted, older).known for space in wanted.references}
        if wanted.joint:
            _write_lengths(building, wanted, wanted.joint, known, older)
        write_atomically(building / "index.json", canonical_json(facts))
        shutil.rmtree(folder, ignore_errors=True)  # made by another version of the program
        os.rename(building, folder)
    except OSError:
        if _facts(folder) != facts:  # else another process was first
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _write(building: Path, space: str, wanted: Wanted, older: Older | None) -> Table:
    keys = wanted.keys[space]
    arrays: Arrays = {
        part: _new(building / f"{space}.{part}.npy", shape, dtype)
        for part, (shape, dtype) in _shapes(wanted.references[space], len(keys), wanted.histories).items()
    }
    theirs = _table(wanted.references[space], _opened(older.folder, space)) if older else None
    for rows, known_rows in _runs(keys, _numbered(older.keys[space]) if older else {}):
        if theirs is None or known_rows is None:
            _fill(arrays, rows, wanted, space)
        else:
            _copy(arrays, rows, theirs, known_rows)
    for array in arrays.values():
        array.flush()  # type: ignore[attr-defined]
    return _table(wanted.references[space], arrays)


def _write_lengths(
    building: Path, wanted: Wanted, joint: Joint, known: Mapping[str, Known], older: Older | None
) -> None:
    """A generator's are those of its fingerprints in all spaces."""
    keys = list(zip(*(wanted.keys[space] for space in known), strict=True))
    lengths = _new(building / f"{_JOINT}.lengths.npy", (len(keys), 3, wanted.histories), np.float32)
    theirs = _opened_lengths(older.folder) if older else None
    old_keys = zip(*(older.keys[space] for space in known), strict=True) if older else ()
    for rows, known_rows in _runs(keys, _numbered(old_keys)):
        if theirs is None or known_rows is None:
            numbers = np.arange(rows.start, rows.stop)
            lengths[rows] = lengths_of(joint.known({space: one.select(numbers) for space, one in known.items()}))
        else:
            lengths[rows] = theirs[known_rows]
    lengths.flush()  # type: ignore[attr-defined]


def _new(path: Path, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """A mapped array whose place on the disk is taken: a full disk is an OSError here, a crash at a page later."""
    array = np.lib.format.open_memmap(path, "w+", dtype, shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("r+b") as opened:
            os.posix_fallocate(opened.fileno(), 0, path.stat().st_size)
    return array


def _runs(keys: Sequence[K], known: Mapping[K, int]) -> Iterator[tuple[slice, slice | None]]:
    """Generators one after the other that are one after the other in an older index too, or all in none: where they
    are, and where they are there."""
    start = 0
    while start < len(keys):
        first, stop = known.get(keys[start]), start + 1
        while stop < len(keys) and stop - start < _CHUNK:
            if known.get(keys[stop]) != (None if first is None else first + stop - start):
                break
            stop += 1
        yield slice(start, stop), None if first is None else slice(first, first + stop - start)
        start = stop


def _copy(arrays: Arrays, rows: slice, older: Table, old: slice) -> None:
    arrays["means"][rows] = older.means[old]
    arrays["numbers"][rows, :_STATED] = np.column_stack([older.looseness, older.contents, older.norms])[old]
    older.known.select(np.arange(old.start, old.stop)).put(_of_known(arrays), rows.start)


def _numbered(keys: Iterable[K]) -> dict[K, int]:
    return {key: row for row, key in enumerate(keys)}


def _older(folder: Path, wanted: Wanted) -> Older | None:
    """The newest index of the same collection in another revision."""
    others = sorted(folder.parent.parent.glob(f"*/{folder.name}"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in others:
        facts = _facts(path)
        if facts and facts["made from"] == wanted.made_from():
            return Older(path, facts["keys"])
    return None
