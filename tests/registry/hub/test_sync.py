"""Sync: exactly what was published, with few requests; what was added here stays; on any failure nothing changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loopback_hub.double import Hub
from loopback_hub.faults import Fault
from registries import REPO, add, content, listed, names, publish, published, retitle, take
from registry.__main__ import main
from registry.hub.client import Hub as Remote
from registry.hub.client import HubError
from registry.hub.sync import Progress, Synced, SyncError, sync
from registry.storage.files import arrays_bytes, read_arrays
from registry.storage.origin import origin_path
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store, StoreError
from small import COLLECTION, DECODERS

pytestmark = pytest.mark.waits

NAMES = sorted(DECODERS)


@pytest.fixture
def empty(tmp_path: Path) -> Store:
    """A registry that holds nothing yet."""
    return Store(tmp_path / "empty", builtin=None)


def test_a_first_sync_brings_exactly_what_was_published(hub: Hub, small_store: Store, empty: Store) -> None:
    sha = publish(hub, small_store)
    steps = list(sync(empty, Remote(REPO)))
    synced = steps[-1]
    assert isinstance(synced, Synced) and synced.changed and synced.kept == () and synced.origin.commit == sha
    assert content(empty) == content(small_store) and empty.snapshot().verify() == []
    assert synced.revision == empty.revision == small_store.revision
    assert synced.files == len(set(small_store.snapshot().files.values()))
    progress = [step for step in steps if isinstance(step, Progress)]
    assert progress[-1].files == progress[-1].files_total == synced.files
    assert progress[-1].bytes == progress[-1].bytes_total == synced.bytes > 0 and progress[-1].rate > 0
    assert not (empty.folder / "incoming").exists()


def test_the_embedded_registry_can_be_published_and_synced(hub: Hub, tmp_path: Path, empty: Store) -> None:
    """All of it: with a collection that is about one thing, and one with all spaces at once."""
    embedded = Store(tmp_path / "embedded")
    publish(hub, embedded)
    take(empty)
    snapshot = empty.snapshot()
    assert content(empty) == content(embedded) and snapshot.verify() == []
    assert snapshot.collection("faces-64").domain is not None and snapshot.collection("text-to-image").joint is not None


def test_no_change_upstream_costs_one_request(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    hub.reset()
    times = []
    for _ in range(5):
        started = time.perf_counter()
        assert not take(empty).changed
        times.append(time.perf_counter() - started)
    assert len(hub.requests) == 5 and min(times) < 0.1


def test_one_changed_file_costs_five_requests(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    retitle(hub, "nearest", "Closest")
    hub.reset()
    synced = take(empty)
    assert synced.changed and synced.files == 1 and content(empty) == published(hub)
    assert len(hub.requests) == 5, "the head, its history, its tree, registry.json and the file"


def test_unchanged_files_are_links_to_what_is_here(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    old = empty.snapshot()
    retitle(hub, "nearest", "Closest")
    take(empty)
    new = empty.snapshot()
    same = [path for path, digest in new.files.items() if old.files[path] == digest]
    assert len(same) == len(new.files) - 1
    assert all((new.path / path).samefile(old.path / path) for path in same)


@pytest.mark.parametrize("name", ["branch", "tag", "sha", "refs/pr/1"])
def test_a_revision_is_pinned(hub: Hub, small_store: Store, empty: Store, name: str) -> None:
    old = publish(hub, small_store)
    hub.point(REPO, "refs/heads/branch", old)
    hub.point(REPO, "refs/tags/tag", old)
    hub.propose(REPO, {}, base=old)
    first = content(small_store)
    retitle(hub, "nearest", "Closest")
    revision = old if name == "sha" else name
    synced = take(empty, revision)
    assert content(empty) == first and synced.origin.asked == revision
    assert take(empty, "main").changed and content(empty) == published(hub)
    with pytest.raises(HubError, match="has no revision 'nothing'; name a branch, tag, commit or refs/pr/N"):
        take(empty, "nothing")


def test_an_answer_says_where_it_came_from(hub: Hub, small_store: Store, empty: Store) -> None:
    sha = publish(hub, small_store)
    assert small_store.snapshot().origin == "local"
    take(empty)
    assert empty.snapshot().origin == f"{REPO}@{sha}"
    add(empty, "mine")
    assert empty.snapshot().origin == f"{REPO}@{sha}+local"
    empty.remove(COLLECTION, "mine")
    assert empty.snapshot().origin == f"{REPO}@{sha}"


def test_another_commit_of_the_same_registry_is_pinned_too(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    snapshot = empty.snapshot()
    sha = hub.commit(REPO, {"README.md": b"# More about it\n"})
    synced = take(empty)
    assert not synced.changed and synced.files == 0
    assert snapshot.origin == empty.snapshot().origin == f"{REPO}@{sha}"
    hub.reset()
    assert not take(empty).changed and len(hub.requests) == 1


def test_a_private_repository_needs_the_token(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store, private=True)
    with pytest.raises(HubError, match="there is no data set owner/registry on the Hub, or it is private"):
        take(empty)
    with pytest.raises(HubError, match="the Hub did not accept the token"):
        list(sync(empty, Remote(REPO, "hf_nobody")))
    assert empty.revision is None
    list(sync(empty, Remote(REPO, hub.token)))
    assert content(empty) == content(small_store)
    assert all(record.token == hub.token for record in hub.requests[-5:])


def test_the_token_is_taken_from_the_environment(
    hub: Hub, small_store: Store, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, small_store, private=True)
    monkeypatch.setenv("HF_TOKEN", hub.reader_token)
    assert take(empty).changed


# What was added here


def test_an_entry_that_was_added_here_stays_on_top(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    add(empty, "mine")
    mine = content(empty)
    add(small_store, "theirs")
    sha = publish(hub, small_store)
    synced = take(empty)
    assert synced.kept == (f"{COLLECTION}/mine",) and empty.snapshot().origin == f"{REPO}@{sha}+local"
    assert names(empty) == sorted([*NAMES, "mine", "theirs"]) and empty.snapshot().verify() == []
    card = f"{COLLECTION}/generators/mine/card.json"
    assert content(empty)[card] == mine[card]
    small_store.remove(COLLECTION, "nearest")
    publish(hub, small_store)
    take(empty)
    assert names(empty) == sorted({*NAMES, "mine", "theirs"} - {"nearest"}), "what was published and is no more, goes"


def test_an_entry_that_was_published_meanwhile_is_no_longer_local(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    add(empty, "mine")
    sha = publish(hub, empty)
    synced = take(empty)
    assert synced.kept == () and empty.snapshot().origin == f"{REPO}@{sha}"


def test_an_entry_that_was_removed_here_comes_back(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    empty.remove(COLLECTION, "nearest")
    add(small_store, "theirs")
    publish(hub, small_store)
    take(empty)
    assert names(empty) == sorted([*NAMES, "theirs"])


def test_a_name_that_is_taken_by_another_is_refused(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    before = add(empty, "mine", samples=7)
    add(small_store, "mine", samples=8)
    publish(hub, small_store)
    with pytest.raises(StoreError, match=r"small/mine was added here, and another .* --replace"):
        take(empty)
    assert empty.revision == before
    take(empty, replace_local=True)
    assert content(empty) == content(small_store)


def test_an_entry_of_a_reference_that_is_gone_is_refused(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    before = add(empty, "mine")
    path = f"{COLLECTION}/reference/dct.safetensors"
    arrays, facts = read_arrays(small_store.snapshot().path / path)
    rebuilt = {path: arrays_bytes({**arrays, "real_means": arrays["real_means"] + 1}, facts)}
    hub.commit(REPO, listed({**published(hub), **rebuilt}))
    with pytest.raises(StoreError, match=r"small/mine was made here against a reference that is no longer published"):
        take(empty)
    assert empty.revision == before and "mine" in names(empty)


def test_replace_lets_go_at_the_same_commit(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    add(empty, "mine")
    hub.reset()
    assert not take(empty).changed and "mine" in names(empty)
    assert take(empty, replace_local=True).changed and content(empty) == content(small_store)
    assert hub.count(path="*/resolve/*") == 1, "only registry.json is asked for again"


def test_a_seeded_folder_keeps_what_was_added_to_it(hub: Hub, small_store: Store, tmp_path: Path) -> None:
    store = Store(tmp_path / "mine", builtin=small_store.snapshot().path)
    add(store, "mine")
    small_store.remove(COLLECTION, "nearest")
    publish(hub, small_store)
    assert take(store).kept == (f"{COLLECTION}/mine",)
    assert names(store) == ["bicubic", "mine", "transposed"]
    again = Store(tmp_path / "mine", builtin=small_store.snapshot().path)
    assert again.notes == [] and again.revision == store.revision, "a registry that follows is not seeded again"


def test_a_collection_that_was_created_here_stays(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    root = small_store.snapshot().path / COLLECTION
    paths = [root / "collection.json", *(root / "reference").iterdir()]
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    empty.replace_collection("other", "Other", files, {})
    add(small_store, "theirs")
    publish(hub, small_store)
    take(empty)
    assert sorted(empty.snapshot().collections) == ["other", COLLECTION] and empty.snapshot().verify() == []


# What goes wrong on the way


def test_a_dropped_connection_is_resumed(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    rule = hub.inject(Fault(drop=1000), path="*/reference/dct.safetensors", times=2)
    take(empty)
    sent = [record.sent for record in hub.requests if record.path.endswith("reference/dct.safetensors")]
    size = (small_store.snapshot().path / COLLECTION / "reference" / "dct.safetensors").stat().st_size
    assert rule.hits == 2 and sent == [1000, 1000, size - 2000] and content(empty) == content(small_store)


def test_what_a_failed_sync_has_fetched_is_not_fetched_again(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    hub.inject(Fault(drop=1000), path="*/reference/dct.safetensors")
    with pytest.raises(HubError, match="the Hub cannot be reached"):
        take(empty)
    assert empty.revision is None
    hub.reset()
    synced = take(empty)
    assert synced.files < len(set(small_store.snapshot().files.values()))
    dct = [record.sent for record in hub.requests if record.path.endswith("reference/dct.safetensors")]
    size = (small_store.snapshot().path / COLLECTION / "reference" / "dct.safetensors").stat().st_size
    assert len(dct) == 1 and dct[0] < size, "not even its beginning"
    assert content(empty) == content(small_store)


@pytest.mark.parametrize("left", ["all of it", "too much", "another beginning"])
def test_what_a_killed_sync_left_of_a_file_is_used_or_dropped(
    hub: Hub, small_store: Store, empty: Store, left: str
) -> None:
    publish(hub, small_store)
    snapshot = small_store.snapshot()
    path = f"{COLLECTION}/reference/dct.safetensors"
    data = (snapshot.path / path).read_bytes()
    parts = {"all of it": data, "too much": data + b"x", "another beginning": b"x" * 1000}
    (empty.folder / "incoming").mkdir()
    (empty.folder / "incoming" / f"{snapshot.files[path]}.part").write_bytes(parts[left])
    steps = list(sync(empty, Remote(REPO)))
    assert content(empty) == content(small_store)
    assert hub.count(path=f"*/{path}") == {"all of it": 0, "too much": 1, "another beginning": 2}[left]
    last = steps[-2]
    assert isinstance(last, Progress) and last.bytes == last.bytes_total


def test_a_full_disk_is_one_sentence(
    hub: Hub, small_store: Store, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, small_store)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("registry.hub.sync.os.replace", full)
        with pytest.raises(StoreError, match="nothing was changed: the disk said No space left on device"):
            take(empty)
    assert empty.revision is None
    take(empty)
    assert content(empty) == content(small_store)


def test_files_are_copied_where_links_are_not_possible(
    hub: Hub, small_store: Store, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, small_store)
    take(empty)
    retitle(hub, "nearest", "Closest")

    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    assert take(empty).files == 1
    assert content(empty) == published(hub) and empty.snapshot().verify() == []


def test_without_a_network_the_last_good_revision_serves(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    hub.stop()
    with pytest.raises(HubError, match="the Hub cannot be reached"):
        take(empty)
    assert empty.snapshot().verify() == [] and names(empty) == NAMES


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_hub_in_trouble_changes_nothing(hub: Hub, small_store: Store, empty: Store, status: int) -> None:
    publish(hub, small_store)
    take(empty)
    add(small_store, "theirs")
    publish(hub, small_store)
    hub.inject(Fault(status=status), path="/api/*/registry", method="GET")
    with pytest.raises(HubError, match=f"the Hub answered {status}"):
        take(empty)
    assert names(empty) == NAMES


def test_two_syncs_at_once_are_one_after_the_other(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    first = sync(empty, Remote(REPO))
    next(first)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("registry.storage.store._LOCK_SECONDS", 0.1)
        with pytest.raises(SyncError, match="another program is syncing this registry"):
            take(Store(empty.folder, builtin=None))
    first.close()
    assert take(empty).changed


# The command line


def test_the_command_syncs_and_says_so(
    hub: Hub, small_store: Store, empty: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    sha = publish(hub, small_store)
    arguments = ["sync", REPO, "--registry", str(empty.folder)]
    assert main([*arguments, "--revision", "nothing"]) == 1
    assert "has no revision 'nothing'" in capsys.readouterr().err
    registry = Store(empty.folder)  # what the command opens, seeded with the embedded one
    assert main(arguments) == 0
    told = capsys.readouterr().err
    assert f"{REPO} at {sha[:12]}" in told and f"revision {registry.revision}" in told
    assert main(arguments) == 0 and "nothing new" in capsys.readouterr().err
    assert main(["list", "--json", "--registry", str(empty.folder)]) == 0
    assert [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()] == NAMES


def test_listing_does_not_import_the_client(small_store: Store) -> None:
    code = (
        "import sys; from registry.__main__ import main; main(sys.argv[1:]); "
        "print(sorted({'huggingface_hub', 'torch'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, "list", "--registry", str(small_store.folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_damaged_origin_is_named(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    origin_path(empty.snapshot().path).write_text("{}")
    with pytest.raises(ValueError, match=r"the origin of .* is not as this version knows it"):
        _ = Snapshot(empty.snapshot().path).origin
