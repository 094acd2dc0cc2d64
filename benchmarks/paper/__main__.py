"""The paper's study on our data: ``python -m benchmarks.paper --data DIR`` (the folder of all groups).

For each group: ManiFPT in RGB, FREQ, SL and SSL, eleven baselines and this project's default, all on one split by
content, with intervals. Two halves of the rows are worked on at a time, one core each. Figures go to
benchmarks/results/paper/GROUP.json, one method at a time; a run that was interrupted continues where it stopped.
Trained networks are kept in --cache. ``python -m benchmarks.render`` makes the page.
"""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from fingerprints.baselines.parts.classifier import Schedule
from registry.building.presets import PRESETS

from ..common.data import GROUPS
from ..common.group_command import plain
from ..common.metadata import control
from .cache import Record, digest_of, fitted
from .figures import many_and_few, table_figures
from .methods import Method, Row, rows
from .robustness import CHANGES, changed_views, robustness
from .rows.data import Study, Views, contents_of, load_study
from .rows.learned import usable_pretrained
from .separability import frechet_ratio
from .transfer import Transfer, transfer_figures, transfers

_QUICK, _QUICK_DENOISING = Schedule(epochs=3, images=640), 50
_ROOT = Path(__file__).resolve().parent.parent
_ORDER = ("t2i", "celeba64", "cifar10", "mnist")  # the one that takes as long as the rest comes first
_PAPERS = "ManiFPT"
_PARTS = (_PAPERS, "baselines and ours")  # of a group's rows, a core each; rows that share work are in one part


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds celeba64, cifar10, mnist, t2i")
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), default=list(_ORDER))
    parser.add_argument("--results", type=Path, default=_ROOT / "results" / "paper", help="where the figures go")
    parser.add_argument("--cache", type=Path, default=_ROOT.parent / "build" / "paper", help="where networks are kept")
    parser.add_argument(
        "--quick", action="store_true", help="few images and epochs, no attempts; the figures go to the cache folder"
    )
    parser.add_argument(
        "--methods", nargs="+", default=[""], help="only those of these names, or whose name holds one of these words"
    )
    parser.add_argument(
        "--pretrained", action="store_true", help="also ResNet-50 and DINOv2 (hours), if their weights are there"
    )
    arguments = parser.parse_args()
    pretrained = usable_pretrained() if arguments.pretrained else []
    start = time.perf_counter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the processes end with this one
    parts = [(name, part) for name in arguments.groups for part in _PARTS]
    with multiprocessing.get_context("spawn").Pool(len(_PARTS)) as pool:
        pool.starmap(partial(_run_part, arguments, pretrained), parts, chunksize=1)
    print(f"whole run: {(time.perf_counter() - start) / 60:.1f} minutes")


def _run_part(arguments: argparse.Namespace, pretrained: Sequence[str], name: str, part: str) -> None:
    """Half of the rows of one group, one after another, with all that is asked of a row."""
    torch.set_num_threads(1)
    results = arguments.cache / "quick" if arguments.quick else arguments.results
    record, folder = Record(results / f"{name}.json"), arguments.data / name
    with threadpool_limits(1):
        study = load_study(folder, arguments.quick)
        _describe(study, folder, record)
        effort = {"schedule": _QUICK, "denoising": _QUICK_DENOISING} if arguments.quick else {"schedule": Schedule()}
        every = rows(study, PRESETS[GROUPS[name]].recipe, pretrained=pretrained, **effort)
        chosen = _chosen([row for row in every if not (arguments.quick and row.attempt)], arguments.methods)
        methods = [row for row in chosen if row.name.startswith(_PAPERS) == (part == _PAPERS)]
        changed = {} if arguments.quick else changed_views(study, record.facts["generators"])
        for row in methods:
            _run(row, study, changed, record, arguments.cache)
        for transfer in () if arguments.quick else transfers(study):
            for row in methods:
                if not row.attempt:
                    _run_transfer(row, study, transfer, record, arguments.cache)
        seconds = [figures["seconds to fit"] for figures in record.facts["methods"].values()]
        print(f"{name}, {part}: all fits so far take {sum(seconds) / 60:.1f} minutes without the cache", flush=True)


def _chosen(every: list[Row], words: Sequence[str]) -> list[Row]:
    """A word that is the name of a row means that row alone."""
    names = {row.name for row in every}
    return [row for row in every if any(row.name == w or (w in row.name and w not in names) for w in words)]


def _describe(study: Study, folder: Path, record: Record) -> None:
    contents = contents_of(study)
    many, few = many_and_few(contents)
    record.update(
        {
            "group": study.name,
            "generators": many,
            "generators with few contents": few,
            "contents": dict(contents),
            "images": {
                "train": len(study.train.labels),
                "test": len(study.test.labels),
                "bank": len(study.bank.labels),
            },
            "chance": 1 / len(many),
            "changes": list(CHANGES),
        }
    )
    if record.facts.get("metadata of") != study.test.digest:
        found = plain(control({name: folder / f"{name}.parquet" for name in many}, study.form))
        record.update({"metadata only": found, "metadata of": study.test.digest})
    print(f"{study.name}: {len(many)} generators, {len(few)} with few contents, {record.facts['images']}", flush=True)


def _run(row: Row, study: Study, changed: Mapping[str, Views], record: Record, cache: Path) -> None:
    """The table, then the changed images (not of an attempt); fitted once, and not at all if both are known."""
    digest = digest_of(row, study, study.train)
    table = not record.has("methods", row.name, digest)
    robust = bool(changed) and not row.attempt and not record.has("robustness", row.name, digest)
    if not table and not robust:
        return
    method, seconds = fitted(row, study.train, digest, cache)
    if table:
        figures = _figures(row, method, study, record.facts["generators"])
        record.put("methods", row.name, figures | {"digest": digest, "seconds to fit": round(seconds, 1)})
        both = f"{figures['balanced']['value']:.3f}, with real {figures['with real']['value']:.3f}"
        print(f"{study.name:9} {row.name:38} {both} ({seconds:.0f} s)", flush=True)
    if robust:
        figures = robustness(method, changed, record.facts["generators"])
        record.put("robustness", row.name, figures | {"digest": digest})
        each = ", ".join(f"{change} {figure['value']:.2f}" for change, figure in figures.items())
        print(f"{study.name:9} {row.name:38} {each}", flush=True)


def _figures(row: Row, method: Method, study: Study, generators: list[str]) -> dict[str, Any]:
    start = time.perf_counter()
    scores = method.scores(study.test)
    milliseconds = 1000 * (time.perf_counter() - start) / len(study.test.labels)
    known = np.isin(study.test.labels, generators)
    return table_figures(scores, method.classes, study, generators) | {
        "paper": row.paper,
        "frechet ratio": round(frechet_ratio(scores[known], study.test.labels[known]), 2),
        "milliseconds an image": round(milliseconds, 2),
    }


def _run_transfer(row: Row, study: Study, transfer: Transfer, record: Record, cache: Path) -> None:
    digest = digest_of(row, study, transfer.train)
    if record.has(transfer.name, row.name, digest):
        return
    method, _ = fitted(row, transfer.train, digest, cache)
    figures = transfer_figures(method, transfer)
    record.put(transfer.name, row.name, figures | {"digest": digest})
    print(f"{study.name:9} {row.name:38} {transfer.name} {figures['balanced']['value']:.3f}", flush=True)


if __name__ == "__main__":
    main()
