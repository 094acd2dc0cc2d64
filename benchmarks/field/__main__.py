"""In the field: ``python -m benchmarks.field --photos FOLDER... --generated NAME=FOLDER... [--drawings]``.

Pictures of your own (folders, zips or Parquet files) go through the everyday handlings of handlings.py, and the
registry, the embedded one by default, is asked about each result as the app would ask. A model that the registry does
not hold may have any NAME: then every name given to its pictures is wrong. Printed of each handling, as shares of those
that it covers:

photos     accused (of being made by a model), named (accused by a model's name), called real
generated  named, named right, wrong name, in a set (of a few models), called generated (and no more), passed as real

The rest is unknown. At the end all handlings together, the worst ones, and with --drawings what is said of pictures
that are neither photos nor made by a model.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.images.image import from_pixels
from registry.answers.identify import NotCovered, identify
from registry.building.embed_samples import one_thread
from registry.intake.samples import IntakeError, Limits, Sample, read_samples
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store, StoreError

from ..common.group_command import write_figures
from .drawings import drawings
from .figures import ALL, GENERATED_IMAGES, PHOTOS, Reply, drawing_counts, handling_figures
from .handlings import HANDLINGS, Handling, saved

_FORMS: dict[str, Handling] = {"as png": HANDLINGS["as is"], "as jpeg 85": saved(85)}  # of drawings
_LIMITS = Limits(max_files=1_000_000, max_total_bytes=1_000_000_000_000)
_AHEAD = 6  # pictures that wait for a process: photos are large
_TELL_EVERY = 10
_OPENED: list[Snapshot] = []  # in each worker process


@dataclass(frozen=True)
class Picture:
    """``label``: PHOTOS, the name of a model, or the kind of a drawing; ``content``: which pictures belong together."""

    label: str
    content: str
    pixels: np.ndarray


def main() -> None:
    parser = _parser()
    arguments = parser.parse_args()
    chosen = [name for name in HANDLINGS if arguments.only.lower() in name]
    given = [(PHOTOS, arguments.photos), *((name, [path]) for name, path in arguments.generated)]
    sources: dict[str, list[Path]] = {}
    for label, paths in given:
        sources.setdefault(label, []).extend(paths)
    if not chosen:
        parser.error(f"no handling has {arguments.only!r} in its name; there are {', '.join(HANDLINGS)}")
    if not any(sources.values()) and not arguments.drawings:
        parser.error("give --photos FOLDER, --generated NAME=FOLDER or --drawings")
    with tempfile.TemporaryDirectory(prefix="manifpt-field-") as scratch:
        try:
            own = arguments.registry
            snapshot = (Store(own, builtin=None) if own else Store(Path(scratch))).snapshot()
            figures = run(snapshot.path, _pictures(sources, arguments.limit), chosen, arguments.drawings)
        except (IntakeError, StoreError) as error:
            raise SystemExit(str(error)) from error
    write_figures(arguments.json, figures)


def run(
    revision: Path, pictures: Iterable[Picture], chosen: Sequence[str], with_drawings: bool = False
) -> dict[str, Any]:
    """Ask the registry's ``revision`` (its folder) about the pictures, print, and return all figures."""
    found: dict[str, Any] = {}
    with ProcessPoolExecutor(2, get_context("fork"), _begin, (revision,)) as pool:
        if replies := list(_replies(pool, pictures, chosen)):
            found |= handling_figures(replies, chosen)
        if with_drawings:
            drawn = (Picture(kind, f"{kind} {n}", pixels) for n, (kind, pixels) in enumerate(drawings()))
            found["drawings"] = drawing_counts(list(_replies(pool, drawn, list(_FORMS))), list(_FORMS))
    _print(found)
    return found


# From pictures to replies.


def _pictures(sources: Mapping[str, Sequence[Path]], limit: int | None) -> Iterator[Picture]:
    """One at a time: at most ``limit`` of each path. What is not used is told."""
    for label, paths in sources.items():
        for path in paths:
            passed: Counter[str] = Counter()
            for item in read_samples([path], limits=_LIMITS, limit=limit, passed=passed):
                if isinstance(item, Sample):
                    yield Picture(label, item.content, item.image.pixels)
                else:
                    passed["unreadable or given twice"] += 1
            if passed:
                _tell(f"{path}: not used: {', '.join(f'{count} {kind}' for kind, count in passed.items())}")


def _replies(pool: ProcessPoolExecutor, pictures: Iterable[Picture], chosen: Sequence[str]) -> Iterator[Reply]:
    """In order; only a few pictures are read ahead."""
    waiting: deque[Future[list[Reply]]] = deque()
    for number, picture in enumerate(pictures, 1):
        waiting.append(pool.submit(ask, picture, chosen))
        if len(waiting) > _AHEAD:
            yield from waiting.popleft().result()
        if number % _TELL_EVERY == 0:
            _tell(f"{number} pictures read, the last one of {picture.label}; {len(chosen)} handlings each")
    for future in waiting:
        yield from future.result()


def _begin(revision: Path) -> None:
    one_thread()
    _OPENED.append(Snapshot(revision))


def ask(picture: Picture, chosen: Sequence[str]) -> list[Reply]:
    """About the picture after each of these handlings that applies to it."""
    about = partial(Reply, picture.label, picture.content)
    handled = ((name, _handling(name)(picture.pixels)) for name in chosen)
    return [about(name, *_said(pixels)) for name, pixels in handled if pixels is not None]


def _handling(name: str) -> Handling:
    return HANDLINGS[name] if name in HANDLINGS else _FORMS[name]


def _said(pixels: np.ndarray) -> tuple[str | None, str | None]:
    try:
        *_, answer = identify(_OPENED[-1], from_pixels(pixels))
    except NotCovered:
        return None, None
    return answer.verdict.verdict, answer.verdict.generator


# On the screen.


def _print(found: Mapping[str, Any]) -> None:
    for handling in found.get(PHOTOS, found.get(GENERATED_IMAGES, {})):
        print(f"{handling}:")
        for kind in (PHOTOS, GENERATED_IMAGES):
            if kind in found:
                print(f"  {kind:12} {_line(found[kind][handling])}")
    for kind, rows in found.items():
        if kind in ("worst", "drawings"):
            print(f"{kind}:")
            for name, figure in rows.items():
                print(f"  {name:34} {figure if isinstance(figure, str) else _line(figure)}")
        elif kind not in (PHOTOS, GENERATED_IMAGES):
            print(f"{kind}, {ALL}: {_line(rows[ALL])}")


def _line(figures: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {figure}" for name, figure in figures.items())


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _named(given: str) -> tuple[str, Path]:
    name, _, path = given.partition("=")
    if not name or not path or name in (PHOTOS, GENERATED_IMAGES):
        raise argparse.ArgumentTypeError(f"{given!r} is not NAME=FOLDER, such as stable-diffusion-v1-5=DIR")
    return name, Path(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--photos", nargs="+", type=Path, default=[], metavar="FOLDER", help="also zip or Parquet files"
    )
    parser.add_argument("--generated", nargs="+", type=_named, default=[], metavar="NAME=FOLDER")
    parser.add_argument("--drawings", action="store_true", help="also ask about drawings, charts, programs, ...")
    parser.add_argument("--limit", type=int, help="at most so many pictures of each folder")
    parser.add_argument("--only", default="", metavar="WORD", help="only handlings with this word in their name")
    parser.add_argument("--registry", type=Path, help="its folder (default: the embedded one)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    return parser


if __name__ == "__main__":
    main()
