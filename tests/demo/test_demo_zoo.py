"""New images on request: made from a seed as they appear, and answered together by Identify."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import zoo
from browsing import ROOT
from demo.answers import several
from demo.gallery.page import one_html, shown_html
from demo.parts.zoo_images import IMAGES, Made, can_be_made, made_html
from registry.storage.store import Store
from tiny_zoo import COLLECTION, TWO, build_tiny_zoo

pytestmark = pytest.mark.skipif(len(TWO) < 2, reason="fewer than two generators are trained")


@pytest.fixture(scope="module")
def store(photos: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(build_tiny_zoo(tmp_path_factory.mktemp("zoo"), photos), builtin=None)


def test_images_appear_one_after_the_other_and_lead_to_identify() -> None:
    shown = list(made_html(TWO[0], 7.0))
    assert [page.count("<img") for page in shown] == [0, *range(1, IMAGES + 1), IMAGES]
    assert shown[-1].count(f'alt="{TWO[0]}, seed 7, image ') == IMAGES
    assert re.search(r'href="([^"]+)"', shown[-1])[1] == f"./?zoo={TWO[0]}&amp;seed=7"


@pytest.mark.parametrize(
    ("name", "seed", "words"),
    [
        ("nobody", 1, "nobody is no generator"),
        ("../weights", 1, "is no generator"),
        ("", 1, "This is no generator"),
        (TWO[0] if TWO else "", -1, "whole number from 0"),
        (TWO[0] if TWO else "", 1.5, "whole number from 0"),
        (TWO[0] if TWO else "", 2.0**40, "whole number from 0"),
        (TWO[0] if TWO else "", None, "whole number from 0"),
    ],
)
def test_what_cannot_be_made_is_a_sentence(name: str, seed: float | None, words: str) -> None:
    (only,) = made_html(name, seed)
    assert words in only and 'role="alert"' in only


def test_only_a_generator_of_the_zoo_makes_images(store: Store) -> None:
    assert can_be_made({"generator": f"{COLLECTION}/{TWO[0]}"}) == TWO[0]
    for other in ({}, {"generator": f"{COLLECTION}/nobody"}, {"generator": f"faces-64/{TWO[0]}"}):
        assert can_be_made(other) == ""
    page = one_html(store, f"{COLLECTION}/{TWO[0]}")
    assert "#make" in page and "Make new images" in page and "They run in this app" in shown_html(store, {})
    for axis, level in zoo.card(TWO[0]).design.items():
        assert f"<dt>{axis[:1].upper()}{axis[1:]}</dt><dd>{level}</dd>" in page


def test_identify_recognises_whose_images_it_is_handed(store: Store) -> None:
    *first, last = several.steps_about_made(store, Made.of(TWO[0], "9"))
    assert "making" in first[0].answer and f"picture {IMAGES} of {IMAGES}" in first[-2].answer
    assert f"Probably {TWO[0]}." in last.answer and f"{IMAGES} images that" in last.given
    assert last.below.count("data-row") == IMAGES


def test_an_address_stands_for_the_same_images() -> None:
    one, again, other = (list(Made.of(TWO[0], seed).images()) for seed in ("3", 3.0, "4"))
    assert [image.digest for image in one] == [image.digest for image in again] != [image.digest for image in other]


def test_the_pages_are_there_without_torch() -> None:
    """What computes is imported when it is asked for; the zoo's names and cards need nothing heavy."""
    code = "import sys, zoo, demo.parts.zoo_images; zoo.names(); sys.exit('zoo.networks.sampling' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(ROOT), timeout=120).returncode == 0
