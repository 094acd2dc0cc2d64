"""Contribute: the report's numbers, its advice, and that nothing is added until it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from fingerprints.geometry.embedding import Embed, embed, gather
from fingerprints.images.image import Image, from_pixels, resize
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.model.summary import Summarise
from registry.building.create import create_collection
from registry.contributions.batch import Batch, read_batch
from registry.contributions.contribute import MIN_CONTENTS, TooFewSamples, add, draft
from registry.intake.samples import Duplicate, Sample, Unreadable, read_samples
from registry.storage.card import Card
from registry.storage.snapshot import Collection, Snapshot
from registry.storage.store import BUILTIN, Store, StoreError
from small import COLLECTION, NEWCOMER, Small, write_images


@pytest.fixture
def collection(small: Small) -> Collection:
    return small.snapshot().collection(COLLECTION)


@pytest.fixture(scope="module")
def embedded() -> Snapshot:
    return Snapshot(BUILTIN)


def batch_of(images: list[np.ndarray], collection: Collection) -> Batch:
    *_, batch = read_batch([Sample(from_pixels(p), str(i)) for i, p in enumerate(images)], collection)
    return batch


def test_a_batch_grows_item_by_item_in_the_order_given(small: Small, collection: Collection) -> None:
    samples = [Sample(from_pixels(pixels), f"c{i}") for i, pixels in enumerate(small.pixels.training[NEWCOMER][:7])]
    items = [samples[0], Unreadable("a.txt", "not an image"), *samples[1:], Duplicate("b.png", "c.png")]
    sizes = [(len(b.images), len(b.unreadable), len(b.duplicates)) for b in read_batch(items, collection)]
    assert sizes == [(1, 0, 0), (1, 1, 0), *((n, 1, 0) for n in range(2, 8)), (7, 1, 1)]
    *_, batch = read_batch(items, collection)
    assert batch.contents == [f"c{i}" for i in range(7)]
    assert batch.digests == [sample.image.digest for sample in samples]
    for sample, summary in zip(samples, batch.images, strict=True):
        *_, alone = read_batch([sample], collection)
        for space in collection.spaces:
            np.testing.assert_array_equal(summary.artifacts[space], alone.images[0].artifacts[space])


HISTORIES = ["as is", "cropped", "jpeg 60", "scaled .75"]


def test_summaries_give_the_fingerprint_of_all_views(small: Small) -> None:
    """What is kept of an image is enough: the fingerprint is the one that all embeddings give."""
    collection = small.snapshot().collection(COLLECTION)
    collection.facts["histories"] = HISTORIES
    samples = [Sample(from_pixels(p), str(n)) for n, p in enumerate(small.pixels.training[NEWCOMER])]
    samples += [Sample(resized(sample.image, 90), sample.content) for sample in samples[:9]]  # these can be scaled
    *_, batch = read_batch(samples, collection)
    numbered = [
        (number, embedded[0], sample.content)
        for number, history in enumerate(HISTORIES)
        for sample in samples
        if (embedded := Embed.of(collection.form, collection.spaces, history)(sample.image)) is not None
    ]
    numbers, rows, contents = zip(*numbered, strict=True)
    images = gather(rows, contents, numbers)
    assert numbers.count(2) == len(samples) and numbers.count(1) == numbers.count(3) == 9
    made = draft(batch, Card(NEWCOMER), collection)
    for space, reference in collection.references.items():
        ours, whole = made.fingerprints[space], Fingerprint.of(images, reference, len(HISTORIES))
        assert (ours.samples, ours.contents) == (whole.samples, whole.contents) == (len(samples), 98)
        for name in ("mean", "changed", "looseness", "norm", "artifacts"):
            found, expected = (np.asarray(getattr(print_, name), dtype=float) for print_ in (ours, whole))
            tolerance = 1e-4 if name == "artifacts" else 1e-6  # those are stored as float16
            assert np.linalg.norm(found - expected) <= tolerance * np.linalg.norm(expected), (space, name)
    assert batch.spectrum is not None
    as_made = images.select(images.histories == 0).rows["frequency"]
    np.testing.assert_allclose(batch.spectrum.mean, as_made.mean(axis=0), atol=1e-5)


def resized(image: Image, side: int) -> Image:
    return from_pixels(resize(image.pixels, side, side))


def test_a_summary_is_the_mean_over_the_views(embedded: Snapshot, photos: list[np.ndarray]) -> None:
    collection, image = embedded.collection("text-to-image"), from_pixels(photos[0][:224, :350])
    summary = Summarise(collection.form, collection.references, ["as is"])(image)[0]
    images = gather([embed(image, collection.form, collection.spaces)], ["one"])
    assert summary.views == len(images.image_of_row) == 6
    for space, reference in collection.references.items():
        mean = reference.artifacts_of(images).per_image()[0]
        assert np.linalg.norm(summary.artifacts[space] - mean) <= 1e-6 * np.linalg.norm(mean)
    views = sum(rows.nbytes for rows in images.rows.values())
    assert 20 * sum(artifact.nbytes for artifact in summary.artifacts.values()) < views


def test_single_views_of_summaries_cannot_be_had(newcomer_batch: Batch) -> None:
    images = newcomer_batch.artifacts("dct")
    assert images.per_image().shape == images.rows.shape and images.as_made is images
    half = images.select(np.arange(len(images.contents)) % 2 == 0)
    assert len(half.per_image()) == len(half.views()) == 49 and half.image_of_row.tolist() == list(range(49))
    with pytest.raises(ValueError, match="were not kept"):
        images.per_image(4)


def test_the_report_of_a_good_batch(collection: Collection, newcomer_batch: Batch) -> None:
    made = draft(newcomer_batch, Card(NEWCOMER, title="Shuffle"), collection)
    report = made.report
    assert report.samples == report.contents == len(newcomer_batch.images) == 98
    assert (report.unreadable, report.duplicates) == (0, 0)
    assert report.recognised > 0.9 and report.looks_real < 0.3 and report.nearest_share < 0.1
    assert report.recognised + report.nearest_share <= 1 + 1e-9
    assert report.advice == ()
    assert (made.card.samples, made.card.contents, made.card.title) == (98, 98, "Shuffle")
    assert made.card.samples_digest == newcomer_batch.samples_digest and len(made.card.samples_digest) == 64
    assert set(made.files) == {f"{space}.safetensors" for space in collection.spaces} | {
        f"gallery/{name}.png" for name in ("mean-artifact", "spectrum", "artifacts")
    }
    for print_ in made.fingerprints.values():
        assert print_.samples == 98 and 0.5 < print_.looseness < 2.5 and print_.norm > 0


def test_a_draft_does_not_depend_on_the_order_of_the_samples(collection: Collection, newcomer_batch: Batch) -> None:
    backwards = replace(
        newcomer_batch,
        images=newcomer_batch.images[::-1],
        contents=newcomer_batch.contents[::-1],
        digests=newcomer_batch.digests[::-1],
    )
    one, other = (draft(batch, Card(NEWCOMER), collection) for batch in (newcomer_batch, backwards))
    assert one.card == other.card
    assert one.report == other.report
    for space in collection.spaces:
        np.testing.assert_allclose(one.fingerprints[space].mean, other.fingerprints[space].mean, atol=1e-4)


def test_a_draft_adds_nothing_until_it_is_added(small_store: Store, newcomer_batch: Batch) -> None:
    before = small_store.revision
    made = draft(newcomer_batch, Card(NEWCOMER), small_store.snapshot().collection(COLLECTION))
    assert small_store.revision == before and NEWCOMER not in small_store.snapshot().collection(COLLECTION).names
    revision = add(small_store, made)
    assert small_store.revision == revision != before and small_store.snapshot().verify() == []
    collection = small_store.snapshot().collection(COLLECTION)
    assert collection.card(NEWCOMER) == made.card
    np.testing.assert_array_equal(collection.fingerprint(NEWCOMER, "dct").mean, made.fingerprints["dct"].mean)
    with pytest.raises(StoreError, match="already has a generator"):
        add(small_store, made)


def test_a_draft_against_a_reference_that_was_rebuilt_meanwhile_is_found(
    small: Small, small_store: Store, newcomer_batch: Batch
) -> None:
    """Between report and confirmation the collection was made anew: the entry does not pass as one of it."""
    made = draft(newcomer_batch, Card(NEWCOMER), small_store.snapshot().collection(COLLECTION))
    create_collection(
        small_store,
        COLLECTION,
        photos={"photos": [small.reals]},
        generators={name: [small.samples[name]] for name in ("bicubic", "nearest", NEWCOMER)},
        cards={},
        replace_it=True,
        drop=True,
    )
    small_store.remove(COLLECTION, NEWCOMER)
    before, left = small_store.revision, sorted((small_store.folder / "revisions").iterdir())
    with pytest.raises(StoreError, match="nothing was changed: shuffle was made against the reference"):
        add(small_store, made)
    assert small_store.revision == before and sorted((small_store.folder / "revisions").iterdir()) == left


# Too few, and advice


def test_too_few_samples_are_refused_with_what_was_found(small: Small, collection: Collection, tmp_path: Path) -> None:
    folder = write_images(tmp_path / "few", small.pixels.training[NEWCOMER][: MIN_CONTENTS - 1])
    (folder / "copy.png").write_bytes((folder / "000.png").read_bytes())
    (folder / "broken.png").write_bytes(b"\x89PNG broken")
    *_, batch = read_batch(read_samples([folder], covers=collection.form.covers), collection)
    with pytest.raises(TooFewSamples) as caught:
        draft(batch, Card("few"), collection)
    text = str(caught.value)
    assert text.startswith(
        "A fingerprint needs at least 5 different images, 4 were usable (1 exact copies counted once)"
    )
    assert "1 could not be used, the first: few/broken.png" in text and text.endswith("give a steady one.")
    with pytest.raises(TooFewSamples, match="0 were usable"):
        draft(Batch(), Card("none"), collection)


def test_images_of_one_content_are_one_content(small: Small, collection: Collection) -> None:
    samples = [Sample(from_pixels(pixels), "one prompt") for pixels in small.pixels.training[NEWCOMER][:20]]
    *_, batch = read_batch(samples, collection)
    with pytest.raises(TooFewSamples, match="1 were usable"):
        draft(batch, Card("one"), collection)


@pytest.mark.parametrize("count", [MIN_CONTENTS, 20])
def test_few_samples_are_taken_with_advice(small: Small, collection: Collection, count: int) -> None:
    report = draft(batch_of(small.pixels.training[NEWCOMER][::4][:count], collection), Card("few"), collection).report
    assert report.samples == count
    assert any(f"rests on {count} different prompts" in advice for advice in report.advice)
    assert 0 <= report.recognised <= 1 and 0 <= report.looks_real <= 1


def test_photos_given_as_a_generator_are_noticed(small: Small, collection: Collection) -> None:
    report = draft(batch_of(small.pixels.held_out_reals, collection), Card("photos"), collection).report
    assert report.looks_real > 0.3
    assert any("look like photographs" in advice for advice in report.advice)


def test_a_near_copy_of_a_known_generator_is_noticed(small: Small, collection: Collection) -> None:
    """Other images of a generator that is there: which of the two twins wins is a toss."""
    images = small.pixels.held_out["nearest"] + small.pixels.training["nearest"]
    report = draft(batch_of(images, collection), Card("nearest-again"), collection).report
    assert report.nearest == "nearest" and report.nearest_share > 0.2
    if report.nearest_share > 0.4:
        assert any("look more like nearest" in advice for advice in report.advice)


def test_copies_are_counted_and_said(small: Small, collection: Collection, newcomer_batch: Batch) -> None:
    batch = replace(newcomer_batch, duplicates=[Duplicate("a", "b"), Duplicate("c", "b")])
    report = draft(batch, Card("copies"), collection).report
    assert report.duplicates == 2 and "2 exact copies were counted once." in report.advice


def test_a_generator_can_be_contributed_to_a_collection_that_lost_all(
    small_store: Store, newcomer_batch: Batch
) -> None:
    for name in small_store.snapshot().collection(COLLECTION).names:
        small_store.remove(COLLECTION, name)
    made = draft(newcomer_batch, Card(NEWCOMER), small_store.snapshot().collection(COLLECTION))
    assert made.report.nearest is None and made.report.recognised > 0.5
    add(small_store, made)
    assert small_store.snapshot().verify() == []
