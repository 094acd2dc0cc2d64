"""What was done to a registry, when and by whom: one JSON object a line in ``audit.jsonl``, never rewritten."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

_NAME = "audit.jsonl"


def now() -> str:
    """UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def note(folder: Path, action: str, **facts: str) -> None:
    """Write one line down, on the disk before this returns. Raises OSError."""
    line = {"time": now(), "action": action, **facts}
    handle = os.open(folder / _NAME, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        # One write, so that lines of two programs do not mix; a line break first ends what a crash left half written.
        os.write(handle, b"\n" + json.dumps(line, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def notes(folder: Path) -> Iterator[dict[str, str]]:
    """Every line, the oldest first; what is no whole line is passed over."""
    try:
        lines = (folder / _NAME).read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return
    for line in filter(None, lines):
        try:
            facts = json.loads(line)
        except ValueError:
            continue
        if isinstance(facts, dict):
            yield {str(key): str(value) for key, value in facts.items()}
