"""Train the small learned spaces: ``python -m training.learn_encoders sl --data DIR --out FOLDER``, and ``ssl``.

Real images alone are used, and of those only what the benchmarks do not test on. After every epoch the state is saved;
the same command goes on from it after an interruption and gives the same weights. The last epoch writes the weights
(float16) and their model card. The embedded ones were made on one thread, with the epochs of their cards.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import time
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as packed
from torch import nn

from fingerprints.files import write_atomically
from fingerprints.spaces.networks.small import SmallEncoder

from .objectives import OBJECTIVES, Objective

_RATE, _DECAY, _WARM_UP = 3e-3, 1e-3, 100


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("objective", choices=list(OBJECTIVES))
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds cifar10 and celeba64")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # small maps: more threads only wait for each other
    torch.manual_seed(arguments.seed)
    objective = OBJECTIVES[arguments.objective](arguments.data)
    state = arguments.out / f"{objective.name}.{arguments.epochs}.{arguments.seed}.state"  # of this very command
    encoder = train(objective, arguments.epochs, arguments.seed, state)
    save(encoder, objective, arguments.epochs, arguments.seed, arguments.out)


def train(objective: Objective, epochs: int, seed: int, state: Path) -> SmallEncoder:
    """AdamW with a cosine decay; ``state``: the file to go on from, if it is there, and to write after each epoch."""
    encoder = SmallEncoder().to(memory_format=torch.channels_last)
    both = nn.ModuleList([encoder, objective.head])
    optimizer = torch.optim.AdamW(both.parameters(), lr=_RATE, weight_decay=_DECAY)
    per_epoch = steps_of_an_epoch(objective)
    begun = 0
    if state.exists():
        saved = torch.load(state, weights_only=True)
        both.load_state_dict(saved["weights"])
        optimizer.load_state_dict(saved["optimizer"])
        begun = saved["epochs"]
    for epoch in range(begun, epochs):
        generator = torch.Generator().manual_seed(1000 * seed + epoch)  # its own: a resumed run sees the same batches
        start, total = time.time(), 0.0
        both.train()
        for step in range(epoch * per_epoch, (epoch + 1) * per_epoch):
            for group in optimizer.param_groups:
                group["lr"] = _rate(step, epochs * per_epoch)
            loss = objective.loss(encoder, generator)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / per_epoch:.3f}, {time.time() - start:.0f} s", flush=True)
        saved = {"weights": both.state_dict(), "optimizer": optimizer.state_dict(), "epochs": epoch + 1}
        torch.save(saved, buffer := io.BytesIO())
        write_atomically(state, buffer.getvalue())
    both.eval()
    return encoder


def steps_of_an_epoch(objective: Objective) -> int:
    return max(1, sum(len(reals) for reals in objective.sets.values()) // objective.batch)


def save(encoder: SmallEncoder, objective: Objective, epochs: int, seed: int, out: Path) -> None:
    """The weights as float16 and the model card; the figures of the card are those of the saved weights."""
    weights = {
        name: (value.half() if value.is_floating_point() else value).contiguous()
        for name, value in encoder.state_dict().items()
    }
    encoder.load_state_dict(weights)
    card = model_card(encoder, objective, epochs, seed)
    write_atomically(out / f"{objective.name}.safetensors", packed(weights))
    write_atomically(out / f"{objective.name}.json", (json.dumps(card, indent=1) + "\n").encode())
    print(json.dumps(card["figures"]), flush=True)


def model_card(encoder: SmallEncoder, objective: Objective, epochs: int, seed: int) -> dict[str, Any]:
    return {
        "name": objective.name,
        "about": objective.about,
        "parameters": sum(parameter.numel() for parameter in encoder.parameters()),
        "images": {group: len(reals) for group, reals in objective.sets.items()},
        "generated images": 0,
        "excluded": "every content that a benchmark tests on (fingerprints/splits.py, is_test: 30 % of the contents)",
        "epochs": epochs,
        "steps": epochs * steps_of_an_epoch(objective),
        "batch": objective.batch,
        "seed": seed,
        "figures": {name: round(value, 4) for name, value in objective.figures(encoder).items()},
        "command": f"python -m training.learn_encoders {objective.name} --data DIR --out FOLDER --epochs {epochs}"
        f" --seed {seed}",
        "licence": "Derived from CIFAR-10"
        + (" and CelebA (non-commercial research)" if "celeba64" in objective.sets else "")
        + "; the images themselves are not in the weights. See NOTICE.",
    }


def _rate(step: int, steps: int) -> float:
    """Linear warm-up, of at most an eighth of all steps, then a half cosine to zero."""
    return _RATE * min(1.0, (step + 1) / min(_WARM_UP, steps / 8)) * 0.5 * (1 + math.cos(math.pi * step / steps))


if __name__ == "__main__":
    main()
