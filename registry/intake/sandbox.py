"""Strangers' files are read apart from the server: in processes with little memory and time, and nothing to steal.

A file that exhausts, hangs or crashes such a process costs that process alone; a new one takes its place, and the
visitor reads a sentence. What comes back is JSON and plain bytes, and is checked: a process that a file has taken over
can answer wrongly for that file, no more.
"""

from __future__ import annotations

import atexit
import fcntl
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from fingerprints.claims import MOST_CLAIMS, UNREAD, Claim, claim
from fingerprints.images.image import MAX_BYTES, MAX_PIXELS, Image, ImageError
from fingerprints.sentence import Grouped, Sentence, said, unpacked
from fingerprints.settings import TRUST_LIST, Settings

from .sandbox_worker import CPU_SECONDS
from .sources.common import Encoded, Found, IntakeError, Meter, Unreadable, printable

DECODERS = 3
DECODING_MEGABYTES = 1_600  # 64 megapixels need up to 1,220, turned by their EXIF 1,480
PARQUET_MEGABYTES = 2_500
_WALL_SECONDS = 20.0  # CPU time is what is limited; this is for one that waits for ever
_LONGEST_LINE = 1 << 20
_PIPE_BYTES = 1 << 20  # the most that Linux gives without privileges; pixels come in fewer turns
_NO_PROCESS = said("{name} cannot be read now: this machine has no process to spare. Try again in a minute.")
_ROOT = Path(__file__).resolve().parents[2]
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH")  # and no other variable: some of them are secrets
_FIXED = {"PYTHONDONTWRITEBYTECODE": "1", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_log = logging.getLogger(__name__)


class _Gone(Exception):
    """The process ended, was ended, or does not answer as agreed."""


class _Process:
    """One worker. After _Gone it is dead."""

    def __init__(self, megabytes: int) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        if trusted := Settings.read().trust_list:
            environment[TRUST_LIST] = os.path.abspath(trusted)  # it works in another folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "registry.intake.sandbox_worker", str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env={**environment, **_FIXED},
        )
        if sys.platform == "linux":
            with suppress(OSError):  # a user may have so many bytes of pipes; it goes on with a small one
                fcntl.fcntl(self._out, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, facts: dict[str, Any], data: bytes = b"") -> None:
        try:
            self._in.write(json.dumps(facts).encode() + b"\n")
            self._in.write(data)
            self._in.flush()
        except OSError as error:
            raise _Gone from error

    def receive(self) -> dict[str, Any]:
        try:
            facts = json.loads(self._out.readline(_LONGEST_LINE))
        except (OSError, ValueError) as error:  # nothing comes from a dead one
            raise _Gone from error
        if not isinstance(facts, dict):
            raise _Gone
        return facts

    def receive_into(self, buffer: memoryview) -> None:
        while buffer:
            count = self._out.readinto(buffer)  # type: ignore[attr-defined]
            if not count:
                raise _Gone
            buffer = buffer[count:]

    @contextmanager
    def deadline(self) -> Iterator[None]:
        """Ends it when what is done inside takes too long, or when it does not answer as agreed."""
        timer = threading.Timer(_WALL_SECONDS, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (_Gone, KeyError, TypeError, ValueError) as error:
            self.end()
            raise _Gone from error
        finally:
            timer.cancel()

    def end(self) -> None:
        """Whatever it does. One that ended before, by itself, is written down: without the file's name."""
        if ended := self._process.poll():
            _log.warning("A reading process was ended by a file (%s).", _how(ended))
        self._process.kill()
        self._process.wait()
        self._out.close()
        with suppress(OSError):  # what was not sent yet is for nobody
            self._in.close()

    @property
    def _in(self) -> IO[bytes]:
        return self._process.stdin  # type: ignore[return-value]

    @property
    def _out(self) -> IO[bytes]:
        return self._process.stdout  # type: ignore[return-value]


class Decoders:
    """Processes that wait for images to decode."""

    def __init__(self, size: int = DECODERS) -> None:
        self._idle: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        for _ in range(size):
            self._idle.put(_Process(DECODING_MEGABYTES))

    def decode(self, source: bytes | Path, origin: str | None = None, *, claims: bool = False) -> Image:
        """As fingerprints.images.image.decode. Raises ImageError, also when the file takes too much memory or time;
        what the file says of itself is given up alone."""
        process = self._idle.get()
        try:
            if process is None or not process.alive:
                process = _Process(DECODING_MEGABYTES)
            return _decoded(process, source, origin, claims)
        except OSError as error:
            raise ImageError(_NO_PROCESS.of(name=origin or "the upload")) from error
        finally:
            self._idle.put(self._replaced(process))

    def _replaced(self, process: _Process | None) -> _Process | None:
        """A new one is started at once, so that the next visitor does not wait for it."""
        if process is not None and process.alive:
            return process
        try:
            return _Process(DECODING_MEGABYTES)
        except OSError:
            return None  # the machine has no process to spare now; it is tried again when it is needed

    def close(self) -> None:
        while not self._idle.empty():
            if process := self._idle.get():
                process.end()


def _decoded(process: _Process, source: bytes | Path, origin: str | None, claims: bool) -> Image:
    if isinstance(source, bytes):
        name, data = origin or "the upload", source
        request: dict[str, Any] = {"name": name, "bytes": len(source), "claims": claims}
    else:
        name, data = origin or source.name, b""
        request = {"name": name, "bytes": None, "path": os.path.abspath(source), "claims": claims}
    try:
        with process.deadline():
            process.send(request, data)
            facts = process.receive()
            refusal = _words(facts["error"]) if "error" in facts else None
            image = None if refusal is not None else _image(process, facts, name)
    except _Gone as error:
        raise ImageError(_too_much(name, DECODING_MEGABYTES)) from error
    if image is None:
        raise ImageError(refusal)
    return replace(image, claims=_claims(process)) if claims else image


def _image(process: _Process, facts: dict[str, Any], name: str) -> Image:
    """Takes the pixels. Raises ValueError, TypeError or KeyError when the facts are not those of an image."""
    height, width, channels = map(int, facts["shape"])
    if channels != 3 or min(height, width) < 1 or height * width > MAX_PIXELS:
        raise ValueError(f"{height} x {width} x {channels} are no image's")
    pixels = np.empty((height, width, 3), np.uint8)
    process.receive_into(pixels.data.cast("B"))
    notes = tuple(map(_words, facts["notes"]))
    return Image(pixels, name, str(facts["format"]), int(facts["n_bytes"]), notes=notes)


def _words(facts: Any) -> str:
    """A sentence, or any text. Raises as ``unpacked`` does."""
    return unpacked(facts) if isinstance(facts, dict) else str(facts)


def _claims(process: _Process) -> tuple[Claim, ...]:
    """What comes after the pixels; metadata that ends the process is said to be unread."""
    try:
        with process.deadline():
            parts = process.receive()["claims"][:MOST_CLAIMS]
            return tuple(
                claim(str(one["source"]), str(one["signed"]), _words(one["says"]), str(one["detail"])) for one in parts
            )
    except _Gone:
        return (UNREAD,)


def _how(returned: int) -> str:
    return signal.Signals(-returned).name if returned < 0 else f"exit code {returned}"


def _too_much(name: str, megabytes: int) -> Sentence:
    return said(
        "{name} could not be read with {seconds} seconds and {megabytes} MB of memory, so it was given up: it is "
        "damaged, made to do harm, or large in a format that is slow to read. Save the picture again as plain PNG or "
        "JPEG.",
        name=name,
        seconds=CPU_SECONDS,
        megabytes=Grouped(megabytes),
    )


# The pool that the app shares.

_guard = threading.Lock()
_shared: list[Decoders] = []


def decoders() -> Decoders:
    """The app's own, started on first use."""
    with _guard:
        if not _shared:
            _shared.append(Decoders())
            atexit.register(_shared[0].close)
        return _shared[0]


def decode_apart(source: bytes | Path, origin: str | None = None, *, claims: bool = False) -> Image:
    """As fingerprints.images.image.decode, in another process. Raises ImageError."""
    return decoders().decode(source, origin, claims=claims)


# Parquet: what Arrow allocates is not in our hands, so it is read there too, by a process of its own.


def read_parquet_apart(path: Path, column: str, meter: Meter) -> Iterator[Found]:
    """As registry.intake.sources.rows.read_parquet, in another process."""
    name = printable(path.name)
    try:
        process = _Process(PARQUET_MEGABYTES)
    except OSError as error:
        raise IntakeError(_NO_PROCESS.of(name=name)) from error
    state = {"wanted": meter.wanted, "files": meter.files, "read": meter.bytes, "limits": asdict(meter.limits)}
    try:
        with process.deadline():
            process.send({"parquet": os.path.abspath(path), "column": column, **state})
        while (found := _next_row(process)) is not None:
            meter.count_file(found.origin)
            if isinstance(found, Encoded):
                meter.count_bytes(len(found.data), found.origin)
            yield found
    except _Gone as error:
        raise IntakeError(_too_much(name, PARQUET_MEGABYTES)) from error
    finally:
        process.end()


def _next_row(process: _Process) -> Found | None:
    with process.deadline():
        facts = process.receive()
        if "refused" not in facts:
            return _row(process, facts)
        refusal = None if facts["refused"] is None else _words(facts["refused"])
    if refusal is not None:
        raise IntakeError(refusal)
    return None


def _row(process: _Process, facts: dict[str, Any]) -> Found:
    origin = printable(str(facts["origin"]))
    if "reason" in facts:
        return Unreadable(origin, _words(facts["reason"]))
    data = bytearray(min(int(facts["bytes"]), MAX_BYTES))
    process.receive_into(memoryview(data))
    content = facts["content"]
    return Encoded(origin, bytes(data), None if content is None else str(content))
