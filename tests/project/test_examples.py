"""The examples of docs/examples run as they stand, on images that are made here."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fingerprints.images.image import png_bytes
from registry.storage.store import Store

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty smooth images of 32 px under a checkerboard, as a poor generator leaves it."""
    folder, rng = tmp_path_factory.mktemp("images"), np.random.default_rng(0)
    board = 12 * np.indices((32, 32)).sum(axis=0)[..., None] % 24
    for number in range(20):
        smooth = np.kron(rng.uniform(40, 200, (4, 4, 3)), np.ones((8, 8, 1)))
        (folder / f"{number}.png").write_bytes(png_bytes((smooth + board).astype(np.uint8)))
    return folder


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The registry that the examples find."""
    monkeypatch.setenv("FINGERPRINT_REGISTRY", str(tmp_path / "registry"))
    return Store()


def test_each_is_short_and_has_its_test() -> None:
    lengths = {path.stem: len(path.read_text().splitlines()) for path in EXAMPLES.glob("*.py")}
    assert sorted(lengths) == ["contribute", "identify", "new_space"] and max(lengths.values()) < 30


def test_contribute_then_identify(images: Path, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    example("contribute").main("board", str(images), "zoo")
    assert (
        f"revision {store.revision}" in capsys.readouterr().out and "board" in store.snapshot().collection("zoo").names
    )
    paths = [str(images / "0.png"), str(images / "1.png")]
    example("identify").main(paths)
    said = capsys.readouterr().out
    assert all(path in said for path in paths) and "all of them: " in said


def test_a_new_space_tells_generators_apart() -> None:
    rng = np.random.default_rng(0)

    def views(spread: float) -> np.ndarray:
        return rng.normal(128, spread, (20, 8, 8, 3)).clip(0, 255).astype(np.uint8)

    assert example("new_space").recognised(views(30), {"quiet": views(20), "loud": views(40)}) > 0.9


def example(name: str) -> Any:
    return importlib.import_module(f"docs.examples.{name}")
