"""Many trainings at a time: each in a process of its own, on one core."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import signal
import sys
from collections.abc import Sequence
from multiprocessing.context import SpawnProcess
from types import FrameType

import torch
from filelock import FileLock, Timeout

from fingerprints.errors import UserError
from fingerprints.terminal import tell

from ..designs.cards import names
from ..designs.catalogue import ZOO, design_of
from ..designs.errors import ZooError
from .faces import read_faces
from .loop import Plan, Tell, train


def train_all(chosen: Sequence[str] | None, plan: Plan, workers: int, again: bool, tell: Tell) -> int:
    """Train the chosen generators, or all; those that have a card only if ``again``. 1 if one failed, else 0.

    Raises ZooError for an unknown name, for data that cannot be read, and where another training is at work.
    """
    wanted = ZOO if chosen is None else tuple(design_of(name) for name in chosen)
    trained = () if again else names(plan.out)
    missing = [design.name for design in wanted if design.name not in trained]
    tell(f"{len(wanted) - len(missing)} of {len(wanted)} generators are trained, {len(missing)} are left")
    read_faces(plan.data)  # what is wrong with the data is said once, before any process starts
    plan.work.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(plan.work / "lock", timeout=0):
            return _train_side_by_side(missing, plan, workers, tell)
    except Timeout as error:
        raise ZooError(f"Another training works in {plan.work}; wait for its end or give another --work.") from error


def _train_side_by_side(missing: list[str], plan: Plan, workers: int, tell: Tell) -> int:
    signal.signal(signal.SIGTERM, _leave)
    spawn = multiprocessing.get_context("spawn")  # a fresh process shares no state and no threads with this one
    waiting, failed = list(missing), 0
    running: dict[str, SpawnProcess] = {}
    while waiting or running:
        while waiting and len(running) < workers:
            name = waiting.pop(0)
            running[name] = spawn.Process(target=_train_one, args=(name, plan), daemon=True)
            running[name].start()
        multiprocessing.connection.wait([process.sentinel for process in running.values()])
        for name in [name for name, process in running.items() if not process.is_alive()]:
            code = running.pop(name).exitcode
            if code:
                tell(f"{name}: its training ended with exit code {code}")
                failed = 1
    return failed


def _leave(number: int, frame: FrameType | None) -> None:
    """End as Python does, which ends the daemon processes too; a signal alone would leave them running."""
    sys.exit(128 + number)


def _train_one(name: str, plan: Plan) -> None:
    torch.set_num_threads(1)
    try:
        train(design_of(name), read_faces(plan.data), plan, tell)
    except (UserError, OSError) as error:
        tell(f"{name}: {error}")
        sys.exit(1)
