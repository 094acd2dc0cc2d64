"""The large learned spaces, with tiny checkpoints of the real architectures made here, and without any."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks.paper.rows.learned import usable_pretrained
from fingerprints.settings import ENCODERS
from fingerprints.spaces import PRETRAINED
from fingerprints.spaces.pretrained import Pretrained

needs_transformers = pytest.mark.skipif(
    find_spec("transformers") is None, reason="transformers is not installed (requirements-learned.txt)"
)
VIEWS = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(ENCODERS, str(tmp_path))
    yield tmp_path


def make_resnet(folder: Path) -> torch.nn.Module:
    """As on the Hub: saved with the head of its classes, which the space does not use."""
    from transformers import ResNetConfig, ResNetForImageClassification

    torch.manual_seed(0)
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], num_labels=3)
    model = ResNetForImageClassification(config).eval()
    model.save_pretrained(folder)
    return model


def make_dinov2(folder: Path) -> None:
    from transformers import Dinov2Config, Dinov2Model

    config = Dinov2Config(hidden_size=24, num_hidden_layers=2, num_attention_heads=2, image_size=56, patch_size=14)
    Dinov2Model(config).save_pretrained(folder)


@needs_transformers
def test_a_resnet_from_a_folder_gives_its_pooled_features(folder: Path) -> None:
    model = make_resnet(folder / "resnet-50")
    space = Pretrained("resnet50", "microsoft/resnet-50")
    flat = np.full((1, 64, 64, 3), 255, np.uint8)  # stays flat when it is scaled and cropped
    white = (1 - torch.tensor([0.485, 0.456, 0.406])) / torch.tensor([0.229, 0.224, 0.225])
    with torch.inference_mode():
        expected = model.resnet(white[None, :, None, None].expand(1, 3, 224, 224)).pooler_output.flatten(1)
    assert space.missing() == ""
    np.testing.assert_allclose(space.embed(flat), expected, rtol=1e-3, atol=1e-4)
    embedded = space.embed(VIEWS)
    assert embedded.shape == (3, 16) and embedded.dtype == np.float32
    np.testing.assert_allclose(space.embed(VIEWS[1:2]), embedded[1:2], rtol=1e-3, atol=1e-5)


@needs_transformers
def test_dinov2_from_a_folder_gives_its_pooled_features(folder: Path) -> None:
    make_dinov2(folder / "dinov2-base")
    embedded = Pretrained("dinov2", "facebook/dinov2-base").embed(VIEWS)
    assert embedded.shape == (3, 24) and np.isfinite(embedded).all()


@needs_transformers
def test_a_checkpoint_of_another_model_is_no_weights(folder: Path) -> None:
    """transformers would fill what is missing with random numbers."""
    make_resnet(folder / "resnet-50")
    make_dinov2(folder / "dinov2-base")
    shutil.copy(folder / "resnet-50" / "model.safetensors", folder / "dinov2-base")
    assert "not in the file" in Pretrained("dinov2", "facebook/dinov2-base").missing()


@needs_transformers
def test_a_damaged_checkpoint_is_no_weights(folder: Path) -> None:
    make_resnet(folder / "resnet-50")
    weights = folder / "resnet-50" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert Pretrained("resnet50", "microsoft/resnet-50").missing().startswith("The space resnet50 has no weights in")


def test_a_missing_space_says_so_in_one_line(folder: Path) -> None:
    space = Pretrained("resnet50", "microsoft/resnet-50")
    reason = space.missing()
    expected = "there is no such folder" if find_spec("transformers") else "pip install -r requirements-learned.txt"
    assert expected in reason and "\n" not in reason
    with pytest.raises(ValueError, match="The space resnet50"):
        space.embed(VIEWS)


def test_the_study_leaves_missing_spaces_out_with_a_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert usable_pretrained() == []
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(PRETRAINED) == 2 and all(line.startswith("left out: The space ") for line in lines)
