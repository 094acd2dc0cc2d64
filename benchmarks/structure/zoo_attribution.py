"""Attribution among all generators of the zoo and real faces:
``python -m benchmarks.structure.zoo_attribution --data DATA``.

The fingerprints are built as the embedded collection is, from lossless samples of one seed and the real faces of the
manifold; the test is on samples of another seed and on faces that no generator and no manifold has seen. Generators of
one design from two seeds of training stand on a line of their own: telling them apart is a harder question.
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import zoo
from fingerprints.learning.fitting import fit_collection
from registry.building.presets import PRESETS
from zoo.training.faces import read_faces

from ..common.answers import Judged, judge, known_figures
from ..common.group_command import write_figures
from ..common.scores import Estimate, balanced, share
from .data import embedded

_BUILD_SEED, _TEST_SEED = 1, 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the evaluation data")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("-n", type=int, default=300, help="images of each generator to build from (%(default)s)")
    parser.add_argument("--test", type=int, default=100, help="images of each generator to test on (%(default)s)")
    arguments = parser.parse_args()
    figures = run(arguments.data, arguments.n, arguments.test)
    for name, figure in figures.items():
        print(f"{name:52} {figure}")
    write_figures(arguments.json, figures)


def run(data: Path, n: int, n_test: int) -> dict[str, Any]:
    preset, faces = PRESETS["zoo"], read_faces(data)
    fitted = fit_collection(
        {"faces | as is": embedded(faces.manifold, preset)},
        {name: embedded(_samples(name, n, _BUILD_SEED), preset) for name in zoo.names()},
        preset.recipe,
    )
    judged = {name: judge(fitted, embedded(_samples(name, n_test, _TEST_SEED), preset)) for name in zoo.names()}
    real = judge(fitted, embedded(faces.test, preset))
    return {
        "generators": len(judged),
        "test images of generators, of real faces": [n_test * len(judged), len(faces.test)],
        "balanced accuracy, all and real": _with_real(judged, real),
        **{f"balanced accuracy, {label}": figure for label, figure in _by_seeds(judged).items()},
        "real faces: called real": share(real.called_real, real.contents),
        "real faces: accused": share(real.called_generated, real.contents),
        **{f"at the operating point: {k}": v for k, v in known_figures(list(judged.items())).items()},
        "lowest": dict(sorted(((name, float((one.choice == name).mean())) for name, one in judged.items()),
                              key=lambda pair: pair[1])[:6]),
    }  # fmt: skip


def _samples(name: str, n: int, seed: int) -> np.ndarray:
    return np.stack(list(zoo.sample(name, n, seed)))


def _with_real(judged: dict[str, Judged], real: Judged) -> Estimate:
    """Every class once, real among them, at the bare best answer."""
    hits = [(one.choice == name) & ~one.prefers_real for name, one in judged.items()] + [real.prefers_real]
    sizes = [len(part) for part in hits]
    numbers = np.arange(sum(sizes))
    return balanced(np.concatenate(hits), numbers, np.repeat(np.arange(len(sizes)), sizes))


def _by_seeds(judged: dict[str, Judged]) -> dict[str, Estimate]:
    """Of designs with one seed; of those with two; and of those when either seed counts as right."""
    design = {name: (zoo.card(name).kind, *sorted(zoo.card(name).design.items())) for name in judged}
    seeds = Counter(design.values())
    single = [name for name in judged if seeds[design[name]] == 1]
    double = [name for name in judged if seeds[design[name]] > 1]
    exact = {name: one.choice == name for name, one in judged.items()}
    either = {
        name: np.array([choice in design and design[choice] == design[name] for choice in judged[name].choice])
        for name in double
    }
    sets = {
        "designs with one seed": {name: exact[name] for name in single},
        "designs with two seeds": {name: exact[name] for name in double},
        "the same, either seed right": either,
    }
    return {label: _balanced(hits) for label, hits in sets.items() if hits}


def _balanced(hits: dict[str, np.ndarray]) -> Estimate:
    sizes = [len(part) for part in hits.values()]
    return balanced(np.concatenate(list(hits.values())), np.arange(sum(sizes)), np.repeat(np.arange(len(sizes)), sizes))


if __name__ == "__main__":
    main()
