"""Crops of photos that went through a decoder: what the network of the learned space learns from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch

from fingerprints.images import codecs
from fingerprints.images.image import resize

from .autoencoders import as_network_input, opened
from .decoders import simulated_decoder
from .photos import REGION
from .upsamplers import packaged

CROP = 64
WORKERS = 2
Decoder = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Crops:
    """``pixels`` uint8 (n, CROP, CROP, 3); the number (n,) of the decoder that each went through; which decoders (d,)
    were trained, the others being simulated."""

    pixels: torch.Tensor
    labels: torch.Tensor
    trained: torch.Tensor

    @property
    def decoders(self) -> int:
        return len(self.trained)


@dataclass(frozen=True)
class WithDetail:
    """A share of the detail that a small autoencoder loses is put back: its trace stays, its blur goes."""

    decoder: Decoder
    detail: float

    def __call__(self, photos: torch.Tensor) -> torch.Tensor:
        decoded = self.decoder(photos)
        return decoded + self.detail * (photos - decoded)


def trained_decoders(autoencoders: Path | None, packages: bool) -> dict[str, Decoder]:
    """Trained decoders by name: those of a folder of autoencoders, and the up-samplers of installed packages."""
    found: dict[str, Decoder] = dict(packaged()) if packages else {}
    details = np.random.default_rng(7)
    for name, autoencoder in (opened(autoencoders) if autoencoders else {}).items():
        found[name] = WithDetail(autoencoder, float(details.uniform(0.3, 0.9)))
    return found


def decoded_crops(regions: np.ndarray, simulated: int, trained: Mapping[str, Decoder], per_decoder: int) -> Crops:
    """Of that many simulated decoders and of the trained ones, each given other ``regions`` (n, REGION, REGION, 3)."""
    decoders = [*trained.values(), *range(simulated)]
    _shared.update(regions=regions, per_decoder=per_decoder, decoders=decoders)
    # forked, so that networks and photos need not be sent
    with ProcessPoolExecutor(WORKERS, get_context("fork"), _one_thread) as pool:
        found = np.concatenate(list(pool.map(_crops_of, range(len(decoders)), chunksize=4)))
    return Crops(
        torch.from_numpy(found),
        torch.arange(len(decoders)).repeat_interleave(per_decoder),
        torch.arange(len(decoders)) < len(trained),
    )


_shared: dict[str, Any] = {}


def _one_thread() -> None:
    torch.set_num_threads(1)


@torch.no_grad()
def _crops_of(number: int) -> np.ndarray:
    """Crops of random regions after one of the decoders: uint8 (per_decoder, CROP, CROP, 3)."""
    rng, regions = np.random.default_rng([2, number]), _shared["regions"]
    torch.manual_seed(number)
    decoder = _shared["decoders"][number]
    chosen = as_network_input(regions[rng.integers(len(regions), size=_shared["per_decoder"])])
    decoded = (simulated_decoder(decoder) if isinstance(decoder, int) else decoder)(chosen)
    pixels = ((decoded + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    return np.stack([_canonical(one, rng) for one in pixels])


def _canonical(decoded: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A crop in canonical encoding, before which some were scaled or saved: the label must survive that."""
    if rng.random() < 0.25:
        side = int(rng.integers(round(0.7 * REGION), REGION))
        decoded = resize(decoded, side, side)
    if rng.random() < 0.4:
        decoded = codecs.jpeg(decoded, int(rng.integers(40, 99)))
    step = 8 if rng.random() < 0.8 else 1  # a picture that was cropped is off its JPEG grid
    top, left = (step * int(rng.integers((side - CROP) // step + 1)) for side in decoded.shape[:2])
    return codecs.jpeg(np.ascontiguousarray(decoded[top : top + CROP, left : left + CROP]), 75)


def batches(crops: Crops, size: int, share_trained: float, rng: np.random.Generator) -> Callable[[], torch.Tensor]:
    """Draws rows of a batch: pairs of crops of one decoder, ``share_trained`` of the pairs of trained ones."""
    order = np.argsort(crops.labels.numpy(), kind="stable")
    rows_of = np.split(order, np.cumsum(np.bincount(crops.labels.numpy(), minlength=crops.decoders))[:-1])
    kinds: Sequence[np.ndarray] = [np.flatnonzero(crops.trained.numpy() == kind) for kind in (False, True)]
    from_trained = round(share_trained * size / 2) if len(kinds[1]) else 0
    counts = (size // 2 - from_trained, from_trained)

    def draw() -> torch.Tensor:
        chosen = np.concatenate([rng.choice(kind, count) for kind, count in zip(kinds, counts, strict=True) if count])
        return torch.from_numpy(np.concatenate([rng.choice(rows_of[decoder], 2) for decoder in chosen]))

    return draw
