"""The training of the small encoders: which images it sees, what it minimises, and that it goes on where it stopped."""

from __future__ import annotations

import io
import json
from itertools import count
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from fingerprints.spaces.networks.small import SmallEncoder
from fingerprints.splits import is_test
from training import objectives
from training.learn_encoders import save, steps_of_an_epoch, train
from training.objectives import OBJECTIVES, Objective, redundancy
from training.random_views import random_crops, recoloured
from training.real_images import classes_of, read_reals


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """cifar10: bright birds and dark dogs of 32 px; celeba64: noise of 64 px."""
    folder = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for group, side in (("cifar10", 32), ("celeba64", 64)):
        names = [f"{('bird', 'dog')[i % 2]}/{i:04}.jpg" if side == 32 else f"{i:06}" for i in range(80)]
        files = [_png(rng.integers(0, 100, (side, side, 3)) + 150 * ("bird" in name)) for name in names]
        (folder / group).mkdir()
        image = [{"bytes": file, "path": None} for file in files]
        table = pa.table({"image": image, "generator": ["real"] * 80, "content_id": names})
        pq.write_table(table, folder / group / "real.parquet")
    return folder


def _png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in OBJECTIVES.values():
        monkeypatch.setattr(kind, "batch", 16)


@pytest.mark.parametrize(("group", "side"), [("cifar10", 32), ("celeba64", 64)])
def test_no_content_of_a_test_is_learned_from(data: Path, group: str, side: int) -> None:
    learned, held = read_reals(data, group)
    assert len(learned) + len(held) == 80 and learned.pixels.shape[1:] == (side, side, 3)
    assert not is_test(learned.contents).any() and is_test(held.contents).all()


def test_the_class_of_an_image_stands_in_its_content(data: Path) -> None:
    learned, _ = read_reals(data, "cifar10")
    bright = learned.pixels.float().mean(dim=(1, 2, 3)) > 125
    np.testing.assert_array_equal(classes_of(learned) == "bird", bright.numpy())


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--data names the folder that holds cifar10 and celeba64"):
        OBJECTIVES["sl"](tmp_path)


def test_the_redundancy_of_equal_independent_views_is_zero_and_of_copies_is_not() -> None:
    signs = torch.tensor([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])
    assert redundancy(signs, signs) == pytest.approx(0, abs=1e-3)
    assert redundancy(signs, -signs) == pytest.approx(2 * 2**2, abs=1e-2)  # both on the diagonal are -1
    copies = signs[:, :1].repeat(1, 2)
    assert redundancy(copies, copies) == pytest.approx(objectives._REDUNDANCY * 2, abs=1e-3)


def test_random_views_are_crops_and_the_same_for_the_same_seed() -> None:
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (6, 64, 64, 3), np.uint8))
    one, two = (random_crops(pixels, 0.25, torch.Generator().manual_seed(3)) for _ in range(2))
    assert one.shape == (6, 3, 32, 32) and torch.equal(one, two)
    assert one.min() >= 0 and one.max() <= 1
    whole = random_crops(pixels[:, :32, :32], 1.0, torch.Generator().manual_seed(3))
    images = pixels[:, :32, :32].permute(0, 3, 1, 2).float() / 255
    for view, image in zip(whole, images, strict=True):
        assert min((view - image).abs().max(), (view - image.flip(2)).abs().max()) < 1e-4
    colours = recoloured(one, torch.Generator().manual_seed(4))
    assert colours.shape == one.shape and colours.min() >= 0 and colours.max() <= 1


@pytest.mark.parametrize("name", ["sl", pytest.param("ssl", marks=pytest.mark.slow)])
def test_an_interrupted_training_goes_on_to_the_same_weights_and_card(data: Path, tmp_path: Path, name: str) -> None:
    def prepared() -> Objective:
        torch.manual_seed(0)
        return OBJECTIVES[name](data)

    expected = train(prepared(), 3, 0, tmp_path / "whole.state")
    interrupted = prepared()
    calls, learn = count(), interrupted.loss

    def loss(encoder: SmallEncoder, generator: torch.Generator) -> torch.Tensor:
        if next(calls) == steps_of_an_epoch(interrupted) + 1:  # in the second epoch
            raise KeyboardInterrupt
        return learn(encoder, generator)

    interrupted.loss = loss  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        train(interrupted, 3, 0, tmp_path / "again.state")
    objective = prepared()
    encoder = train(objective, 3, 0, tmp_path / "again.state")
    for one, other in zip(expected.state_dict().values(), encoder.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other)
    save(encoder, objective, 3, 0, tmp_path)
    SmallEncoder().load_state_dict(load_file(tmp_path / f"{name}.safetensors"))
    card = json.loads((tmp_path / f"{name}.json").read_text())
    assert card["generated images"] == 0 and card["steps"] == 3 * steps_of_an_epoch(objective)
    assert all(np.isfinite(list(card["figures"].values())))


def test_classes_that_differ_in_brightness_are_learned(data: Path, tmp_path: Path) -> None:
    torch.manual_seed(0)
    objective = OBJECTIVES["sl"](data)
    encoder = train(objective, 12, 0, tmp_path / "state")
    assert objective.figures(encoder)["accuracy on held-out contents"] > 0.9
