"""The process in which strangers' files are read: ``python -m registry.intake.sandbox_worker MEGABYTES`` (see
sandbox.py).

It answers requests from stdin on stdout, may use so much memory and so many seconds a request, and can write no file.
A message is one line of JSON, followed by as many bytes as it says.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import IO, Any

from fingerprints.claims import UNREAD, read_claims
from fingerprints.images.image import ImageError, decode
from fingerprints.sentence import packed

from .sources.common import Encoded, IntakeError, Limits, Meter, printable
from .sources.rows import read_parquet

CPU_SECONDS = 4


def main() -> None:
    _bound(int(sys.argv[1]))
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while line := requests.readline():
        _allow_time()
        request = json.loads(line)
        if "parquet" in request:
            _read_rows(request, answers)
        else:
            _decode(request, requests, answers)


def _bound(megabytes: int) -> None:
    if sys.platform == "linux":  # elsewhere the address space cannot be limited
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _allow_time() -> None:
    """CPU_SECONDS from now on, or this process ends. Of CPU time, so that a busy machine refuses nothing."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + CPU_SECONDS, most))


def _decode(request: dict[str, Any], requests: IO[bytes], answers: IO[bytes]) -> None:
    size = request["bytes"]
    source = Path(request["path"]) if size is None else requests.read(size)
    try:
        image = decode(source, request["name"])
    except ImageError as error:
        _answer(answers, {"error": packed(error.sentence)})
        return
    facts = {"format": image.format, "n_bytes": image.n_bytes, "notes": [packed(note) for note in image.notes]}
    _answer(answers, {"shape": image.pixels.shape, **facts}, image.pixels.data)
    del image
    if request["claims"]:
        _read_claims(source, answers)


def _read_claims(source: Path | bytes, answers: IO[bytes]) -> None:
    """After the pixels, and with time of its own: metadata that exhausts or crashes this process costs no picture."""
    _allow_time()
    try:
        claims = read_claims(source if isinstance(source, bytes) else source.read_bytes())
    except MemoryError:
        claims = (UNREAD,)
    _answer(answers, {"claims": [{**one.to_json(), "says": packed(one.says)} for one in claims]})


def _read_rows(request: dict[str, Any], answers: IO[bytes]) -> None:
    """Each row's image, or why it cannot be used; at last ``refused``, with the reason if there is one."""
    meter = Meter(Limits(**request["limits"]), request["wanted"])
    meter.files, meter.bytes = request["files"], request["read"]
    refused = None
    try:
        for found in read_parquet(Path(request["parquet"]), request["column"], meter):
            if isinstance(found, Encoded):
                facts = {"origin": found.origin, "content": found.content, "bytes": len(found.data)}
                _answer(answers, facts, found.data)
            else:
                _answer(answers, {"origin": found.origin, "reason": packed(found.reason)})
            _allow_time()
    except IntakeError as error:
        refused = packed(error.sentence)
    except MemoryError:
        name = printable(Path(request["parquet"]).name)
        refused = f"{name} needs more memory than it may have. Store fewer images in each row group."
    _answer(answers, {"refused": refused})


def _answer(answers: IO[bytes], facts: dict[str, Any], data: bytes | memoryview = b"") -> None:
    answers.write(json.dumps(facts).encode() + b"\n")
    answers.write(data)
    answers.flush()


if __name__ == "__main__":
    main()
