"""Killed at any moment, and several at once: the registry opens, verifies, and is the old state or the new one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub_actions import MINE
from loopback_hub.double import Hub
from registries import REPO, add, content, listed, names, publish, published, retitle, take
from registry.storage.store import Store
from small import COLLECTION, DECODERS

pytestmark = pytest.mark.waits

NAMES = sorted(DECODERS)
TESTS = Path(__file__).parents[2]


@pytest.fixture
def folder(hub: Hub, small_store: Store, tmp_path: Path) -> Path:
    """A registry that was synced from the double."""
    publish(hub, small_store)
    store = Store(tmp_path / "victim", builtin=None)
    take(store)
    return store.folder


def program(hub: Hub, tmp_path: Path, *arguments: str | Path) -> subprocess.Popen[str]:
    environment = {**hub.environment(tmp_path, hub.token), "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"}
    environment["OMP_NUM_THREADS"] = "1"
    command = [sys.executable, "-m", "hub_actions", *map(str, arguments)]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def check(hub: Hub, folder: Path, commits: dict[str, dict[str, bytes]]) -> str:
    """The registry here is a published state, with or without what was changed here on top; so is the double's."""
    store = Store(folder, builtin=None)
    snapshot = store.snapshot()
    assert snapshot.verify() == []
    source = snapshot.source
    assert source is not None
    commits.setdefault(source.commit, dict(hub.files(REPO, source.commit)))
    base = {path: data for path, data in commits[source.commit].items() if f"/{MINE}/" not in path}
    here = content(store)
    assert all(here[path] == data for path, data in base.items() if path.startswith(COLLECTION))
    assert names(store) in (NAMES, sorted([*NAMES, MINE]))
    there = published(hub)
    assert listed(there) == there, "what is published is whole"
    return f"{source.commit} {names(store)}"


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_a_kill_at_a_random_moment_leaves_a_whole_registry(hub: Hub, folder: Path, tmp_path: Path, kills: int) -> None:
    old, chance, states, commits = retitle(hub, "nearest", "Old"), random.Random(kills), set(), {}
    retitle(hub, "nearest", "New")
    with program(hub, tmp_path, folder, REPO, old) as running:
        for _ in range(kills):
            running.stdin.write("go\n")
            running.stdin.flush()
            child = int(running.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.8))
            os.kill(child, signal.SIGKILL)
            assert running.stdout.readline() == "ended\n"
            states.add(check(hub, folder, commits))
        running.stdin.close()
    assert len(states) > 3, f"the kills hit different moments: {states}"
    store = Store(folder, builtin=None)
    take(store)
    assert (
        content(store)[f"{COLLECTION}/generators/nearest/card.json"]
        == published(hub)[f"{COLLECTION}/generators/nearest/card.json"]
    )
    add(store, "last")
    left = [p.name for p in (folder / "revisions").iterdir() if p.name.startswith(".")]
    assert left == [], "what the kills left is cleared away"


def test_two_that_add_and_one_that_syncs_lose_nothing(hub: Hub, folder: Path, tmp_path: Path) -> None:
    count = 5
    with (
        program(hub, tmp_path, folder, "add", "left", str(count)) as left,
        program(hub, tmp_path, folder, "add", "right", str(count)) as right,
        program(hub, tmp_path, folder, "sync", REPO) as syncing,
    ):
        number = 0
        while left.poll() is None or right.poll() is None:
            number += 1
            retitle(hub, "nearest", f"Title {number}")
            time.sleep(0.05)
        syncing.stdin.write("end\n")
        syncing.stdin.close()
    assert [left.returncode, right.returncode, syncing.returncode] == [0, 0, 0]
    store = Store(folder, builtin=None)
    kept = take(store).kept or tuple(f"{COLLECTION}/{name}" for name in names(store) if name not in NAMES)
    added = sorted(f"{side}{n}" for side in ("left", "right") for n in range(count))
    assert sorted(names(store)) == sorted([*NAMES, *added]) and sorted(kept) == [f"{COLLECTION}/{n}" for n in added]
    assert store.snapshot().verify() == []
    assert store.snapshot().origin == f"{REPO}@{hub.head(REPO)}+local"
    assert store.snapshot().collection(COLLECTION).card("nearest").title == f"Title {number}"
