"""Thousands of generators: the mapped index gives what the fingerprints give, and a change costs what it changes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fingerprints.images.image import from_pixels
from fingerprints.model import evidence
from fingerprints.model.evidence import Known
from registry.answers.identify import identify
from registry.contributions.batch import Batch
from registry.contributions.contribute import Draft, add, draft
from registry.storage import collection, index, snapshot
from registry.storage.card import Card
from registry.storage.snapshot import Collection
from registry.storage.store import Store
from small import COLLECTION, NEWCOMER, Small


@pytest.fixture
def made(small: Small, newcomer_batch: Batch) -> Draft:
    return draft(newcomer_batch, Card(NEWCOMER), small.snapshot().collection(COLLECTION))


def opened(store: Store) -> Collection:
    return Store(store.folder, builtin=None).snapshot().collection(COLLECTION)


def same(one: Collection, other: Collection) -> None:
    for name in ("all_means", "looseness", "norms"):
        for space, values in getattr(one, name).items():
            np.testing.assert_array_equal(values, getattr(other, name)[space])
    np.testing.assert_array_equal(one.samples, other.samples)
    for space, known in one.known.items():
        twin = other.known[space]
        for ours, theirs in ((known.within[0], twin.within[0]), (known.contrast, twin.contrast)):
            np.testing.assert_allclose(ours.rows, theirs.rows, rtol=1e-4, atol=1e-4)
            np.testing.assert_allclose(ours.squares, theirs.squares, rtol=1e-5)


def test_the_mapped_index_is_what_is_read_one_by_one(
    small_store: Store, made: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = opened(small_store)
    assert before.means and not (small_store.folder / "indexes").exists()
    monkeypatch.setattr(collection, "_MANY", 2)
    first = opened(small_store)
    same(before, first)
    assert isinstance(first.all_means["dct"], np.memmap)
    assert opened(small_store).known and len(list((small_store.folder / "indexes").iterdir())) == 1
    add(small_store, made)
    # the older index has all rows but one of each space: no other fingerprint is read
    read: list[str] = []
    fingerprint = Collection.fingerprint
    monkeypatch.setattr(
        Collection, "fingerprint", lambda self, name, *a, **k: read.append(name) or fingerprint(self, name, *a, **k)
    )
    after = opened(small_store)
    assert len(after.names) == 4 and after.known
    assert set(read) == {NEWCOMER} and len(read) == len(after.spaces)
    monkeypatch.setattr(collection, "_MANY", 256)
    same(opened(small_store), after)
    small_store.remove(COLLECTION, "nearest")
    plain = opened(small_store)
    _ = plain.known
    monkeypatch.setattr(collection, "_MANY", 2)
    same(plain, opened(small_store))
    assert small_store.snapshot().verify() == []


def test_an_index_of_another_program_or_a_damaged_one_is_made_again(
    small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = opened(small_store)
    _ = plain.known
    monkeypatch.setattr(collection, "_MANY", 2)
    _ = opened(small_store).known
    (path,) = (small_store.folder / "indexes").glob("*/*/index.json")
    for damage in (b"{", path.read_bytes().replace(b'"program":["', b'"program":["0')):
        path.write_bytes(damage)
        same(plain, opened(small_store))
        assert path.read_bytes() != damage


def test_a_damaged_array_is_not_read(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_MANY", 2)
    _ = opened(small_store).known
    (path,) = (small_store.folder / "indexes").glob("*/*/dct.within.npy")
    path.write_bytes(path.read_bytes()[:500])
    plain = opened(small_store)
    assert plain.known and not isinstance(plain.all_means["dct"], np.memmap)


def test_without_a_disk_to_write_the_index_is_in_memory(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collection, "_MANY", 2)
    (small_store.folder / "indexes").write_text("in the way")
    assert not isinstance(opened(small_store).all_means["dct"], np.memmap)


def test_among_thousands_the_answer_is_the_same(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a thousand generators on the products with their means are made otherwise."""
    image = from_pixels(small.pixels.held_out["nearest"][0])
    one = list(identify(small.snapshot(), image))[-1].verdict
    monkeypatch.setattr(evidence, "_MANY", 1)
    other = list(identify(small.snapshot(), image))[-1].verdict
    assert (one.verdict, one.generator, one.p_value) == (other.verdict, other.generator, other.p_value)
    for candidate, twin in zip(one.candidates, other.candidates, strict=True):
        assert candidate.generator == twin.generator and candidate.probability == pytest.approx(
            twin.probability, abs=1e-5
        )


def test_many_changes_leave_whole_revisions(small_store: Store, made: Draft, small: Small) -> None:
    """From the third change on the folders of a dropped revision are taken over: what it had otherwise must not be."""
    store = small_store
    names = [f"one-{number}" for number in range(5)]
    for name in names:
        add(store, replace(made, card=replace(made.card, name=name)))
        assert store.snapshot().verify() == []
    store.remove(COLLECTION, names[2])
    add(store, replace(made, card=replace(made.card, name=names[2], title="again")))
    store.remove(COLLECTION, "nearest")
    assert store.snapshot().verify() == []
    collection = opened(store)
    assert collection.names == sorted([*names, "bicubic", "transposed"])
    assert collection.card(names[2]).title == "again" and collection.card(names[1]).title == made.card.title
    revisions = list((store.folder / "revisions").iterdir())
    assert len(revisions) <= 4 and not any(path.name.startswith(".") for path in revisions)
    for path in revisions:
        assert snapshot.Snapshot(path).verify() == []


def test_a_refused_change_takes_nothing_over(small_store: Store, made: Draft, small: Small) -> None:
    for number in range(4):
        add(small_store, replace(made, card=replace(made.card, name=f"one-{number}")))
    before = sorted((small_store.folder / "revisions").iterdir())
    broken = replace(made, files={**made.files, "dct.safetensors": b"no"}, card=replace(made.card, name="broken"))
    with pytest.raises(ValueError, match="nothing was changed"):
        add(small_store, broken)
    assert sorted((small_store.folder / "revisions").iterdir()) == before
    assert all(snapshot.Snapshot(path).verify() == [] for path in before)


def test_runs_of_rows_follow_both_orders() -> None:
    known = {"a": 0, "b": 1, "d": 2, "e": 3}
    runs = list(index._runs(["a", "b", "c", "d", "e", "f"], known))
    assert runs == [
        (slice(0, 2), slice(0, 2)),
        (slice(2, 3), None),
        (slice(3, 5), slice(2, 4)),
        (slice(5, 6), None),
    ]


def test_the_index_of_a_dropped_revision_is_pruned(
    small_store: Store, made: Draft, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(collection, "_MANY", 2)
    for number in range(6):
        _ = opened(small_store).known
        add(small_store, replace(made, card=replace(made.card, name=f"one-{number}")))
    kept = {path.name for path in (small_store.folder / "indexes").iterdir()}
    assert kept <= {path.name for path in (small_store.folder / "revisions").iterdir()}
    shutil.rmtree(small_store.folder / "indexes")
    assert opened(small_store).known


def test_arrays_hold_generators_as_they_are_weighed(small: Small) -> None:
    """Written in two parts and taken back, they give every image the evidence that they gave before."""
    collection = small.snapshot().collection(COLLECTION)
    for space, known in collection.known.items():
        g, h = len(collection.names), len(collection.histories)
        arrays = {part: np.zeros(shape, np.float32) for part, shape in Known.shapes(known.reference, g, h).items()}
        known.select([0]).put(arrays, 0)
        known.select(range(1, g)).put(arrays, 1)
        again = Known.of_arrays(known.reference, arrays, known.looseness)
        artifacts = collection.fingerprint("nearest", space).artifacts[:5].astype(np.float32)
        before, after = (one.weigh(artifacts, np.ones(5, int)) for one in (known, again))
        for part, values in vars(before).items():
            np.testing.assert_allclose(vars(after)[part], values, rtol=1e-5)
