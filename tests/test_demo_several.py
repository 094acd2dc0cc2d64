"""Several pictures at once: a row for each, a joint answer on top, and what happens to those that cannot be read."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demo.several import MOST_FILES, Pile, Row, _added_up, _joint_html, _one_by_one, look, rows_html, steps
from demo.single import Shown
from fingerprints.attribution.verdict import REAL
from fingerprints.images import decode, png_bytes
from levels import LEVELS, answer_at
from registry.identify import Answer, identify
from registry.snapshot import Snapshot
from registry.store import Store
from small import Small


@pytest.fixture
def pictures(small: Small) -> list[Path]:
    """Six pictures of one generator."""
    return sorted(small.held_out["nearest"].iterdir())[:6]


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "holiday <i>.png"
    path.write_bytes(b"Dear Sir or Madam")
    return path


def last(store: Store, paths: list[Path]) -> Shown:
    return list(steps(store, paths))[-1]


def downloaded(shown: Shown) -> list[dict[str, Any]]:
    found = re.search(r"data:application/json;base64,([^\"]+)", shown.answer)
    assert found is not None
    answers: list[dict[str, Any]] = json.loads(base64.b64decode(found[1]))
    return answers


def test_each_picture_gets_a_row_and_all_of_them_one_answer(small_store: Store, pictures: list[Path]) -> None:
    shown = list(steps(small_store, pictures))
    assert [step.below.count("<li") for step in shown] == [0, 1, 2, 3, 4, 5, 6, 6]
    assert all("fp-working" in step.answer for step in shown[:-1])
    final = shown[-1].answer
    assert "If these 6 pictures share a source:" in final and "One by one: " in final and "fp-bar" in final
    assert "adds up" in final and "99 times in 100" not in final and "Of 100 answers" not in final


def test_each_level_is_counted_by_what_it_says(small: Small, pictures: list[Path]) -> None:
    snapshot, pile = small.snapshot(), Pile()
    answer = look(snapshot, pictures[0], pile).answer
    assert answer is not None
    rows = [Row(level, answer_at(answer, level)) for level in (*LEVELS, REAL)]
    assert _one_by_one(snapshot, rows) == (
        "One by one: a real photo (2), unknown (2), Bicubic (1), Bicubic or Nearest (1), "
        "Bicubic, Nearest or Transposed (1), generated (1)."
    )
    html = rows_html(snapshot, rows)
    assert html.count("Compared with 3 models") == 2 and "Generated; by which model cannot be told." in html


@pytest.mark.parametrize("level", LEVELS)
def test_the_joint_answer_says_what_was_looked_for_of_photos_alone(
    small: Small, pictures: list[Path], level: str
) -> None:
    snapshot, pile = small.snapshot(), Pile()
    rows = [look(snapshot, path, pile) for path in pictures]
    joint = pile.answer(snapshot)
    assert isinstance(joint, Answer)
    html = _joint_html(snapshot, answer_at(joint, level), rows, 0.5)
    assert ("Compared with 3 models" in html) == (level == REAL) and "If these 6 pictures" in html


def test_the_test_with_pictures_of_models_is_not_told_of_photos(small: Small, pictures: list[Path]) -> None:
    *_, answer = identify(small.snapshot(), decode(pictures[0]))
    told = {level: _added_up(replace(answer_at(answer, level), collection="text-to-image")) for level in LEVELS}
    assert [level for level, words in told.items() if "99 times in 100" not in words] == [REAL]


def test_together_they_are_surer_than_alone(small: Small, small_store: Store, pictures: list[Path]) -> None:
    *singles, joint = downloaded(last(small_store, pictures))
    assert joint["paths"] == [path.name for path in pictures] == [single["path"] for single in singles]
    assert joint["candidates"][0]["generator"] == "nearest"
    alone = np.mean([next(c["probability"] for c in s["candidates"] if c["generator"] == "nearest") for s in singles])
    assert joint["candidates"][0]["probability"] > alone


def test_a_broken_file_is_said_by_name_and_stops_nothing(
    small_store: Store, pictures: list[Path], broken: Path
) -> None:
    shown = last(small_store, [pictures[0], broken, *pictures[1:]])
    assert shown.below.count('data-row="answered"') == 6 and shown.below.count('data-row="refused"') == 1
    assert "holiday &lt;i&gt;.png is not an image" in shown.below and "If these 6 pictures" in shown.answer
    answers = downloaded(shown)
    assert "not an image" in answers[1]["error"] and len(answers) == 8 and len(answers[-1]["paths"]) == 6


def test_the_same_pixels_count_once(small_store: Store, pictures: list[Path], tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(pictures[0].read_bytes())
    shown = last(small_store, [*pictures[:2], copy])
    assert f"The same pixels as {pictures[0].name}: counted once." in shown.below
    assert downloaded(shown)[-1]["paths"] == [path.name for path in pictures[:2]]


def test_one_good_picture_has_nothing_to_share(small_store: Store, pictures: list[Path], broken: Path) -> None:
    shown = last(small_store, [pictures[0], broken])
    assert 'data-joint="none"' in shown.answer and "Fewer than two" in shown.answer
    assert "error" in downloaded(shown)[-1]


def test_too_many_files_are_refused_at_once(small_store: Store, pictures: list[Path]) -> None:
    [shown] = steps(small_store, pictures[:1] * (MOST_FILES + 1))
    assert "25 files were given; at most 24" in shown.answer and shown.below == ""


def test_a_size_that_is_not_covered_is_said_in_its_row(
    small_store: Store, pictures: list[Path], tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    large.write_bytes(png_bytes(np.zeros((300, 300, 3), np.uint8)))
    shown = last(small_store, [*pictures[:2], large])
    assert "large.png, a 300 x 300 image" in shown.below and "If these 2 pictures" in shown.answer


def test_an_empty_registry_says_so(tmp_path: Path, pictures: list[Path]) -> None:
    assert "is empty" in last(Store(tmp_path / "empty", builtin=None), pictures).answer


def test_answers_of_different_collections_are_not_taken_together(small: Small, pictures: list[Path]) -> None:
    snapshot: Snapshot = small.snapshot()
    pile = Pile()
    rows = [look(snapshot, path, pile) for path in pictures]
    assert isinstance(pile.answer(snapshot), Answer) and all(row.answer for row in rows)
    digest, answer = next(iter(pile.answers.items()))
    pile.answers[digest] = replace(answer, collection="another")
    assert "different collections (another, small)" in str(pile.answer(snapshot))
