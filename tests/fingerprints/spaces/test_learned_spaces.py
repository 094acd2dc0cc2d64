"""SL and SSL: what their cards promise, and a planted fingerprint that is recovered.

These networks were trained to see content, so a trace of one grey level moves their features by a hundredth of what
content does. It is recovered where content cancels out: in the difference of the artifacts of some hundred pictures
with and without it, compared with what it does to other pictures. The local mean is needed: a trace often changes which
photo is the nearest, and with it the whole artifact.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from benchmarks.paper.rows.learned import ManiFPTOfVectors, Remembering
from benchmarks.paper.rows.manifpt import DiscriminantOfMaps
from fingerprints.geometry.projection import LocalMean
from fingerprints.spaces import get_space
from generators import crops
from patterns import tiled, views, with_pattern

SPACES = ("sl", "ssl")
SIDE = 32
TRACES = (tiled(8, 1, SIDE), tiled(4, 3, SIDE), tiled(2, 5, SIDE))  # deviation of one grey level


@pytest.fixture(scope="module")
def content(photos: list[np.ndarray]) -> list[np.ndarray]:
    """Crops of photos for the manifold, to plant in, and to plant in as well: three times uint8 (420, 32, 32, 3)."""
    cut = [crops(photo, SIDE, 180, seed=40 + number) for number, photo in enumerate(photos)]
    return [np.clip(np.concatenate([some[part::3] for some in cut]), 2, 253) for part in range(3)]


@pytest.mark.parametrize("space", SPACES)
def test_planted_fingerprints_are_recovered_and_told_apart(space: str, content: list[np.ndarray]) -> None:
    bank, pictures, others = content
    embed = get_space(space).embed
    method = ManiFPTOfVectors(views({"real": bank}, 0), space, LocalMean(10), DiscriminantOfMaps)
    clean = method.artifacts(pictures)
    assert clean.shape == (420, 256)
    found = [(method.artifacts(with_pattern(pictures, trace)) - clean).mean(axis=0) for trace in TRACES]
    planted = [(embed(with_pattern(others, trace)) - embed(others)).mean(axis=0) for trace in TRACES]
    alike = np.corrcoef(found, planted)[: len(TRACES), len(TRACES) :]
    assert alike.diagonal().min() > 0.7, alike
    np.testing.assert_array_equal(alike.argmax(axis=1), np.arange(len(TRACES)))


@pytest.mark.parametrize("space", SPACES)
def test_a_card_stands_beside_the_weights(space: str) -> None:
    weights = get_space(space).weights
    card = json.loads(weights.with_suffix(".json").read_text())
    assert card["name"] == space and card["generated images"] == 0 and "is_test" in card["excluded"]
    tensors = load_file(weights)
    assert {value.dtype.name for name, value in tensors.items() if "num_batches" not in name} == {"float16"}
    assert weights.stat().st_size < 1_400_000
    trained = [value for name, value in tensors.items() if "running" not in name and "num_batches" not in name]
    assert sum(value.size for value in trained) == card["parameters"]


def test_the_same_views_are_embedded_once() -> None:
    class Counting:
        name, version, calls = "counting", 1, 0

        def embed(self, views: np.ndarray) -> np.ndarray:
            self.calls += 1
            return views.reshape(len(views), -1).astype(np.float32)

    space = Counting()
    remembering = Remembering(space)
    one, other = np.zeros((2, 4, 4, 3), np.uint8), np.ones((2, 4, 4, 3), np.uint8)
    for _ in range(3):
        np.testing.assert_array_equal(remembering.embed(one), 0)
        np.testing.assert_array_equal(remembering.embed(other), 1)
    assert space.calls == 2
