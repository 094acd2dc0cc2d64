"""Do fingerprints show how a generator was made? ``python -m benchmarks.structure --data DATA [--group zoo]``.

For each group: clusters of fingerprints against every design axis (the paper's Table 5, and its chance floor), variance
explained, relatives, and a probe that predicts the design of generators that it never saw. Writes
benchmarks/results/structure/GROUP.json and renders benchmarks/STRUCTURE.md from all of them.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.analysis import (
    agreement,
    cut,
    explained,
    nearness,
    p_value,
    planar,
    predict_held_out,
    shuffled,
    squared_distances,
    tree,
)

from ..common.axes import Axis
from ..common.group_command import write_figures
from ..common.scores import balanced
from .data import Cast, Held, Moments, held_out, moments_of, read_cast
from .page import RESULTS, render

GROUPS = ("zoo", "celeba64", "t2i", "mnist")
SIZES, BATCHES = (10, 30, 100), 5
ALL = "all together"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--group", choices=GROUPS, help="one group; all of them without it")
    parser.add_argument("--json", type=Path, help="write the figures of that group to this file, and no page")
    parser.add_argument("--cache", type=Path, help="keep embeddings in this folder between runs")
    parser.add_argument("--quick", action="store_true", help="100 permutations, and no small batches")
    arguments = parser.parse_args()
    if arguments.json and not arguments.group:
        parser.error("--json takes the figures of one group: name it with --group.")
    draws, sizes = (100, ()) if arguments.quick else (1000, SIZES)
    for group in [arguments.group] if arguments.group else GROUPS:
        figures = run(read_cast(group, arguments.data, arguments.cache), draws, sizes)
        write_figures(arguments.json or RESULTS / f"{group}.json", figures)
        print_figures(figures)
    if not arguments.json:
        render()


def run(cast: Cast, draws: int, sizes: Sequence[int] = ()) -> dict[str, Any]:
    """All figures of one group. ``draws``: permutations; ``sizes``: of the small batches that the probe answers for."""
    parts = _distances(moments_of(cast))
    folds = list(held_out(cast, tuple(sizes), BATCHES))
    places, shown = planar(parts[ALL])
    return {
        "group": cast.name,
        "images": {name: len(images) for name, images in cast.generators.items()},
        "generators": cast.names.tolist(),  # the order of the map and of the tree; keys of JSON are sorted
        "permutations": draws,
        "levels": {axis.name: dict(axis.level) for axis in cast.design.axes},
        "axes": {axis.name: _axis(cast, axis, parts, folds, draws, sizes) for axis in cast.design.axes},
        "relatives": _relatives(cast, parts, draws),
        "map": {"places": np.round(places, 4).tolist(), "shown": round(shown, 4)},
        "tree": np.round(tree(parts[ALL]), 5).tolist(),
    }


def _distances(moments: Moments) -> dict[str, np.ndarray]:
    """Squared distances (g, g) by "space, moment", and their mean."""
    parts = {f"{space}, {name}": squared_distances(*points) for (space, name), points in moments.items()}
    return parts | {ALL: np.mean(list(parts.values()), axis=0)}


def _axis(
    cast: Cast, axis: Axis, parts: dict[str, np.ndarray], folds: Sequence[Held], draws: int, sizes: Sequence[int]
) -> dict[str, Any]:
    known = np.isin(cast.names, list(axis.level))
    labels, units = _labels(cast, axis, known)
    found: dict[str, Any] = {"counts": dict(sorted(Counter(labels.tolist()).items())), "clusters": {}, "variance": {}}
    for part, squared in parts.items():
        among = squared[np.ix_(known, known)]
        clusters = cut(tree(among), len(found["counts"]))
        found["clusters"][part] = _rounded(agreement(clusters, labels, units, draws))
        found["variance"][part] = _rounded(explained(among, labels, units, draws))
    if axis.probed:
        found["probe"] = _probe(cast, axis, folds, draws, sizes)
    return found


def _labels(cast: Cast, axis: Axis, known: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The levels of the generators ``known`` and the units in which they are permuted."""
    tied = axis.tied or cast.design.together
    names = cast.names[known]
    return np.array([axis.level[name] for name in names]), np.array([tied[name] for name in names])


def _probe(cast: Cast, axis: Axis, folds: Sequence[Held], draws: int, sizes: Sequence[int]) -> dict[str, Any]:
    """Levels that only one unit has cannot be predicted without it, and are left out."""
    together = np.array([cast.design.together[name] for name in cast.names])
    level = np.array([axis.level.get(name, "") for name in cast.names])
    several = [one for one in sorted(set(level) - {""}) if len(set(together[level == one])) > 1]
    known = np.isin(level, several)
    if len(several) < 2:
        return {"levels": several}
    labels, tied = _labels(cast, axis, known)
    codes, held_together = np.searchsorted(several, labels), together[known]
    all_codes = np.concatenate([codes[None], shuffled(codes, tied, draws)])
    chosen = predict_held_out([held.fold(known) for held in folds], all_codes, held_together).argmax(axis=2)
    accuracies = _balanced(chosen == all_codes, all_codes)
    figures: dict[str, Any] = {
        "levels": several,
        "balanced": balanced(chosen[0] == codes, held_together, labels),
        "chance": round(1 / len(several), 4),
        "permuted": round(float(accuracies[1:].mean()), 4),
        "p": round(p_value(accuracies[0], accuracies[1:]), 4),
        "recall": {one: round(float((chosen[0] == codes)[labels == one].mean()), 4) for one in several},
        "answers": {name: several[code] for name, code in zip(cast.names[known].tolist(), chosen[0], strict=True)},
        "batches": {},
    }
    for size in sizes:
        hits = []
        for draw in range(BATCHES):
            few = [held.batch_folds(known, size)[draw] for held in folds]
            hits.append(predict_held_out(few, codes[None], held_together).argmax(axis=2)[0] == codes)
        figures["batches"][str(size)] = balanced(np.mean(hits, axis=0), held_together, labels)
    return figures


def _balanced(hits: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Balanced accuracies (draws,) from hits (draws, g)."""
    return np.mean(
        [(hits & (codes == one)).sum(axis=1) / (codes == one).sum(axis=1) for one in range(codes.max() + 1)], axis=0
    )


def _relatives(cast: Cast, parts: dict[str, np.ndarray], draws: int) -> dict[str, Any]:
    design = cast.design
    kin = np.array([design.kin[name] for name in cast.names])
    sides = np.array([design.sides[name] for name in cast.names]) if design.sides else None
    if len(set(kin)) == len(kin):
        return {"of": design.kinship, "parts": {}}
    return {
        "of": design.kinship,
        "parts": {part: _rounded(nearness(squared, kin, sides, draws)) for part, squared in parts.items()},
    }


def _rounded(figures: Any) -> dict[str, float]:
    return {key: round(value, 4) for key, value in asdict(figures).items()}


def print_figures(figures: dict[str, Any]) -> None:
    """The probe and the clusters of one group, a line an axis."""
    print(f"{figures['group']}: {len(figures['images'])} generators, {figures['permutations']} permutations")
    for axis, found in figures["axes"].items():
        clusters, variance = found["clusters"][ALL], found["variance"][ALL]
        print(
            f"  {axis:30} NMI {clusters['nmi']:.3f} (chance {clusters['chance']:.3f}, p {clusters['p']:.3f})  "
            f"AMI {clusters['ami']:.3f}  variance {variance['share']:.3f} (chance {variance['chance']:.3f}, "
            f"p {variance['p']:.3f})"
        )
        if "balanced" in found.get("probe", {}):
            probe = found["probe"]
            print(f"  {'':30} unseen: {probe['balanced']}, chance {probe['chance']:.3f}, p {probe['p']:.3f}")
    for part, near in figures["relatives"]["parts"].items():
        if part == ALL:
            print(f"  {figures['relatives']['of']}: {near}")


if __name__ == "__main__":
    main()
