"""What the checks of contributions say: ``python -m benchmarks.poison [--pairs N] [--json FILE]``, without any data.

From the artifacts that the embedded registry stores: each generator as if it were new (nothing should be said of it),
mixtures of two of them, one under a new name, and one of which some images came twice. For each collection and kind:
how often something is said, and the measures of registry/contributions/poison.py and
registry/contributions/suspicions.py as smallest, median and largest, beside their thresholds.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.model.fingerprint import Fingerprint
from registry.analysis.quality import nearest_known, quality
from registry.contributions import poison
from registry.contributions.contribute import Draft
from registry.contributions.harm import Effect, effects, harm
from registry.contributions.report import Report
from registry.contributions.suspicions import SAME_GENERATOR
from registry.storage.card import Card
from registry.storage.snapshot import Collection
from registry.storage.store import Store

from .common.group_command import write_figures

_LEAST_HALF = 40  # artifacts of a generator that is halved or mixed
Prints = Mapping[str, Fingerprint]


@dataclass(frozen=True)
class Case:
    """A contribution of one ``kind``, under the ``name`` that is left out of the known ones ("": of none)."""

    kind: str
    name: str
    prints: Prints


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=30, help="mixtures of each collection (default: 30)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="manifpt-poison-") as scratch:
        for name, collection in Store(Path(scratch)).snapshot().collections.items():
            figures[name] = of_collection(collection, arguments.pairs)
            for kind, facts in figures[name].items():
                print(f"{name}, {kind}: something is said of {facts['said']} of {facts['cases']}", flush=True)
                for measure, span in facts["measures"].items():
                    print(f"    {measure}: {span}")
    write_figures(arguments.json, figures)


def of_collection(collection: Collection, pairs: int) -> dict[str, Any]:
    """kind -> how many cases, of how many something was said, and the spans of the measures."""
    found: dict[str, list[dict[str, float]]] = {}
    for case in cases(collection, pairs):
        found.setdefault(case.kind, []).append(measured(case, collection))
    return {kind: _summary(rows) for kind, rows in found.items()}


def cases(collection: Collection, pairs: int) -> Iterator[Case]:
    rng = np.random.default_rng(0)
    known = {name: _prints(collection, name) for name in collection.names}
    large = [name for name in collection.names if _count(known[name]) >= _LEAST_HALF]
    for name, prints in known.items():
        yield Case("honest", name, prints)
    for name in large:
        half = np.arange(0, _count(known[name]), 2)
        yield Case("known, under a new name", "", {space: _of_rows(p, half) for space, p in known[name].items()})
        twice = np.concatenate([half, rng.choice(half, len(half) // 2, replace=False)])
        yield Case("a third of it copies", name, {space: _of_rows(p, twice, rng) for space, p in known[name].items()})
    for _ in range(pairs):
        one, other = rng.choice(large, 2, replace=False)
        n = min(_count(known[one]), _count(known[other])) // 2
        mixed = {space: _mixed(known[one][space], known[other][space], n) for space in known[one]}
        yield Case("two in one", "", mixed)


def measured(case: Case, collection: Collection) -> dict[str, float]:
    """The measures of one case, and whether anything is said of it."""
    shares = sorted(quality(case.prints, collection, case.name).shares.values())
    nearest = nearest_known(case.prints, collection, case.name)
    found: dict[str, float] = {
        f"second share of known ones (from {poison.SHARE_OF_EACH})": shares[-2] if len(shares) > 1 else 0.0,
        f"in two groups (above {poison.TWO_GROUPS})": _mean(poison.two_groups(p, collection) for p in _all(case)),
        f"near copies (above {poison.COPIES})": _mean(poison.share_of_near_copies(p.artifacts) for p in _all(case)),
        f"distance to the nearest (below {SAME_GENERATOR})": nearest[1] if nearest else np.inf,
    }
    found["known ones that it harms (any)"] = len(list(harm(_effects(case, collection))))
    return {**found, "said": any(poison.objections(_draft(case, collection), collection))}


def _effects(case: Case, collection: Collection) -> tuple[Effect, ...]:
    return tuple(effects(case.prints, collection, case.name))


def _draft(case: Case, collection: Collection) -> Draft:
    """The case as a contribution whose images gave no reason to complain."""
    counts = next(iter(case.prints.values()))
    card = Card(case.name or "new", samples=counts.samples, contents=counts.contents)
    report = Report(counts.samples, counts.contents, 0, 0, 1.0, 0.0, None, 0.0, (), effects=_effects(case, collection))
    return Draft(collection.name, card, dict(case.prints), report, {})


def _summary(rows: list[dict[str, float]]) -> dict[str, Any]:
    measures = {name: [row[name] for row in rows] for name in rows[0] if name != "said"}
    spans = {
        name: f"{np.min(values):.2f}, {np.median(values):.2f}, {np.max(values):.2f}"
        for name, values in measures.items()
    }
    return {"cases": len(rows), "said": int(sum(row["said"] for row in rows)), "measures": spans}


def _prints(collection: Collection, name: str) -> Prints:
    return {space: collection.fingerprint(name, space) for space in collection.spaces}


def _count(prints: Prints) -> int:
    return min(len(fingerprint.artifacts) for fingerprint in prints.values())


def _all(case: Case) -> list[Fingerprint]:
    return list(case.prints.values())


def _mean(values: Iterator[float]) -> float:
    return float(np.mean(list(values)))


def _of_rows(fingerprint: Fingerprint, rows: np.ndarray, rng: np.random.Generator | None = None) -> Fingerprint:
    """Of some of its artifacts; those that come again are moved by a hundredth of their norm with ``rng``."""
    artifacts = fingerprint.artifacts[rows].astype(np.float32)
    if rng is not None:
        noise = rng.standard_normal(artifacts.shape).astype(np.float32)
        artifacts += 0.01 * fingerprint.norm / np.sqrt(artifacts.shape[1]) * noise
    return _with(fingerprint, artifacts)


def _mixed(one: Fingerprint, other: Fingerprint, n: int) -> Fingerprint:
    artifacts = np.concatenate([one.artifacts[:n], other.artifacts[:n]]).astype(np.float32)
    return replace(_with(one, artifacts), changed=(one.changed + other.changed) / 2)


def _with(fingerprint: Fingerprint, artifacts: np.ndarray) -> Fingerprint:
    return replace(
        fingerprint,
        artifacts=artifacts.astype(np.float16),
        mean=artifacts.mean(axis=0),
        samples=len(artifacts),
        contents=len(artifacts),
        norm=float(np.linalg.norm(artifacts, axis=1).mean()),
    )


if __name__ == "__main__":
    main()
