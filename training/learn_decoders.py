"""Train the learned space: ``python -m training.learn_decoders --photos FILE ... --out FOLDER``.

The network learns which decoder a crop of a photo went through: simulated ones (training/decoders.py), and with
--autoencoders and --packages trained ones. Real photos alone are used, and of those only what the benchmarks do not
test on. The weights are saved every four minutes; --start goes on from saved ones. The embedded ones were made with
--decoders 2000 --minutes 28, then with --decoders 2500 --minutes 45 --start from those, on two cores, both with
--bfloat16, of simulated decoders alone.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

from fingerprints.spaces.networks.differences import WIDTH, Encoder

from .decoded_crops import Crops, batches, decoded_crops, trained_decoders
from .photos import photo_regions, read_photos

_BATCH = 128
_WATCHED = 3072  # held-out crops that are looked at
_SAVED_EVERY = 240.0  # seconds
_TEMPERATURE = 0.1


@dataclass(frozen=True)
class Course:
    """How the network is trained. ``rate``: the learning rate at its highest. ``share_trained``: of the batches, crops
    of trained decoders. ``contrast``: the weight of the supervised contrastive loss beside the softmax."""

    seconds: float
    rate: float = 3e-3
    share_trained: float = 0.5
    contrast: float = 0.0
    device: str = "cpu"
    bfloat16: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--decoders", type=int, default=3000, help="simulated ones")
    parser.add_argument("--autoencoders", type=Path, help="a folder that training.autoencoders wrote")
    parser.add_argument("--packages", action="store_true", help="up-samplers of requirements-training.txt too")
    parser.add_argument("--crops", type=int, default=64, help="of each decoder")
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--share-trained", type=float, default=0.5)
    parser.add_argument("--contrast", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--bfloat16", action="store_true", help="for processors that compute in it")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    trained = trained_decoders(arguments.autoencoders, arguments.packages)
    regions = photo_regions(read_photos(arguments.photos))
    crops = decoded_crops(regions, arguments.decoders, trained, arguments.crops)
    print(
        f"{len(crops.labels)} crops of {arguments.decoders} simulated and {len(trained)} trained decoders", flush=True
    )
    course = Course(
        arguments.minutes * 60,
        arguments.rate,
        arguments.share_trained,
        arguments.contrast,
        arguments.device,
        arguments.bfloat16,
    )
    out = arguments.out / "decoders.safetensors"
    figures = train(crops, course, out, arguments.start)
    out.with_suffix(".json").write_text(json.dumps(_card(arguments, list(trained), figures), indent=1) + "\n")


def _card(arguments: argparse.Namespace, trained: list[str], figures: dict[str, float]) -> dict[str, Any]:
    """The model card: what the weights were made of, and what they never saw."""
    return {
        "name": "decoders",
        "about": "tells apart the decoders that crops of photos went through",
        "simulated decoders": arguments.decoders,
        "trained decoders": trained,
        "crops of each": arguments.crops,
        "minutes": arguments.minutes,
        "threads": arguments.threads,
        "device": arguments.device,
        "begun from other weights": arguments.start is not None,
        "contrast": arguments.contrast,
        "photos": [path.name for path in arguments.photos],
        "generated images": 0,
        "excluded": "every content that a benchmark tests on (fingerprints/splits.py, is_test: 30 % of the contents)",
        "figures": figures,
    }


def train(crops: Crops, course: Course, out: Path, begin: Path | None = None) -> dict[str, float]:
    """Softmax over the decoders, and the contrastive loss, for ``course.seconds``; a thirtieth of the crops is held out
    to watch. Gives the number of steps, and how many of the held-out crops are told."""
    held = torch.arange(len(crops.labels)) % 32 == 31
    learned, watched = (Crops(crops.pixels[part], crops.labels[part], crops.trained) for part in (~held, held))
    encoder = Encoder()
    if begin is not None:
        encoder.load_state_dict(load_file(begin))
    encoder = encoder.to(course.device, memory_format=torch.channels_last)
    heads = _Heads(crops.decoders).to(course.device)
    optimizer = torch.optim.AdamW([*encoder.parameters(), *heads.parameters()], lr=course.rate, weight_decay=1e-3)
    draw = batches(learned, _BATCH, course.share_trained, np.random.default_rng(3))
    start, step, saved, running = time.time(), 0, time.time(), 0.0
    while (done := (time.time() - start) / course.seconds) < 1:
        optimizer.param_groups[0]["lr"] = course.rate * min(1.0, step / 200) * (1 - done) + 1e-5
        chosen = draw()
        views, labels = learned.pixels[chosen].to(course.device), learned.labels[chosen].to(course.device)
        if step % 2:
            views = views.flip(2)  # mirrored: the traces are the same
        with torch.autocast(torch.device(course.device).type, torch.bfloat16, enabled=course.bfloat16):
            features = encoder(views)
        loss = heads.loss(features.float(), labels, course.contrast)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running = 0.98 * running + 0.02 * loss.item()
        step += 1
        if step % 200 == 0:
            print(f"step {step}, {time.time() - start:.0f} s, loss {running:.3f}", flush=True)
        if time.time() - saved > _SAVED_EVERY:
            _save(encoder, heads, watched, out)
            saved = time.time()
    return {"steps": step, "held-out crops right": _save(encoder, heads, watched, out)}


class _Heads(nn.Module):
    """What is trained with the encoder and thrown away: a softmax over the decoders, and a direction to compare."""

    def __init__(self, decoders: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(6 * WIDTH)
        self.hidden = nn.Linear(6 * WIDTH, 256)
        self.decoder = nn.Linear(256, decoders)
        self.direction = nn.Linear(256, 64)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.decoder(self._hidden(features))

    def loss(self, features: torch.Tensor, labels: torch.Tensor, contrast: float) -> torch.Tensor:
        hidden = self._hidden(features)
        loss = F.cross_entropy(self.decoder(hidden), labels)
        return loss + contrast * supervised_contrast(self.direction(hidden), labels) if contrast else loss

    def _hidden(self, features: torch.Tensor) -> torch.Tensor:
        return F.relu(self.hidden(self.norm(features)))


def supervised_contrast(directions: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Khosla et al., "Supervised contrastive learning" (2020), eq. 2: directions (n, d), of which those of one label
    are to be near each other; a label that stands alone counts for nothing."""
    unit = F.normalize(directions)
    apart = ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
    logits = (unit @ unit.T / _TEMPERATURE).masked_fill(~apart, -torch.inf)
    log_shares = (logits - logits.logsumexp(dim=1, keepdim=True)).masked_fill(~apart, 0.0)
    same = (labels[:, None] == labels[None, :]) & apart
    counts = same.sum(dim=1)
    return -((log_shares * same).sum(dim=1) / counts.clamp(min=1))[counts > 0].mean()


@torch.no_grad()
def _save(encoder: Encoder, heads: _Heads, crops: Crops, out: Path) -> float:
    encoder.eval(), heads.eval()
    device = next(encoder.parameters()).device
    right = [
        (heads(encoder(crops.pixels[rows].to(device))).argmax(dim=1).cpu() == crops.labels[rows])
        for rows in torch.randperm(len(crops.labels))[:_WATCHED].split(256)
    ]
    encoder.train(), heads.train()
    save_file({name: value.contiguous().cpu() for name, value in encoder.state_dict().items()}, out)
    share = round(float(torch.cat(right).float().mean()), 4)
    print(f"held-out crops: {share:.3f} right", flush=True)
    return share


if __name__ == "__main__":
    main()
