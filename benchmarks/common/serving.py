"""An app of its own for a benchmark: started, awaited, and ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

BARE = "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Markdown('bare')\ndemo.launch(ssr_mode=False)"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = 120  # to the first answer
_EVERY = 0.02


@dataclass(frozen=True)
class Served:
    """A server that answers at ``url``, the ``seconds`` until it did, and its process."""

    url: str
    seconds: float
    pid: int


@contextmanager
def served(command: Sequence[str], registry: Path, folder: Path = _ROOT, **variables: str) -> Iterator[Served]:
    """``command``, run in a folder, the project's, serves with that registry and those environment variables."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        "FINGERPRINT_REGISTRY": str(registry),
        **variables,
    }
    url, start = f"http://127.0.0.1:{port}", time.perf_counter()
    server = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not _answers(url):
            if server.poll() is not None or time.perf_counter() - start > _SECONDS:
                raise SystemExit("the server did not start")
            time.sleep(_EVERY)
        yield Served(url, time.perf_counter() - start, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=30)


def find_chromium() -> str | None:
    return next((path for name in _CHROMIUM if (path := shutil.which(name))), None)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/", timeout=5):
            return True
    except OSError:
        return False
