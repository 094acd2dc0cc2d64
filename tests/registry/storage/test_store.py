"""The folder format: revisions, the pointer, verification, seeding; whole or not at all, whatever happens."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import registry.storage.store as store_module
from fingerprints.settings import Settings
from registry.storage.card import Card, CardError, valid_slug
from registry.storage.collection import fingerprint_bytes, read_fingerprint
from registry.storage.files import BrokenFile, canonical_json, read_arrays, read_json, sha256
from registry.storage.snapshot import NotFound, Snapshot
from registry.storage.store import Store, StoreError
from small import COLLECTION, DECODERS, SIDE

FORK = multiprocessing.get_context("fork")
NAMES = sorted(DECODERS)


def files_of(store: Store, name: str = "bicubic") -> dict[str, bytes]:
    """The files of an entry that is there, as a copy to be added under another name."""
    folder = store.snapshot().path / COLLECTION / "generators" / name
    paths = [p for p in folder.rglob("*") if p.is_file() and p.name != "card.json"]
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in paths}


def add(store: Store, name: str) -> str:
    return store.add(COLLECTION, Card(name, samples=3, contents=2), files_of(store))


def names(store: Store) -> list[str]:
    return store.snapshot().collection(COLLECTION).names


# Changes are new revisions


def test_a_new_registry_verifies_and_lists_what_was_built(small_store: Store) -> None:
    snapshot = small_store.snapshot()
    assert snapshot.verify() == []
    assert [(line.collection, line.name, line.title) for line in snapshot.listed()] == [
        (COLLECTION, name, name.title()) for name in NAMES
    ]
    assert all(line.samples == line.contents == 14 * 7 for line in snapshot.listed())
    assert snapshot.revision == small_store.revision == snapshot.path.name
    assert snapshot.covering(SIDE) and not snapshot.covering(SIDE - 1)


def test_adding_is_a_new_revision_and_the_old_one_stays_readable(small_store: Store) -> None:
    old = small_store.snapshot()
    before = {path: (old.path / path).read_bytes() for path in [*old.files, "registry.json"]}
    revision = add(small_store, "newcomer")
    assert revision == small_store.revision != old.revision
    assert names(small_store) == sorted([*NAMES, "newcomer"]) and old.collection(COLLECTION).names == NAMES
    assert small_store.snapshot().verify() == old.verify() == []
    assert {path: (old.path / path).read_bytes() for path in before} == before
    card = small_store.snapshot().collection(COLLECTION).card("newcomer")
    assert (card.samples, card.contents, card.label) == (3, 2, "newcomer")


def test_unchanged_files_are_hard_links_with_unchanged_digests(small_store: Store) -> None:
    old = small_store.snapshot()
    add(small_store, "newcomer")
    new = small_store.snapshot()
    for path, digest in old.files.items():
        assert new.files[path] == digest
        assert (new.path / path).samefile(old.path / path)
    assert set(new.files) - set(old.files) == {
        f"{COLLECTION}/generators/newcomer/{path}" for path in [*files_of(small_store), "card.json"]
    }


def test_files_are_copied_where_links_are_not_possible(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    add(small_store, "newcomer")
    assert small_store.snapshot().verify() == []


def test_removing_takes_the_entry_out_and_leaves_the_others(small_store: Store) -> None:
    old = small_store.snapshot()
    small_store.remove(COLLECTION, "nearest")
    new = small_store.snapshot()
    assert names(small_store) == ["bicubic", "transposed"] and new.verify() == []
    assert not any("nearest" in path for path in new.files)
    assert not (new.path / COLLECTION / "generators" / "nearest").exists()
    assert old.collection(COLLECTION).card("nearest").title == "Nearest"
    with pytest.raises(NotFound, match="has no generator 'nearest'"):
        small_store.remove(COLLECTION, "nearest")


def test_adding_and_removing_leads_back_to_the_same_revision(small_store: Store) -> None:
    first = small_store.revision
    add(small_store, "newcomer")
    assert small_store.remove(COLLECTION, "newcomer") == first
    assert small_store.snapshot().verify() == []


def test_a_collection_without_generators_is_still_whole(small_store: Store) -> None:
    files = files_of(small_store)
    for name in NAMES:
        small_store.remove(COLLECTION, name)
    assert small_store.snapshot().verify() == []
    assert list(small_store.snapshot().listed()) == []
    small_store.add(COLLECTION, Card("first"), files)
    assert names(small_store) == ["first"] and small_store.snapshot().verify() == []


def test_a_replaced_collection_keeps_nothing_of_the_old_one(small_store: Store) -> None:
    base = small_store.snapshot().path / COLLECTION
    kept = ("bicubic", "nearest")
    files = {
        p.relative_to(base).as_posix(): p.read_bytes()
        for p in base.rglob("*")
        if p.is_file() and p.name != "card.json" and "transposed" not in p.parts
    }
    small_store.replace_collection(COLLECTION, "Anew", files, {name: Card(name) for name in kept})
    assert names(small_store) == list(kept) and small_store.snapshot().verify() == []
    small_store.replace_collection("other", "Beside it", files, {name: Card(name) for name in kept})
    assert list(small_store.snapshot().collections) == ["other", COLLECTION]
    assert small_store.snapshot().verify() == []


def test_old_revisions_are_pruned_but_neither_the_last_nor_the_seed(small_store: Store) -> None:
    (small_store.folder / "seed").write_text(f"{small_store.revision}\n")
    seed, revisions = small_store.revision, [add(small_store, f"g{i}") for i in range(6)]
    left = {p.name for p in (small_store.folder / "revisions").iterdir()}
    assert seed in left and set(revisions[-2:]) <= left and len(left) <= 4
    assert small_store.snapshot().verify() == []


def test_a_snapshot_is_opened_once_a_revision(small_store: Store) -> None:
    first = small_store.snapshot()
    assert small_store.snapshot() is first
    Store(small_store.folder, builtin=None).remove(COLLECTION, "nearest")
    assert small_store.snapshot() is not first, "another process's change is seen"


# Names


@pytest.mark.parametrize("name", ["", "A", "-a", ".a", "a b", "a/b", "../a", "a..b", "ä", "a" * 65, "a\n", "con:1"])
def test_bad_names_are_refused(name: str) -> None:
    with pytest.raises(CardError, match="cannot be a name"):
        valid_slug(name)


@pytest.mark.parametrize("name", ["real", "unknown", "reference"])
def test_reserved_names_are_refused(name: str) -> None:
    with pytest.raises(CardError, match="reserved"):
        Card(name)


@pytest.mark.parametrize("name", ["a", "sd-v1.5", "gan-wgan-gp.dcgan", "0+1_2", "a" * 64])
def test_good_names_are_kept(name: str) -> None:
    assert valid_slug(name) == name


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"name": 5}, "cannot be a name"),
        ({"title": "no name"}, "needs a name"),
        ({"name": "a", "colour": "red"}, "only known keys"),
        ({"name": "a", "title": 3}, "title of a card"),
        ({"name": "a", "title": "x" * 401}, "title of a card"),
        ({"name": "a", "source": "two\nlines"}, "source of a card"),
        ({"name": "a", "family": "\u202egnp.exe"}, "family of a card"),
        ({"name": "a", "samples": -1}, "samples of a card"),
        ({"name": "a", "samples": "many"}, "samples of a card"),
        ([], "JSON object"),
    ],
)
def test_cards_from_outside_are_checked(facts: dict[str, object], text: str) -> None:
    with pytest.raises(CardError, match=text):
        Card.from_json(facts)


def test_a_card_survives_json() -> None:
    card = Card("a", "A", "GAN", "2", "decoder", "2024", "MIT", "https://example.org", "me", 3, 2, "ab")
    assert Card.from_json(json.loads(json.dumps(card.to_json()))) == card


def test_a_taken_name_changes_nothing(small_store: Store) -> None:
    before = small_store.revision
    with pytest.raises(StoreError, match="already has a generator 'nearest'; choose another name"):
        add(small_store, "nearest")
    with pytest.raises(NotFound, match="no collection 'large'; there are small"):
        small_store.add("large", Card("a"), {})
    assert small_store.revision == before


# Verification


def damage_one_byte(root: Path) -> None:
    path = root / COLLECTION / "reference" / "dct.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def remove_a_file(root: Path) -> None:
    (root / COLLECTION / "generators" / "nearest" / "gallery" / "spectrum.png").unlink()


def leave_a_file(root: Path) -> None:
    (root / COLLECTION / "generators" / "nearest" / "notes.txt").write_text("hello")


def change_the_list(root: Path) -> None:
    path = root / "registry.json"
    path.write_bytes(path.read_bytes().replace(b'"title":"Nearest"', b'"title":"nearest"'))


@pytest.mark.parametrize(
    ("damage", "text"),
    [
        (damage_one_byte, "small/reference/dct.safetensors does not have the listed digest"),
        (remove_a_file, "small/generators/nearest/gallery/spectrum.png is listed but missing"),
        (leave_a_file, "small/generators/nearest/notes.txt is not listed"),
        (change_the_list, "registry.json is not the one"),
    ],
)
def test_damage_is_found_and_named(small_store: Store, damage: Callable[[Path], None], text: str) -> None:
    damage(small_store.snapshot().path)
    problems = Store(small_store.folder, builtin=None).snapshot().verify()
    assert len(problems) == 1 and text in problems[0]


def relist(root: Path) -> None:
    """Bring registry.json up to date with what is there, as a forger would."""
    manifest = read_json(root / "registry.json")
    manifest["files"] = {path: sha256((root / path).read_bytes()) for path in manifest["files"]}
    (root / "registry.json").write_bytes(canonical_json(manifest))


def copy_of(store: Store, target: Path) -> Path:
    """The revision as a folder of its own, whose files may be changed."""
    return Path(shutil.copytree(store.snapshot().path, target))


def test_a_fingerprint_of_another_reference_is_found(small_store: Store, tmp_path: Path) -> None:
    root = copy_of(small_store, tmp_path / "copy")
    path = root / COLLECTION / "generators" / "nearest" / "dct.safetensors"
    fingerprint, _ = read_fingerprint(path)
    path.write_bytes(fingerprint_bytes(fingerprint, "f" * 64))
    relist(root)
    problems = Snapshot(root).verify()
    assert len(problems) == 1 and "made against the reference ffffffffffff of small/dct" in problems[0]
    with pytest.raises(BrokenFile, match="must be made again"):
        Snapshot(root).collection(COLLECTION).fingerprint("nearest", "dct")


@pytest.mark.parametrize(
    ("path", "data", "text"),
    [
        (f"{COLLECTION}/generators/nearest/card.json", b'{"name":"nearest","colour":1}', "only known keys"),
        (f"{COLLECTION}/generators/nearest/card.json", b"{", "card.json in nearest cannot be read"),
        (f"{COLLECTION}/generators/nearest/dct.safetensors", b"nothing", "dct.safetensors in nearest cannot be read"),
        (f"{COLLECTION}/reference/dct.safetensors", b"", "dct.safetensors in reference cannot be read"),
    ],
)
def test_files_that_cannot_be_understood_are_found(
    small_store: Store, tmp_path: Path, path: str, data: bytes, text: str
) -> None:
    root = copy_of(small_store, tmp_path / "copy")
    (root / path).write_bytes(data)
    relist(root)
    assert any(text in problem for problem in Snapshot(root).verify())


@pytest.mark.parametrize(("key", "value"), [("form", {"crop": 8}), ("title", None), ("calibration", {})])
def test_a_collection_that_says_too_little(small_store: Store, tmp_path: Path, key: str, value: object) -> None:
    root = copy_of(small_store, tmp_path / "copy")
    path = root / COLLECTION / "collection.json"
    facts = {**read_json(path), key: value}
    path.write_bytes(canonical_json(facts if value is not None else {k: v for k, v in facts.items() if k != key}))
    relist(root)
    assert any(f"collection.json of {COLLECTION} is not as" in problem for problem in Snapshot(root).verify())


def test_a_fingerprint_with_a_value_that_is_not_finite_is_found(small_store: Store, tmp_path: Path) -> None:
    root = copy_of(small_store, tmp_path / "copy")
    path = root / COLLECTION / "generators" / "nearest" / "dct.safetensors"
    fingerprint, digest = read_fingerprint(path)
    path.write_bytes(fingerprint_bytes(replace(fingerprint, mean=fingerprint.mean * np.inf), digest))
    with pytest.raises(BrokenFile, match="not finite: mean"):
        read_arrays(path)


@pytest.mark.parametrize("manifest", [b'{"schema":2,"collections":{},"files":{}}', b"[]", b"{}"])
def test_another_schema_is_refused(tmp_path: Path, manifest: bytes) -> None:
    (tmp_path / "registry.json").write_bytes(manifest)
    with pytest.raises(BrokenFile, match="this version reads schema 1"):
        Snapshot(tmp_path)
    (tmp_path / "registry.json").write_bytes(b"{")
    with pytest.raises(BrokenFile, match="cannot be read"):
        Snapshot(tmp_path)


def test_a_listed_path_outside_the_registry_is_found(small_store: Store, tmp_path: Path) -> None:
    root = copy_of(small_store, tmp_path / "copy")
    manifest = read_json(root / "registry.json")
    manifest["files"]["../../etc/passwd"] = "0" * 64
    (root / "registry.json").write_bytes(canonical_json(manifest))
    assert any("../../etc/passwd" in problem for problem in Snapshot(root).verify())


# Whole or not at all


@pytest.mark.parametrize("name", ["write_new", "write_atomically"])
def test_a_disk_that_fails_leaves_the_old_state(small_store: Store, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    before, files = small_store.revision, files_of(small_store)
    original = getattr(store_module, name)

    def fail_at_the_end(path: Path, data: bytes) -> None:
        if path.name in {"registry.json", "current"}:
            raise OSError(28, "No space left on device")
        original(path, data)

    with monkeypatch.context() as patch:
        patch.setattr(store_module, name, fail_at_the_end)
        with pytest.raises(StoreError, match="nothing was changed: the disk said No space left on device"):
            small_store.add(COLLECTION, Card("newcomer"), files)
    assert small_store.revision == before and names(small_store) == NAMES
    assert small_store.snapshot().verify() == []
    assert not list((small_store.folder / "revisions").glob(".building-*"))
    assert add(small_store, "newcomer") != before, "once the disk has room it works"


def test_a_folder_that_cannot_be_a_registry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be used as a registry"):
        Store(tmp_path / "file", builtin=None)
    with pytest.raises(StoreError, match="is empty; create a collection"):
        Store(tmp_path / "new", builtin=None).snapshot()


def test_a_registry_that_cannot_be_locked_is_not_changed(small_store: Store) -> None:
    shutil.rmtree(small_store.folder / "lock", ignore_errors=True)
    (small_store.folder / "lock").unlink(missing_ok=True)
    (small_store.folder / "lock").mkdir()
    with pytest.raises(StoreError, match="cannot be changed"):
        add(small_store, "newcomer")


def test_a_writer_waits_for_the_other_and_then_says_so(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "_LOCK_SECONDS", 0.1)
    with small_store._lock(), pytest.raises(StoreError, match="another program is changing this registry"):
        add(Store(small_store.folder, builtin=None), "newcomer")


def _add_some(folder: Path, prefix: str, count: int) -> None:
    store = Store(folder, builtin=None)
    for number in range(count):
        add(store, f"{prefix}{number}")


@pytest.mark.waits
def test_adds_of_two_processes_all_land(small_store: Store) -> None:
    processes = [FORK.Process(target=_add_some, args=(small_store.folder, p, 4)) for p in ("left", "right")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert set(names(small_store)) == {*NAMES, *(f"{p}{i}" for p in ("left", "right") for i in range(4))}
    assert small_store.snapshot().verify() == []


def _add_and_die_at(folder: Path, step: int) -> None:
    """kill -9 before the step-th thing that changes the disk; exit code 0 when the add needs fewer steps."""
    left = [step]

    def dying(original: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: object, **kwargs: object) -> object:
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return original(*args, **kwargs)

        return counted

    for name in ("mkdir", "link", "rename", "replace", "fsync", "chmod", "unlink", "rmdir"):
        setattr(os, name, dying(getattr(os, name)))
    add(Store(folder, builtin=None), "newcomer")
    os._exit(0)


@pytest.mark.waits
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_registry(small_store: Store) -> None:
    """Before every fourth step of an add, until one gets to its end."""
    old, outcomes, step, finished = small_store.revision, [], 0, False
    while not finished:
        process = FORK.Process(target=_add_and_die_at, args=(small_store.folder, step))
        process.start()
        process.join(60)
        finished = process.exitcode == 0
        assert process.exitcode in (0, -signal.SIGKILL)
        reopened = Store(small_store.folder, builtin=None)
        assert reopened.snapshot().verify() == []
        outcomes.append(names(reopened) == sorted([*NAMES, "newcomer"]))
        assert outcomes[-1] or reopened.revision == old
        if outcomes[-1]:
            assert reopened.remove(COLLECTION, "newcomer") == old
        step += 4
    assert outcomes[0] is False and outcomes[-1] is True and len(outcomes) > 8
    add(small_store, "newcomer")
    assert not list((small_store.folder / "revisions").glob(".building-*")), "what a kill left is cleared away"


# The embedded registry as the seed


@pytest.fixture
def embedded(small_store: Store, tmp_path: Path) -> Path:
    return copy_of(small_store, tmp_path / "embedded")


def newer(embedded: Path, target: Path) -> Path:
    """Another edition of the embedded registry."""
    Path(shutil.copytree(embedded, target))
    manifest = read_json(target / "registry.json")
    manifest["collections"][COLLECTION]["title"] = "Second edition"
    (target / "registry.json").write_bytes(canonical_json(manifest))
    return target


def title(store: Store) -> str:
    return str(store.snapshot().manifest["collections"][COLLECTION]["title"])


def test_a_new_folder_is_seeded(embedded: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "mine", builtin=embedded)
    assert names(store) == NAMES and store.notes == [] and store.snapshot().verify() == []
    assert (store.folder / "seed").read_text().strip() == store.revision
    assert Store(tmp_path / "mine", builtin=embedded).notes == []


def test_an_unchanged_folder_is_seeded_again_from_a_newer_edition(embedded: Path, tmp_path: Path) -> None:
    Store(tmp_path / "mine", builtin=embedded)
    store = Store(tmp_path / "mine", builtin=newer(embedded, tmp_path / "newer"))
    assert title(store) == "Second edition" and store.notes == []


def test_a_changed_folder_is_kept_and_the_person_is_told(embedded: Path, tmp_path: Path) -> None:
    mine = add(Store(tmp_path / "mine", builtin=embedded), "my-model")
    same_edition = Store(tmp_path / "mine", builtin=embedded)
    assert same_edition.revision == mine and same_edition.notes == []
    store = Store(tmp_path / "mine", builtin=newer(embedded, tmp_path / "newer"))
    assert store.revision == mine and "my-model" in names(store)
    assert len(store.notes) == 1 and "left as it is" in store.notes[0]


def test_an_addition_taken_back_counts_as_unchanged(embedded: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "mine", builtin=embedded)
    add(store, "my-model")
    store.remove(COLLECTION, "my-model")
    assert title(Store(tmp_path / "mine", builtin=newer(embedded, tmp_path / "newer"))) == "Second edition"


@pytest.mark.parametrize("crash_at", ["seed", "current"])
def test_a_crash_while_seeding_is_made_good(
    embedded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash_at: str
) -> None:
    original = store_module.write_atomically

    def crash(path: Path, data: bytes) -> None:
        if path.name == crash_at:
            raise KeyboardInterrupt
        original(path, data)

    second = newer(embedded, tmp_path / "newer")
    for edition in (embedded, second):
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(store_module, "write_atomically", crash)
            Store(tmp_path / "mine", builtin=edition)
        store = Store(tmp_path / "mine", builtin=edition)
        assert store.notes == [] and store.snapshot().verify() == []
    assert title(store) == "Second edition"


def test_a_second_program_that_seeds_at_the_same_time_loses_nothing(
    embedded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one waits for the lock, another seeds and adds; that must not be undone."""
    original = Store._lock

    def slow_lock(self: Store):  # type: ignore[no-untyped-def]
        monkeypatch.setattr(Store, "_lock", original)
        add(Store(tmp_path / "mine", builtin=embedded), "my-model")
        return original(self)

    monkeypatch.setattr(Store, "_lock", slow_lock)
    assert "my-model" in names(Store(tmp_path / "mine", builtin=embedded))


def test_the_folder_is_chosen_by_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FINGERPRINT_REGISTRY", str(tmp_path / "mine"))
    assert Settings.read().folder == tmp_path / "mine"
    monkeypatch.delenv("FINGERPRINT_REGISTRY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert Settings.read().folder == tmp_path / "data" / "manifpt" / "registry"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.read().folder == tmp_path / ".local" / "share" / "manifpt" / "registry"
