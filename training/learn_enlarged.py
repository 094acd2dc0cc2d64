"""Fit the weights by which enlarged pictures are known: ``python -m training.learn_enlarged --data DIR``.

Photos and generated pictures (DIR/t2i, DIR/modern) are enlarged 1.2 to 4.1 times with four filters, and saved as PNG,
JPEG 85 or WebP 80; as many stay as they are, or are saved again. Half of the contents teach, the others say what comes
of it. Printed: the weights and the bar, to be put into fingerprints/images/resampled.py; then, of the other half, how
often an enlarging is seen, how often its likeliest factor is right within 10 %, how often it is said, and how many of
the others are said to be enlarged.
"""

from __future__ import annotations

import argparse
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import PIL.Image
from scipy.optimize import minimize

from fingerprints.images.codecs import jpeg, webp
from fingerprints.images.histories import scaled_by
from fingerprints.images.resampled import FACTORS, signs, sure
from fingerprints.splits import is_test
from registry.intake.samples import Limits, Sample, read_samples

_SAVED: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "png": lambda pixels: pixels,
    "jpeg 85": partial(jpeg, quality=85),
    "webp 80": partial(webp, quality=80),
}
_FILTERS = tuple(PIL.Image.Resampling[name] for name in ("NEAREST", "BILINEAR", "BICUBIC", "LANCZOS"))
_COMMON = (1.25, 1.33, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0)
_LEAST, _MOST, _OTHERS = 1.22, 4.1, 8  # further factors, and how many of them
_SIDE = 1024  # px: of what is enlarged, no more is needed for the piece that is looked at
_SCALED = ("midjourney-2025", "step1x-edit")  # whose pictures were scaled before they came here
_LIMITS = Limits(max_files=1_000_000, max_total_bytes=1_000_000_000_000)
_TEACHES, _RIGHT = np.log(1.025), np.log(1.1)  # how far off a factor may be
_DECAY, _FALSE = 1e-4, 0.025


@dataclass(frozen=True)
class Examples:
    """``signs`` (n, factors, k); the true ``factor`` (n,), 1 of what was not enlarged; ``saved`` (n,) and ``content``
    (n,)."""

    signs: np.ndarray
    factor: np.ndarray
    saved: np.ndarray
    content: np.ndarray

    def where(self, chosen: np.ndarray) -> Examples:
        return Examples(*(values[chosen] for values in vars(self).values()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=24, help="of each generator; of photos twice as many")
    arguments = parser.parse_args()
    with ProcessPoolExecutor(2) as pool:
        examples = _joined(list(pool.map(_made_of, _pictures(arguments.data, arguments.pictures), chunksize=2)))
    held = is_test(examples.content, "resampled")
    teach, rest = examples.where(~held), examples.where(held)
    weights = fit(teach)
    none = teach.factor == 1
    bar = float(np.quantile((teach.signs[none] @ weights).max(axis=1), 1 - _FALSE))
    print("weights:", ", ".join(f"{weight:.3g}" for weight in weights))
    print(f"bar: {bar:.2f}")
    for saved in ("", *_SAVED):
        print(f"{saved or 'all'}: {figures(rest.where(np.char.startswith(rest.saved, saved)), weights, bar)}")


def _pictures(data: Path, count: int) -> Iterator[tuple[str, np.ndarray]]:
    """(content, pixels)."""
    for path in [*sorted((data / "t2i").glob("*.parquet")), *sorted((data / "modern").glob("*.parquet"))]:
        if path.stem not in _SCALED:
            read = (item for item in read_samples([path], limits=_LIMITS) if isinstance(item, Sample))
            for sample in islice(read, count * (2 if path.stem.startswith("real") else 1)):
                yield f"{path.stem} {sample.content}", np.ascontiguousarray(sample.image.pixels[:_SIDE, :_SIDE])


def _made_of(picture: tuple[str, np.ndarray]) -> Examples:
    """The picture as it is and saved again; and enlarged by every common factor and some others."""
    content, pixels = picture
    rng = np.random.default_rng(zlib.crc32(content.encode()))
    made = [(1.0, name, save(pixels)) for name, save in _SAVED.items()]
    others = np.exp(rng.uniform(np.log(_LEAST), np.log(_MOST), _OTHERS))
    for factor in (*_COMMON, *_COMMON, *others):
        filter_, name = _FILTERS[rng.integers(len(_FILTERS))], list(_SAVED)[rng.integers(len(_SAVED))]
        piece = pixels[: int(_SIDE / factor) + 1, : int(_SIDE / factor) + 1]
        made.append((float(factor), name, _SAVED[name](scaled_by(np.ascontiguousarray(piece), float(factor), filter_))))
    seen = [(factor, name, signs(np.ascontiguousarray(shown))) for factor, name, shown in made]
    return Examples(
        np.stack([found for *_, found in seen]).astype(np.float32),
        np.array([factor for factor, *_ in seen]),
        np.array([name for _, name, _ in seen]),
        np.array([content] * len(seen)),
    )


def _joined(parts: Sequence[Examples]) -> Examples:
    return Examples(*(np.concatenate(values) for values in zip(*(vars(part).values() for part in parts), strict=True)))


def fit(examples: Examples) -> np.ndarray:
    """The weights (k,) of a conditional logit between all factors and none; both kinds of pictures weigh the same."""
    none = examples.factor == 1
    right = np.abs(np.log(FACTORS / examples.factor[:, None])) < _TEACHES
    scale = examples.signs.reshape(-1, examples.signs.shape[2]).std(axis=0)
    scale[scale < 1e-6] = 1
    z, weight = examples.signs / scale, np.where(none, 0.5 / none.sum(), 0.5 / (~none).sum())

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        scores = z @ found.astype(np.float32)
        top = np.maximum(scores.max(axis=1), 0)
        each, nothing = np.exp(scores - top[:, None]), np.exp(-top)
        of_right = np.where(none, nothing, (each * right).sum(axis=1)) + 1e-30
        total = each.sum(axis=1) + nothing
        pull = np.where(none[:, None], 0, each * right / of_right[:, None]) - each / total[:, None]
        slope = -np.einsum("nf,nfk->k", (weight[:, None] * pull).astype(np.float32), z)
        return float(-weight @ np.log(of_right / total) + _DECAY * found @ found), slope + 2 * _DECAY * found

    found = minimize(loss, np.zeros(len(scale)), jac=True, method="L-BFGS-B", options={"maxiter": 150}).x / scale
    return np.array([float(f"{weight:.3g}") for weight in found])


def figures(examples: Examples, weights: np.ndarray, bar: float) -> str:
    scores, large = examples.signs @ weights, examples.factor > 1
    seen, likeliest = scores.max(axis=1) >= bar, FACTORS[scores.argmax(axis=1)]
    right = np.abs(np.log(likeliest / examples.factor)) < _RIGHT
    said = np.array([sure(row) for row in scores])
    of_seen = large & seen
    return (
        f"enlarged and seen {seen[large].mean():.3f}; likeliest factor right {(seen & right)[large].mean():.3f}; of "
        f"those seen, factor said {said[of_seen].mean():.3f}, right {right[of_seen & said].mean():.3f}; "
        f"not enlarged, said to be {seen[~large].mean():.3f}"
    )


if __name__ == "__main__":
    main()
