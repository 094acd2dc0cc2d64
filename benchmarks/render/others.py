"""The results beside the study of the paper, as the second half of benchmarks/RESULTS.md: figures and their command."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .markdown import as_interval, as_table

INTRODUCTION = """# Beyond the paper

Each table is what its command printed last, from the file that the command wrote."""


OF_ITS_OWN = """## What ships, of its own images

Each image scored by covariances, means and networks that its content had no part in; the bars were chosen on the same
images. A build prints these figures (`make registry`) and keeps them in the collection (`cross_fitted` in
collection.json)."""


@dataclass(frozen=True)
class Section:
    """A file of results, the ``key`` in it ("": all of it), and the command that fills it."""

    title: str
    file: str
    command: str
    key: str = ""


SECTIONS = (
    Section("Operating point, cross-validated", "operating_point.json", "operating_point --data DATA/t2i", "standard"),
    Section("Stated against right", "operating_point.json", "operating_point --data DATA/t2i", "stated and right"),
    Section("Share answered against share right", "operating_point.json", "operating_point --data DATA/t2i", "curve"),
    Section("Re-saved and scaled", "stability.json", "stability --data DATA/t2i"),
    Section("In the field, the worst of 82 handlings", "field.json", "field.unseen --data DATA/t2i", "worst"),
    Section(
        "Faces after a JPEG, without the doubt that the app adds",
        "saved_faces.json",
        "controls.saved_faces --data DATA/celeba64",
    ),
    Section("Open set, calibration, few samples", "openset.json", "openset --data DATA/t2i"),
    Section("Which idea brought what", "ablation.json", "ablation --data DATA/t2i"),
    Section("The zoo", "zoo.json", "structure.zoo_attribution --data DATA"),
    Section("Hostile files", "safety.json", "hostile", "hostile files"),
    Section("Many visitors", "safety.json", "hostile.visitors", "visitors"),
    Section("Speed", "speed.json", "speed"),
    Section("Scale", "scale.json", "scale"),
    Section("Two workers", "cluster.json", "cluster"),
)


def others(results: Path) -> str:
    """The sections whose files are in the folder ``results``; empty when none is."""
    parts = []
    for section in SECTIONS:
        path = results / section.file
        facts = json.loads(path.read_text()) if path.exists() else {}
        facts = facts.get(section.key, {}) if section.key else facts
        if facts:
            table = as_table(["", "figure"], flattened(facts))
            parts.append(f"## {section.title}\n\n`python -m benchmarks.{section.command} --json FILE`\n\n{table}")
    return "\n\n".join([INTRODUCTION, *parts]) if parts else ""


def of_what_ships(builtin: Path) -> str:
    """What each embedded collection found of its own images when it was built; empty where none says it."""
    found = {path.parent.name: json.loads(path.read_text()) for path in sorted(builtin.glob("*/collection.json"))}
    tables = [
        f"### {facts['title']}\n\n{as_table(['', 'share'], flattened(facts['cross_fitted']))}"
        for facts in found.values()
        if facts.get("cross_fitted")
    ]
    return "\n\n".join([OF_ITS_OWN, *tables]) if tables else ""


def flattened(facts: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[list[str]]:
    """Nested figures as rows of a table: the keys on the way, and what stands at their end."""
    for key, value in facts.items():
        path = (*above, str(key))
        if isinstance(value, Mapping) and set(value) != {"value", "low", "high"}:
            yield from flattened(value, path)
        else:
            yield [" · ".join(path).replace("|", "/"), _cell(value)]


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return as_interval(value)
    if isinstance(value, list):
        return ", ".join(map(_cell, value)) or "none"
    return f"{value:.4g}" if isinstance(value, float) else str(value).replace("|", "/")
