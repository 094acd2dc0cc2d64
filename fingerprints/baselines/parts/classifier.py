"""The paper's classifier of artifacts: a small residual network on maps, a perceptron on vectors.

ManiFPT (section 4.2 and the authors' code) trains a ResNet of 16, 32 and 64 channels with three blocks each by SGD
(rate .1, momentum .9, weight decay 1e-4, divided by ten at 100 and 150 of 180 epochs, batches of 36) on the artifacts
in RGB and FREQ. Simplified for a CPU: one block of each width, 24 epochs of at most 2,000 images drawn evenly over the
classes, milestones in the same proportions, batches of 64, and maps above 32 px enter by a convolution of stride 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from torch import nn
from torch.nn import functional

_CHANNELS = (16, 32, 64)
_SMALL = 32  # px: maps up to this size keep their resolution in the first layer
_HIDDEN = 256
_SCORED_AT_ONCE = 256

Prepare = Callable[[np.ndarray, np.random.Generator], np.ndarray]
Loss = Callable[[nn.Module, torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train. An epoch draws ``images`` images (at most all), each class equally often."""

    epochs: int = 24
    images: int = 2000
    batch: int = 64
    rate: float = 0.1

    def __post_init__(self) -> None:
        if not 1 <= self.epochs <= 40:
            raise ValueError(f"epochs must be 1 to 40, found {self.epochs}.")


class Network:
    """A network on artifacts: maps (n, channels, h, w) go to the residual network, vectors (n, d) to the perceptron.

    Inputs are standardised by the mean and the deviation of each channel (or coordinate) of the training set. With
    ``crop``, maps are trained on random crops of that many pixels and scored whole.
    """

    def __init__(self, schedule: Schedule | None = None, crop: int | None = None, seed: int = 0) -> None:
        self.schedule, self.crop, self.seed = schedule or Schedule(), crop, seed

    def fit(self, artifacts: np.ndarray, labels: np.ndarray) -> Self:
        """``artifacts`` (n, c, h, w) or (n, d) of any float type, ``labels`` (n,)."""
        if len(artifacts) != len(labels) or artifacts.ndim not in (2, 4):
            raise ValueError(
                f"expected maps (n, c, h, w) or vectors (n, d), one label each, found {artifacts.shape}, {len(labels)}."
            )
        self.classes, targets = np.unique(labels, return_inverse=True)
        over = (0,) if artifacts.ndim == 2 else (0, 2, 3)
        self._mean = artifacts.mean(axis=over, keepdims=True, dtype=np.float64).astype(np.float32)
        self._scale = artifacts.std(axis=over, keepdims=True, dtype=np.float64).astype(np.float32) + 1e-6
        rate = self.schedule.rate if artifacts.ndim == 4 else self.schedule.rate / 10
        with torch.random.fork_rng():
            torch.manual_seed(self.seed)  # of the weights, and of dropout
            if artifacts.ndim == 4:
                side = self.crop or artifacts.shape[2]
                self._model = small_resnet(artifacts.shape[1], len(self.classes), side)
            else:
                self._model = perceptron(artifacts.shape[1], len(self.classes))
            train(self._model, artifacts, targets, self.schedule, self._prepare, rate=rate, seed=self.seed)
        return self

    def log_probabilities(self, artifacts: np.ndarray) -> np.ndarray:
        """(n, classes), the columns in the order of ``classes``."""
        return log_softmax(self._model, artifacts, self._standard)

    def _prepare(self, artifacts: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        cropped = artifacts if self.crop is None else random_crops(artifacts, self.crop, rng)
        return self._standard(cropped)

    def _standard(self, artifacts: np.ndarray) -> np.ndarray:
        standard: np.ndarray = (artifacts.astype(np.float32) - self._mean) / self._scale
        return standard


def train(
    model: nn.Module,
    inputs: np.ndarray,
    targets: np.ndarray,
    schedule: Schedule,
    prepare: Prepare,
    *,
    loss: Loss | None = None,
    rate: float | None = None,
    seed: int = 0,
) -> None:
    """SGD on batches ``prepare(inputs[rows], rng)`` with integer ``targets``; ``loss`` defaults to cross-entropy."""
    rng = np.random.default_rng(seed)
    steps = max(1, min(schedule.images, len(inputs)) // schedule.batch)
    optimiser = torch.optim.SGD(model.parameters(), rate or schedule.rate, momentum=0.9, weight_decay=1e-4)
    milestones = [schedule.epochs * 5 // 9, schedule.epochs * 5 // 6]
    decay = torch.optim.lr_scheduler.MultiStepLR(optimiser, milestones)
    even = 1.0 / np.bincount(targets)[targets]
    even /= even.sum()
    model.train()
    for _ in range(schedule.epochs):
        for _ in range(steps):
            rows = rng.choice(len(inputs), schedule.batch, p=even)
            batch, target = to_tensor(prepare(inputs[rows], rng)), torch.from_numpy(targets[rows])
            error = loss(model, batch, target) if loss else functional.cross_entropy(model(batch), target)
            optimiser.zero_grad()
            error.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 5.0)
            optimiser.step()
        decay.step()
    model.eval()


@torch.inference_mode()
def log_softmax(model: nn.Module, inputs: np.ndarray, prepare: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Log probabilities (n, classes) of a trained model, a few hundred inputs at a time."""
    parts = [
        functional.log_softmax(model(to_tensor(prepare(inputs[i : i + _SCORED_AT_ONCE]))), dim=1).numpy()
        for i in range(0, len(inputs), _SCORED_AT_ONCE)
    ]
    return np.concatenate(parts)


def random_crops(maps: np.ndarray, side: int, rng: np.random.Generator, grid: int = 1) -> np.ndarray:
    """One crop (n, c, side, side) of each map (n, c, h, w), its corner a random multiple of ``grid``."""
    tops, lefts = (grid * rng.integers(0, (length - side) // grid + 1, len(maps)) for length in maps.shape[2:])
    return np.stack([m[:, y : y + side, x : x + side] for m, y, x in zip(maps, tops, lefts, strict=True)])


def to_tensor(values: np.ndarray) -> torch.Tensor:
    """A float32 tensor; maps in the layout that a CPU convolves fastest."""
    tensor = torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))
    return tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor


def small_resnet(channels: int, classes: int, side: int, blocks: int = 1) -> nn.Sequential:
    """The residual network of the authors' code: 16, 32 and 64 channels, ``blocks`` blocks each, pooled, linear."""
    layers: list[nn.Module] = [*_normalised(channels, _CHANNELS[0], 1 if side <= _SMALL else 2), nn.ReLU()]
    width = _CHANNELS[0]
    for stage, wider in enumerate(_CHANNELS):
        for block in range(blocks):
            layers.append(_Residual(width, wider, 2 if stage and not block else 1))
            width = wider
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, classes)]
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)


def perceptron(dimension: int, classes: int) -> nn.Sequential:
    """Two hidden layers with dropout."""
    return nn.Sequential(
        nn.Linear(dimension, _HIDDEN),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(_HIDDEN, _HIDDEN),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(_HIDDEN, classes),
    )


class _Residual(nn.Module):
    """ReLU(F(x) + x), F two normalised 3 x 3 convolutions; x passes a 1 x 1 convolution where the shape changes."""

    def __init__(self, narrow: int, wide: int, stride: int) -> None:
        super().__init__()
        self.change = nn.Sequential(*_normalised(narrow, wide, stride), nn.ReLU(), *_normalised(wide, wide, 1))
        same = narrow == wide and stride == 1
        self.keep = nn.Identity() if same else nn.Sequential(*_normalised(narrow, wide, stride, kernel=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.change(x) + self.keep(x))


def _normalised(narrow: int, wide: int, stride: int, kernel: int = 3) -> list[nn.Module]:
    return [nn.Conv2d(narrow, wide, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(wide)]
