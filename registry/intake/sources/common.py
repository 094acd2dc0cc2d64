"""What all sources share: the limits, what was read so far, bounded reading, and the sentences about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO

from fingerprints.errors import UserError
from fingerprints.formats.kinds import WHAT_WORKS
from fingerprints.images.image import MAX_BYTES

ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"})
CHUNK = 1 << 20


class IntakeError(UserError, ValueError):
    """The source as a whole is unusable; the text says what was found and what would work."""


@dataclass(frozen=True)
class Unreadable:
    """One image that was passed over; ``reason`` is a sentence for a person."""

    origin: str
    reason: str


# What was passed over without being opened: how many there are of each suffix, and of each kind below.
Passed = Counter[str]
NO_SUFFIX, HIDDEN = "without a suffix", "hidden"
TO_FOLDER, DANGLING, DEVICE = "links to folders", "dangling links", "pipes or devices"
_ONE = {TO_FOLDER: "link to a folder", DANGLING: "dangling link", DEVICE: "pipe or device"}
_MOST_KINDS = 8


@dataclass(frozen=True)
class Limits:
    """What one call of read_samples takes, over all its sources: images, their bytes, and the bytes of one."""

    max_files: int = 5_000
    max_total_bytes: int = 2_000_000_000
    max_member_bytes: int = MAX_BYTES


@dataclass(frozen=True)
class Encoded:
    """The bytes of one image before decoding, and its content where the source states one."""

    origin: str
    data: bytes
    content: str | None = None


@dataclass
class Meter:
    """What was read so far, held against the limits. Refused images count too: they cost time as well."""

    limits: Limits
    wanted: int | None
    passed: Passed = field(default_factory=Counter)
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
                f"The images up to {name} hold {readable_size(self.bytes)} unpacked; at most "
                f"{readable_size(self.limits.max_total_bytes)} are read at a time. Give fewer images."
            )

    def _advice(self) -> str:
        return f"at most {self.limits.max_files:,} are read at a time. Give fewer, or limit the number of images."


Found = Encoded | Unreadable
Reader = Callable[[Meter], Iterator[Found]]


def read_bounded(stream: IO[bytes], origin: str, meter: Meter, content: str | None = None) -> Found:
    """Read one image's bytes to the end, or until they are more than the limit, whatever its header says."""
    data = bytearray()
    while chunk := stream.read(CHUNK):
        meter.count_bytes(len(chunk), origin)
        data += chunk
        if len(data) > meter.limits.max_member_bytes:
            most = readable_size(meter.limits.max_member_bytes)
            reason = f"{origin} unpacks to more than {most}; at most {most} are read. Crop it or leave it out."
            return Unreadable(origin, reason)
    return Encoded(origin, bytes(data), content)


def is_clutter(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def is_noise(name: str) -> bool:
    """What a Mac leaves beside files; it holds no picture, and there is nothing to say about it."""
    return name.startswith("._") or name in (".DS_Store", "__MACOSX")


def no_image(name: str, passed: Passed) -> IntakeError:
    found = f"only {listed(passed)}" if passed else "it is empty"
    return IntakeError(
        f"{name} holds no image that can be read: {found}. {WHAT_WORKS} work; give a .zip or .parquet by its own name."
    )


def listed(passed: Passed) -> str:
    """The most frequent kinds first: "12 .heic, 3 .jxl, 1 link to a folder"."""
    kinds = sorted(passed.items(), key=lambda item: (-item[1], item[0]))
    named = [f"{count:,} {_ONE.get(kind, kind) if count == 1 else kind}" for kind, count in kinds[:_MOST_KINDS]]
    rest = sum(count for _, count in kinds[_MOST_KINDS:])
    return printable(", ".join([*named, *([f"{rest:,} of other kinds"] if rest else [])]))


def readable_size(n: int) -> str:
    if n < 1_000_000:
        return f"{n:,} bytes"
    return f"{n / 1e6:,.0f} MB" if n < 1_000_000_000 else f"{n / 1e9:,.1f} GB"


def printable(text: str) -> str:
    """A stranger's name, fit for a terminal, a page and UTF-8: no control, bidi or half characters, not endless."""
    return "".join(char if char.isprintable() else "?" for char in text)[:200]


def short(error: BaseException) -> str:
    return printable(str(error).split("\n")[0])[:160].rstrip(". ") or type(error).__name__
