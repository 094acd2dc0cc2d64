"""The registry page: where the fingerprints come from, what a follower is doing, and how to have one removed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from demo import build_demo
from demo.gallery.page import one_html
from demo.pages.following import following_html
from demo.pages.registry import contents_html
from demo.parts.removal import removal_html
from fingerprints.settings import Settings
from loopback_hub.double import Hub
from registries import REPO, add, publish, take
from registry.hub.follow import Follower, State
from registry.hub.sync import Progress, Synced
from registry.storage.origin import Origin
from registry.storage.store import Store
from small import COLLECTION

pytestmark = pytest.mark.waits

COMMIT = "0123456789ab" + "c" * 28
ORIGIN = Origin(REPO, COMMIT, None, "2026-11-24T09:00:00+00:00", "base")


def test_a_sync_that_runs_tells_files_bytes_and_rate() -> None:
    html = following_html(State(REPO, "syncing", Progress(12, 200, 3_100_000, 10_200_000, 2.05)))
    assert "12 of 200 files, 3.1 MB of 10.2 MB, 1.5 MB a second" in html
    assert '<progress aria-label="Bytes that came" value="3100000" max="10200000">' in html


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State(REPO), "Waiting for the first sync"),
        (State(REPO, "syncing"), "Asking what is new"),
        (State(REPO, "stopped"), "no longer looks"),
        (State(REPO, error="the Hub answered 500"), "The Hub answered 500. What was in use before still is."),
        (State(REPO, synced=Synced(ORIGIN, "r", False), time=ORIGIN.time), "nothing new: commit 0123456789ab"),
        (
            State(REPO, synced=Synced(ORIGIN, "r", True, ("a/mine",), 3, 1_234), time=ORIGIN.time),
            "commit 0123456789ab: 3 files, 1,234 bytes; added here and kept on top: a/mine",
        ),
        (State("<b>x</b>", error="<script>"), "&lt;script&gt;"),
    ],
)
def test_a_follower_is_said_in_words(state: State, words: str) -> None:
    html = following_html(state)
    assert words in html and "<script" not in html and "<b>x" not in html


def test_a_local_registry_says_so(small_store: Store) -> None:
    html = contents_html(Settings(), small_store)
    assert "this program, and what was added here" in html and "python -m registry remove NAME" in html
    assert "discussions" not in html


def test_a_synced_registry_names_its_commit_and_where_to_ask(
    hub: Hub,
    small_store: Store,
    tmp_path: Path,
) -> None:
    commit = publish(hub, small_store)
    store = Store(tmp_path / "synced", builtin=None)
    take(store)
    html = contents_html(Settings(), store)
    assert f"{REPO} on the Hugging Face Hub<" in html and commit in html
    page = f"{hub.endpoint}/datasets/{REPO}/discussions"
    assert f'href="{page}"' in html and f'href="{page}"' in one_html(store, f"{COLLECTION}/nearest")
    add(store, "mine")
    assert "with what was added or removed here since" in contents_html(Settings(), store)


def test_an_id_that_is_none_gives_no_link() -> None:
    assert "href" not in removal_html("not a repository") and "href" not in removal_html(None)


def test_a_follower_is_shown_on_the_page(
    hub: Hub,
    small_store: Store,
    tmp_path: Path,
) -> None:
    publish(hub, small_store)
    follower = Follower(Store(tmp_path / "follower", builtin=None), REPO, every=3600.0).start()
    end = time.monotonic() + 10
    while follower.state.synced is None and time.monotonic() < end:
        time.sleep(0.02)
    html = following_html(follower.state)
    follower.stop()
    assert "Last success" in html and "files" in html
    shown = [getattr(block, "elem_id", None) for block in build_demo(small_store, follower).blocks.values()]
    alone = [getattr(block, "elem_id", None) for block in build_demo(small_store).blocks.values()]
    assert {"sync", "following", "propose", "token"} <= set(shown)
    assert not {"sync", "following", "propose", "token"} & set(alone)
