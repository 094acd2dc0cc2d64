"""The structure of fingerprints as a page: ``python -m benchmarks.structure.page`` renders benchmarks/STRUCTURE.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..paper.cache import write
from ..render.markdown import as_interval, as_table
from .plot import dendrogram, design_map

_ROOT = Path(__file__).resolve().parent.parent
RESULTS = _ROOT / "results" / "structure"
PAGE = _ROOT / "STRUCTURE.md"
ALL = "all together"
_SURE = 0.05
_TITLES = {
    "zoo": "The zoo: small generators of 32 px faces, every design choice known",
    "celeba64": "Faces of 64 px: 18 VAEs of one architecture, and GANs",
    "t2i": "Text-to-image models",
    "mnist": "Digits: the same algorithms in two code bases",
}
_PAPERS_NMI = {
    "up-sampling": 0.643,
    "loss": 0.611,
    "normalisation": 0.532,
    "activation": 0.434,
    "skip connections": 0.412,
}
_INTRODUCTION = """# Do fingerprints show how a generator was made?

The paper (ManiFPT, section 4.5, Table 5) clusters fingerprints and finds that clusters go along with design choices.
This page asks the same with what that table lacks: what labels that say nothing would reach. All figures are made by
`python -m benchmarks.structure --data DATA`, which also renders this page.

- **NMI, AMI**: Ward's clusters (as many as the axis has levels) against the levels. *Chance* is the mean NMI of
  permuted levels, p the share of permutations that reach the figure. AMI is 0 on average by chance.
- **Variance**: the share of the squared distances between fingerprints that the levels explain (PERMANOVA), and chance.
- **Unseen generators**: balanced accuracy of a probe for generators that it never saw, nor another seed, epoch or
  fine-tune of them; basis and covariance of the space never saw them either. The interval is a bootstrap over designs;
  p is from permuted levels. What the probe looks at (the mean artifact or the spread of the artifacts, in one space
  or in all, or both) is chosen on the training generators alone. That list of choices was settled after trials: with
  more of them on `celeba64` and `mnist`, and with five other ways to combine spaces on `zoo`, none of
  which was better on all axes. So these figures may be a little high; `t2i` played no part in that.

Generators that share a design move together in every permutation. Levels of one design alone cannot be predicted."""
Facts = Mapping[str, Any]


def main() -> None:
    render()


def render(results: Path = RESULTS, page: Path = PAGE) -> None:
    """Write the drawings beside the figures, and the page."""
    paths = [results / f"{group}.json" for group in _TITLES]
    found = {path.stem: json.loads(path.read_text()) for path in paths if path.exists()}
    if not found:
        raise SystemExit(f"{results} holds no figures yet; python -m benchmarks.structure --data DIR makes them.")
    for group, facts in found.items():
        names = facts["generators"]
        write(results / f"{group}-map.svg", design_map(facts["map"]["places"], names, facts["levels"], group).encode())
        write(results / f"{group}-tree.svg", dendrogram(facts["tree"], names, facts["levels"], group).encode())
    folder = results.resolve().relative_to(page.resolve().parent).as_posix()
    write(page, text_of(found, folder).encode())


def text_of(found: Mapping[str, Facts], folder: str) -> str:
    """The whole page; ``folder``: where the drawings are, seen from the page."""
    parts = [_INTRODUCTION, _findings(found), *(_group(group, facts, folder) for group, facts in found.items())]
    return "\n\n".join(part for part in parts if part) + "\n"


def _findings(found: Mapping[str, Facts]) -> str:
    sentences = [
        f"- `{group}`, {axis}: {_verdict(figures['probe'])}"
        for group, facts in found.items()
        for axis, figures in facts["axes"].items()
        if "balanced" in figures.get("probe", {})
    ]
    return "## What can be told of a generator never seen\n\n" + "\n".join(sentences)


def _verdict(probe: Facts) -> str:
    figures = f"{as_interval(probe['balanced'])}, chance {probe['chance']:.3f}, p {probe['p']:.3f}"
    if probe["p"] < _SURE:
        return f"**predicted**, {figures}."
    return f"**not predicted** beyond chance, {figures}."


def _group(group: str, facts: Facts, folder: str) -> str:
    images = facts["images"].values()
    parts = [
        f"## {_TITLES[group]} (`{group}`)",
        f"{len(images)} generators of {min(images)} to {max(images)} images; {facts['permutations']} permutations.",
        _clusters(facts),
        _probe(facts),
        _batches(facts),
        _relatives(facts),
        f"The map shows {100 * facts['map']['shown']:.0f} % of the variance of the fingerprints.\n\n"
        f"![Map, coloured by each axis]({folder}/{group}-map.svg)\n\n![Tree]({folder}/{group}-tree.svg)",
        _by_space(facts),
    ]
    return "\n\n".join(part for part in parts if part)


def _clusters(facts: Facts) -> str:
    papers = facts["group"] == "zoo"
    header = ["axis", "levels", "NMI", "chance", "p", "AMI", "variance", "chance", "p", *(["paper's NMI"] * papers)]
    rows = []
    for axis, figures in facts["axes"].items():
        clusters, variance = figures["clusters"][ALL], figures["variance"][ALL]
        row = [axis, str(len(figures["counts"])), *(f"{clusters[key]:.3f}" for key in ("nmi", "chance", "p", "ami"))]
        row += [f"{variance[key]:.3f}" for key in ("share", "chance", "p")]
        rows.append([*row, f"{_PAPERS_NMI[axis]:.3f}" if axis in _PAPERS_NMI else ""] if papers else row)
    return "Clusters of fingerprints and variance explained, all spaces together:\n\n" + as_table(header, rows)


def _probe(facts: Facts) -> str:
    rows = []
    for axis, figures in facts["axes"].items():
        probe = figures.get("probe", {})
        if "balanced" in probe:
            recall = ", ".join(f"{level} {value:.2f}" for level, value in probe["recall"].items())
            row = [f"{probe[key]:.3f}" for key in ("chance", "permuted", "p")]
            rows.append([axis, as_interval(probe["balanced"]), *row, recall])
        elif probe:
            rows.append([axis, "cannot be asked: fewer than two levels have two designs", "", "", "", ""])
    header = ["axis", "balanced accuracy", "chance", "permuted levels", "p", "right of each level"]
    return "Unseen generators:\n\n" + as_table(header, rows) if rows else ""


def _batches(facts: Facts) -> str:
    probes = {axis: f["probe"]["batches"] for axis, f in facts["axes"].items() if f.get("probe", {}).get("batches")}
    if not probes:
        return ""
    sizes = sorted(next(iter(probes.values())), key=int)
    rows = [[axis, *(as_interval(figures[size]) for size in sizes)] for axis, figures in probes.items()]
    return "The same from a few images of the unseen generator:\n\n" + as_table(["axis", *sizes], rows)


def _relatives(facts: Facts) -> str:
    near = facts["relatives"]["parts"].get(ALL)
    if near is None:
        return ""
    return (
        f"How near a relative lies ({facts['relatives']['of']}; {near['count']} generators have one): "
        f"{near['rank']:.3f} of the strangers lie nearer (chance .5, p {near['p']:.3f}); it is the nearest of all "
        f"for {near['first']:.3f} (chance {near['chance']:.3f})."
    )


def _by_space(facts: Facts) -> str:
    """The paper's Table 5: NMI by representation, and its mean over them."""
    axes = facts["axes"]
    parts = [part for part in next(iter(axes.values()))["clusters"] if part != ALL]
    rows = [[part, *(_nmi(f["clusters"][part]) for f in axes.values())] for part in parts]
    means = [[f["clusters"][part][key] for part in parts] for f in axes.values() for key in ("nmi", "chance")]
    mean = [f"{sum(values) / len(values):.3f}" for values in means]
    rows.append(["*mean*", *(f"{nmi} ({chance})" for nmi, chance in zip(mean[::2], mean[1::2], strict=True))])
    return "NMI in each space and moment (mean artifact, spread of artifacts), chance in brackets:\n\n" + as_table(
        ["space, moment", *axes], rows
    )


def _nmi(figures: Facts) -> str:
    return f"{figures['nmi']:.3f} ({figures['chance']:.3f})" + (" *" if figures["p"] < _SURE else "")


if __name__ == "__main__":
    main()
