"""Small autoencoders that were trained to reconstruct photos, a grid of designs and seeds: their decoders leave traces.

    python -m training.autoencoders --photos FILE ... --out build/autoencoders --count 200

Each is trained for 300 steps on crops of photos that no benchmark tests on, and is a file of its own; those that
exist are kept, so a run can be interrupted and goes on. After "Model Synthesis" (Wang et al., arXiv 2307.15977), which
finds that many shallow autoencoders with different designs carry over to real generators.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save
from torch import nn

from fingerprints.files import write_atomically
from fingerprints.spaces.autoencoder import WEIGHTS
from fingerprints.spaces.networks.sana import SanaEncoder

from .photos import photo_regions, read_photos

_SIDE, _BATCH, _STEPS = 64, 8, 300
_UP = ("nearest", "bilinear", "shuffle", "transposed")
_NORMS = ("none", "batch", "group")
_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "leaky": lambda: nn.LeakyReLU(0.2),
}
_LOSSES = ("L1", "L2", "perceptual", "adversarial")


@dataclass(frozen=True)
class Design:
    """What an autoencoder is built like, and what it was trained for. ``factor``: image side to latent side."""

    factor: int
    up: str
    kernel: int
    norm: str
    activation: str
    width: int
    last_block: bool
    loss: str


def design(number: int) -> Design:
    """The design of that number: the same number gives the same design. It is the seed of the training too."""
    rng = np.random.default_rng([5, number])
    return Design(
        int(rng.choice([2, 4, 8], p=[0.3, 0.4, 0.3])),
        str(rng.choice(_UP)),
        int(rng.choice([3, 5])),
        str(rng.choice(_NORMS)),
        str(rng.choice(list(_ACTIVATIONS))),
        int(rng.choice([12, 16, 24])),
        bool(rng.random() < 0.5),
        str(rng.choice(_LOSSES, p=[0.35, 0.25, 0.2, 0.2])),
    )


class Autoencoder(nn.Module):
    """float (n, 3, h, w) in [-1, 1], h and w multiples of the factor -> the same shape, reconstructed."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        stages, width = int(math.log2(design.factor)), design.width
        latent = 3 * design.factor**2 // 4  # a quarter of the values of the image
        encoder: list[nn.Module] = []
        for stage in range(stages):
            encoder += [nn.Conv2d(width if stage else 3, width, 4, stride=2, padding=1), nn.LeakyReLU(0.1)]
        self.encoder = nn.Sequential(*encoder, nn.Conv2d(width, latent, 3, padding=1))
        decoder = [nn.Conv2d(latent, width, 3, padding=1), *_after(design)]
        for stage in range(stages):
            decoder += [*_up_sampling(design), *_after(design)]
            if design.last_block and stage == stages - 1:
                decoder += [_convolution(width, width, design.kernel), *_after(design)]
        self.decoder = nn.Sequential(*decoder, _convolution(width, 3, design.kernel))

    def forward(self, photos: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.encoder(photos))


def _convolution(inputs: int, outputs: int, kernel: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2)


def _up_sampling(design: Design) -> list[nn.Module]:
    width, kernel = design.width, design.kernel
    if design.up == "shuffle":
        return [_convolution(width, 4 * width, kernel), nn.PixelShuffle(2)]
    if design.up == "transposed":
        size = kernel + 1  # 4 or 6: an even one covers all pixels alike
        return [nn.ConvTranspose2d(width, width, size, stride=2, padding=size // 2 - 1)]
    return [nn.Upsample(scale_factor=2, mode=design.up), _convolution(width, width, kernel)]


def _after(design: Design) -> list[nn.Module]:
    norms = {"none": [], "batch": [nn.BatchNorm2d(design.width)], "group": [nn.GroupNorm(4, design.width)]}
    return [*norms[design.norm], _ACTIVATIONS[design.activation]()]


def trained(number: int, regions: np.ndarray, steps: int) -> Autoencoder:
    """The autoencoder of that number, trained on regions (n, h, w, 3) of photos: to be used, not to be trained on."""
    torch.manual_seed(number)
    rng = np.random.default_rng([6, number])
    autoencoder = Autoencoder(design(number)).to(memory_format=torch.channels_last)
    objective = _Objective(design(number).loss)
    optimizer = torch.optim.Adam(autoencoder.parameters(), lr=2e-3)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 2e-3 * min(1.0, step / 20) * (1 - step / steps) + 1e-5
        photos = _crops(regions, rng)
        loss = objective(autoencoder(photos), photos)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return autoencoder.eval()


def _crops(regions: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
    chosen = regions[rng.integers(len(regions), size=_BATCH)]
    y, x = rng.integers(chosen.shape[1] - _SIDE + 1), rng.integers(chosen.shape[2] - _SIDE + 1)
    return as_network_input(chosen[:, y : y + _SIDE, x : x + _SIDE])


def as_network_input(pixels: np.ndarray) -> torch.Tensor:
    """uint8 (n, h, w, 3) -> float (n, 3, h, w) in [-1, 1]."""
    values = torch.from_numpy(np.ascontiguousarray(pixels)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return values.contiguous(memory_format=torch.channels_last)


class _Objective:
    """The loss of a reconstruction, of one of four kinds; the last two stand beside L1."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        if kind == "adversarial":
            self._critic = nn.Sequential(
                nn.Conv2d(3, 16, 4, stride=2, padding=1),
                nn.LeakyReLU(0.2),
                nn.Conv2d(16, 32, 4, stride=2, padding=1),
                nn.LeakyReLU(0.2),
                nn.Conv2d(32, 1, 3, padding=1),
            )
            self._optimizer = torch.optim.Adam(self._critic.parameters(), lr=1e-3, betas=(0.5, 0.9))

    def __call__(self, reconstructed: torch.Tensor, photos: torch.Tensor) -> torch.Tensor:
        if self._kind == "L2":
            return F.mse_loss(reconstructed, photos)
        loss = F.l1_loss(reconstructed, photos)
        if self._kind == "perceptual":
            seen, wanted = (_first_layers()((images + 1) / 2) for images in (reconstructed, photos))
            return loss + 0.1 * F.l1_loss(seen, wanted)
        if self._kind == "adversarial":
            self._teach_critic(reconstructed.detach(), photos)
            return loss - 0.02 * self._critic(reconstructed).mean()
        return loss

    def _teach_critic(self, reconstructed: torch.Tensor, photos: torch.Tensor) -> None:
        """A step of the hinge loss."""
        loss = F.relu(1 - self._critic(photos)).mean() + F.relu(1 + self._critic(reconstructed)).mean()
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()


@cache
def _first_layers() -> nn.Module:
    """The fixed network of the perceptual loss: the first layers of a trained encoder."""
    encoder = SanaEncoder()
    encoder.load_state_dict(load_file(WEIGHTS))
    return nn.Sequential(*list(encoder.children())[:5]).requires_grad_(False).eval()


def opened(folder: Path) -> dict[str, Autoencoder]:
    """The trained autoencoders of a folder, by name."""
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        autoencoder = Autoencoder(design(int(file.stem)))
        autoencoder.load_state_dict(load_file(file))
        found[f"autoencoder {file.stem}"] = autoencoder.eval().requires_grad_(False)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    missing = [number for number in range(arguments.count) if not _file(arguments.out, number).exists()]
    regions = photo_regions(read_photos(arguments.photos))
    with ProcessPoolExecutor(arguments.workers, initializer=_share, initargs=(regions, arguments.out)) as pool:
        for line in pool.map(_train_and_save, missing):
            print(line, flush=True)


_shared: dict[str, np.ndarray | Path] = {}


def _share(regions: np.ndarray, out: Path) -> None:
    torch.set_num_threads(1)
    _shared.update(regions=regions, out=out)


def _file(folder: Path, number: int) -> Path:
    return folder / f"{number:04}.safetensors"


def _train_and_save(number: int) -> str:
    regions, out = np.asarray(_shared["regions"]), Path(str(_shared["out"]))
    start = time.time()
    autoencoder = trained(number, regions, _STEPS)
    with torch.no_grad():
        photos = as_network_input(regions[:64])
        error = F.mse_loss(autoencoder(photos).clamp(-1, 1), photos).item()
    weights = {name: value.contiguous() for name, value in autoencoder.state_dict().items()}
    write_atomically(_file(out, number), save(weights))
    decibels = 10 * math.log10(4 / error)
    return f"{number}: {decibels:.1f} dB, {time.time() - start:.0f} s, {asdict(design(number))}"


if __name__ == "__main__":
    main()
