"""Many visitors at once, on this machine: ``python -m benchmarks.hostile.visitors``, when it has nothing else to do.

The app runs as it would in public. First one visitor alone asks for one answer after another, then ``--visitors`` ask
at the same time, each with an address and pictures of their own: every request must be answered or politely refused,
every answer must be the one that the picture gets alone, and the server's memory must stay where it is.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from fingerprints.images.image import jpeg_bytes

from ..common.data import package_photos
from ..common.serving import Served, served
from .__main__ import RESULTS, keep

_PICTURES, _SIDE = 12, 256
_LONGEST = 300.0  # seconds for one answer, waiting in line included
_EVERY = 1.0  # seconds between two looks at the memory


@dataclass
class Tally:
    """What the visitors got. ``seconds``: of each answer, from the upload to its end; ``wrong``: what may not be."""

    answered: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # (seconds since the start, MB)
    guard: threading.Lock = field(default_factory=threading.Lock, repr=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visitors", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=300.0, help="how long they come (default: 300)")
    parser.add_argument("--alone", type=float, default=60.0, help="how long the one comes before (default: 60)")
    parser.add_argument("--json", type=Path, help=f"write the figures there too, for example {RESULTS.name}")
    arguments = parser.parse_args()
    facts = run(arguments.visitors, arguments.seconds, arguments.alone)
    print(json.dumps(facts, indent=1))
    if arguments.json:
        keep(arguments.json, "visitors", facts)
    if facts["wrong"]:
        raise SystemExit(1)


def run(visitors: int, seconds: float, alone: float) -> dict[str, Any]:
    """The figures of one run against an app of its own."""
    pictures = _pictures()
    with tempfile.TemporaryDirectory() as scratch, _as_in_public(Path(scratch)) as server:
        url, pid = server.url, server.pid
        expected = [_ask(url, picture, f"warm-{n}.jpg", "10.0.0.1") for n, picture in enumerate(pictures)]
        one = _crowd(url, pid, pictures, expected, 1, alone)
        many = _crowd(url, pid, pictures, expected, visitors, seconds)
    rates = [tally.answered / span for tally, span in ((one, alone), (many, seconds))]
    first, last = _ends(many.memory)
    return {
        "visitors": visitors,
        "seconds": seconds,
        "answered": many.answered,
        "politely refused": dict(many.refused),
        "wrong": one.wrong + many.wrong,
        "answers a second, one visitor alone": round(rates[0], 3),
        "answers a second, all of them": round(rates[1], 3),
        "share of what one alone gets": round(rates[1] / max(rates[0], 1e-9), 3),
        "median wait for an answer, s": round(statistics.median(many.seconds or [0.0]), 1),
        "longest, s": round(max(many.seconds, default=0.0), 1),
        "memory of the server, first minute, MB": round(first),
        "last minute, MB": round(last),
        "last to first": round(last / max(first, 1e-9), 3),
    }


def _pictures() -> list[bytes]:
    """Different crops of the photographs that installed packages bring."""
    photos = [photo.pixels for photo in package_photos() if photo.shorter_side >= _SIDE]
    found = []
    for number in range(_PICTURES):
        photo = photos[number % len(photos)]
        top = (8 * number) % (photo.shape[0] - _SIDE + 1)
        found.append(jpeg_bytes(np.ascontiguousarray(photo[top : top + _SIDE, -_SIDE:]), 90))
    return found


def _as_in_public(scratch: Path) -> AbstractContextManager[Served]:
    """The app behind one proxy that says who asks."""
    app, uploads = [sys.executable, "app.py"], str(scratch / "uploads")
    return served(app, scratch / "registry", GRADIO_TEMP_DIR=uploads, FINGERPRINT_PROXIES="1")


def _crowd(
    url: str, pid: int, pictures: Sequence[bytes], expected: Sequence[dict[str, Any]], visitors: int, seconds: float
) -> Tally:
    """So many visitors, each asking again as soon as they are answered, for so long."""
    tally, start = Tally(), time.monotonic()
    threads = [
        threading.Thread(target=_visit, args=(url, number, pictures, expected, start + seconds, tally))
        for number in range(visitors)
    ]
    for thread in threads:
        thread.start()
    while time.monotonic() < start + seconds:
        tally.memory.append((time.monotonic() - start, _megabytes(pid)))
        time.sleep(_EVERY)
    answered = tally.answered  # what is answered later was asked for in time, but does not count for the rate
    for thread in threads:
        thread.join(_LONGEST)
    tally.wrong += ["a visitor still waits"] * sum(thread.is_alive() for thread in threads)
    tally.answered = answered
    return tally


def _visit(
    url: str,
    number: int,
    pictures: Sequence[bytes],
    expected: Sequence[dict[str, Any]],
    until: float,
    tally: Tally,
) -> None:
    turn = number
    while time.monotonic() < until:
        which, name, start = turn % len(pictures), f"visitor-{number}-{turn}.jpg", time.monotonic()
        turn += 1
        try:
            answer = _ask(url, pictures[which], name, f"10.1.{number // 250}.{number % 250}")
        except httpx.HTTPError as error:
            with tally.guard:
                tally.wrong.append(f"no answer: {type(error).__name__} {error}")
            continue
        with tally.guard:
            _judge(answer, expected[which], name, time.monotonic() - start, tally)
        if "refused" in answer:
            time.sleep(1.0)


def _judge(answer: dict[str, Any], expected: dict[str, Any], name: str, seconds: float, tally: Tally) -> None:
    if "refused" in answer or "error" in answer:
        said = str(answer.get("refused") or answer["error"])
        tally.refused[said] += 1
        if not said.endswith("."):
            tally.wrong.append(f"no polite refusal: {said}")
        return
    tally.answered += 1
    tally.seconds.append(seconds)
    if {**answer, "file": ""} != {**expected, "file": ""} or answer["file"] != name:
        tally.wrong.append(f"{name} got the answer of {answer.get('file')}: {str(answer)[:200]}")


def _ask(url: str, picture: bytes, name: str, address: str) -> dict[str, Any]:
    """Upload, join the queue and read to the end: the last answer, or what was said instead."""
    with httpx.Client(base_url=url, headers={"X-Forwarded-For": address}, timeout=_LONGEST) as client:
        sent = client.post("/gradio_api/upload", files={"files": (name, picture, "image/jpeg")})
        if sent.status_code != 200:
            return {"refused": _detail(sent)}
        file = {"path": sent.json()[0], "orig_name": name, "meta": {"_type": "gradio.FileData"}}
        joined = client.post("/gradio_api/call/identify", json={"data": [file, False]})
        if joined.status_code != 200:
            return {"refused": _detail(joined)}
        with client.stream("GET", f"/gradio_api/call/identify/{joined.json()['event_id']}") as stream:
            return _last(stream.iter_lines())


def _last(lines: Iterator[str]) -> dict[str, Any]:
    """Of a stream of server-sent events, what the last one before "complete" holds."""
    answer: dict[str, Any] = {"refused": "The stream ended without an answer"}
    event = ""
    for line in lines:
        if line.startswith("event: "):
            event = line[7:]
        elif line.startswith("data: ") and event in ("generating", "complete"):
            data = json.loads(line[6:])
            answer = data[0] if data and isinstance(data[0], dict) else answer
        elif line.startswith("data: ") and event == "error":
            return {"refused": f"error {line[6:]}"}
    return answer


def _detail(response: httpx.Response) -> str:
    try:
        return str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{response.status_code} {response.text[:100]}"


def _ends(memory: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The median memory of the first minute and of the last one, or of the first and last fifth of a shorter run."""
    length = min(60.0, memory[-1][0] / 5)
    first = [size for at, size in memory if at <= length]
    last = [size for at, size in memory if at >= memory[-1][0] - length]
    return statistics.median(first), statistics.median(last)


def _megabytes(pid: int) -> float:
    """Resident memory of a process and of its children."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    return sum(_resident(one) for one in pids) / 1024


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0  # it has just ended
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    main()
