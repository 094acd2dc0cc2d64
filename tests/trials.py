"""Evidence about made-up images, whose truth is known: as if spaces had looked at them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fingerprints.attribution.calibration import Calibration, Line
from fingerprints.learning.crossfit import Kinds, Trials
from fingerprints.learning.operating_point import OperatingPoint, weigh_and_judge, with_bars
from fingerprints.learning.tuning import Together
from fingerprints.model.evidence import Evidence

GENERATORS = ("a", "b", "c", "d")
SPACE = "made up"


def calibrate(trials_of: Mapping[str, Trials], generators: Sequence[str], point: OperatingPoint) -> Calibration:
    """Learn the weights, then choose the bars, as a build does."""
    return with_bars(*weigh_and_judge(trials_of, generators), point)


def evidence(
    rng: np.random.Generator, labels: np.ndarray, over_real: float, columns: int = len(GENERATORS)
) -> Evidence:
    """Of images by these generators (n,), -1 for none of them; they lie that much nearer to one than to photos."""
    n = len(labels)
    own = np.zeros((n, columns))
    own[labels >= 0, labels[labels >= 0]] = 4.0
    return Evidence(
        likelihood=(own + rng.normal(size=own.shape))[:, :, None],
        over_real=over_real + rng.normal(size=n)[:, None] * np.ones(columns),
        distance=np.exp(0.2 * rng.normal(size=own.shape) + 0.4 * (own == 0))[:, :, None],
        real_distance=np.exp(0.2 * rng.normal(size=n) + 0.2 * over_real),
        views=np.ones(n, dtype=int),
        share=(own / 4.0 + 0.2 * rng.normal(size=own.shape))[:, :, None],
        line=over_real + rng.normal(size=n),
    )


def kinds(name: str, n: int, histories: Sequence[int] = (0,), repeated: int = 1) -> Kinds:
    """Images seen by all of their views, each history in turn; ``repeated``: so many share a content."""
    contents = np.array([f"{name}-{i // repeated}" for i in range(n)])
    return Kinds(np.zeros(n, dtype=int), np.resize(np.array(histories), n), contents, np.zeros(n, dtype=int))


def together(seed: int, n: int = 240, apart: float = 2.5, repeated: int = 1, outsiders: bool = True) -> Together:
    """Trials of one space: n generated images, as many photos, and strangers. ``apart``: 0 when photos are just like
    generated images. ``repeated``: so many images share a content, and are the same."""
    rng, same = np.random.default_rng(seed), np.arange(n) // repeated
    labels = same % len(GENERATORS)
    left_out: list[int | None] = [*range(len(GENERATORS)), *([None] if outsiders else [])]
    columns = [len(GENERATORS) - (column is not None) for column in left_out]
    of_photos = np.full(n, -1) if apart else labels
    return Together(
        known={SPACE: evidence(rng, labels, apart).select(same * repeated)},
        labels=labels,
        photos={SPACE: evidence(rng, of_photos, -apart).select(same * repeated)},
        sources=np.resize(np.array(["camera | as is", "camera | cropped", "film | as is", "film | blurred"]), n),
        strangers=[{SPACE: evidence(rng, np.full(30, -1), 0.5 * apart, count)} for count in columns],
        kinds=kinds("made", n, (0, 0, 0, 0, 1, 1, 1, 1, -1, -1, -1, -1), repeated),
        photos_kinds=kinds("photo", n, (0,), repeated),
        strangers_kinds=[kinds(f"stranger {column}", 30, (0, -1)) for column in left_out],
        left_out=left_out,
    )


def calibration() -> Calibration:
    """Its weights are given, not learned; no bars are chosen."""
    return Calibration(
        spaces=(SPACE,),
        fusion=(1.0,),
        generated=Line((0.0,) * 6, (0.0,) * 6, 0.0),
        stranger=Line((0.5, -3.0, 0.0), (0.0, 0.5, 0.0), 0.0),
        member_distances=tuple(np.linspace(0.5, 2.0, 300).tolist()),
        real_distances=tuple(np.linspace(0.3, 2.0, 300).tolist()),
        bars={},
        stated={},
        offsets=dict.fromkeys(GENERATORS, 0.0),
    )
