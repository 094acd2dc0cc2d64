"""Times and memory: ``python -m benchmarks.speed [--against FILE]``. Medians, beside a floor or a peer of the same run.

One 512 px image through all spaces against the embedded registry, stage by stage, beside decoding it and one FFT and
beside what others do with it; a folder on one core and two; a contribution; how long the command line and the server
take to start, beside a bare Gradio app; first evidence on the page after an upload (needs Chromium); peak memory.

``--against`` an earlier --json FILE: exits with 1 where a ratio to a floor or peer has grown by more than a fifth.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.images.image import decode, jpeg_bytes
from fingerprints.process import set_threads_and_memory
from registry.answers.identify import identify
from registry.storage.store import Store

from ..common.data import package_photos
from ..common.group_command import write_figures
from ..common.serving import BARE, served
from .clock import median
from .contributing import IMAGES, SIDE, seconds_of_a_contribution
from .folder import throughput
from .one_image import peers, stages
from .page import visit
from .ratios import ratios_of, regressions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--against", type=Path, help="figures of an earlier run, whose ratios must not get much worse")
    arguments = parser.parse_args()
    earlier = json.loads(arguments.against.read_text())["ratios"] if arguments.against else {}
    set_threads_and_memory()  # as the app and the command line do
    with tempfile.TemporaryDirectory() as scratch:
        figures = measured(Path(scratch))
    figures["ratios"] = ratios_of(figures)
    for name, ratio in figures["ratios"].items():
        print(f"{name}: {ratio:.1f}")
    write_figures(arguments.json, figures)
    if worse := regressions(figures["ratios"], earlier):
        raise SystemExit("\n".join(["slower than before:", *worse]))


def measured(folder: Path) -> dict[str, Any]:
    """All figures, printed as they come."""
    photos = package_photos()
    photo = max(photos, key=lambda image: image.shorter_side)
    data = jpeg_bytes(np.ascontiguousarray(photo.pixels[:512, :512]), 90)
    snapshot = Store(folder / "registry").snapshot()
    collection = snapshot.collection("text-to-image")
    figures: dict[str, Any] = {
        "identify": median(lambda: list(identify(snapshot, decode(data)))),
        "floor": median(lambda: np.fft.rfft2(decode(data).pixels.astype(np.float32), axes=(0, 1))),
    }
    whole, floor = figures["identify"], figures["floor"]
    print(f"identify a 512 px image, warm: {whole:.0f} ms; floor, decoding and one FFT: {floor:.0f} ms", flush=True)
    figures["stages"] = stages(collection, data)
    for name, milliseconds in figures["stages"].items():
        print(f"  {name}: {milliseconds:.1f} ms", flush=True)
    figures["peers"] = peers(folder, decode(data), collection)
    for name, milliseconds in figures["peers"].items():
        print(f"{name}: {milliseconds:.0f} ms, {milliseconds / whole:.1f} times as long", flush=True)
    figures["contribution"] = 1000 * seconds_of_a_contribution(photos, collection) / IMAGES
    print(f"contribute {IMAGES} images of {SIDE} px, processor time: {figures['contribution'] * IMAGES / 1000:.0f} s")
    figures["a folder, images a second"] = throughput(folder, data)
    listing = [sys.executable, "-m", "registry", "list", "--registry", str(folder / "registry")]
    figures["list"] = median(lambda: subprocess.run(listing, check=True, capture_output=True), 5)
    print(f"registry list, as a command: {figures['list']:.0f} ms", flush=True)
    return {**figures, **_served(folder, data, jpeg_bytes(np.tile(photo.pixels[:512, :512], (2, 2, 1)), 90))}


def _served(folder: Path, data: bytes, large_data: bytes) -> dict[str, Any]:
    """The server's start beside that of a bare Gradio app, and what a visitor waits for."""
    picture, large = folder / "picture.jpg", folder / "large.jpg"
    picture.write_bytes(data)
    large.write_bytes(large_data)
    with served([sys.executable, "-c", BARE], folder / "registry") as server:
        bare = server.seconds
    with served([sys.executable, "app.py"], folder / "registry") as server:
        ready, on_the_page = server.seconds, visit(server, picture, large)
    print(f"server ready: {ready:.1f} s; a bare Gradio app: {bare:.1f} s")
    for name, figure in on_the_page.items():
        print(f"{name if 'MB' in name else f'{name} after an upload, ms'}: {figure:.0f}")
    if not on_the_page:
        print("on the page: not measured, no Chromium here")
    return {"ready": ready, "bare": bare, "page": on_the_page}


if __name__ == "__main__":
    main()
