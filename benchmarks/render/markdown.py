"""The pieces that the rendered pages share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def as_interval(estimate: Mapping[str, float]) -> str:
    """An Estimate as JSON in a cell: value [low, high]."""
    return f"{estimate['value']:.3f} [{estimate['low']:.3f}, {estimate['high']:.3f}]"


def as_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
