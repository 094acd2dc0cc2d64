"""The zoo: small generators of 32 px faces whose designs are known, trained here.

Names and cards go to stdout, progress to stderr. Exit codes: 0 when all went well, 1 when something failed, 2 for wrong
usage.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

from fingerprints.errors import UserError
from fingerprints.terminal import tell

from . import card, names, sample
from .designs.cards import FOLDER
from .designs.catalogue import ZOO


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = arguments.command
    try:
        return command(arguments)
    except (UserError, OSError) as error:
        tell(str(error))
        return 1


def list_generators(arguments: argparse.Namespace) -> int:
    trained = names()
    for name in trained:
        known = card(name)
        if arguments.json:
            print(json.dumps(asdict(known), ensure_ascii=False))
        else:
            print(f"{name:52} {known.kind:9} distance to real faces {known.distance:6.2f}, floor {known.floor:.2f}")
    for design in ZOO:
        if design.name not in trained and not arguments.json:
            print(f"{design.name:52} {design.kind:9} not trained yet")
    return 0


def sample_images(arguments: argparse.Namespace) -> int:
    from fingerprints.files import write_atomically
    from fingerprints.images.image import png_bytes

    images = sample(arguments.name, arguments.n, arguments.seed)
    for index, image in enumerate(images):
        write_atomically(arguments.folder / f"{arguments.name}-{arguments.seed}-{index:05d}.png", png_bytes(image))
    return 0


def export_samples(arguments: argparse.Namespace) -> int:
    from .export import export

    export(arguments.folder, arguments.data, arguments.n, arguments.seed, tell)
    return 0


def train(arguments: argparse.Namespace) -> int:
    from .training.loop import Plan
    from .training.train_all import train_all

    plan = Plan(arguments.data, arguments.work, arguments.out, arguments.steps)
    chosen = None if arguments.all else arguments.names
    return train_all(chosen, plan, arguments.workers, arguments.again, tell)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m zoo", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("list", help="all generators, with the quality of the trained ones")
    listing.add_argument("--json", action="store_true", help="one card a line, of the trained ones")
    listing.set_defaults(command=list_generators)

    sampling = commands.add_parser("sample", help="write images of a generator as PNG")
    sampling.add_argument("name", metavar="NAME", help="one that list shows")
    sampling.add_argument("folder", metavar="DIR", type=Path, help="where NAME-SEED-INDEX.png go")
    sampling.add_argument("-n", type=_count, default=64, help="how many images (default: %(default)s)")
    sampling.add_argument("--seed", type=_count, default=0, help="the same seed gives the same images (default: 0)")
    sampling.set_defaults(command=sample_images)

    exporting = commands.add_parser(
        "export", help="write samples of all generators, real faces and cards, to build a collection of fingerprints"
    )
    exporting.add_argument("folder", metavar="DIR", type=Path, help="where real/, a folder a generator and cards go")
    exporting.add_argument("--data", type=Path, required=True, metavar="DATA", help="the folder of the evaluation data")
    exporting.add_argument("-n", type=_positive, default=300, help="images of each generator (default: %(default)s)")
    exporting.add_argument("--seed", type=_count, default=1, help="of the samples (default: %(default)s)")
    exporting.set_defaults(command=export_samples)

    training = commands.add_parser(
        "train", help="train generators; what an interruption left unfinished goes on where it was"
    )
    which = training.add_mutually_exclusive_group(required=True)
    which.add_argument("--all", action="store_true", help="every generator that is not trained yet")
    which.add_argument("--names", nargs="+", metavar="NAME", help="these only")
    training.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the evaluation data")
    training.add_argument("--work", type=Path, default=Path("build/zoo"), metavar="DIR", help="checkpoints (build/zoo)")
    training.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="weights and cards (zoo/weights)")
    training.add_argument(
        "--workers", type=_positive, default=2, help="trainings at a time, one core each (%(default)s)"
    )
    training.add_argument("--steps", type=_positive, help="fewer or more than the recipe's, for trials")
    training.add_argument("--again", action="store_true", help="train also what is trained already")
    training.set_defaults(command=train)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 0 or more")
    return int(text)


def _positive(text: str) -> int:
    if _count(text) == 0:
        raise argparse.ArgumentTypeError("0 is too few; give 1 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
