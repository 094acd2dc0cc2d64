"""The stability strip: what each cell says and by which mark, and that it never holds up the answer."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from demo.answers.single import Shown, steps
from demo.answers.stability import Cell, cell, strip_html
from fingerprints.attribution.verdict import FAMILY, GENERATED, GENERATOR, REAL, UNKNOWN
from fingerprints.images.image import Image, decode, from_pixels, png_bytes
from generators import nearest_decoder
from levels import LEVELS, answer_at
from registry.answers.identify import Answer, identify
from registry.answers.stability import VARIANTS, Variant, variants, with_stability
from registry.storage.snapshot import Snapshot
from registry.storage.store import Store
from small import COLLECTION, Small


@pytest.fixture
def snapshot(small: Small) -> Snapshot:
    return small.snapshot()


@pytest.fixture
def image(photos: list[np.ndarray]) -> Image:
    """96 px: three quarters of it and its crop are covered by the small collection, its half is not."""
    return from_pixels(nearest_decoder(photos[0][:96, :96]), "nearest.png")


@pytest.fixture
def answer(image: Image, snapshot: Snapshot) -> Answer:
    return list(identify(snapshot, image))[-1]


@pytest.fixture
def shown(image: Image, small_store: Store, tmp_path: Path) -> list[Shown]:
    path = tmp_path / image.origin
    path.write_bytes(png_bytes(image.pixels))
    return list(steps(small_store, path))


def downloaded(html: str) -> dict[str, object]:
    found = re.search(r"data:application/json;base64,([^\"]+)", html)
    assert found is not None
    facts: dict[str, object] = json.loads(base64.b64decode(found[1]))
    return facts


def test_the_answer_comes_first_and_then_one_cell_after_the_other(shown: list[Shown]) -> None:
    final = [step for step in shown if 'data-state="final"' in step.answer]
    assert len(final) == 1 + len(VARIANTS) and len({(step.answer, step.evidence) for step in final}) == 1
    waiting = [step.below.count('data-kind="waiting"') for step in final]
    assert waiting == list(range(len(VARIANTS), -1, -1))
    assert ['data-state="done"' in step.below for step in final] == [False] * len(VARIANTS) + [True]
    assert not any(step.below for step in shown if step not in final)


def test_the_whole_answer_can_be_taken_away(shown: list[Shown]) -> None:
    *before, last = [step.below for step in shown if step.below]
    assert not any("download=" in below for below in before)
    assert isinstance(downloaded(last)["stable"], bool)
    png = re.search(r'download="answer.png" href="data:image/png;base64,([^"]+)"', last)
    assert png is not None
    picture = decode(base64.b64decode(png[1]))
    assert (picture.width, picture.height) == (1200, 630)


@pytest.mark.parametrize(
    ("before", "now", "kind", "words"),
    [
        (GENERATOR, GENERATOR, "same", "same"),
        (REAL, REAL, "same", "same"),
        (UNKNOWN, UNKNOWN, "same", "same"),
        (GENERATOR, UNKNOWN, "unknown", "unknown"),
        (GENERATED, UNKNOWN, "unknown", "unknown"),
        (GENERATOR, FAMILY, "coarser", "Bicubic or Nearest"),
        (GENERATOR, GENERATED, "coarser", "generated"),
        (FAMILY, GENERATED, "coarser", "generated"),
        (FAMILY, GENERATOR, "finer", "Bicubic"),
        (GENERATED, GENERATOR, "finer", "Bicubic"),
        (GENERATED, FAMILY, "finer", "Bicubic or Nearest"),
        (UNKNOWN, GENERATED, "finer", "generated"),
        (UNKNOWN, REAL, "finer", "a real photo"),
        (GENERATOR, REAL, "another", "a real photo"),
        (GENERATED, REAL, "another", "a real photo"),
        (REAL, GENERATED, "another", "generated"),
    ],
)
def test_a_cell_says_what_is_said_of_the_variant(
    answer: Answer, snapshot: Snapshot, before: str, now: str, kind: str, words: str
) -> None:
    cards = snapshot.collection(COLLECTION).cards
    made = cell(answer_at(answer, before), Variant("JPEG 75", answer_at(answer, now)), cards)
    assert (made.kind, made.words) == (kind, words)


def test_another_name_contradicts_and_so_does_a_set_without_it(answer: Answer, snapshot: Snapshot) -> None:
    cards, named = snapshot.collection(COLLECTION).cards, answer_at(answer, GENERATOR)
    other = replace(named, verdict=replace(named.verdict, generator="transposed"))
    assert cell(named, Variant("crop", other), cards) == Cell("crop", "another", "Transposed")
    assert cell(other, Variant("crop", answer_at(answer, FAMILY)), cards).kind == "another"


def test_the_strip_says_whether_the_answers_fit_together(answer: Answer, snapshot: Snapshot) -> None:
    cards, named = snapshot.collection(COLLECTION).cards, answer_at(answer, GENERATOR)
    for others, stable in ((LEVELS.keys() - {REAL}, True), (LEVELS.keys(), False)):
        levels = [level for _, level in zip(VARIANTS, sorted(others) * 2, strict=False)]
        found = [Variant(name, answer_at(answer, level)) for name, level in zip(VARIANTS, levels, strict=True)]
        whole = with_stability(named, found)
        assert whole.stable is stable and ('data-kind="another"' in strip_html(whole, found, cards)) is not stable


def test_what_is_not_covered_says_so(answer: Answer, snapshot: Snapshot) -> None:
    cards = snapshot.collection(COLLECTION).cards
    none = [Variant(name, None) for name in VARIANTS]
    html = strip_html(with_stability(answer, none), none, cards)
    assert html.count('data-kind="uncovered"') == html.count("not covered") == len(VARIANTS)
    assert "nothing can be told" in html


def test_a_lossless_collection_covers_no_lossy_variant(image: Image, answer: Answer, snapshot: Snapshot) -> None:
    covered = [variant.name for variant in variants(snapshot, image, answer) if variant.answer is not None]
    assert covered == ["resize .75", "crop"]


@pytest.mark.parametrize(
    ("verdict", "stable", "words"),
    [
        (REAL, True, "no answer that contradicts this one"),
        (GENERATED, True, "no answer that contradicts this one"),
        (UNKNOWN, True, "unknown too, or gets answers that fit together"),
        (REAL, False, "Unstable"),
    ],
)
def test_the_sentence_stands_with_the_cells(
    answer: Answer, snapshot: Snapshot, verdict: str, stable: bool, words: str
) -> None:
    found = [Variant(name, answer) for name in VARIANTS]
    made = replace(answer_at(answer, verdict), stable=stable)
    html = strip_html(made, found, snapshot.collection(COLLECTION).cards)
    assert words in html and ("fp-unstable" in html) is not stable
