"""A trained generator becomes a weights file and a card; what the card says is measured on the file."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import safetensors.torch
from torch import Tensor, nn

from fingerprints.files import write_atomically

from ..designs.cards import Card, write_card
from ..designs.design import Design
from ..networks.recipe import BATCH
from ..networks.sampling import network_of, samples_of
from .faces import Faces
from .quality import MEASURE, frechet_distance

DIGEST_OF = 64  # samples


def publish(design: Design, product: nn.Module, steps: int, faces: Faces, out: Path) -> Card:
    """Write NAME.safetensors (float16) and then NAME.json, which makes it known."""
    stored = safetensors.torch.save({name: _small(tensor) for name, tensor in product.state_dict().items()})
    write_atomically(out / f"{design.name}.safetensors", stored)
    card = _card(design, network_of(design, stored), steps, faces, hashlib.sha256(stored).hexdigest())
    write_card(card, out)
    return card


def _small(tensor: Tensor) -> Tensor:
    return (tensor.half() if tensor.is_floating_point() else tensor).contiguous()


def _card(design: Design, product: nn.Module, steps: int, faces: Faces, weights_digest: str) -> Card:
    half = len(faces.manifold) // 2
    real, reference = faces.manifold[:half], faces.manifold[half:]
    samples = np.stack(list(samples_of(product, max(half, DIGEST_OF), seed=0)))
    return Card(
        name=design.name,
        kind=design.kind,
        design=design.in_words(),
        seed=design.seed,
        steps=steps,
        batch=BATCH,
        training_faces=len(faces.training),
        parameters=sum(parameter.numel() for parameter in product.parameters()),
        distance=round(frechet_distance(samples[:half], reference), 3),
        floor=round(frechet_distance(real, reference), 3),
        measure=MEASURE,
        weights_digest=weights_digest,
        samples_digest=hashlib.sha256(samples[:DIGEST_OF].tobytes()).hexdigest(),
    )
