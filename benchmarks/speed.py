"""Times and memory: ``python -m benchmarks.speed``. Medians, each beside a floor or a peer of the same run.

One 512 px image through all spaces against the embedded registry, beside decoding it and one FFT; the server's start
beside a bare Gradio app's; first evidence on the page after an upload (needs Chromium); peak memory of the server.
"""

from __future__ import annotations

import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np

from fingerprints.images import decode, jpeg_bytes
from registry.identify import identify
from registry.store import Store

from .data import package_photos

_RUNS = 15
_BARE = "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Markdown('bare')\ndemo.launch(ssr_mode=False)"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    photo = max(package_photos(), key=lambda image: image.shorter_side)
    data = jpeg_bytes(np.ascontiguousarray(photo.pixels[:512, :512]), 90)
    with tempfile.TemporaryDirectory() as scratch:
        snapshot = Store(Path(scratch) / "registry").snapshot()
        whole = _median(lambda: list(identify(snapshot, decode(data))))
        floor = _median(lambda: np.fft.rfft2(decode(data).pixels.astype(np.float32), axes=(0, 1)))
        print(f"identify a 512 px image, warm: {whole:.0f} ms; floor, decoding and one FFT: {floor:.0f} ms")
        picture = Path(scratch) / "picture.jpg"
        picture.write_bytes(data)
        bare, _ = _served([sys.executable, "-c", _BARE], Path(scratch), None)
        ready, told = _served([sys.executable, "app.py"], Path(scratch), picture)
        print(f"server ready: {ready:.1f} s; a bare Gradio app: {bare:.1f} s")
        print(told or "first evidence: not measured, no Chromium here")


def _median(act: Callable[[], object]) -> float:
    """Milliseconds, after two runs that warm up."""
    times = []
    for _ in range(_RUNS + 2):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[2:])


def _served(command: list[str], scratch: Path, picture: Path | None) -> tuple[float, str]:
    """(seconds until the server answers, what a visit in a browser showed)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        "FINGERPRINT_REGISTRY": str(scratch / "registry"),
    }
    start = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not _answers(port):
            if server.poll() is not None or time.perf_counter() - start > 60:
                raise SystemExit("the server did not start")
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        return seconds, _visit(port, picture, server.pid) if picture else ""
    finally:
        server.terminate()
        server.wait(timeout=20)


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
            return True
    except OSError:
        return False


def _visit(port: int, picture: Path, pid: int) -> str:
    """Upload the picture five times; the first visit, which warms the server up, does not count."""
    browser_path = next((path for name in _CHROMIUM if (path := shutil.which(name))), None)
    if browser_path is None:
        return ""
    from playwright.sync_api import sync_playwright

    first, final = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for _ in range(6):
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_selector("#drop input[type=file]", state="attached")
            start = time.perf_counter()
            page.set_input_files("#drop input[type=file]", picture)
            page.wait_for_selector(".fp-answer .fp-bar")
            first.append(time.perf_counter() - start)
            page.wait_for_selector(".fp-answer[data-state=final]")
            final.append(time.perf_counter() - start)
            page.close()
        browser.close()
    peak = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    return (
        f"first evidence after an upload: {1000 * statistics.median(first[1:]):.0f} ms; "
        f"the whole answer: {1000 * statistics.median(final[1:]):.0f} ms\n"
        f"peak memory of the server: {int(peak.split()[1]) / 1000:.0f} MB"
    )


if __name__ == "__main__":
    main()
