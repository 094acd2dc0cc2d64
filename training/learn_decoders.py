"""Train the learned space: ``python -m training.learn_decoders --photos FILE ... --out FOLDER``.

Real photos alone are used, and of those only what the benchmarks do not test on. The weights are saved every four
minutes; --start goes on from saved ones. The embedded ones were made with --decoders 2000 --minutes 28, then with
--decoders 2500 --minutes 45 --start from those, on two cores, both with --bfloat16.
"""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import nn

from fingerprints.images import codecs
from fingerprints.images.image import resize
from fingerprints.spaces.networks.differences import WIDTH, Encoder
from fingerprints.splits import is_test
from registry.intake.samples import Limits, Sample, read_samples

from .decoders import simulated_decoder

REGION, CROP = 96, 64
REGIONS = 8000
WORKERS = 2
WATCHED = 3072  # held-out crops that are looked at


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, nargs="+", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--decoders", type=int, default=3000)
    parser.add_argument("--crops", type=int, default=64, help="of each decoder")
    parser.add_argument("--minutes", type=float, default=50)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--bfloat16", action="store_true", help="for processors that compute in it")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    crops, labels = training_crops(read_photos(arguments.photos), arguments.decoders, arguments.crops)
    print(f"{len(crops)} crops of {arguments.decoders} decoders", flush=True)
    out = arguments.out / "decoders.safetensors"
    train(crops, labels, arguments.minutes * 60, out, arguments.start, arguments.bfloat16)


def read_photos(paths: list[Path]) -> list[np.ndarray]:
    """Pixels (h, w, 3) of the photos that no benchmark tests on."""
    found = []
    for item in read_samples(paths, limits=Limits(max_files=1_000_000, max_total_bytes=10**12)):
        if isinstance(item, Sample) and item.image.shorter_side >= REGION and not is_test(np.array([item.content]))[0]:
            found.append(item.image.pixels)
    return found


def training_crops(photos: list[np.ndarray], decoders: int, per_decoder: int) -> tuple[torch.Tensor, torch.Tensor]:
    """uint8 (decoders * per_decoder, CROP, CROP, 3) and the decoder (n,) that each crop went through."""
    rng = np.random.default_rng(1)
    regions = np.stack([_region(photo, rng) for photo in photos for _ in range(REGIONS // len(photos) + 1)])
    with ProcessPoolExecutor(WORKERS, initializer=_share, initargs=(regions, per_decoder)) as pool:
        crops = np.concatenate(list(pool.map(_decoded_crops, range(decoders), chunksize=20)))
    return torch.from_numpy(crops), torch.arange(decoders).repeat_interleave(per_decoder)


_shared: dict[str, Any] = {}


def _share(regions: np.ndarray, per_decoder: int) -> None:
    torch.set_num_threads(1)
    _shared.update(regions=regions, per_decoder=per_decoder)


def _decoded_crops(number: int) -> np.ndarray:
    """Crops of random regions after decoder ``number``: uint8 (per_decoder, CROP, CROP, 3)."""
    rng, regions = np.random.default_rng([2, number]), _shared["regions"]
    torch.manual_seed(number)
    x = torch.from_numpy(regions[rng.integers(len(regions), size=_shared["per_decoder"])])
    y = simulated_decoder(number)(x.permute(0, 3, 1, 2).float() / 127.5 - 1)
    decoded = ((y + 1) * 127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
    return np.stack([_canonical(one, rng) for one in decoded])


def _region(photo: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """REGION x REGION pixels from anywhere in a photo, which is scaled down first: its own traces fade, sizes vary."""
    height, width = photo.shape[:2]
    least = REGION / min(height, width)
    scale = rng.uniform(max(least, 0.35), 1.0)
    if scale < 0.97:
        photo = resize(photo, max(REGION, round(width * scale)), max(REGION, round(height * scale)))
    y, x = rng.integers(photo.shape[0] - REGION + 1), rng.integers(photo.shape[1] - REGION + 1)
    return np.ascontiguousarray(photo[y : y + REGION, x : x + REGION])


def _canonical(decoded: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A crop in canonical encoding, before which some were saved as JPEG or scaled: the label must survive that."""
    if rng.random() < 0.15:
        side = int(rng.integers(round(0.7 * REGION), REGION))
        decoded = resize(decoded, side, side)
    if rng.random() < 0.35:
        decoded = codecs.jpeg(decoded, int(rng.integers(50, 96)))
    step = 8 if rng.random() < 0.8 else 1  # a picture that was cropped is off its JPEG grid
    top, left = (step * int(rng.integers((side - CROP) // step + 1)) for side in decoded.shape[:2])
    return codecs.jpeg(np.ascontiguousarray(decoded[top : top + CROP, left : left + CROP]), 75)


def train(
    crops: torch.Tensor,
    labels: torch.Tensor,
    seconds: float,
    out: Path,
    begin: Path | None = None,
    bfloat16: bool = False,
) -> None:
    """Softmax over the decoders, for that many seconds; a thirtieth of the crops is held out to watch."""
    classes = int(labels.max()) + 1
    held = torch.arange(len(crops)) % 32 == 31
    order = torch.nonzero(~held)[:, 0]
    encoder = Encoder()
    if begin is not None:
        encoder.load_state_dict(load_file(begin))
    encoder = encoder.to(memory_format=torch.channels_last)
    head = nn.Sequential(nn.BatchNorm1d(6 * WIDTH), nn.Linear(6 * WIDTH, 256), nn.ReLU(), nn.Linear(256, classes))
    parameters = [*encoder.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=3e-3, weight_decay=1e-3)
    batch, start, step, saved = 128, time.time(), 0, time.time()
    running = 0.0
    while (done := (time.time() - start) / seconds) < 1:
        for group in optimizer.param_groups:
            group["lr"] = 3e-3 * min(1.0, step / 200) * (1 - done) + 1e-5
        chosen = order[torch.randint(len(order), (batch,))]
        views = crops[chosen]
        if step % 2:
            views = views.flip(2)  # mirrored: the traces are the same
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            features = encoder(views)
        loss = F.cross_entropy(head(features.float()), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        running = 0.98 * running + 0.02 * loss.item()
        step += 1
        if step % 200 == 0:
            print(f"step {step}, {time.time() - start:.0f} s, loss {running:.3f}", flush=True)
        if time.time() - saved > 240:
            _save(encoder, head, crops[held], labels[held], out)
            saved = time.time()
    _save(encoder, head, crops[held], labels[held], out)


@torch.no_grad()
def _save(encoder: Encoder, head: nn.Module, crops: torch.Tensor, labels: torch.Tensor, out: Path) -> None:
    encoder.eval(), head.eval()
    right = [
        (head(encoder(crops[i : i + 256])).argmax(dim=1) == labels[i : i + 256]).float()
        for i in range(0, min(len(crops), WATCHED), 256)
    ]
    encoder.train(), head.train()
    print(f"held-out crops: {float(torch.cat(right).mean()):.3f} right", flush=True)
    save_file({k: v.contiguous() for k, v in encoder.state_dict().items()}, out)


if __name__ == "__main__":
    main()
