"""The follower: a new revision is taken up in the background; whatever goes wrong is told and tried again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fingerprints.settings import Settings
from loopback_hub.double import Hub
from loopback_hub.faults import Fault
from registries import REPO, add, names, publish, published, retitle, take
from registry.hub.follow import Follower, follower_of
from registry.hub.sync import Progress
from registry.storage.store import Store
from small import COLLECTION

pytestmark = pytest.mark.waits


def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


@pytest.fixture
def follow(hub: Hub, small_store: Store, tmp_path: Path) -> Iterator[Callable[..., Follower]]:
    """Starts followers of the double into an empty registry, and stops them."""
    started: list[Follower] = []

    def start(**options: object) -> Follower:
        store = Store(tmp_path / "follower", builtin=None)
        started.append(Follower(store, REPO, **options).start())  # type: ignore[arg-type]
        return started[-1]

    publish(hub, small_store)
    yield start
    for follower in started:
        follower.stop()


def test_it_syncs_at_the_start_and_takes_up_what_is_new(hub: Hub, follow: Callable[..., Follower]) -> None:
    taken = threading.Semaphore(0)
    follower = follow(every=0.05, taken=taken.release)
    assert taken.acquire(timeout=10)
    before = follower._store.snapshot()
    retitle(hub, "nearest", "Closest")
    assert taken.acquire(timeout=10)
    assert follower._store.snapshot().collection(COLLECTION).card("nearest").title == "Closest"
    assert before.collection(COLLECTION).card("nearest").title == "Nearest", "an answer that runs ends on the old one"
    assert follower.state.error is None and follower.state.synced and follower.state.time


def test_a_hub_that_is_gone_is_told_and_tried_again(hub: Hub, follow: Callable[..., Follower]) -> None:
    hub.inject(Fault(status=500), times=3)
    follower = follow(every=0.05)
    until(lambda: follower.state.error)
    assert "the Hub answered 500" in str(follower.state.error) and follower.state.synced is None
    until(lambda: follower.state.synced)
    assert follower.state.error is None and len(names(follower._store)) == 3
    hub.inject(Fault(status=500))
    until(lambda: follower.state.error)
    synced = follower.state.synced
    time.sleep(0.2)
    assert follower.state.synced == synced and len(names(follower._store)) == 3, "the last good one serves"


def test_a_registry_that_cannot_be_taken_does_not_end_it(
    hub: Hub, small_store: Store, follow: Callable[..., Follower]
) -> None:
    hub.commit(REPO, {"registry.json": b"{}"})
    follower = follow(every=0.05)
    until(lambda: follower.state.error)
    assert "this version reads schema 1" in str(follower.state.error)
    publish(hub, small_store)
    until(lambda: follower.state.synced)


def test_its_progress_can_be_seen_and_it_stops_in_the_middle(hub: Hub, follow: Callable[..., Follower]) -> None:
    hub.inject(Fault(stall=(10, 30.0)), path="*/reference/dct.safetensors")
    follower = follow()
    until(lambda: isinstance(follower.state.progress, Progress) and follower.state.progress.files)
    assert follower.state.activity == "syncing"
    follower.stop(timeout=0.3)
    hub.stop()  # ends the stall
    until(lambda: follower.state.activity == "stopped")
    assert follower._store.revision is None


def test_it_does_not_wait_when_it_is_asked_now(hub: Hub, follow: Callable[..., Follower]) -> None:
    follower = follow(every=3600.0)
    until(lambda: follower.state.synced)
    commit = retitle(hub, "nearest", "Closest")
    follower.sync_now()
    until(lambda: follower.state.synced and follower.state.synced.origin.commit == commit)


def test_what_is_added_meanwhile_stays(hub: Hub, follow: Callable[..., Follower]) -> None:
    follower = follow(every=0.02)
    until(lambda: follower.state.synced)
    for number in range(5):
        add(follower._store, f"mine-{number}")
        commit = retitle(hub, "nearest", f"Title {number}")
    until(lambda: follower.state.synced and follower.state.synced.origin.commit == commit)
    assert len(names(follower._store)) == 8 and published(hub)
    assert not take(follower._store).changed


def test_the_environment_chooses(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FINGERPRINT_REPO", raising=False)
    assert follower_of(Settings.read(), small_store) is None
    monkeypatch.setenv("FINGERPRINT_REPO", "not a repository")
    follower = follower_of(Settings.read(), small_store)
    assert follower is not None
    follower.start()
    until(lambda: follower.state.error)
    assert "is not the id of a Hub repository" in str(follower.state.error)
    follower.stop()
