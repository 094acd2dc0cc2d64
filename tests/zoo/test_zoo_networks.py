"""The parts of the generators do what their names say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from zoo.designs.catalogue import ZOO
from zoo.networks.flow import Flow, FlowStep
from zoo.networks.kinds import product_of
from zoo.networks.losses import discriminator_loss, generator_loss, gradient_penalty
from zoo.networks.parts import Block, critic, discriminator, he_initialised, up_sampling
from zoo.training.quality import frechet_distance

UP = ("transposed", "nearest", "bilinear", "shuffle")
LOSSES = ("nonsaturating", "leastsquares", "wgangp", "hinge")


@pytest.mark.parametrize("slug", UP)
def test_up_sampling_doubles_the_size_and_keeps_the_scale(slug: str) -> None:
    torch.manual_seed(0)
    layer = he_initialised(up_sampling(slug, 32, 16))
    y = layer(torch.randn(8, 32, 8, 8).relu())
    assert y.shape == (8, 16, 16, 16)
    assert 0.3 < float(y.detach().std()) < 1.7


@pytest.mark.parametrize("slug", UP)
def test_a_skip_connection_is_a_second_path(slug: str) -> None:
    torch.manual_seed(0)
    block = Block(8, 4, slug, "nonorm", "relu", skip=True)
    nn.init.zeros_(next(block.main.parameters()))
    assert float(block(torch.randn(2, 8, 4, 4)).detach().std()) > 0.01
    assert Block(8, 4, slug, "nonorm", "relu", skip=False).around is None


@pytest.mark.parametrize("design", ZOO, ids=lambda design: design.name)
def test_every_product_makes_images_and_is_small(design) -> None:
    torch.manual_seed(0)
    product = product_of(design).eval()
    assert sum(tensor.numel() for tensor in product.state_dict().values()) * 2 < 2_000_000
    with torch.no_grad():
        images = product(torch.randn(2, product.latent))
    assert images.shape == (2, 3, 32, 32) and torch.isfinite(images).all()


@pytest.mark.parametrize("slug", LOSSES)
def test_losses_pull_the_scores_apart_and_the_generator_pulls_back(slug: str) -> None:
    score = torch.zeros(4, 1, requires_grad=True)
    other = torch.zeros(4, 1, requires_grad=True)
    discriminator_loss(slug, score, other).backward()
    assert (score.grad < 0).all() and (other.grad >= 0).all()
    fake = torch.zeros(4, 1, requires_grad=True)
    generator_loss(slug, fake).backward()
    assert (fake.grad < 0).all()


def test_losses_at_known_scores() -> None:
    real, fake = torch.tensor([[0.5]]), torch.tensor([[-0.5]])
    expected = {
        "nonsaturating": 2 * math.log1p(math.exp(-0.5)),
        "leastsquares": 0.5 * 0.25 + 0.5 * 0.25,
        "wgangp": -1.0,
        "hinge": 1.0,
    }
    for slug, value in expected.items():
        assert float(discriminator_loss(slug, real, fake)) == pytest.approx(value)


def test_the_penalty_is_zero_for_a_slope_of_one() -> None:
    class Slope(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1) @ (torch.ones(x[0].numel(), 1) / math.sqrt(x[0].numel()))

    x, y, mix = torch.randn(4, 3, 8, 8), torch.randn(4, 3, 8, 8), torch.rand(4, 1, 1, 1)
    assert float(gradient_penalty(Slope(), x, y, mix)) == pytest.approx(0, abs=1e-8)


def test_the_discriminator_scores_each_image() -> None:
    for judge in (discriminator(), critic()):
        assert judge(torch.randn(3, 3, 32, 32)).shape == (3, 1)


def test_a_flow_is_inverted_exactly_and_knows_its_volume(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.networks.flow.TEMPERATURE", 1.0)
    torch.manual_seed(0)
    flow = Flow()
    with torch.no_grad():
        for parameter in flow.parameters():
            parameter.add_(0.03 * torch.randn_like(parameter))
        x = torch.randn(2, 3, 32, 32)
        latents, _ = flow.encode(x)
        torch.testing.assert_close(flow(latents), x, atol=1e-3, rtol=0)

    step = FlowStep(4).double()
    with torch.no_grad():
        for parameter in step.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    x = torch.randn(1, 4, 2, 2, dtype=torch.float64)
    jacobian = torch.autograd.functional.jacobian(lambda x: step(x)[0].flatten(), x).reshape(16, 16)
    torch.testing.assert_close(step(x)[1][0], torch.linalg.slogdet(jacobian)[1])


def test_the_distance_is_zero_to_itself_and_grows_with_noise() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (300, 32, 32, 3)).astype(np.uint8)
    smooth = np.repeat(np.repeat(images[:, ::8, ::8], 8, axis=1), 8, axis=2)
    noisy = [np.clip(smooth + rng.normal(0, s, smooth.shape), 0, 255).astype(np.uint8) for s in (10, 40)]
    assert frechet_distance(smooth, smooth) == pytest.approx(0, abs=1e-3)
    assert 0 < frechet_distance(noisy[0], smooth) < frechet_distance(noisy[1], smooth)
