"""Times and memory: ``python -m benchmarks.speed``. Medians, each beside a floor or a peer of the same run.

One 512 px image through all spaces against the embedded registry, stage by stage, beside decoding it and one FFT and
beside what others do with it; a folder on one core and two; the command line's start; the server's start beside a bare
Gradio app's; first evidence on the page after an upload (needs Chromium); peak memory of the server.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.attribution.verdict import decide
from fingerprints.baselines.self_descriptions import describe
from fingerprints.images.image import Image, decode, jpeg_bytes, png_bytes
from fingerprints.model.evidence import Evidence
from fingerprints.process import settle
from fingerprints.spaces import get_space
from registry.answers.identify import identify
from registry.storage.snapshot import Collection
from registry.storage.store import Store

from .common.data import package_photos
from .common.group_command import write_figures
from .common.serving import Served, served

_RUNS = 15
_FILES = 50  # real images that the paper's search reads
_FOLDER = 9
_BARE = "import gradio as gr\nwith gr.Blocks() as demo:\n    gr.Markdown('bare')\ndemo.launch(ssr_mode=False)"
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    settle()  # as the app and the command line do
    photo = max(package_photos(), key=lambda image: image.shorter_side)
    data = jpeg_bytes(np.ascontiguousarray(photo.pixels[:512, :512]), 90)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        snapshot = Store(folder / "registry").snapshot()
        whole = _median(lambda: list(identify(snapshot, decode(data))))
        floor = _median(lambda: np.fft.rfft2(decode(data).pixels.astype(np.float32), axes=(0, 1)))
        print(f"identify a 512 px image, warm: {whole:.0f} ms; floor, decoding and one FFT: {floor:.0f} ms", flush=True)
        figures: dict[str, Any] = {"identify": whole, "floor": floor}
        figures["stages"] = stages(snapshot.collection("text-to-image"), data)
        for name, milliseconds in figures["stages"].items():
            print(f"  {name}: {milliseconds:.1f} ms", flush=True)
        figures["peers"] = peers(folder, decode(data))
        for name, milliseconds in figures["peers"].items():
            print(f"{name}: {milliseconds:.0f} ms, {milliseconds / whole:.1f} times as long", flush=True)
        figures["a folder, images a second"] = throughput(folder, data)
        listing = [sys.executable, "-m", "registry", "list", "--registry", str(folder / "registry")]
        figures["list"] = _median(lambda: subprocess.run(listing, check=True, capture_output=True), 5)
        print(f"registry list, as a command: {figures['list']:.0f} ms", flush=True)
        picture, large = folder / "picture.jpg", folder / "large.jpg"
        picture.write_bytes(data)
        large.write_bytes(jpeg_bytes(np.tile(photo.pixels[:512, :512], (2, 2, 1)), 90))
        with served([sys.executable, "-c", _BARE], folder / "registry") as server:
            bare = server.seconds
        with served([sys.executable, "app.py"], folder / "registry") as server:
            ready, told = server.seconds, _visit(server, picture, large)
        print(f"server ready: {ready:.1f} s; a bare Gradio app: {bare:.1f} s")
        print(told or "first evidence: not measured, no Chromium here")
        write_figures(arguments.json, {**figures, "ready": ready, "bare": bare, "page": told})


def stages(collection: Collection, data: bytes) -> dict[str, float]:
    """Milliseconds of each stage of one identification."""
    image, known, calibration = decode(data), collection.known, collection.calibration
    views = collection.form.views(image)
    found = {"decode": _median(lambda: decode(data)), "views": _median(lambda: collection.form.views(image))}
    evidence: dict[str, Evidence] = {}
    for space, reference in collection.references.items():
        embedded = get_space(space).embed(views)
        artifact = reference.view_artifacts(embedded).mean(axis=0)[None]
        count = np.array([len(views)])
        evidence[space] = known[space].weigh(artifact, count)
        found[f"{space}: embed"] = _median(partial(get_space(space).embed, views))
        found[f"{space}: project"] = _median(partial(reference.view_artifacts, embedded))
        found[f"{space}: match"] = _median(partial(known[space].weigh, artifact, count))

    def fuse() -> None:
        decide(calibration.posterior(evidence, collection.offsets), collection.names, collection.families, calibration)

    return {**found, "fuse and decide": _median(fuse)}


def peers(scratch: Path, image: Image) -> dict[str, float]:
    """Milliseconds of what others do with the same image."""
    files = [scratch / f"real-{number}.png" for number in range(_FILES)]
    for file in files:
        file.write_bytes(png_bytes(image.pixels))

    def nearest_file() -> float:
        """The paper's search: the squared distance to every real image, read from its file."""
        query = image.pixels.astype(np.float32)
        return min(float(((decode(file).pixels.astype(np.float32) - query) ** 2).sum()) for file in files)

    return {
        "forensic self-description of the image (fingerprints.baselines)": _median(lambda: describe(image.pixels)),
        f"the nearest of {_FILES} real images, by a loop over their files": _median(nearest_file, 1),
    }


def throughput(scratch: Path, data: bytes) -> dict[str, float]:
    """Images a second of the command ``identify`` over a folder, start-up apart, on one core and on two."""
    several, one = scratch / "several", scratch / "one"
    for folder, count in ((several, _FOLDER), (one, 1)):
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.jpg").write_bytes(data)
    found = {}
    for cores in (1, 2):
        if cores > len(os.sched_getaffinity(0)):
            continue
        seconds = [_identified(folder, scratch, cores) for folder in (several, one)]
        found[f"{cores} cores"] = (_FOLDER - 1) / (seconds[0] - seconds[1])
        print(f"a folder of 512 px images, {cores} of the cores: {found[f'{cores} cores']:.1f} a second")
    return found


def _identified(folder: Path, scratch: Path, cores: int) -> float:
    command = [sys.executable, "-m", "registry", "identify", str(folder), "--registry", str(scratch / "registry")]
    allowed = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, allowed[:cores])  # the command inherits it
    try:
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - start
    finally:
        os.sched_setaffinity(0, allowed)


def _median(act: Callable[[], object], runs: int = _RUNS) -> float:
    """Milliseconds, after two runs that warm up."""
    times = []
    for _ in range(runs + 2):
        start = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - start))
    return statistics.median(times[2:])


def _visit(server: Served, picture: Path, large: Path) -> str:
    """Upload each picture five times; the first visit, which warms the server up, does not count."""
    browser_path = next((path for name in _CHROMIUM if (path := shutil.which(name))), None)
    if browser_path is None:
        return ""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        times = [_shown(browser, server.url, picture) for _ in range(6)]
        of_large = [_shown(browser, server.url, large) for _ in range(6)]
        browser.close()
    first, final, whole = (1000 * np.median([*times[1:]], axis=0)).tolist()
    whole_of_large = 1000 * statistics.median(shown[2] for shown in of_large[1:])
    peak = next(
        line for line in Path(f"/proc/{server.pid}/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return (
        f"first evidence after an upload: {first:.0f} ms; the answer: {final:.0f} ms; with its stability: "
        f"{whole:.0f} ms, of a 1,024 px image {whole_of_large:.0f} ms\n"
        f"peak memory of the server: {int(peak.split()[1]) / 1000:.0f} MB"
    )


def _shown(browser: Any, url: str, picture: Path) -> tuple[float, float, float]:
    """Seconds from the upload to the first evidence, to the answer, and to the last cell of its stability strip."""
    page = browser.new_page()
    page.goto(f"{url}/")
    page.wait_for_selector("#drop input[type=file]", state="attached")
    start, found = time.perf_counter(), []
    page.set_input_files("#drop input[type=file]", picture)
    for seen in (".fp-answer .fp-bar", ".fp-answer[data-state=final]", ".fp-stability[data-state=done]"):
        page.wait_for_selector(seen)
        found.append(time.perf_counter() - start)
    page.close()
    return found[0], found[1], found[2]


if __name__ == "__main__":
    main()
