"""A part of a picture: what a browser may ask for, what is answered, and the box that is shown over the picture."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from demo.answers.part import cut_html, part_of
from demo.answers.single import Shown, steps
from demo.pages.identify import _part_steps
from fingerprints.images.image import from_pixels, png_bytes
from fingerprints.images.surroundings import Box
from registry.answers.within import LEAST_PART, NoPart, looked_at
from registry.storage.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Of the embedded registry: the small one covers small pictures only."""
    return Store(tmp_path_factory.mktemp("embedded"))


@pytest.fixture
def picture(photos: list[np.ndarray], tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(png_bytes(photos[0][:240, :250]))
    return path


@pytest.mark.parametrize(
    "asked",
    [None, "0,0,9,9", [], [0, 0, 200], [0, 0, 200, 200, 200], [0, 0, 200, "200"], [0.5, 0, 200, 200], [True] * 4],
)
def test_a_part_is_four_whole_numbers(asked: object) -> None:
    with pytest.raises(NoPart, match="four whole numbers"):
        part_of(asked)


def test_these_are_its_edges() -> None:
    assert part_of([1, 2, 200, 300]) == Box(top=1, left=2, bottom=200, right=300)


@pytest.mark.parametrize(
    "part", [Box(-1, 0, 200, 200), Box(0, 0, 241, 200), Box(0, 60, 200, 251), Box(0, 0, 127, 200), Box(200, 200, 0, 0)]
)
def test_a_part_lies_in_the_picture_and_is_large_enough(part: Box) -> None:
    image = from_pixels(np.zeros((240, 250, 3), np.uint8))
    with pytest.raises(NoPart, match=f"250 x 240 pixels, and be at least {LEAST_PART}"):
        looked_at(image, part)


def test_the_answer_is_about_the_part(store: Store, picture: Path, photos: list[np.ndarray]) -> None:
    last = list(steps(store, picture, Box(20, 30, 220, 240)))[-1]
    assert "about the part that was chosen: 210 x 200 pixels, 30 from the left and 20 from the top" in last.answer
    assert 'data-box="[20, 30, 220, 240]"' in last.given and "fp-cutting" in last.given
    part = from_pixels(photos[0][20:220, 30:240])
    inside, box = looked_at(from_pixels(photos[0][:240, :250]), Box(20, 30, 220, 240))
    assert inside.digest == part.digest and box == Box(20, 30, 220, 240)


def test_of_a_chosen_part_nothing_more_is_cut_away(photos: list[np.ndarray]) -> None:
    page = np.full((400, 500, 3), 255, np.uint8)
    page[100:340, 130:370] = photos[0][:240, :240]
    image, part = from_pixels(page), Box(50, 50, 390, 450)
    assert looked_at(image)[1] == Box(100, 130, 340, 370)
    assert looked_at(image, part)[1] == part


@pytest.mark.parametrize(
    ("asked", "words"), [([0, 0, 900, 900], "must lie in the picture"), ("all of it", "four whole numbers")]
)
def test_no_part_is_a_sentence(store: Store, picture: Path, asked: object, words: str) -> None:
    last = list(_part_steps(store, picture, asked))[-1]
    assert words in last.answer and 'role="alert"' in last.answer


def test_a_picture_that_was_deleted_is_asked_for_again(store: Store, tmp_path: Path) -> None:
    for gone in (None, tmp_path / "gone.png"):
        (last,) = _part_steps(store, gone, [0, 0, 200, 200])
        assert isinstance(last, Shown) and "Give it again" in last.answer and last.given == ""


def test_the_box_is_around_what_was_found_or_waits() -> None:
    image = from_pixels(np.zeros((400, 800, 3), np.uint8))
    found, waiting = cut_html(image, "<img>", Box(10, 20, 300, 400)), cut_html(image, "<img>", None)
    assert 'data-box="[10, 20, 300, 400]"' in found and "fp-cutting" in found
    assert "fp-cutting" not in waiting and "Answer for a part of it" in waiting
    top, left, bottom, right = json.loads(re.findall(r'data-box="(.*?)"', waiting)[0])
    assert 0 < top < bottom < 400 and 0 < left < right < 800
    assert len(re.findall(r'data-held="[a-z ]*" aria-label="\w', found)) == 5


def test_of_a_small_picture_no_part_is_offered() -> None:
    assert cut_html(from_pixels(np.zeros((LEAST_PART, 900, 3), np.uint8)), "<img>", None) == "<img>"
    assert 'data-box="[0, 0, 129, 129]"' in cut_html(from_pixels(np.zeros((129, 129, 3), np.uint8)), "<img>", None)
