"""The command line: ``python -m registry COMMAND``. JSON and answers on stdout, everything else on stderr.

Exit codes: 0 when all went well, 1 when any input failed, 2 for wrong usage. Heavy modules are imported by the commands
that need them, so that ``list`` answers at once.
"""

from __future__ import annotations

import signal

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C while the program is being loaded: it ends without a word

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fingerprints.errors import UserError
from fingerprints.settings import Settings
from fingerprints.terminal import tell

from .cli import hub as hub_commands
from .cli import identify as identify_command
from .cli import quarantine as quarantine_commands
from .cli.cluster import add_cluster, mapper_of
from .intake.sources.common import Passed, listed
from .storage.files import BrokenFile, what_to_do
from .storage.store import Store, StoreError

STOPPED = 130  # what a shell says of a program that Ctrl-C ended


def main(argv: Sequence[str] | None = None, settings: Settings | None = None) -> int:
    arguments = _parser().parse_args(argv)
    arguments.settings = settings or Settings.read()
    try:
        return _run(arguments)
    except UserError as error:
        return arguments.refuse(what_to_do(error) if isinstance(error, BrokenFile) else str(error), arguments)
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        tell("stopped")
        return STOPPED


def _run(arguments: argparse.Namespace) -> int:
    store = Store(arguments.registry or arguments.settings.folder)
    for note in store.notes:
        tell(note)
    command: Callable[[Store, argparse.Namespace], int] = arguments.command
    return command(store, arguments)


def _refuse(reason: str, arguments: argparse.Namespace) -> int:
    tell(reason)
    return 1


def list_generators(store: Store, arguments: argparse.Namespace) -> int:
    for line in store.snapshot().listed():
        if arguments.json:
            facts = ("collection", "name", "family", "samples", "contents")
            _say({key: getattr(line, key) for key in facts})
        else:
            print(f"{line.collection:16} {line.name:34} {line.family:22} {line.samples:6} samples")
    return 0


def show(store: Store, arguments: argparse.Namespace) -> int:
    _say(store.snapshot().collection(arguments.collection).card(arguments.name).to_json())
    return 0


def verify(store: Store, arguments: argparse.Namespace) -> int:
    try:
        problems = store.snapshot().verify()
    except BrokenFile as error:
        problems = [str(error)]
    for problem in problems:
        print(problem)
    tell(f"revision {store.revision}: " + (f"{len(problems)} problems" if problems else "everything is whole"))
    return 1 if problems else 0


def add(store: Store, arguments: argparse.Namespace) -> int:
    from .contributions import contribute
    from .contributions.batch import Batch, read_batch
    from .contributions.submit import submit
    from .intake.samples import read_samples
    from .storage.card import Card

    facts = _facts(arguments.card)
    card = Card.from_json({**facts, "name": arguments.name})
    collection = store.snapshot().collection(arguments.collection)
    if card.name in collection.names:
        raise StoreError(f"{collection.name} already has a generator {card.name!r}; choose another name.")
    passed: Passed = Counter()
    items = read_samples(
        arguments.samples,
        column=arguments.column,
        split=arguments.split,
        limit=arguments.limit,
        covers=collection.form.covers,
        passed=passed,
    )
    batch = Batch()
    with mapper_of(arguments.cluster) as mapper:
        for batch in read_batch(items, collection, mapper):
            _progress(f"{len(batch.images)} samples read, {len(batch.unreadable)} not usable")
    tell("")
    for unreadable in batch.unreadable:
        tell(f"not used: {unreadable.origin}: {unreadable.reason}")
    if passed:
        tell(f"not looked at: {listed(passed)}")
    draft = contribute.draft(batch, card, collection)
    for line in (draft.report.outlook, *draft.report.advice):
        tell(line)
    outcome = submit(arguments.settings, store, draft, collection, "command line", wait=False)
    if isinstance(outcome, str):
        tell(f"{card.name} is in {collection.name} now, from {draft.report.samples} samples; revision {outcome}.")
        return 1 if batch.unreadable else 0
    for reason in outcome.reasons:
        tell(f"against it: {reason}")
    tell(f"{card.name} was not added; to add it all the same: python -m registry accept {outcome.id}")
    return 1


def remove(store: Store, arguments: argparse.Namespace) -> int:
    revision = store.remove(arguments.collection, arguments.name)
    tell(f"{arguments.name} is no longer in {arguments.collection}; revision {revision}.")
    return 0


def create(store: Store, arguments: argparse.Namespace) -> int:
    from .building.create import create_collection

    with mapper_of(arguments.cluster) as mapper:
        create_collection(
            store,
            arguments.collection,
            photos=_named(arguments.real, "--real"),
            generators=_named(arguments.generator, "--generator"),
            cards=_facts(arguments.cards),
            outsiders=_named(arguments.outsider, "--outsider"),
            elsewhere=arguments.elsewhere,
            preset_name=arguments.preset,
            replace_it=arguments.command_name == "rebuild",
            drop=getattr(arguments, "drop", False),
            tell=tell,
            mapper=mapper,
        )
    return 0


def _named(values: Sequence[str], option: str) -> dict[str, list[str | Path]]:
    """NAME=PATH, repeatable for one name; the name may be left out for --real."""
    named: dict[str, list[str | Path]] = {}
    for value in values:
        name, separator, path = value.partition("=")
        if not separator:
            name, path = ("photos", value) if option == "--real" else ("", "")
        if not path:
            raise StoreError(f"{option} takes NAME=SAMPLES, found {value!r}.")
        named.setdefault(name, []).append(path)
    return named


def _facts(path: Path | None) -> dict[str, Any]:
    """The JSON object in a file that a person wrote; none without a file."""
    if path is None:
        return {}
    try:
        facts = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read as JSON: {error}.") from error
    if not isinstance(facts, dict):
        raise StoreError(f"{path} must hold a JSON object, in braces.")
    return facts


def _say(facts: dict[str, Any]) -> None:
    print(json.dumps(facts, ensure_ascii=False), flush=True)


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        tell(f"\r{text}", end="")


def _add_samples(sub: argparse.ArgumentParser) -> None:
    """What a collection is made from."""
    sub.add_argument("collection", metavar="COLLECTION")
    sub.add_argument("--preset", help="canonical form and spaces (default: that of the collection's name)")
    sub.add_argument("--real", action="append", required=True, metavar="[SOURCE=]SAMPLES")
    sub.add_argument("--generator", action="append", required=True, metavar="NAME=SAMPLES")
    sub.add_argument(
        "--outsider",
        action="append",
        default=[],
        metavar="NAME=SAMPLES",
        help="images of another generator, from which it is learned what strangers look like",
    )
    sub.add_argument(
        "--elsewhere",
        action="append",
        default=[],
        metavar="SAMPLES",
        help="photos of other things, where the preset is about one kind of thing: they get no answer",
    )
    sub.add_argument("--cards", type=Path, help="JSON file: name -> card")
    add_cluster(sub)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m registry", description="Identify images, and keep fingerprints.")
    common = argparse.ArgumentParser(add_help=False)
    common.set_defaults(refuse=_refuse)
    common.add_argument(
        "--registry", type=Path, help="registry folder (default: $FINGERPRINT_REGISTRY, else your data folder)"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        function: Callable[[Store, argparse.Namespace], int], help_: str, name: str = ""
    ) -> argparse.ArgumentParser:
        """Called as the function is, if nothing else is said."""
        name = name or function.__name__
        sub = commands.add_parser(name, parents=[common], help=help_, description=help_)
        sub.set_defaults(command=function, command_name=name)
        return sub

    sub = command(identify_command.identify, "which generator made these images?")
    identify_command.add_arguments(sub)
    sub.set_defaults(refuse=identify_command.refuse)
    sub = command(list_generators, "every generator of the registry", "list")
    sub.add_argument("--json", action="store_true", help="one JSON object a line")
    for function, help_ in ((show, "the card of one generator"), (remove, "take one out")):
        sub = command(function, help_)
        sub.add_argument("name", metavar="NAME")
        sub.add_argument("--collection", required=True)
    command(verify, "check every file against its digest and the schema")
    sub = command(add, "add a generator from samples of its images")
    sub.add_argument("name", metavar="NAME")
    sub.add_argument(
        "samples", nargs="+", metavar="SAMPLES", help="images, folders, zips, Parquet, or a Hub data set id"
    )
    sub.add_argument("--collection", required=True)
    sub.add_argument("--card", type=Path, help="JSON file with title, family, decoder, licence, source, ...")
    sub.add_argument("--column", default="image", help="image column of a Parquet file or data set (default: image)")
    sub.add_argument("--split", default="train", help="split of a Hub data set (default: train)")
    sub.add_argument("--limit", type=int, help="at most so many samples")
    add_cluster(sub)
    for name in ("create", "rebuild"):
        sub = command(create, f"{name} a collection from photos and samples of generators", name)
        _add_samples(sub)
        if name == "rebuild":
            sub.add_argument("--drop", action="store_true", help="let go of generators whose samples are not given")
    hub_commands.add_arguments(command)
    quarantine_commands.add_arguments(command)
    return parser


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):  # file names may hold bytes that are no text; in JSON this escape is right
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)  # from here on things are put in order first
    sys.exit(main())
