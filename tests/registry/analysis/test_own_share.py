"""The rule by which a generator's own images are scored: their share in its means is left out, all means are asked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fingerprints.model.evidence import Known
from fingerprints.model.fingerprint import Fingerprint
from registry.analysis.neighbours import confusion
from registry.analysis.own_share import FOLDS, against_itself, stored_against_all, stored_artifacts, taken_for
from registry.analysis.quality import quality
from registry.analysis.weigh import as_measured
from registry.contributions.batch import Batch
from registry.contributions.contribute import draft
from registry.storage.card import Card
from registry.storage.collection import known_under
from registry.storage.snapshot import Collection
from small import COLLECTION, NEWCOMER, Small

Prints = dict[str, Fingerprint]


@pytest.fixture
def collection(small: Small) -> Collection:
    return small.snapshot().collection(COLLECTION)


@pytest.fixture
def prints(collection: Collection) -> Prints:
    """Of a generator all of whose artifacts are stored, and its means are those of what is stored."""
    found = {}
    for space in collection.spaces:
        made = collection.fingerprint("nearest", space)
        mean = made.artifacts.astype(np.float32).mean(axis=0)
        n = len(made.artifacts)
        found[space] = replace(made, mean=mean, changed=made.changed + mean - made.mean, samples=n, contents=n)
    return found


def of_itself(collection: Collection, prints: Prints, contents: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Space -> log-likelihoods (n, h) of the stored artifacts."""
    artifacts = stored_artifacts(prints)
    n = len(next(iter(artifacts.values())))
    numbers = np.arange(n) if contents is None else contents
    found = against_itself(collection, prints, artifacts, numbers, as_measured(collection, n))
    return {space: found[space].likelihood[:, 0] for space in prints}


def expected(
    collection: Collection, made: Fingerprint, folds: np.ndarray, means_without: dict[int, np.ndarray], left: float
) -> np.ndarray:
    """(n, h): what the images of each fold get from means (h, d) that are given for it, of ``left`` contents."""
    n, views = len(folds), as_measured(collection, len(folds))
    rows = np.empty((n, len(collection.histories)), np.float32)
    for fold, means in means_without.items():
        held = folds == fold
        reference = collection.references[made.space]
        known = Known.of(reference, means[None], np.array([made.looseness]), np.array([left]))
        rows[held] = known.weigh(made.artifacts[:n][held].astype(np.float32), views[held]).likelihood[:, 0]
    return rows


def test_the_means_are_those_of_the_other_images(collection: Collection, prints: Prints) -> None:
    found = of_itself(collection, prints)
    for space, made in prints.items():
        artifacts, n = made.artifacts.astype(np.float32), len(made.artifacts)
        folds, means = np.arange(n) % FOLDS, known_under(made, len(collection.histories))
        for fold in range(FOLDS):
            others = artifacts[folds != fold].mean(axis=0)
            rest = expected(collection, made, folds, {fold: means + others - made.mean}, float((folds != fold).sum()))
            held = folds == fold
            np.testing.assert_allclose(found[space][held], rest[held], rtol=1e-3, atol=0.05)


def test_every_mean_has_its_word(small: Small) -> None:
    collection = small.snapshot().collection(COLLECTION)
    collection.facts["histories"] = ["as is", "scaled"]
    prints = {space: collection.fingerprint("nearest", space) for space in collection.spaces}
    moved = {space: replace(made, changed=made.mean[None] + 5 * made.norm) for space, made in prints.items()}
    before, after = of_itself(collection, prints), of_itself(collection, moved)
    for space in prints:
        np.testing.assert_allclose(after[space][:, 0], before[space][:, 0], rtol=1e-4)
        assert (after[space][:, 1] < before[space][:, 1]).all()


def test_the_stored_artifacts_stand_for_all(collection: Collection, prints: Prints) -> None:
    """A stranger's fingerprint that states millions of images is not taken at its word: its own share is left out."""
    sure = {space: replace(made, contents=10**7) for space, made in prints.items()}
    many = {space: replace(made, samples=10**7) for space, made in sure.items()}
    for space, likelihood in of_itself(collection, many).items():
        np.testing.assert_array_equal(likelihood, of_itself(collection, sure)[space])


def test_images_of_one_content_are_left_out_together(collection: Collection, prints: Prints) -> None:
    """So copies do not vouch for each other: two of each content score as one of each does."""
    single = {
        space: replace(made, artifacts=made.artifacts[:20], samples=20, contents=20) for space, made in prints.items()
    }
    single = {
        space: replace(made, mean=made.artifacts.astype(np.float32).mean(axis=0)) for space, made in single.items()
    }
    double = {
        space: replace(made, artifacts=np.repeat(made.artifacts, 2, axis=0), samples=40)
        for space, made in single.items()
    }
    once, twice = of_itself(collection, single), of_itself(collection, double, np.repeat(np.arange(20), 2))
    for space in prints:
        np.testing.assert_allclose(twice[space][::2], once[space], rtol=1e-3, atol=0.05)


def test_what_would_leave_nothing_stays(collection: Collection, prints: Prints) -> None:
    one = {space: replace(made, artifacts=made.artifacts[:1], samples=1, contents=1) for space, made in prints.items()}
    for likelihood in of_itself(collection, one).values():
        assert likelihood.shape == (1, len(collection.histories)) and np.isfinite(likelihood).all()


def test_the_gallery_and_a_review_report_the_same_shares(collection: Collection) -> None:
    for name in collection.names:
        prints = {space: collection.fingerprint(name, space) for space in collection.spaces}
        shown, reviewed = confusion(collection, name), quality(prints, collection, name)
        assert shown.artifacts == reviewed.artifacts
        assert shown.shares == {
            candidate: share
            for candidate, share in {name: reviewed.recognised, "real": reviewed.looks_real, **reviewed.shares}.items()
            if share
        }


def test_a_contribution_is_recognised_before_it_is_added_as_it_is_then(
    collection: Collection, newcomer_batch: Batch
) -> None:
    made = draft(newcomer_batch, Card(NEWCOMER), collection)
    stored = quality(made.fingerprints, collection, NEWCOMER)
    assert stored.artifacts < made.report.samples  # else the two would have nothing to agree about
    assert stored.recognised == pytest.approx(made.report.recognised, abs=0.05)


def test_without_stored_artifacts_nothing_is_said(collection: Collection, prints: Prints) -> None:
    none = {space: replace(made, artifacts=made.artifacts[:0]) for space, made in prints.items()}
    assert taken_for(collection, none, "nearest") == {}
    assert quality(none, collection, "nearest").sentences()


def test_against_no_others_it_is_the_only_one(collection: Collection, prints: Prints) -> None:
    evidence = stored_against_all(collection, prints, [])
    assert all(part.likelihood.shape[1] == 1 for part in evidence.values())


def test_selected_generators_are_as_if_there_were_no_others(collection: Collection) -> None:
    for space, known in collection.known.items():
        alone = Known.of(
            collection.references[space],
            collection.all_means[space][[2, 0]],
            collection.looseness[space][[2, 0]],
            collection.samples[[2, 0]],
        )
        chosen = known.select([2, 0])
        for ours, theirs in ((chosen.within, alone.within), ([chosen.contrast], [alone.contrast])):
            for one, other in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(one.rows, other.rows, rtol=1e-3, atol=1e-3)
                np.testing.assert_allclose(one.squares, other.squares, rtol=1e-3)
        np.testing.assert_array_equal(chosen.looseness, alone.looseness)
