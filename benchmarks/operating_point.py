"""The operating point, cross-validated: ``python -m benchmarks.operating_point --data DIR/t2i``.

Contents (prompts, photos, camera models) and generators that share no design with another are dealt into folds; each
fold is answered by a build from the others. So every photo is judged once, by a build that never saw it; every
generated image by one that never saw its content, and those of unrelated generators also as a stranger's. Printed:
each kind of photo, of generated image and of stranger at each step of strictness; what is stated against what is right,
level by level; and the curve of share answered against share right as the bars are raised.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from multiprocessing import get_context
from typing import Any

import numpy as np

from fingerprints.attribution.bars import Bars
from fingerprints.attribution.calibration import Posterior
from fingerprints.attribution.verdict import REAL, STANDARD, STRICTNESS
from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.images.histories import AS_IS, MIXED
from fingerprints.learning.fitting import Fitted
from fingerprints.learning.tuning import STRANGERS
from fingerprints.splits import content_share
from registry.building.embed_samples import Embedded, one_thread

from .common.answers import (
    Judged,
    judged_by,
    known_figures,
    photo_figures,
    posterior_of,
    reliability,
    stranger_figures,
)
from .common.data import Group, load
from .common.group_command import group_parser, write_figures

_FOLDS = 4
_RAISED = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95)  # of the way from a bar to certainty
_SHARED: list[Group] = []  # with the processes that answer a fold each: it has gigabytes

Sets = dict[str, EmbeddedImages]


@dataclass
class Answers:
    """Judged images by label: photos, generated images as (generator, history), strangers by generator."""

    photos: dict[str, list[Judged]] = field(default_factory=lambda: defaultdict(list))
    known: dict[tuple[str, str], list[Judged]] = field(default_factory=lambda: defaultdict(list))
    strangers: dict[str, list[Judged]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: Answers) -> None:
        for kind in ("photos", "known", "strangers"):
            for label, judged in getattr(other, kind).items():
                getattr(self, kind)[label] += judged


def main() -> None:
    parser = group_parser(__doc__)
    parser.add_argument("--folds", type=int, default=_FOLDS, help=f"judge so many of the {_FOLDS} folds (all)")
    parser.add_argument("--processes", type=int, default=2, help="at once; each takes 12 GB of memory on t2i")
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    answers = cross_validated(group, arguments.folds, arguments.processes)
    results = {step: step_figures(answers[step]) for step in STRICTNESS}
    results["stated and right"] = reliability(weighted(answers[STANDARD]))
    results["curve"] = {label: _curve_point(found) for label, found in answers.items() if label not in STRICTNESS}
    for section, rows in results.items():
        print(f"{section}:")
        for label, figures in rows.items():
            line = "; ".join(f"{name} {figure}" for name, figure in figures.items())
            print(f"  {label:34} {line}", flush=True)
    write_figures(arguments.json, results)


def cross_validated(group: Group, folds: int, processes: int) -> dict[str, Answers]:
    """By step of strictness, and by how far the bars of the usual step are raised."""
    found: dict[str, Answers] = defaultdict(Answers)
    _SHARED.append(group)
    with ProcessPoolExecutor(processes, get_context("fork"), one_thread) as pool:
        for one_fold in pool.map(_answered, range(folds)):
            for step, answers in one_fold.items():
                found[step].add(answers)
    return found


def _answered(fold: int) -> dict[str, Answers]:
    group = _SHARED[-1]
    embedded = group.embedded
    strangers = {name: embedded.generators[name] for name in sorted(group.unrelated)[fold::_FOLDS]}
    known = {name: images for name, images in embedded.generators.items() if name not in strangers}
    photos, held_photos = without_fold(embedded.photos, fold)
    generators, held = without_fold(known, fold)
    fitted = group.fit(photos, generators)
    return _judge_all(fitted, group, Embedded(held_photos, held, {}, strangers))


def _judge_all(fitted: Fitted, group: Group, held: Embedded) -> dict[str, Answers]:
    bars = dict(_bars(fitted))
    found = {label: Answers() for label in bars}

    def each(images: EmbeddedImages) -> Iterator[tuple[Answers, Judged]]:
        posterior: Posterior = posterior_of(fitted, images)
        for label, asked in bars.items():
            yield found[label], judged_by(fitted, posterior, images.contents, asked)

    for label, images in held.photos.items():
        for answers, judged in each(images):
            answers.photos[label].append(judged)
    for name, images in held.generators.items():
        for number in np.unique(images.histories):
            history = group.preset.generated[number] if number >= 0 else MIXED
            for answers, judged in each(images.select(images.histories == number)):
                answers.known[name, history].append(judged)
    for name, images in held.outsiders.items():
        for answers, judged in each(images.select(images.histories == 0)):
            answers.strangers[name].append(judged)
    return found


def _bars(fitted: Fitted) -> Iterator[tuple[str, Bars]]:
    yield from fitted.calibration.bars.items()
    usual = fitted.calibration.bars[STANDARD]
    for part in _RAISED:
        names = ("generated", "named", "known", "real")
        raised = {name: getattr(usual, name) + part * (1 - getattr(usual, name)) for name in names}
        yield f"bars raised by {part:.2f} of the way", replace(usual, **raised)


def step_figures(answers: Answers) -> dict[str, Any]:
    """Every kind at one step of strictness."""
    found: dict[str, Any] = {"all photos": photo_figures([one for parts in answers.photos.values() for one in parts])}
    found |= {label: photo_figures(parts) for label, parts in sorted(answers.photos.items())}
    histories = dict.fromkeys(history for _, history in answers.known)
    for history in histories:
        parts = [(name, one) for (name, which), judged in answers.known.items() if which == history for one in judged]
        found[f"generators | {history}"] = known_figures(parts)
    for name in dict.fromkeys(name for name, _ in answers.known):
        found[f"{name} | {AS_IS}"] = known_figures([(name, one) for one in answers.known[name, AS_IS]])
    if answers.strangers:
        found["strangers"] = stranger_figures([one for parts in answers.strangers.values() for one in parts])
        found |= {f"stranger {name}": stranger_figures(parts) for name, parts in sorted(answers.strangers.items())}
    return found


def weighted(answers: Answers) -> list[tuple[str | None, Judged, float]]:
    """Half photos as they are, half generated images as they were made, of which as many are by strangers as learning
    takes to be: what is stated depends on that."""
    photos = [one for label, parts in answers.photos.items() if label.endswith("| as is") for one in parts]
    known = [(name, one) for (name, history), parts in answers.known.items() if history == AS_IS for one in parts]
    strangers = [one for parts in answers.strangers.values() for one in parts]
    rest = STRANGERS if strangers else 0.0
    return [
        *((REAL, one, 0.5 * len(one.verdict) / _size(photos)) for one in photos),
        *((name, one, 0.5 * (1 - rest) * len(one.verdict) / _size([o for _, o in known])) for name, one in known),
        *((None, one, 0.5 * rest * len(one.verdict) / _size(strangers)) for one in strangers),
    ]


def _size(parts: list[Judged]) -> int:
    return sum(len(one.verdict) for one in parts)


def _curve_point(answers: Answers) -> dict[str, Any]:
    """Level by level: share answered (of the images it is for), and share of these answers that are right."""
    figures: Mapping[str, Any] = reliability(weighted(answers))
    made = known_figures([(n, one) for (n, h), parts in answers.known.items() if h == AS_IS for one in parts])
    photos = photo_figures([one for label, parts in answers.photos.items() if "| as is" in label for one in parts])
    answered = {
        "generator": made["answered by name"],
        "among": made["given a set"],
        "generated": made["by name, set or as generated"],
        "real": photos["called real"],
    }
    return {
        word: f"answered {part.value:.3f}, right {figures.get(word, {}).get('right')}"
        for word, part in answered.items()
    }


def without_fold(sets: Sets, fold: int) -> tuple[Sets, Sets]:
    """The images whose contents are not of that fold, and those whose contents are; labels that have none are left
    out."""
    rest, held = {}, {}
    for label, images in sets.items():
        inside = (content_share(images.contents, "cross") * _FOLDS).astype(int) == fold
        if (~inside).any():
            rest[label] = images.select(~inside)
        if inside.any():
            held[label] = images.select(inside)
    return rest, held


if __name__ == "__main__":
    main()
