"""The learned projection: a denoiser trained on the real images of the manifold, a(x) = x - D(x).

A network that undoes small noise on real images moves a picture towards the manifold they lie on (its residual
estimates the score of their density, by Tweedie's formula), so D(x) stands for the closest real image without a search.
It needs the RGB space, whose embedding is the image.
"""

from __future__ import annotations

import hashlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from .manifold import Manifold

_WIDTH, _CROP, _BATCH = 16, 32, 32
_NOISE = 6 / 255
_AT_ONCE = 8  # images: maps of more take longer to allocate than to compute


class Denoiser:
    """pi(z) = D(z) for images of ``shape`` (3, h, w) in [0, 1]; one network for each manifold that it meets.

    D is three 3 x 3 convolutions that predict the noise, ``steps`` of Adam on crops of 32 px with noise of 6/255.
    """

    name = "denoiser"

    def __init__(self, shape: tuple[int, int, int], steps: int = 1000, seed: int = 0) -> None:
        self.shape, self.steps, self.seed = shape, steps, seed
        self._networks: dict[str, nn.Module] = {}  # by the digest of the real images

    def fitted(self, manifold: Manifold) -> Denoiser:
        """Itself, trained on these real images."""
        self._network(manifold)
        return self

    def project(self, z: np.ndarray, manifold: Manifold, exclude: np.ndarray | None = None) -> np.ndarray:
        """Images (n, 3 * h * w) -> denoised images (n, 3 * h * w). ``exclude`` is not needed: no neighbour is used."""
        network = self._network(manifold)
        images = torch.from_numpy(np.asarray(z, dtype=np.float32).reshape(-1, *self.shape))
        with torch.inference_mode():
            parts = [part - _NOISE * network(part / _NOISE) for part in images.split(_AT_ONCE)]
        return torch.cat(parts).numpy().reshape(len(z), -1)

    def _network(self, manifold: Manifold) -> nn.Module:
        if manifold.dimension != int(np.prod(self.shape)):
            raise ValueError(
                f"a denoiser of {self.shape} images needs the RGB space, found {manifold.dimension} values."
            )
        digest = hashlib.sha256(manifold.rows.tobytes()).hexdigest()
        if digest not in self._networks:
            self._networks[digest] = _trained(manifold.rows.reshape(-1, *self.shape), self.steps, self.seed)
        return self._networks[digest]


def _trained(reals: np.ndarray, steps: int, seed: int) -> nn.Module:
    """A network that finds the noise in noisy crops of the real images (n, 3, h, w), both in units of the noise."""
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = nn.Sequential(
            nn.Conv2d(3, _WIDTH, 3, padding=1, padding_mode="reflect"),
            nn.ReLU(),
            nn.Conv2d(_WIDTH, _WIDTH, 3, padding=1, padding_mode="reflect"),
            nn.ReLU(),
            nn.Conv2d(_WIDTH, 3, 3, padding=1, padding_mode="reflect"),
        )
    optimiser = torch.optim.Adam(network.parameters(), 2e-3)
    decay = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    side = min(_CROP, *reals.shape[2:])
    for _ in range(steps):
        y, x = (int(rng.integers(0, length - side + 1)) for length in reals.shape[2:])
        clean = reals[rng.integers(0, len(reals), _BATCH), :, y : y + side, x : x + side] / np.float32(_NOISE)
        noise = rng.normal(0, 1, clean.shape).astype(np.float32)
        error = functional.mse_loss(network(torch.from_numpy(clean + noise)), torch.from_numpy(noise))
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
        decay.step()
    return network.eval()
