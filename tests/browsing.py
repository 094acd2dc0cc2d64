"""What the browser tests share: the app in a process of its own, opened pages, and samples to contribute."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.images.image import png_bytes
from generators import crops, transposed_decoder
from loopback_hub.double import Hub
from registries import publish
from registry.storage.store import Store

ROOT = Path(__file__).resolve().parent.parent
UPLOAD = "#drop input[type=file]"
BATCH = "#batch-files input[type=file]"
SAMPLES = "#samples input[type=file]"
FINAL = ".fp-answer[data-state=final]"
TIMEOUT = 120_000  # ms: of the longest step, on a machine three times as slow as most


@contextmanager
def running_app(
    base: Path, environment: Mapping[str, str], program: Sequence[str] = ("app.py",), source: Path = ROOT
) -> Iterator[str]:
    """The address of an app that runs on a registry folder, and keeps its log, below ``base``; from the folder
    ``source``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        **environment,
        "FINGERPRINT_REGISTRY": str(base / "registry"),
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_TEMP_DIR": str(base / "uploads"),
        "GRADIO_ANALYTICS_ENABLED": "False",
    }
    with (base / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, *program], cwd=source, env=settings, stdout=log, stderr=log)
        try:
            _wait_for(f"http://127.0.0.1:{port}/", process, base / "log")
            yield f"http://127.0.0.1:{port}/"
            assert "Traceback" not in (base / "log").read_text(), (base / "log").read_text()[-3000:]
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(240):
        if process.poll() is not None:
            raise RuntimeError(f"the app ended:\n{log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(f"the app did not answer:\n{log.read_text()[-2000:]}")


def opened(page: Any, url: str, selector: str) -> Any:
    page.set_default_timeout(TIMEOUT)
    page.goto(url)
    page.wait_for_selector(selector, state="attached")
    return page


def identified(page: Any, path: Path) -> str:
    """Upload a picture and return the final answer's text; the page may show another answer before."""
    page.set_input_files(UPLOAD, str(path))
    page.wait_for_function(f"document.querySelector('#given').innerText.includes({json.dumps(path.name)})")
    page.wait_for_selector(FINAL)
    return str(page.inner_text(FINAL))


def contributed(page: Any, url: str, samples: Path, name: str) -> None:
    """Give the samples of a folder, wait for the report, and add the generator."""
    opened(page, f"{url}contribute", SAMPLES)
    page.set_input_files(SAMPLES, [str(path) for path in sorted(samples.iterdir())])
    page.click("#compute")
    page.wait_for_selector("#report")
    page.fill("#card-name input, #card-name textarea", name)
    page.click("#add")


@contextmanager
def visiting(browser: Any, url: str, **looks: Any) -> Iterator[Any]:
    """A page in a browser of its own. Whatever it and those that are opened from it ask for, they ask the server at
    ``url``."""
    context, asked = browser.new_context(service_workers="block", **looks), set[str]()
    context.on("request", lambda request: asked.add(request.url))
    try:
        yield context.new_page()
    finally:
        context.close()
    strangers = {one for one in asked if not one.startswith((url, "data:", "blob:"))}
    assert asked and not strangers, f"asked elsewhere than at {url}: {strangers}"


def fits(page: Any) -> bool:
    """Nothing of the page lies beside the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= screen.width"))


@contextmanager
def hub_with(folder: Path) -> Iterator[Hub]:
    """A running double of the Hub that publishes the registry in a folder."""
    hub = Hub()
    publish(hub, Store(folder, builtin=None))
    hub.start()
    yield hub
    hub.stop()


def decoded_zip(target: Path, photos: list[np.ndarray], count: int, side: int = 128) -> Path:
    """Crops of photos through the transposed decoder, as a zip of PNG files."""
    with zipfile.ZipFile(target, "w") as archive:
        for number, photo in enumerate(photos):
            places = ((photo.shape[0] - side) // 16 + 1) * ((photo.shape[1] - side) // 16 + 1)
            for i, crop in enumerate(crops(photo, side, min(count, places), seed=number)):
                archive.writestr(f"{number}-{i:03}.png", png_bytes(transposed_decoder(crop)))
    return target
