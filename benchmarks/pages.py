"""What the pages cost on a phone: ``python -m benchmarks.pages``. Each page beside a bare Gradio app of the same run.

Chromium as a phone of 390 x 844 points at three pixels each, four times slower than this machine, on a line of
1.6 Mbit/s with 150 ms. For each page: bytes as they travelled and requests; first and largest contentful paint; the sum
of layout shifts; the time until what the visitor came for is there and the page answers again; the rules of axe-core
that it breaks. Times are medians over visitors, each with an empty cache.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .common.group_command import write_figures
from .common.serving import BARE, find_chromium, served

# The browser tests bring axe-core along; it is read as a file.
_AXE = Path(__file__).resolve().parents[1] / "tests" / "axe" / "axe.min.js"
_PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
}
_SLOWER, _QUIET = 4, 2000  # times; milliseconds without anything more to load
_LINE = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}  # bytes a second
# What the visitor came for, by the page's path.
SHOWN = {
    "": "#examples button",
    "batch": "#batch-files",
    "gallery": ".fp-tile",
    "gallery?view=map&collection=faces-64": ".fp-point",
    "gallery?view=compare&collection=text-to-image": ".fp-compare",
    "gallery?generator=text-to-image/kandinsky-3": "article",
    "contribute": "#samples",
    "registry": "#registry table",
    "about": "#about-map .fp-map",
    "programs": "#sample-python pre",
}
_WATCH = """
window.seen = {first: 0, largest: 0, shift: 0};
const watch = (type, note) => new PerformanceObserver(list => list.getEntries().forEach(note))
  .observe({type, buffered: true});
watch('paint', entry => { if (entry.name === 'first-contentful-paint') seen.first = entry.startTime; });
watch('largest-contentful-paint', entry => { seen.largest = entry.startTime; });
watch('layout-shift', entry => { if (!entry.hadRecentInput) seen.shift += entry.value; });
"""
# After two frames and a turn of the page's own work, it answers.
_USABLE = """selector => new Promise(done => {
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(performance.now()))))
    : setTimeout(look, 20);
  look();
})"""
_EXAMINE = "async () => (await axe.run({resultTypes: ['violations']})).violations.map(v => `${v.id} (${v.impact})`)"


@dataclass
class Visit:
    """Milliseconds, kilobytes as they travelled, and the rules that the page breaks."""

    kilobytes: float = 0.0
    requests: int = 0
    first_paint: float = 0.0
    largest_paint: float = 0.0
    layout_shift: float = 0.0
    usable: float = 0.0
    violations: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--visits", type=int, default=3, help="of each page (default: 3)")
    arguments = parser.parse_args()
    executable = find_chromium()
    if executable is None:
        parser.error("no Chromium found: install the package chromium")
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        registry = Path(scratch) / "registry"
        print(f"{'':46} {'kB':>7} {'requests':>8} {'FCP':>6} {'LCP':>6} {'shift':>6} {'usable':>7}  axe")
        with served([sys.executable, "-c", BARE], registry) as server:
            figures = {"bare": told("a bare Gradio page", browser, f"{server.url}/", ".prose", arguments.visits)}
        with served([sys.executable, "app.py"], registry) as server:
            for path, selector in SHOWN.items():
                figures[f"/{path}"] = told(f"/{path}", browser, f"{server.url}/{path}", selector, arguments.visits)
        browser.close()
    write_figures(arguments.json, {name: vars(visit) for name, visit in figures.items()})


def told(name: str, browser: Any, url: str, selector: str, visits: int) -> Visit:
    """The median of the visits, the first of which warms the server, as a line."""
    median = _median([visited(browser, url, selector) for _ in range(visits)])
    print(
        f"{name:46} {median.kilobytes:7.0f} {median.requests:8.0f} {median.first_paint / 1000:5.1f}s "
        f"{median.largest_paint / 1000:5.1f}s {median.layout_shift:6.3f} {median.usable / 1000:6.1f}s  "
        f"{', '.join(median.violations) or 'nothing'}",
        flush=True,
    )
    return median


def visited(browser: Any, url: str, selector: str) -> Visit:
    """One visitor with an empty cache, who stays until nothing more is loaded."""
    context = browser.new_context(**_PHONE)
    page, visit = context.new_page(), Visit()
    _slow_down(context.new_cdp_session(page), visit)
    page.add_init_script(_WATCH)
    page.goto(url, wait_until="commit")
    visit.usable = page.evaluate(_USABLE, selector)
    before = (-1, 0.0)
    while before != (visit.requests, visit.kilobytes):  # a line that Gradio keeps open is never idle
        before = visit.requests, visit.kilobytes
        page.wait_for_timeout(_QUIET)
    seen = page.evaluate("seen")
    visit.first_paint, visit.largest_paint, visit.layout_shift = seen["first"], seen["largest"], seen["shift"]
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    visit.violations = page.evaluate(_EXAMINE)
    context.close()
    return visit


def _slow_down(session: Any, visit: Visit) -> None:
    """A slow processor on a slow line, whose traffic is counted."""

    def asked(event: dict[str, Any]) -> None:
        visit.requests += not event["request"]["url"].startswith("data:")

    def loaded(event: dict[str, Any]) -> None:
        visit.kilobytes += event["encodedDataLength"] / 1000

    session.on("Network.requestWillBeSent", asked)
    session.on("Network.loadingFinished", loaded)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", _LINE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})


def _median(visits: list[Visit]) -> Visit:
    keys = ("kilobytes", "requests", "first_paint", "largest_paint", "layout_shift", "usable")
    found = {key: round(statistics.median(getattr(visit, key) for visit in visits), 3) for key in keys}
    return Visit(**found, violations=visits[-1].violations)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
