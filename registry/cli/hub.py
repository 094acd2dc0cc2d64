"""The commands that talk to the Hugging Face Hub: sync, push, propose, review, merge."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from fingerprints.terminal import tell

from ..hub.client import Hub
from ..hub.sync import Progress, Synced
from ..hub.sync import sync as steps_of
from ..storage.store import Store

if TYPE_CHECKING:
    from ..hub.review import Review  # reads arrays; ``list`` must not wait for that


def add_arguments(
    command: Callable[[Callable[[Store, argparse.Namespace], int], str], argparse.ArgumentParser],
) -> None:
    """Declare the commands: ``command`` (function, what it is for) gives the parser of one."""
    helps = {
        sync: "take the fingerprints that a Hub repository publishes",
        push: "publish this registry in a Hub repository of yours",
        propose: "offer one generator to a Hub repository, as a pull request",
        review: "look at a proposal: accept it, or the reasons against it",
        merge: "review a proposal again and publish it",
    }
    parsers = {}
    for function, help_ in helps.items():
        sub = command(function, help_)
        sub.add_argument("repo_id", metavar="REPO_ID", help="a data set repository, owner/name")
        sub.add_argument("--token", help="default: $HF_TOKEN, else your login (hf auth login)")
        parsers[function.__name__] = sub
    parsers["sync"].add_argument("--revision", help="branch, tag, commit or refs/pr/N (default: the newest)")
    parsers["sync"].add_argument("--replace", action="store_true", help="let go of what was added here")
    parsers["push"].add_argument("--private", action="store_true", default=None, help="if it is created now")
    parsers["push"].add_argument("--licence", default="other", help="licence id for its page (default: other)")
    parsers["propose"].add_argument("name", metavar="NAME")
    parsers["propose"].add_argument("--collection", required=True)
    for name in ("review", "merge"):
        parsers[name].add_argument("number", metavar="PR", type=int, help="number of the pull request")


def sync(store: Store, arguments: argparse.Namespace) -> int:
    for step in steps_of(store, Hub(arguments.repo_id, arguments.token), arguments.revision, arguments.replace):
        if isinstance(step, Progress):
            _show(step)
            continue
        tell("\n" if step.files and sys.stderr.isatty() else "", end="")
        tell(_outcome(step))
    return 0


def push(store: Store, arguments: argparse.Namespace) -> int:
    from ..hub.push import push as send

    pushed = send(store, Hub(arguments.repo_id, arguments.token), arguments.private, arguments.licence)
    count = len(pushed.sent) + len(pushed.deleted)
    what = f"{len(pushed.sent)} files sent, {len(pushed.deleted)} removed" if count else "nothing had changed"
    tell(f"{arguments.repo_id} is at {pushed.commit[:12]}: {what}.")
    return 0


def propose(store: Store, arguments: argparse.Namespace) -> int:
    from ..hub.propose import propose as offer

    proposal = offer(store, Hub(arguments.repo_id, arguments.token), arguments.collection, arguments.name)
    tell(f"{arguments.name} is proposed as pull request {proposal.number}:")
    print(proposal.url, flush=True)
    return 0


def review(store: Store, arguments: argparse.Namespace) -> int:
    from ..hub.review import review as look

    return _report(look(store, Hub(arguments.repo_id, arguments.token), arguments.number))


def merge(store: Store, arguments: argparse.Namespace) -> int:
    from ..hub.review import merge as publish

    found, commit = publish(store, Hub(arguments.repo_id, arguments.token), arguments.number)
    code = _report(found)
    if commit:
        tell(f"{found.collection}/{found.name} is published in {commit[:12]}; pull request {found.number} is closed.")
    return code


def _report(found: Review) -> int:
    what = f"{found.collection}/{found.name} " if found.name else ""
    tell(f"pull request {found.number} by {_shown(found.author)}: {what}at {found.commit[:12]}")
    for remark in found.remarks:
        tell(_shown(remark))
    print(
        "accept" if found.accepted else "\n".join(_shown(f"against: {reason}") for reason in found.reasons), flush=True
    )
    return 0 if found.accepted else 1


def _outcome(synced: Synced) -> str:
    where = f"{synced.origin.repo_id} at {synced.origin.commit[:12]}"
    if not synced.changed:
        return f"{where}: nothing new; revision {synced.revision}."
    kept = f" Kept on top: {', '.join(synced.kept)}." if synced.kept else ""
    return f"{where}: {synced.files} files, {synced.bytes:,} bytes; revision {synced.revision}.{kept}"


def _show(progress: Progress) -> None:
    if sys.stderr.isatty():
        done, total, rate = (value / 1e6 for value in (progress.bytes, progress.bytes_total, progress.rate))
        text = f"\r{progress.files} of {progress.files_total} files, {done:.1f} of {total:.1f} MB, {rate:.1f} MB/s "
        tell(text, end="")


def _shown(text: str) -> str:
    """Text from others on a terminal: no control characters."""
    return "".join(character if character.isprintable() else "?" for character in text)
