"""The commands of the owner: what waits, accept, reject, undo, and the log."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable

from fingerprints.terminal import tell

from ..contributions import quarantine
from ..contributions.quarantine import Waiting
from ..intake.sources.common import printable
from ..storage.audit import notes
from ..storage.store import Store

_ME = "command line"


def add_arguments(
    command: Callable[[Callable[[Store, argparse.Namespace], int], str], argparse.ArgumentParser],
) -> None:
    """Declare the commands: ``command`` (function, what it is for) gives the parser of one."""
    helps = {
        pending: "contributions that wait for your word, and what speaks against them",
        accept: "add a waiting contribution to the registry",
        reject: "put a waiting contribution aside",
        undo: "take a decision back: the contribution waits again",
        log: "what was done to this registry, when and by whom",
    }
    for function, help_ in helps.items():
        sub = command(function, help_)
        if function in (pending, log):
            sub.add_argument("--json", action="store_true", help="one JSON object a line")
        else:
            sub.add_argument("what", metavar="NAME", help="its name, or its id where several bear that name")


def pending(store: Store, arguments: argparse.Namespace) -> int:
    for held in quarantine.pending(store):
        print(json.dumps(held.to_json(), ensure_ascii=False) if arguments.json else _line(held), flush=True)
    return 0


def accept(store: Store, arguments: argparse.Namespace) -> int:
    revision = quarantine.accept(store, arguments.what, _ME)
    tell(f"{arguments.what} is in the registry now; revision {revision}.")
    return 0


def reject(store: Store, arguments: argparse.Namespace) -> int:
    held = quarantine.reject(store, arguments.what, _ME)
    tell(f"{held.card.name} was put aside; python -m registry undo {held.id} takes that back.")
    return 0


def undo(store: Store, arguments: argparse.Namespace) -> int:
    held = quarantine.undo(store, arguments.what, _ME)
    tell(f"{held.card.name} waits again, and is not in the registry.")
    return 0


def log(store: Store, arguments: argparse.Namespace) -> int:
    for facts in notes(store.folder):
        if arguments.json:
            print(json.dumps(facts, ensure_ascii=False), flush=True)
        else:
            rest = " ".join(printable(value) for key, value in facts.items() if key not in ("time", "action") and value)
            print(f"{facts.get('time', ''):26} {facts.get('action', ''):10} {rest}", flush=True)
    return 0


def _line(held: Waiting) -> str:
    about = f"{held.id} {held.collection}/{held.card.name}, {held.card.samples} samples, {held.time}, by {held.by}"
    against = [f"  against: {reason}" for reason in held.reasons]
    return "\n".join(map(printable, [about, *against, *(f"  {remark}" for remark in held.remarks)]))
