"""What a new generator gets from a few samples: ``python -m benchmarks.newcomers --data DIR/t2i``.

A build of the first generators of text-to-image, to which each of the later ones is added in turn, as a contribution
is: from 5, 10, 20, 50 and 100 samples. Asked are its other images, of contents that are in no sample. Printed: best
candidate right, answered by name, given a set that holds it, called generated, called real; and how many photos, which
the build never saw, are accused with it and were not before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from fingerprints.attribution.verdict import AMONG, GENERATED, GENERATOR, REAL
from fingerprints.geometry.embedding import EmbeddedImages, concatenate
from fingerprints.images.histories import AS_IS
from fingerprints.learning.fitting import Fitted
from fingerprints.model.fingerprint import Fingerprint

from .common.answers import Judged, judge, posterior_of
from .common.data import as_made, later_ones, load, split
from .common.group_command import group_parser, write_figures
from .common.scores import auroc

SHOTS = (5, 10, 20, 50, 100)
_LEAST = 10  # images that are asked about


@dataclass(frozen=True)
class Outcome:
    """Shares of the images that were asked about; ``accused`` of photos, beyond those accused before."""

    asked: int
    best: float
    named: float
    placed: float
    generated: float
    real: float
    accused: float


def main() -> None:
    parser = group_parser(__doc__)
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    later = sorted(later_ones(group.files))
    photos, photos_test = split(group.embedded.photos)
    first, _ = split({name: images for name, images in group.embedded.generators.items() if name not in later})
    fitted = group.fit(photos, first)
    unseen = concatenate(list(photos_test.values()))
    before = judge(fitted, unseen).called_generated
    as_is = concatenate([images for label, images in photos_test.items() if label.endswith(f"| {AS_IS}")])
    strangers = {name: _stranger(fitted, as_made(group.embedded.generators[name]), as_is) for name in later}
    results: dict[str, dict[str, Any]] = {"not added": strangers}
    for name, of_one in strangers.items():
        print(f"{name:28} not added: {_shares(of_one)}", flush=True)
    for name in later:
        for count, outcome in outcomes(fitted, name, group.embedded.generators[name], unseen, before).items():
            results.setdefault(str(count), {})[name] = vars(outcome)
            print(f"{name:28} from {count:3}: {_line(vars(outcome))}", flush=True)
    for label, of_names in results.items():
        mean = {key: float(np.mean([one[key] for one in of_names.values()])) for key in next(iter(of_names.values()))}
        of_names["mean"] = mean
        print(f"mean of {len(of_names) - 1:2}, {label:>9}: {_shares(mean)}")
    write_figures(arguments.json, {"build of": sorted(first), "samples": results})


def _stranger(fitted: Fitted, images: EmbeddedImages, photos: EmbeddedImages) -> dict[str, float]:
    """Of a generator that is not known."""
    judged, names = judge(fitted, images), (GENERATOR, AMONG, GENERATED, REAL)
    generated, real = (posterior_of(fitted, one).made for one in (images, photos))
    shares = {word: float((judged.verdict == word).mean()) for word in names}
    return {**shares, "AUROC against photos": auroc(generated, real)}


def outcomes(
    fitted: Fitted, name: str, images: EmbeddedImages, photos: EmbeddedImages, before: np.ndarray
) -> dict[int, Outcome]:
    """By the number of samples that it is added from; ``before`` (photos,): who was accused without it."""
    contents = np.random.default_rng(0).permutation(np.unique(images.contents))
    found = {}
    for count in SHOTS:
        samples, rest = _dealt(images, contents, count)
        if samples is not None and len(rest) >= _LEAST:
            grown = added(fitted, name, samples)
            found[count] = _outcome(
                judge(grown, rest), name, float((judge(grown, photos).called_generated & ~before).mean())
            )
    return found


def _dealt(images: EmbeddedImages, contents: np.ndarray, count: int) -> tuple[EmbeddedImages | None, EmbeddedImages]:
    """``count`` images as they were made, with what became of them, of the first contents; the rest as made."""
    made = as_made(images)
    number = {content: len(made.select(made.contents == content)) for content in contents}
    reached = np.cumsum([number[content] for content in contents])
    if reached[-1] < count:
        return None, made
    chosen = contents[: int(np.searchsorted(reached, count)) + 1]
    return images.select(np.isin(images.contents, chosen)), made.select(~np.isin(made.contents, chosen))


def added(fitted: Fitted, name: str, samples: EmbeddedImages) -> Fitted:
    """The collection with one more generator, which no covariance and no weight was learned from."""
    histories = len(next(iter(next(iter(fitted.fingerprints.values())).values())).means)
    prints = {space: Fingerprint.of(samples, reference, histories) for space, reference in fitted.references.items()}
    return replace(fitted, fingerprints={**fitted.fingerprints, name: prints})


def _outcome(judged: Judged, name: str, accused: float) -> Outcome:
    right = judged.right(name)
    shares = {word: float(((judged.verdict == word) & right).mean()) for word in (GENERATOR, AMONG)}
    said = {word: float((judged.verdict == word).mean()) for word in (GENERATED, REAL)}
    best = float((judged.choice == name).mean())
    return Outcome(len(judged.verdict), best, shares[GENERATOR], shares[AMONG], said[GENERATED], said[REAL], accused)


def _shares(shares: Mapping[str, float]) -> str:
    return "; ".join(f"{label} {share:.3f}" for label, share in shares.items())


def _line(outcome: Mapping[str, float]) -> str:
    return (
        f"best {outcome['best']:.3f}; named {outcome['named']:.3f}; in a set {outcome['placed']:.3f}; generated "
        f"{outcome['generated']:.3f}; real {outcome['real']:.3f}; photos accused with it {outcome['accused']:.4f}"
    )


if __name__ == "__main__":
    main()
