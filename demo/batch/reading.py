"""What was given, counted before anything is looked at, then read one file at a time: files and zip archives.

Not by read_samples, which decodes by itself, without what a file claims and out of turn; but by the same readers, so
that nothing is unpacked to disk and no size that an archive states is believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fingerprints.errors import UserError
from fingerprints.sentence import Grouped, Sentence, counted, said
from registry.analysis.coverage import with_commas
from registry.intake.sources.common import ARCHIVES, Found, IntakeError, Limits, Meter, Unreadable, printable
from registry.intake.sources.files import read_file
from registry.intake.sources.zips import read_zip

MOST_PICTURES = 500
_ZIP = ".zip"


class TooMany(UserError, ValueError):
    """More pictures than are looked at together; the text says how many there are, and where."""


@dataclass
class _Counting(Meter):
    """Notes how many images an archive lists."""

    members: int = field(default=0, init=False)

    def expect(self, files: int, name: str) -> None:
        self.members = files


def total_of(paths: Sequence[Path]) -> int:
    """How many rows these files will have. Raises TooMany."""
    archives = {path: _pictures_in(path) for path in paths if path.suffix.lower() == _ZIP}
    files = len(paths) - sum(1 for path in paths if path in archives)
    total = files + sum(archives.values())
    if total > MOST_PICTURES:
        raise TooMany(_too_many(total, files, archives))
    return total


def read(paths: Sequence[Path]) -> Iterator[Found]:
    """Each picture's bytes, in order; what cannot be read, an archive as a whole too, says why."""
    meter = Meter(Limits(max_files=MOST_PICTURES), None)
    for path in paths:
        try:
            yield from _found(path, meter)
        except IntakeError as error:
            yield Unreadable(printable(path.name), error.sentence)


def _pictures_in(path: Path) -> int:
    """How many images an archive lists; 1 for one that cannot be read, which has a row that says so."""
    meter = _Counting(Limits(), None)
    try:
        next(read_zip(path, meter), None)
    except IntakeError:
        return 1
    return max(meter.members, 1)


def _found(path: Path, meter: Meter) -> Iterator[Found]:
    suffix = path.suffix.lower()
    if suffix in ARCHIVES - {_ZIP}:
        odd = {"name": printable(path.name), "suffix": suffix}
        raise IntakeError(said("{name} is an archive of a kind that is not read ({suffix}). Give a .zip.", **odd))
    return read_zip(path, meter) if suffix == _ZIP else read_file(path, meter)


def _too_many(total: int, files: int, archives: dict[Path, int]) -> Sentence:
    inside = [_inside(count, path) for path, count in archives.items()]
    loose = [counted("{number} file", "{number} files", files)] if files else []
    facts = {
        "total": Grouped(total),
        "where": with_commas([*loose, *inside[:5]]),
        "most": MOST_PICTURES,
        "parts": -(-total // MOST_PICTURES),
    }
    if not inside:
        return said(
            "{total} pictures were given; at most {most} are looked at together, so none was. Give them in {parts} "
            "parts.",
            **facts,
        )
    return said(
        "{total} pictures were given ({where}); at most {most} are looked at together, so none was. Give them in "
        "{parts} parts.",
        **facts,
    )


def _inside(count: int, archive: Path) -> Sentence:
    return said("{number} in {archive}", number=Grouped(count), archive=printable(archive.name))
