"""Published generators: their images are the same for a seed, whatever else is asked for."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import zoo
from fingerprints.images.image import decode
from registry.storage.card import Card
from tiny_zoo import write_faces
from zoo.__main__ import main
from zoo.designs.cards import FOLDER
from zoo.training.faces import read_faces

ROOT = Path(__file__).resolve().parents[2]
NAMES = zoo.names()
pytestmark = pytest.mark.skipif(not NAMES, reason="no generator is trained yet")
SOME = [next(name for name in NAMES if name.startswith(kind)) for kind in sorted({n.split("-")[0] for n in NAMES})]


@pytest.mark.parametrize("name", SOME)
def test_an_image_depends_on_seed_and_index_alone(name: str) -> None:
    many = np.stack(list(zoo.sample(name, 20, seed=3)))
    assert many.shape == (20, 32, 32, 3) and many.dtype == np.uint8
    np.testing.assert_array_equal(np.stack(list(zoo.sample(name, 5, seed=3))), many[:5])
    assert not np.array_equal(next(iter(zoo.sample(name, 1, seed=4))), many[0])
    assert list(zoo.sample(name, 0)) == []


@pytest.mark.parametrize("name", SOME)
def test_samples_vary_and_look_neither_flat_nor_like_noise(name: str) -> None:
    images = np.stack(list(zoo.sample(name, 32, seed=1))).astype(float)
    assert images.std(axis=0).mean() > 12
    beside = np.abs(np.diff(images, axis=2)).mean()
    assert 1 < beside < 30


@pytest.mark.parametrize("name", NAMES)
def test_every_generator_is_small_and_its_weights_are_its_cards(name: str) -> None:
    stored = (FOLDER / f"{name}.safetensors").read_bytes()
    assert len(stored) <= 2_000_000
    assert hashlib.sha256(stored).hexdigest() == zoo.card(name).weights_digest


def test_the_command_writes_lossless_images_that_a_seed_brings_back(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        assert main(["sample", SOME[0], "-n", "3", "--seed", "5", str(tmp_path / folder)]) == 0
    files = sorted((tmp_path / "one").iterdir())
    assert [file.name for file in files] == [f"{SOME[0]}-5-{i:05d}.png" for i in range(3)]
    for file, image in zip(files, zoo.sample(SOME[0], 3, seed=5), strict=True):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()
        np.testing.assert_array_equal(decode(file).pixels, image)


def test_who_is_not_there_is_said_and_who_is_there_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(zoo.UnknownGenerator, match="The zoo has no generator nobody"):
        zoo.sample("nobody", 1)
    assert main(["sample", "nobody", str(tmp_path)]) == 1
    assert SOME[0] in capsys.readouterr().err
    with pytest.raises(ValueError, match="must be 0 or more; found -1 and 0"):
        zoo.sample(SOME[0], -1)


def test_names_and_cards_need_no_torch() -> None:
    code = "import sys, zoo; [zoo.card(name) for name in zoo.names()]; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=60, check=False).returncode == 0


def test_the_list_shows_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in NAMES)
    assert main(["list", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(NAMES)


def test_an_export_is_what_a_collection_is_built_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.export.names", lambda: SOME[:1])
    write_faces(tmp_path / "data")
    assert main(["export", str(tmp_path / "out"), "--data", str(tmp_path / "data"), "-n", "3"]) == 0
    (facts,) = json.loads((tmp_path / "out" / "cards.json").read_text())
    assert Card.from_json(facts).design == zoo.card(SOME[0]).design
    samples = sorted((tmp_path / "out" / SOME[0]).iterdir())
    np.testing.assert_array_equal(decode(samples[2]).pixels, list(zoo.sample(SOME[0], 3, seed=1))[2])
    assert len(list((tmp_path / "out" / "real").iterdir())) == len(read_faces(tmp_path / "data").manifold)
