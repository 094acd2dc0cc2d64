"""The command line that the benchmarks of one group share: which group, where embeddings are kept, where figures go."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any


def group_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser with --data, --json, --wallpapers and --cache."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--data", type=Path, required=True, help="one group of the evaluation data, such as DIR/t2i")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--wallpapers", type=Path, help="file that python -m registry.building.wallpapers wrote")
    parser.add_argument("--cache", type=Path, help="keep embeddings in this folder between runs")
    return parser


def write_figures(path: Path | None, figures: Mapping[str, Any]) -> None:
    """As JSON, keys sorted, estimates rounded; nothing without a path."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(plain(figures), indent=1, sort_keys=True) + "\n")


def plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {key: round(float(number), 4) for key, number in asdict(value).items()}
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(part) for part in value]
    return value
