"""What a contributor is told: answers by level, what becomes of neighbours, and pictures of something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.contributions.batch import Batch
from registry.contributions.contribute import draft
from registry.contributions.harm import Effect
from registry.contributions.report import Report, _advice
from registry.storage.card import Card
from registry.storage.snapshot import Collection
from small import COLLECTION, NEWCOMER, Small

PLAIN = Report(60, 60, 0, 0, 0.9, 0.0, None, 0.0, ())


@pytest.fixture
def collection(small: Small) -> Collection:
    return small.snapshot().collection(COLLECTION)


def test_the_outlook_adds_up_to_no_more_than_all(collection: Collection, newcomer_batch: Batch) -> None:
    report = draft(newcomer_batch, Card(NEWCOMER), collection).report
    assert 0 < report.named + report.in_a_set + report.only_generated <= 1 + 1e-9
    assert report.named <= report.recognised + 1e-9  # a name asks for more than being the likeliest
    assert f"about {100 * report.named:.0f} will be answered with its name" in report.outlook
    assert {effect.generator for effect in report.effects} == set(collection.names)
    assert all(0 <= share <= 1 for effect in report.effects for share in (effect.named_before, effect.named_after))


def test_a_neighbour_that_loses_its_name_is_named(collection: Collection) -> None:
    loses = Effect("nearest", 60, 0.9, 0.8, 0.65, 0.05)
    (line,) = _advice(replace(PLAIN, effects=(loses,)), collection)
    assert "5% of its own images get its name, now 65%" in line and "share an image decoder" in line
    assert not list(_advice(replace(PLAIN, effects=(replace(loses, named_after=0.6),)), collection))


def test_pictures_of_something_else_are_counted(collection: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    class Faces:
        about = "faces"

    monkeypatch.setattr(Collection, "domain", Faces())
    (line,) = _advice(replace(PLAIN, something_else=0.7), collection)
    assert line.startswith("70% of the images do not look like faces")
    assert not list(_advice(replace(PLAIN, something_else=0.05), collection))
