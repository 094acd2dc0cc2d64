"""From nothing to the first page: ``python -m benchmarks.speed.install``. Megabytes fetched and seconds, step by step.

A clone of this repository as it was committed, `make .venv/app.stamp` in it, and the app until it shows its start page.
Packages come from where pip finds them, nothing from its cache; the size of each is that of the file that pip takes.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from ..common.group_command import write_figures
from ..common.serving import served

_ROOT = Path(__file__).resolve().parents[2]
_LARGEST = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="manifpt-install-") as scratch:
        figures = measured(Path(scratch))
    write_figures(arguments.json, figures)


def measured(scratch: Path) -> dict[str, float]:
    clone, packages = scratch / "clone", scratch / "packages"
    figures = {"clone, s": _seconds(["git", "clone", "--quiet", f"file://{_ROOT}", str(clone)])}
    shallow = scratch / "shallow"
    _seconds(["git", "clone", "--quiet", "--depth", "1", f"file://{_ROOT}", str(shallow)])
    figures["history of one commit, MB"] = _megabytes(shallow / ".git")
    figures["history, MB"], figures["files, MB"] = (
        _megabytes(clone / ".git"),
        _megabytes(clone) - _megabytes(clone / ".git"),
    )
    figures["install, s"] = _seconds(["make", "-C", str(clone), ".venv/app.stamp"], PIP_NO_CACHE_DIR="1")
    python = str(clone / ".venv" / "bin" / "python")
    pip = [python, "-m", "pip", "download", "--quiet", "--no-cache-dir", "--dest", str(packages)]
    _seconds([*pip, "-r", str(clone / "requirements.txt")])
    files = sorted(packages.iterdir(), key=lambda file: -file.stat().st_size)
    figures["packages, MB"] = _megabytes(packages)
    with served([python, "app.py"], scratch / "registry", folder=clone) as server:
        figures["first page, s"] = server.seconds
    for name, figure in figures.items():
        print(f"{name}: {figure:.1f}")
    print(
        "the largest packages:",
        ", ".join(f"{f.name.split('-')[0]} {f.stat().st_size / 1e6:.0f} MB" for f in files[:_LARGEST]),
    )
    return figures


def _seconds(command: Sequence[str], **variables: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, **variables}, stdout=sys.stderr)
    return time.perf_counter() - start


def _megabytes(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


if __name__ == "__main__":
    main()
