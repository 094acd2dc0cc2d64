"""Decoders that were trained: small autoencoders, and up-samplers of packages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from training.autoencoders import Autoencoder, as_network_input, design, main, opened
from training.decoded_crops import Crops, WithDetail, batches, decoded_crops
from training.learn_decoders import supervised_contrast
from training.upsamplers import UpSampler

from ..small import write_images


def regions() -> np.ndarray:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 255, (12, 12, 12, 3))
    return np.kron(coarse, np.ones((1, 8, 8, 1))).astype(np.uint8)


@pytest.mark.parametrize("number", range(16))
def test_every_design_keeps_the_size_of_a_photo(number: int) -> None:
    photos = as_network_input(regions()[:1])
    assert design(number) == design(number)
    assert Autoencoder(design(number))(photos).shape == photos.shape


def test_autoencoders_are_trained_once_and_read_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos = write_images(tmp_path / "photos", regions())
    monkeypatch.setattr("training.autoencoders._STEPS", 3)
    given = ["", "--photos", str(photos), "--out", str(tmp_path / "out"), "--count", "2", "--workers", "1"]
    monkeypatch.setattr("sys.argv", given)
    main()
    first = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}
    main()
    assert {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()} == first
    assert sorted(opened(tmp_path / "out")) == ["autoencoder 0000", "autoencoder 0001"]


def test_detail_that_is_put_back_lies_between_what_was_decoded_and_the_photo() -> None:
    photos = torch.ones(1, 3, 8, 8)
    half = WithDetail(torch.zeros_like, 0.5)(photos)
    assert torch.equal(half, photos / 2)


class Doubling(UpSampler):
    """Doubles each pixel, and takes some of the border away, as some networks do."""

    def _run(self, image: np.ndarray) -> np.ndarray:
        return np.kron(image, np.ones((1, 2, 2), np.float32))[:, 6:-6, 6:-6]


@pytest.mark.parametrize("count", [1, 3, 16, 17])
def test_squares_come_back_from_an_up_sampler_in_their_order(count: int) -> None:
    shades = torch.linspace(-1, 1, count)[:, None, None, None].expand(count, 3, 48, 48)
    doubling = Doubling(Path("doubling.param"))
    assert doubling.factor == 2 and doubling.gives_photos()
    torch.testing.assert_close(doubling(shades), shades, rtol=0, atol=1e-6)


def test_crops_of_trained_decoders_are_told_from_those_of_simulated_ones() -> None:
    crops = decoded_crops(regions(), 2, {"inverted": torch.neg}, per_decoder=4)
    assert crops.trained.tolist() == [True, False, False] and crops.labels.tolist() == [0] * 4 + [1] * 4 + [2] * 4


def test_a_batch_is_of_pairs_and_has_its_share_of_trained_decoders() -> None:
    labels = torch.arange(10).repeat_interleave(6)
    crops = Crops(torch.zeros(60, 1), labels, torch.arange(10) < 3)
    drawn = labels[batches(crops, 40, 0.25, np.random.default_rng(0))()]
    assert torch.equal(drawn[::2], drawn[1::2])
    assert int(crops.trained[drawn].sum()) == 10


def test_the_contrastive_loss_is_least_where_labels_lie_together() -> None:
    labels = torch.tensor([0, 0, 1, 1])
    together = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    expected = float(torch.log(torch.exp(torch.tensor(10.0)) + 2) - 10)
    assert abs(float(supervised_contrast(together, labels)) - expected) < 1e-5
    assert float(supervised_contrast(together[[0, 2, 1, 3]], labels)) > 9
