"""Contributions made to mislead: each kind is seen, said, and not accepted without the owner's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from fingerprints.images import codecs
from fingerprints.images.image import from_pixels
from fingerprints.settings import Settings
from registry.contributions.batch import Batch, read_batch
from registry.contributions.contribute import Draft, draft
from registry.contributions.harm import effects, harm
from registry.contributions.poison import objections, share_of_near_copies
from registry.contributions.quarantine import Waiting, pending
from registry.contributions.submit import submit
from registry.intake.samples import Duplicate, Sample
from registry.storage.card import Card
from registry.storage.snapshot import Collection
from registry.storage.store import Store
from small import COLLECTION, NEWCOMER, Small


@pytest.fixture
def collection(small: Small) -> Collection:
    return small.snapshot().collection(COLLECTION)


def drafted(images: Sequence[np.ndarray], collection: Collection, copies: int = 0) -> Draft:
    items = [Sample(from_pixels(pixels), str(number)) for number, pixels in enumerate(images)]
    *_, batch = read_batch([*items, *[Duplicate("copy", "0")] * copies], collection)
    return draft(batch, Card("new"), collection)


def said(made: Draft, collection: Collection) -> str:
    return " ".join(objections(made, collection))


def test_nothing_is_said_of_an_honest_one(collection: Collection, newcomer_batch: Batch) -> None:
    assert said(draft(newcomer_batch, Card(NEWCOMER), collection), collection) == ""


def test_a_known_generator_under_a_new_name(small: Small, collection: Collection) -> None:
    words = said(drafted(small.pixels.held_out["nearest"], collection), collection)
    assert "It is nearest over again" in words
    words = said(drafted(small.pixels.training["nearest"], collection), collection)
    assert "very samples of nearest" in words


def test_real_photos_among_them(small: Small, collection: Collection) -> None:
    half = small.pixels.training[NEWCOMER][:40] + small.pixels.held_out_reals[:40]
    assert "look like photographs" in said(drafted(half, collection), collection)
    assert "look like photographs" in said(drafted(small.pixels.held_out_reals, collection), collection)


def test_two_known_generators_in_one(small: Small, collection: Collection) -> None:
    mixed = small.pixels.held_out["nearest"] + small.pixels.held_out["transposed"]
    words = said(drafted(mixed, collection), collection)
    assert "several known generators" in words and "nearest" in words and "transposed" in words


def test_one_image_again_and_again(small: Small, collection: Collection) -> None:
    one = small.pixels.training[NEWCOMER][0]
    nudged = []
    for number in range(20):
        pixels = one.copy()
        pixels[number, number, 0] ^= 1
        nudged.append(pixels)
    words = said(drafted(nudged, collection), collection)
    assert "all alike" in words or "nearly copies" in words
    some = small.pixels.training[NEWCOMER][:12]
    words = said(drafted([*some, *(codecs.jpeg(p, 100) for p in some)], collection), collection)
    assert "nearly copies" in words
    assert "exact copies" in said(drafted(some, collection, copies=30), collection)


@pytest.mark.parametrize("value", [np.nan, np.inf, 60_000.0, 0.0])
def test_artifacts_that_no_image_has(collection: Collection, newcomer_batch: Batch, value: float) -> None:
    made = draft(newcomer_batch, Card(NEWCOMER), collection)
    prints = {
        space: replace(p, artifacts=np.full_like(p.artifacts, value), mean=np.full_like(p.mean, value))
        for space, p in made.fingerprints.items()
    }
    assert said(replace(made, fingerprints=prints), collection)


def test_harm_to_a_known_generator(small: Small, collection: Collection) -> None:
    """One that sits where the images of another lie takes them away."""
    close = drafted(small.pixels.held_out["nearest"], collection).fingerprints
    assert any("images of nearest" in line for line in harm(effects(close, collection, "new")))
    honest = drafted(small.pixels.training[NEWCOMER], collection).fingerprints
    assert list(harm(effects(honest, collection, "new"))) == []


def test_near_copies() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 30)).astype(np.float16)
    assert share_of_near_copies(rows) == 0
    assert share_of_near_copies(np.concatenate([rows, rows[:10] + np.float16(0.01)])) == pytest.approx(0.4)
    assert share_of_near_copies(rows[:5]) == 0 and share_of_near_copies(np.zeros((20, 3))) == 1


def test_it_waits_for_the_owners_word(small: Small, small_store: Store, newcomer_batch: Batch) -> None:
    owned = Settings(owner_token="s3cret")
    collection = small_store.snapshot().collection(COLLECTION)
    before = small_store.revision
    bad = submit(owned, small_store, drafted(small.pixels.held_out["nearest"], collection), collection, "x", wait=False)
    assert isinstance(bad, Waiting) and bad.reasons and small_store.revision == before
    assert [waits.id for waits in pending(small_store)] == [bad.id]
    good = draft(newcomer_batch, Card(NEWCOMER), collection)
    assert submit(owned, small_store, good, collection, "x", wait=False) == small_store.revision


def test_without_an_owner_who_sits_here_decides(small: Small, small_store: Store) -> None:
    collection = small_store.snapshot().collection(COLLECTION)
    bad = drafted(small.pixels.held_out["nearest"], collection)
    assert submit(Settings(), small_store, bad, collection, "x", wait=False) == small_store.revision
