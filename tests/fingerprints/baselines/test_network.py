"""The paper's classifier: it learns a planted artifact, as maps and as vectors, and the same seed gives the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from fingerprints.baselines.parts.classifier import Network, Schedule, random_crops, small_resnet

SHORT = Schedule(epochs=10, images=640)


def planted(n: int, seed: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Noise of three sources, each with a pattern of its own of deviation 1/255 below noise of 2/255."""
    patterns = np.random.default_rng(3).normal(0, 1 / 255, (3, *shape))
    rng = np.random.default_rng(seed)
    source = rng.integers(0, 3, n)
    artifacts = (patterns[source] + rng.normal(0, 2 / 255, (n, *shape))).astype(np.float32)
    return artifacts, np.array(["a", "b", "c"])[source]


def test_vectors_go_to_the_perceptron() -> None:
    network = Network(Schedule(epochs=10)).fit(*planted(300, 0, (64,)))
    artifacts, labels = planted(90, 1, (64,))
    scores = network.log_probabilities(artifacts)
    np.testing.assert_allclose(np.exp(scores).sum(axis=1), 1, rtol=1e-4)
    assert (network.classes[scores.argmax(axis=1)] == labels).mean() > 0.9


def test_maps_go_to_the_residual_network() -> None:
    stripes = np.where(np.arange(32) % 2, 1, -1) / 255
    rng = np.random.default_rng(0)

    def sources(n: int) -> tuple[np.ndarray, np.ndarray]:
        noise = rng.normal(0, 2 / 255, (3 * n, 3, 32, 32)).astype(np.float32)
        noise[n : 2 * n] += stripes
        noise[2 * n :] += stripes[:, None]
        return noise, np.repeat(["none", "across", "down"], n)

    network = Network(SHORT).fit(*sources(60))
    artifacts, labels = sources(30)
    assert (network.classes[network.log_probabilities(artifacts).argmax(axis=1)] == labels).mean() > 0.9


@pytest.mark.parametrize("shape", [(3, 16, 16), (24,)])
def test_the_same_seed_gives_the_same_network_and_other_randomness_is_left_alone(shape: tuple[int, ...]) -> None:
    artifacts, labels = planted(80, 0, shape)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, two = (Network(Schedule(epochs=1)).fit(artifacts, labels).log_probabilities(artifacts) for _ in range(2))
    np.testing.assert_array_equal(one, two)
    assert torch.equal(torch.rand(3), expected)


def test_larger_maps_are_trained_on_crops_and_scored_whole() -> None:
    artifacts, labels = planted(40, 0, (3, 48, 48))
    scores = Network(Schedule(epochs=1), crop=32).fit(artifacts, labels).log_probabilities(artifacts)
    assert scores.shape == (40, 3)


def test_crops_start_on_the_grid() -> None:
    maps = np.arange(64 * 64).reshape(1, 1, 64, 64).repeat(50, axis=0)
    corners = random_crops(maps, 32, np.random.default_rng(0), grid=16)[:, 0, 0, 0]
    assert set(corners % 64) == {0, 16, 32} and set(corners // 64) == {0, 16, 32}


def test_the_network_of_the_paper_has_its_widths() -> None:
    widths = {layer.out_channels for layer in small_resnet(3, 5, 32).modules() if isinstance(layer, torch.nn.Conv2d)}
    assert widths == {16, 32, 64}


@pytest.mark.parametrize("epochs", [0, 41])
def test_epochs_have_a_limit(epochs: int) -> None:
    with pytest.raises(ValueError, match="1 to 40"):
        Schedule(epochs=epochs)


@pytest.mark.parametrize("shape", [(4, 3), (5, 3, 8), (5, 3, 8, 8, 2)])
def test_other_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="maps"):
        Network().fit(np.zeros(shape, np.float32), np.array(["a"] * 5))
