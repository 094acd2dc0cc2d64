"""How long a page takes to open, beside a bare Gradio page: ``python -m tests.opening``. Medians, in a real browser."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))  # tests import each other by name

from playwright.sync_api import sync_playwright

from benchmarks.common.serving import BARE
from benchmarks.pages import SHOWN
from browsing import running_app
from conftest import CHROMIUM_ARGS, find_chromium

_VISITS = 7


def main() -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("no Chromium found: install the package chromium")
    with tempfile.TemporaryDirectory(prefix="manifpt-opening-") as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_ARGS)
        settings = {**os.environ, "HF_HUB_OFFLINE": "1"}
        with running_app(Path(scratch), settings, ("-c", BARE)) as url:
            print(f"a bare Gradio page: {opening(browser, url, '.prose'):.2f} s")
        with running_app(Path(scratch), settings) as url:
            for path, selector in SHOWN.items():
                print(f"/{path}: {opening(browser, url + path, selector):.2f} s")
        browser.close()


def opening(browser: Any, url: str, selector: str) -> float:
    """The median over visitors, each with an empty cache; the first one, who warms the server, does not count."""
    seconds = []
    for _ in range(_VISITS + 1):
        context = browser.new_context()
        page = context.new_page()
        started = time.perf_counter()
        page.goto(url)
        page.wait_for_selector(selector, state="attached")
        seconds.append(time.perf_counter() - started)
        context.close()
    return statistics.median(seconds[1:])


if __name__ == "__main__":
    main()
