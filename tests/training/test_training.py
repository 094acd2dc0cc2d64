"""The simulated decoders, and a few seconds of the training that the learned space comes from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from fingerprints.spaces.networks.differences import Encoder
from training.decoded_crops import CROP, decoded_crops
from training.decoders import simulated_decoder
from training.learn_decoders import Course, train
from training.photos import photo_regions


def photos() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [np.kron(rng.integers(0, 255, (16, 16, 3)), np.ones((8, 8, 1))).astype(np.uint8) for _ in range(3)]


@pytest.mark.parametrize("number", range(12))
def test_a_decoder_is_the_same_each_time_and_keeps_size_and_range(number: int) -> None:
    x = torch.from_numpy(photos()[0][:96, :96]).permute(2, 0, 1)[None].float() / 127.5 - 1
    results = []
    for _ in range(2):
        torch.manual_seed(7)  # some decoders add noise
        results.append(simulated_decoder(number)(x))
    assert torch.equal(*results) and results[0].shape == x.shape and results[0].abs().max() <= 1


def test_training_learns_and_saves_weights_that_the_encoder_takes(tmp_path: Path) -> None:
    crops = decoded_crops(photo_regions(photos(), 30), 4, {}, per_decoder=32)
    assert crops.pixels.shape == (128, CROP, CROP, 3)
    assert crops.labels.tolist() == [n for n in range(4) for _ in range(32)] and not crops.trained.any()
    train(crops, Course(2.0, contrast=0.5), tmp_path / "w.safetensors")
    made = load_file(tmp_path / "w.safetensors")
    Encoder().load_state_dict(made)
    train(crops, Course(0.01), tmp_path / "next.safetensors", tmp_path / "w.safetensors")
    later = load_file(tmp_path / "next.safetensors")
    assert torch.allclose(made["fine.0.0.weight"], later["fine.0.0.weight"], atol=0.02)  # a step or two away


def test_an_encoder_for_use_gives_what_the_trained_one_gives() -> None:
    torch.manual_seed(0)
    trained, views = Encoder(), torch.from_numpy(np.stack([photo[:64, :64] for photo in photos()]))
    for _ in range(3):
        trained(views)  # the normalisations get their running figures
    expected = trained.eval()(views)
    torch.testing.assert_close(trained.for_use()(views), expected, rtol=1e-4, atol=1e-5)
