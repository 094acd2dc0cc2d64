"""What a visitor waits for: an upload on the start page, in Chromium."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from ..common.serving import Served, find_chromium

_UPLOADS = 6  # of each picture; the first, which warms the server up, does not count
SEEN = {
    "first evidence": ".fp-answer .fp-bar",
    "the answer": ".fp-answer[data-state=final]",
    "with its stability": ".fp-stability[data-state=done]",
}


def visit(server: Served, picture: Path, large: Path) -> dict[str, float]:
    """Milliseconds after an upload, and the server's peak memory in MB; nothing without Chromium."""
    executable = find_chromium()
    if executable is None:
        return {}
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        times = [_shown(browser, server.url, picture) for _ in range(_UPLOADS)][1:]
        of_large = [_shown(browser, server.url, large)[-1] for _ in range(_UPLOADS)][1:]
        browser.close()
    status = Path(f"/proc/{server.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return {
        **dict(zip(SEEN, (1000 * np.median(times, axis=0)).tolist(), strict=True)),
        "with its stability, of a 1,024 px image": 1000 * statistics.median(of_large),
        "peak memory of the server, MB": int(peak.split()[1]) / 1000,
    }


def _shown(browser: Any, url: str, picture: Path) -> list[float]:
    """Seconds from the upload until each of ``SEEN`` is there."""
    page = browser.new_page()
    page.goto(f"{url}/")
    page.wait_for_selector("#drop input[type=file]", state="attached")
    start, found = time.perf_counter(), []
    page.set_input_files("#drop input[type=file]", picture)
    for seen in SEEN.values():
        page.wait_for_selector(seen)
        found.append(time.perf_counter() - start)
    page.close()
    return found
