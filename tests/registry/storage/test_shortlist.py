"""A collection of more generators than are compared by all spaces at once: in memory, mapped, and with one more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fingerprints.images.image import from_pixels
from fingerprints.model import shortlist
from fingerprints.model.shortlist import lengths_of
from registry.analysis import own_share, weigh
from registry.answers.identify import Answer, identify, identify_together
from registry.storage.snapshot import Collection
from registry.storage.store import Store
from small import COLLECTION, Small

INDEXED = "registry.storage.collection._MANY"


@pytest.fixture(params=[1, 2])
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many of the three generators are compared."""
    monkeypatch.setattr(shortlist, "COMPARED", 2)  # so that there is a choice
    monkeypatch.setattr(weigh, "COMPARED", request.param)
    return int(request.param)


def opened(store: Store) -> Collection:
    return Store(store.folder, builtin=None).snapshot().collection(COLLECTION)


def answers(store: Store, small: Small) -> Iterator[Answer]:
    snapshot = Store(store.folder, builtin=None).snapshot()
    finals = []
    for name in ("nearest", "bicubic"):
        finals.append(list(identify(snapshot, from_pixels(small.pixels.held_out[name][0])))[-1])
    yield from finals
    yield identify_together(snapshot, finals)


def test_all_of_them_chosen_the_answer_is_that_of_few(
    small: Small, small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = list(answers(small_store, small))
    monkeypatch.setattr(shortlist, "COMPARED", 2)
    monkeypatch.setattr(weigh, "COMPARED", 3)
    assert opened(small_store).known_at_once is None and opened(small_store).shortlist is not None
    for one, other in zip(before, answers(small_store, small), strict=True):
        assert (one.verdict.verdict, one.verdict.generator) == (other.verdict.verdict, other.verdict.generator)
        for candidate, twin in zip(one.verdict.candidates, other.verdict.candidates, strict=True):
            assert candidate.generator == twin.generator
            assert candidate.probability == pytest.approx(twin.probability, abs=1e-4)


def test_mapped_or_not_the_answer_is_the_same(
    small: Small, small_store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = opened(small_store).shortlist
    before = list(answers(small_store, small))
    monkeypatch.setattr(INDEXED, 2)
    mapped = opened(small_store).shortlist
    assert in_memory is not None and mapped is not None
    assert isinstance(mapped.lengths, np.memmap) and not isinstance(in_memory.lengths, np.memmap)
    np.testing.assert_allclose(mapped.lengths, in_memory.lengths, rtol=1e-4, atol=1e-3)
    for one, other in zip(before, answers(small_store, small), strict=True):
        assert one.verdict.verdict == other.verdict.verdict
        assert one.verdict.generated == pytest.approx(other.verdict.generated, abs=1e-4)


def test_a_change_takes_the_other_lengths_over(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(INDEXED, 1)
    monkeypatch.setattr(shortlist, "COMPARED", 1)
    first = opened(small_store).shortlist
    assert first is not None
    taken: list[int] = []
    monkeypatch.setattr(
        "registry.storage.index.lengths_of", lambda known: taken.append(len(known.looseness)) or lengths_of(known)
    )
    small_store.remove(COLLECTION, "nearest")
    second = opened(small_store).shortlist
    assert second is not None and taken == []
    np.testing.assert_array_equal(second.lengths, np.delete(np.asarray(first.lengths), 1, axis=0))
    (path,) = (small_store.folder / "indexes").glob(f"{small_store.revision}/*/joint.lengths.npy")
    path.unlink()
    third = opened(small_store).shortlist  # in memory, as any index that cannot be read
    assert third is not None
    np.testing.assert_allclose(third.lengths, second.lengths, rtol=1e-4, atol=1e-3)


def test_what_is_stored_is_scored_among_more_than_are_compared(small_store: Store, few: int, tmp_path: Path) -> None:
    """The gallery and the reports go the same way: two others are compared, or one of them, and its own."""
    collection = opened(small_store)
    prints = {space: collection.fingerprint("nearest", space) for space in collection.spaces}
    taken = own_share.taken_for(collection, prints, "nearest")
    assert taken["nearest"] > 0.8 * taken.total()
