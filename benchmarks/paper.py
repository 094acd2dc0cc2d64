"""The paper's study on our data: ``python -m benchmarks.paper --data DIR`` (the folder of all groups).

For each group: ManiFPT in RGB, FREQ, SL and SSL, eleven baselines and this project's default, all on one split by
content, with intervals. Figures go to benchmarks/results/paper/GROUP.json, one method at a time; a run that was
interrupted continues where it stopped. Trained networks are kept in --cache. ``python -m benchmarks.render`` makes the
page.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from fingerprints.attribution.network import Schedule
from registry.presets import PRESETS

from .data import GROUPS
from .group_command import plain
from .metadata import control
from .paper_cache import Record, digest_of, fitted
from .paper_data import Study, Views, contents_of, load_study
from .paper_figures import many_and_few, table_figures
from .paper_learned import usable_pretrained
from .paper_methods import Row, rows
from .paper_robustness import CHANGES, changed_views, robustness
from .paper_separability import frechet_ratio
from .paper_transfer import Transfer, transfer_figures, transfers

_QUICK = Schedule(epochs=3, images=640)
_ROOT = Path(__file__).resolve().parent
_ORDER = ("celeba64", "mnist", "cifar10", "t2i")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds celeba64, cifar10, mnist, t2i")
    parser.add_argument("--groups", nargs="+", choices=list(GROUPS), default=list(_ORDER))
    parser.add_argument("--results", type=Path, default=_ROOT / "results" / "paper", help="where the figures go")
    parser.add_argument("--cache", type=Path, default=_ROOT.parent / "build" / "paper", help="where networks are kept")
    parser.add_argument(
        "--quick", action="store_true", help="few images and epochs; the figures go to the cache folder"
    )
    parser.add_argument(
        "--methods", nargs="+", default=[""], help="only those of these names, or whose name holds one of these words"
    )
    parser.add_argument(
        "--pretrained", action="store_true", help="also ResNet-50 and DINOv2 (hours), if their weights are there"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # small networks: more threads only wait for each other
    results = arguments.cache / "quick" if arguments.quick else arguments.results
    pretrained = usable_pretrained() if arguments.pretrained else []
    start = time.perf_counter()
    for stage in (_table,) if arguments.quick else (_table, _beyond_the_table):
        for name in arguments.groups:
            study = load_study(arguments.data / name, arguments.quick)
            recipe = PRESETS[GROUPS[name]].recipe
            every = rows(study, recipe, _QUICK if arguments.quick else Schedule(), pretrained)
            methods = _chosen(every, arguments.methods)
            stage(study, methods, arguments.data / name, Record(results / f"{name}.json"), arguments.cache)
    print(f"whole run: {(time.perf_counter() - start) / 60:.1f} minutes")


def _chosen(every: list[Row], words: Sequence[str]) -> list[Row]:
    """A word that is the name of a row means that row alone."""
    names = {row.name for row in every}
    return [row for row in every if any(row.name == w or (w in row.name and w not in names) for w in words)]


def _table(study: Study, methods: list[Row], folder: Path, record: Record, cache: Path) -> None:
    """The main table, of all groups before anything else."""
    _describe(study, folder, record)
    for row in methods:
        _run_method(row, study, record, cache)
    seconds = [figures["seconds to fit"] for figures in record.facts["methods"].values()]
    print(f"{study.name}: all fits together take {sum(seconds) / 60:.1f} minutes without the cache", flush=True)


def _beyond_the_table(study: Study, methods: list[Row], folder: Path, record: Record, cache: Path) -> None:
    """Robustness and, where a group has two code bases, the way from one to the other; not of attempts."""
    methods = [row for row in methods if not row.attempt]
    print(f"{study.name}: changed images", flush=True)
    changed = changed_views(study, record.facts["generators"])
    for row in methods:
        _run_robustness(row, study, changed, record, cache)
    for transfer in transfers(study):
        for row in methods:
            _run_transfer(row, study, transfer, record, cache)


def _describe(study: Study, folder: Path, record: Record) -> None:
    contents = contents_of(study)
    many, few = many_and_few(contents)
    record.facts.update(
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
        record.facts["metadata only"] = plain(control(folder, many, study.form))
        record.facts["metadata of"] = study.test.digest
    record.save()
    print(f"{study.name}: {len(many)} generators, {len(few)} with few contents, {record.facts['images']}", flush=True)


def _run_method(row: Row, study: Study, record: Record, cache: Path) -> None:
    digest = digest_of(row, study, study.train)
    if record.has("methods", row.name, digest):
        return
    method, seconds = fitted(row, study.train, digest, cache)
    start = time.perf_counter()
    scores = method.scores(study.test)
    milliseconds = 1000 * (time.perf_counter() - start) / len(study.test.labels)
    generators = record.facts["generators"]
    known = np.isin(study.test.labels, generators)
    figures = table_figures(scores, method.classes, study, generators)
    figures |= {
        "digest": digest,
        "paper": row.paper,
        "frechet ratio": round(frechet_ratio(scores[known], study.test.labels[known]), 2),
        "seconds to fit": round(seconds, 1),
        "milliseconds an image": round(milliseconds, 2),
    }
    record.put("methods", row.name, figures)
    both = f"{figures['balanced']['value']:.3f}, with real {figures['with real']['value']:.3f}"
    print(f"  {row.name:38} {both} ({seconds:.0f} s)", flush=True)


def _run_robustness(row: Row, study: Study, changed: Mapping[str, Views], record: Record, cache: Path) -> None:
    digest = digest_of(row, study, study.train)
    if record.has("robustness", row.name, digest):
        return
    method, _ = fitted(row, study.train, digest, cache)
    figures = robustness(method, changed, record.facts["generators"])
    record.put("robustness", row.name, figures | {"digest": digest})
    print(f"  {row.name:38} " + ", ".join(f"{c} {f['value']:.2f}" for c, f in figures.items()), flush=True)


def _run_transfer(row: Row, study: Study, transfer: Transfer, record: Record, cache: Path) -> None:
    digest = digest_of(row, study, transfer.train)
    if record.has(transfer.name, row.name, digest):
        return
    method, _ = fitted(row, transfer.train, digest, cache)
    figures = transfer_figures(method, transfer)
    record.put(transfer.name, row.name, figures | {"digest": digest})
    print(f"  {row.name:38} {transfer.name} {figures['balanced']['value']:.3f}", flush=True)


if __name__ == "__main__":
    main()
