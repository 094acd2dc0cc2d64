"""A program that changes a registry folder, to be killed: ``python -m hub_actions FOLDER REPO_ID OLD`` (from tests/).

For each line on its input it forks a child that syncs, adds, pushes, goes back to the commit OLD, and removes, over and
over; it answers with the child's process id. Everything is imported before, so that a kill hits work and not imports.
``python -m hub_actions FOLDER add PREFIX COUNT`` and ``FOLDER sync REPO_ID`` do one thing only, until the end of input.
"""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path

import huggingface_hub.errors  # noqa: F401 (before the fork)
from huggingface_hub import HfApi  # noqa: F401

from registries import add, names, take
from registry.hub.client import Hub as Remote
from registry.hub.push import push
from registry.storage.store import Store
from small import COLLECTION

MINE = "mine"


def cycle(folder: Path, repo_id: str, old: str) -> None:
    """Every kind of change once, from whatever state a kill has left."""
    store = Store(folder, builtin=None)
    take(store)
    if MINE not in names(store):
        add(store, MINE)
    push(store, Remote(repo_id))
    take(store, old, replace_local=True)
    take(store)
    store.remove(COLLECTION, MINE)
    push(store, Remote(repo_id))


def serve(folder: Path, repo_id: str, old: str) -> None:
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            while True:
                cycle(folder, repo_id, old)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)


def main() -> None:
    folder, *rest = sys.argv[1:]
    if rest[0] == "add":
        store = Store(Path(folder), builtin=None)
        for number in range(int(rest[2])):
            add(store, f"{rest[1]}{number}")
    elif rest[0] == "sync":
        store = Store(Path(folder), builtin=None)
        while not select.select([sys.stdin], [], [], 0)[0]:
            take(store)
    else:
        serve(Path(folder), *rest)


if __name__ == "__main__":
    main()
