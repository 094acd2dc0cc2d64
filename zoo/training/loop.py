"""Train generators, one after the other in each worker, so that an interruption loses minutes at most.

A step's random numbers depend on the generator's name and the step's number alone, and a checkpoint holds everything
else, so a training that was interrupted ends with the weights it would have ended with.
"""

from __future__ import annotations

import hashlib
import io
import math
import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from fingerprints.files import write_atomically

from ..designs.cards import FOLDER
from ..designs.design import Design
from ..designs.errors import ZooError
from ..networks.kinds import recipe_of
from ..networks.recipe import BATCH, Recipe
from .faces import Faces
from .publish import publish

Tell = Callable[[str], None]
CHECKPOINT_SECONDS = 30.0
TOLD_STEPS = 250


@dataclass(frozen=True)
class Plan:
    """Where faces come from, where checkpoints and results go; ``steps`` replaces the recipe's number, for trials."""

    data: Path
    work: Path
    out: Path = FOLDER
    steps: int | None = None


def train(design: Design, faces: Faces, plan: Plan, tell: Tell) -> None:
    """Train one generator, from its checkpoint if there is one, and publish its weights and card."""
    torch.manual_seed(number_of(design.name))
    recipe = recipe_of(design)
    for network in recipe.networks.values():
        network.to(memory_format=torch.channels_last)
        network.train()
    steps = plan.steps or recipe.steps
    checkpoint = plan.work / f"{design.name}.checkpoint"
    begin = restore(recipe, checkpoint)
    if begin > steps:
        raise ZooError(f"{checkpoint} has done {begin} steps, more than {steps}; delete it to begin anew.")
    tell(f"{design.name}: {f'goes on from step {begin}' if begin else 'begins'} of {steps}")
    _run(recipe, design.name, as_batch(faces.training), range(begin, steps), checkpoint, tell)
    save(recipe, checkpoint, steps)
    recipe.finish(torch.Generator().manual_seed(number_of(f"{design.name}:finish")))
    card = publish(design, recipe.product, steps, faces, plan.out)
    checkpoint.unlink()
    tell(f"{design.name}: done, distance to real faces {card.distance:.2f} (between real faces {card.floor:.2f})")


def _run(recipe: Recipe, name: str, real: torch.Tensor, steps: range, checkpoint: Path, tell: Tell) -> None:
    """The steps, with a checkpoint now and then. Raises ZooError where a loss is no longer a number."""
    saved = told = time.monotonic()
    for step in steps:
        losses = _step(recipe, name, real, step)
        now = time.monotonic()
        if (step + 1) % TOLD_STEPS == 0:
            if not all(math.isfinite(value) for value in losses.values()):
                raise ZooError(f"the training diverged before step {step + 1}; its losses are {losses}.")
            shown = ", ".join(f"{part} {value:.3f}" for part, value in losses.items())
            tell(f"{name}: step {step + 1}, {now - told:.0f} s since the last line, {shown}")
            told = now
        if now - saved > CHECKPOINT_SECONDS:
            save(recipe, checkpoint, step + 1)
            saved = now


def _step(recipe: Recipe, name: str, real: torch.Tensor, step: int) -> dict[str, float]:
    """One step on BATCH faces, each mirrored or not. In bfloat16, which takes less time."""
    rng = torch.Generator().manual_seed(number_of(f"{name}:{step}"))
    batch = real[torch.randint(len(real), (BATCH,), generator=rng)]
    mirrored = torch.rand(BATCH, 1, 1, 1, generator=rng) < 0.5
    batch = torch.where(mirrored, batch.flip(3), batch)
    with torch.autocast("cpu", torch.bfloat16):
        return recipe.step(batch.contiguous(memory_format=torch.channels_last), rng, step)


def number_of(text: str) -> int:
    """A seed from a text, the same on every machine."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")


def as_batch(faces: np.ndarray) -> torch.Tensor:
    """uint8 (n, 32, 32, 3) -> float (n, 3, 32, 32) in [-1, 1], channels last in memory."""
    return torch.from_numpy(faces).permute(0, 3, 1, 2).float() / 127.5 - 1


def save(recipe: Recipe, path: Path, step: int) -> None:
    """A checkpoint after ``step`` steps, whole or not there."""
    state = {
        "step": step,
        "networks": {name: network.state_dict() for name, network in recipe.networks.items()},
        "optimizers": {name: optimizer.state_dict() for name, optimizer in recipe.optimizers.items()},
    }
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_atomically(path, buffer.getvalue())


def restore(recipe: Recipe, path: Path) -> int:
    """Put a checkpoint's state into the recipe; the number of steps it had done, 0 where there is none.

    Raises ZooError for a checkpoint that does not fit.
    """
    if not path.exists():
        return 0
    try:
        state = torch.load(path, weights_only=True)
        for name, network in recipe.networks.items():
            network.load_state_dict(state["networks"][name])
        for name, optimizer in recipe.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        return int(state["step"])
    except (RuntimeError, LookupError, ValueError, pickle.UnpicklingError, EOFError) as error:
        raise ZooError(f"{path} is damaged or of another version; delete it to begin anew.") from error
