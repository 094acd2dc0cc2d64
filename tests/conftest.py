"""Real photos from installed packages, and a real browser that may talk to this machine alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

if "PYTEST_XDIST_WORKER" in os.environ:
    # One of several processes that test at the same time: with more threads than cores, they would wait for each other.
    # Read when numpy and torch are imported, so before them; what the tests start inherits it.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from fingerprints.images.image import decode
from loopback_hub.fixture import hub  # noqa: F401  a fixture
from registry.contributions.batch import Batch, read_batch
from registry.intake.samples import read_samples
from registry.storage.store import Store
from small import COLLECTION, NEWCOMER, Small, build_small, install_preset, remove_preset

GRADIO_PHOTOS = ("cheetah.jpg", "groot.jpeg", "tower.jpg", "lion.jpg", "cheetah1.jpg")
SCIKIT_PHOTOS = ("china.jpg", "flower.jpg")
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for others fails on a machine that stands still for seconds: it has one more try, shown as R. All
    else fails at once, so that a test that fails now and then is seen."""
    for item in items:
        if item.get_closest_marker("waits") or item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def package_folder(name: str) -> Path:
    """Where an installed package lies, found without importing it (gradio takes seconds to import)."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {name} is not installed")
    return Path(spec.origin).parent


def package_photos() -> list[Path]:
    """Seven photographs, 256 px to 910 px, as the JPEG files that gradio and scikit-learn ship."""
    gradio, sklearn = package_folder("gradio"), package_folder("sklearn")
    return [gradio / "media_assets" / "images" / name for name in GRADIO_PHOTOS] + [
        sklearn / "datasets" / "images" / name for name in SCIKIT_PHOTOS
    ]


@pytest.fixture(scope="session")
def photo_paths() -> list[Path]:
    return package_photos()


@pytest.fixture(scope="session")
def photos(photo_paths: list[Path]) -> list[np.ndarray]:
    """The same photographs, decoded: uint8 (height, width, 3), read-only because the session shares them."""
    pixels = [decode(path).pixels.copy() for path in photo_paths]
    for photo in pixels:
        photo.setflags(write=False)
    return pixels


@pytest.fixture(scope="session")
def scene() -> np.ndarray:
    """Shapes in all sizes with a little noise, as a camera sees them: (320, 320, 3)."""
    rng = np.random.default_rng(0)
    layers = [gaussian_filter(rng.normal(size=(320, 320)), width) * width for width in (0.6, 1.5, 4, 12)]
    grey = 128 + 22 * sum(layers[1:], start=layers[0])
    return np.clip(grey[:, :, None] + rng.normal(0, 2, (320, 320, 3)) + 0.5, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def small(photos: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    """A small real registry, built once; see small.py. Tests that change a registry take ``small_store``."""
    install_preset()
    yield build_small(tmp_path_factory.mktemp("small"), photos)
    remove_preset()


@pytest.fixture
def small_store(small: Small, tmp_path: Path) -> Store:
    """A copy of the small registry that a test may change."""
    return Store(shutil.copytree(small.folder, tmp_path / "registry"), builtin=None)


@pytest.fixture(scope="session")
def newcomer_batch(small: Small) -> Batch:
    """The embedded samples of a generator that the small registry does not hold."""
    *_, batch = read_batch(read_samples([small.samples[NEWCOMER]]), small.snapshot().collection(COLLECTION))
    return batch


def find_chromium() -> str | None:
    names = ("/usr/bin/chromium", "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A running Chromium (playwright's sync API). Start servers in threads or processes: its loop is in this one."""
    executable = find_chromium()
    if executable is None:
        reason = "no Chromium found: install the package chromium to run the browser tests"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"{reason} (REQUIRE_BROWSER=1)")
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield chromium
        chromium.close()


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob", "about"} or parts.hostname in {"127.0.0.1", "localhost", "::1"}


@pytest.fixture
def new_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Opens pages in contexts of their own; a request that leaves this machine is refused and fails the test."""
    strangers: list[str] = []
    contexts: list[Any] = []

    def guard(route: Any) -> None:
        if _is_local(route.request.url):
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    def guard_socket(socket: Any) -> None:
        if _is_local(socket.url):
            socket.connect_to_server()
        else:
            strangers.append(socket.url)
            socket.close()

    def open_page(width: int = 1280, height: int = 900) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, service_workers="block")
        contexts.append(context)
        context.route("**/*", guard)
        context.route_web_socket("**/*", guard_socket)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
    assert strangers == [], f"the page asked for addresses outside this machine: {strangers}"


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A page of 1280 x 900 in a fresh context."""
    return new_page()
