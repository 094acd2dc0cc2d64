"""The design that a batch speaks for, on planted fingerprints: one choice shows in them, the other does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from demo.contribute.contribution import Prepared, compute
from demo.contribute.report import report_html
from demo.parts.design import design_html
from registry.analysis.design import DesignPrediction, ProbeAccuracy, axes_of, predicted_design, probe_accuracies
from registry.storage.card import Card
from registry.storage.collection import fingerprint_bytes
from registry.storage.snapshot import Collection
from registry.storage.store import Store
from small import COLLECTION, NEWCOMER, Small

SHOWN, HIDDEN = "up-sampling", "loss"
NEAREST, SHUFFLE = "nearest neighbour", "pixel shuffle"
_STRENGTH = 1.5  # of the planted difference, in units of how much the images of a generator vary along it
Planted = Callable[[str, int, int], dict[str, np.ndarray]]


@pytest.fixture(scope="module")
def planted(small: Small) -> Planted:
    """(level, images, seed) -> artifacts of a generator of that up-sampling, by space, in the reference's basis."""
    references = small.snapshot().collection(COLLECTION).references

    def artifacts(level: str, images: int, seed: int) -> dict[str, np.ndarray]:
        random = np.random.default_rng(seed)
        found = {}
        for space, reference in references.items():
            rows = random.normal(size=(images, reference.dimension)) + 0.2 * random.normal(size=reference.dimension)
            rows[:, :4] += _STRENGTH if level == SHUFFLE else -_STRENGTH
            found[space] = (rows @ np.linalg.inv(reference.within.whitening)).astype(np.float16)
        return found

    return artifacts


@pytest.fixture(scope="module")
def folder(small: Small, planted: Planted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry with sixteen generators: the first axis shows in their artifacts, the second is dealt across it."""
    store = Store(Path(shutil.copytree(small.folder, tmp_path_factory.mktemp("design") / "registry")), builtin=None)
    before = small.snapshot().collection(COLLECTION)
    patterns = {space: before.fingerprint("bicubic", space) for space in before.spaces}
    for number in range(16):
        design = {SHOWN: (NEAREST, SHUFFLE)[number % 2], HIDDEN: ("hinge", "WGAN-GP")[number // 2 % 2]}
        design["width"] = str(number // 4 + 1)
        files = {}
        for space, rows in planted(design[SHOWN], 60, number).items():
            mean = rows.astype(np.float32).mean(axis=0)
            made = replace(patterns[space], artifacts=rows, mean=mean, samples=60)
            files[f"{space}.safetensors"] = fingerprint_bytes(made, before.reference_digest(space))
        store.add(COLLECTION, Card(f"g{number}", samples=60, contents=60, design=design), files)
    return store.folder


@pytest.fixture
def collection(folder: Path) -> Collection:
    return Store(folder, builtin=None).snapshot().collection(COLLECTION)


def by_axis(found: list[DesignPrediction]) -> dict[str, DesignPrediction]:
    return {one.axis: one for one in found}


@pytest.mark.parametrize("images", [5, 20, 60])
def test_what_shows_is_told_and_what_does_not_is_not(collection: Collection, planted: Planted, images: int) -> None:
    found = by_axis(predicted_design(collection, planted(SHUFFLE, images, 99)))
    told, hidden = found[SHOWN], found[HIDDEN]
    assert next(iter(told.levels)) == SHUFFLE and told.levels[SHUFFLE] > 0.7
    assert sum(told.levels.values()) == pytest.approx(1.0) and told.worth.asked == 16
    assert told.worth.right >= 15 and 6 < told.worth.chance < 10 and told.worth.predictable
    assert hidden.levels == {} and not hidden.worth.predictable
    assert hidden.to_json()["level"] is None and told.to_json()["level"] == SHUFFLE


def test_few_images_are_trusted_less(collection: Collection, planted: Planted) -> None:
    batch = planted(SHUFFLE, 30, 99)
    few = {space: rows[:5] for space, rows in batch.items()}
    shares = [by_axis(predicted_design(collection, given))[SHOWN].levels[SHUFFLE] for given in (few, batch)]
    assert shares[0] < shares[1]


def test_a_generator_can_be_kept_from_the_probe(collection: Collection) -> None:
    stored = {space: collection.fingerprint("g1", space).artifacts for space in collection.spaces}
    knowing, unknowing = (by_axis(predicted_design(collection, stored, unseen))[SHOWN] for unseen in ([], ["g1"]))
    assert knowing.levels[SHUFFLE] != unknowing.levels[SHUFFLE] > 0.5
    assert by_axis(predicted_design(collection, stored, collection.names[1:]))[SHOWN].levels == {}


def test_nothing_is_said_where_nothing_can_be_asked(small: Small, collection: Collection) -> None:
    """Too few images, and a collection whose cards say nothing of design."""
    four = {space: collection.fingerprint("g1", space).artifacts[:4] for space in collection.spaces}
    assert predicted_design(collection, four) == [] and predicted_design(collection, {}) == []
    plain = small.snapshot().collection(COLLECTION)
    whole = {space: plain.fingerprint("nearest", space).artifacts for space in plain.spaces}
    assert axes_of(plain) == {} and predicted_design(plain, whole) == [] and design_html([]) == ""


def test_a_level_that_one_design_has_is_not_asked_about(collection: Collection) -> None:
    cards = collection.cards
    cards["g0"] = replace(cards["g0"], design={**cards["g0"].design, SHOWN: "of its own"})
    assert "g0" not in axes_of(collection)[SHOWN] and "g0" in axes_of(collection)[HIDDEN]


def test_the_worth_is_measured_once(collection: Collection) -> None:
    assert probe_accuracies(collection, 20) is probe_accuracies(collection, 20) is not probe_accuracies(collection, 5)


def test_it_is_said_in_words() -> None:
    worth = ProbeAccuracy(right=14, asked=16, chance=8.1, p=0.005)
    shown = design_html(
        [
            DesignPrediction(SHOWN, {SHUFFLE: 0.83, NEAREST: 0.17}, worth),
            DesignPrediction(HIDDEN, {}, replace(worth, right=8, p=0.6)),
        ],
        Card("g", design={SHOWN: NEAREST}),
    )
    assert "<b>pixel shuffle</b>, 83 %" in shown and "right for 14 of 16, by chance for 8" in shown
    assert "Its card says: nearest neighbour" in shown and "cannot be told apart from chance" in shown
    assert "<script" not in design_html([DesignPrediction(SHOWN, {"<script>": 1.0}, worth)])


def test_a_contribution_is_told_what_its_fingerprint_speaks_for(small: Small, collection: Collection) -> None:
    *_, prepared = compute([small.samples[NEWCOMER]], collection)
    assert isinstance(prepared, Prepared)
    shown = report_html(prepared, collection)
    assert "that these images speak for" in shown and f'data-axis="{SHOWN}"' in shown
    assert {one.axis for one in prepared.predicted_design(collection)} == {SHOWN, HIDDEN, "width"}
