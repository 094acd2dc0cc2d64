"""The results as a page: ``python -m benchmarks.render`` writes benchmarks/RESULTS.md from benchmarks/results/."""

from __future__ import annotations

import argparse
import importlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fingerprints.baselines import BASELINES
from registry.storage.store import BUILTIN

from ..paper.cache import write
from . import paper_words as words
from .markdown import as_interval, as_table
from .others import of_what_ships, others
from .paper_numbers import ACROSS, ATTRIBUTION
from .paper_plot import bars

_ROOT = Path(__file__).resolve().parent.parent
_TITLES = {
    "celeba64": "Faces of 64 px, lossless",
    "cifar10": "CIFAR-10, everything as JPEG 75",
    "mnist": "Digits of 28 px, lossless",
    "t2i": "Text-to-image models, everything as JPEG 75",
}
_PAPERS_COLUMN = {"cifar10": ("paper: CIFAR10", 0), "celeba64": ("paper: CelebA", 1)}  # of ATTRIBUTION
_DIRECTIONS = ("tf to torch", "torch to tf")
_ACROSS_HEADER = ("paper: CIFAR10 to CelebA", "paper: CelebA to CIFAR10")
Facts = Mapping[str, Any]  # one JSON file of the study


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=_ROOT / "results" / "paper")
    parser.add_argument("--page", type=Path, default=_ROOT / "RESULTS.md")
    arguments = parser.parse_args()
    paths = [arguments.results / f"{name}.json" for name in _TITLES]
    results = {path.stem: json.loads(path.read_text()) for path in paths if path.exists()}
    if not results:
        raise SystemExit(f"{arguments.results} holds no figures yet; python -m benchmarks.paper --data DIR makes them.")
    for name, facts in results.items():
        values = [(method, figures["balanced"]) for method, figures in _in_order(facts["methods"])]
        write(arguments.results / f"{name}.svg", bars(_TITLES[name], values, facts["chance"]).encode())
    drawings = arguments.results.resolve().relative_to(arguments.page.resolve().parent).as_posix()
    text = "\n\n".join([page(results, drawings), others(arguments.results.parent), of_what_ships(BUILTIN)])
    write(arguments.page, (text.strip() + "\n").encode())


def page(results: Mapping[str, Facts], drawings: str) -> str:
    """The whole page from group -> figures; ``drawings``: the folder of the SVG files, seen from the page."""
    parts = [
        words.INTRODUCTION,
        _beside_the_paper(results),
        *(_group(name, facts, f"{drawings}/{name}.svg") for name, facts in results.items()),
        _robustness(results),
        _across_data_sets(results.get("mnist", {})),
        _separability(results),
        _simplifications(),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def _beside_the_paper(results: Mapping[str, Facts]) -> str:
    header, columns = ["method"], []
    for name, facts in results.items():
        balanced = {method: as_interval(figures["balanced"]) for method, figures in facts["methods"].items()}
        if name in _PAPERS_COLUMN:
            title, column = _PAPERS_COLUMN[name]
            header.append(title)
            columns.append({m: _papers(ATTRIBUTION, f["paper"], column) for m, f in facts["methods"].items()})
        header.append(f"ours: {name}")
        controls = {f"*metadata, {kind}*": as_interval(e) for kind, e in facts["metadata only"].items()}
        columns.append(balanced | controls | {"*chance*": f"{facts['chance']:.3f}"})
    names = [*_methods(results), "*metadata, as given*", "*metadata, canonical*", "*chance*"]
    return words.BESIDE_THE_PAPER + "\n" + as_table(header, [[n, *(c.get(n, "") for c in columns)] for n in names])


def _group(name: str, facts: Facts, drawing: str) -> str:
    header = ["method", "balanced", "with real", "recall of real", "few contents", "fit, s", "ms an image"]
    table = [
        [
            method,
            as_interval(figures["balanced"]),
            as_interval(figures["with real"]),
            as_interval(figures["recall of real"]),
            as_interval(figures["few"]) if "few" in figures else "",
            f"{figures['seconds to fit']:.0f}",
            f"{figures['milliseconds an image']:.1f}",
        ]
        for method, figures in _in_order(facts["methods"])
    ]
    images, few = facts["images"], facts["generators with few contents"]
    seconds = sum(figures["seconds to fit"] for figures in facts["methods"].values())
    text = (
        f"{len(facts['generators'])} generators with 30 contents or more; {images['train']} images for training, "
        f"{images['test']} for the test, {images['bank']} photos in the sample of the manifold. "
        f"All fits together took {seconds / 60:.0f} minutes."
    )
    if few:
        text += f" With few contents, chosen among all generators: {', '.join(few)}."
    return f"## {_TITLES[name]} (`{name}`)\n\n{text}\n\n![Balanced accuracy]({drawing})\n\n" + as_table(header, table)


def _robustness(results: Mapping[str, Facts]) -> str:
    parts = []
    for name, facts in results.items():
        if "robustness" in facts:
            known = _in_order(facts["robustness"])
            changes = [change for change in facts["changes"] if change in known[0][1]]
            rows = [[method, *(f"{figures[c]['value']:.2f}" for c in changes)] for method, figures in known]
            parts.append(f"`{name}`\n\n" + as_table(["method", *changes], rows))
    return words.ROBUSTNESS + "\n" + "\n\n".join(parts) if parts else ""


def _across_data_sets(facts: Facts) -> str:
    directions = [name for name in _DIRECTIONS if name in facts]
    if not directions:
        return ""
    table = []
    for method, figures in _in_order(facts["methods"]):
        ours = [as_interval(facts[d][method]["balanced"]) if method in facts[d] else "" for d in directions]
        table.append([method, *ours, *(_papers(ACROSS, figures["paper"], i) for i in range(len(_ACROSS_HEADER)))])
    chance = next(iter(facts[directions[0]].values()))["chance"]
    text = words.ACROSS_DATA_SETS.format(algorithms=round(1 / chance), chance=chance)
    return text + "\n" + as_table(["method", *directions, *_ACROSS_HEADER], table)


def _separability(results: Mapping[str, Facts]) -> str:
    def ratio(facts: Facts, method: str) -> str:
        return f"{facts['methods'][method]['frechet ratio']:.1f}" if method in facts["methods"] else ""

    rows = [[method, *(ratio(facts, method) for facts in results.values())] for method in _methods(results)]
    return words.SEPARABILITY + "\n" + as_table(["method", *results], rows)


def _simplifications() -> str:
    """From the docstrings: the paper is what stands before the first colon, the rest begins with a fixed phrase."""
    rows = []
    for kind in BASELINES:
        text = " ".join((importlib.import_module(kind.__module__).__doc__ or "").split())
        paper = re.match(r'.*?"[^"]*" \([^)]*\)', text)
        simplified = re.search(r"Simplified[^:]*: (.*)|(Nothing is simplified)\.", text)
        if paper is None or simplified is None:
            raise ValueError(f"the docstring of {kind.__module__} must name its paper and what is simplified.")
        rows.append([kind.name, paper.group(), simplified.group(1) or simplified.group(2)])
    return words.SIMPLIFICATIONS + "\n" + as_table(["method", "paper", "simplified for a CPU"], rows)


def _in_order(figures: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """ManiFPT first, then the literature in the order of its table, then the default and the attempts to beat it."""
    rank = {kind.name: i for i, kind in enumerate(BASELINES, start=1)}

    def key(item: tuple[str, Any]) -> tuple[int, str]:
        last = len(BASELINES) + 1 if item[0].startswith("ours") else 0
        return rank.get(item[0], last), item[0]

    return sorted(figures.items(), key=key)


def _methods(results: Mapping[str, Facts]) -> list[str]:
    return [name for name, _ in _in_order({name: None for facts in results.values() for name in facts["methods"]})]


def _papers(table: Mapping[str, Sequence[float]], name: str | None, column: int) -> str:
    return f"{table[name][column]:.1f} %" if name and name in table else ""


if __name__ == "__main__":
    main()
