"""Everyday handlings, drawings, and the benchmark that asks about them, on the small registry."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.field import __main__ as field
from benchmarks.field.drawings import KINDS, drawings
from benchmarks.field.figures import ALL, GENERATED_IMAGES, PHOTOS, Reply, drawing_counts, handling_figures
from benchmarks.field.frames import beside_a_photo
from benchmarks.field.handlings import HANDLINGS
from fingerprints.attribution.verdict import AMONG, GENERATED, GENERATOR, REAL, UNKNOWN
from fingerprints.images.histories import HISTORIES
from small import Small


@pytest.fixture(scope="module")
def picture() -> np.ndarray:
    """Smooth colours with a little noise, 80 x 96."""
    y, x = np.mgrid[0:80, 0:96]
    colours = np.stack([x * 2, y * 3, x + y], axis=2) + np.random.default_rng(0).integers(0, 12, (80, 96, 3))
    return colours.astype(np.uint8)


def test_there_are_many_beyond_the_histories() -> None:
    assert len(set(HANDLINGS) - set(HISTORIES)) >= 40


@pytest.mark.parametrize("name", HANDLINGS)
def test_a_handling_gives_pixels_and_leaves_its_own_alone(name: str, picture: np.ndarray) -> None:
    given = picture.copy()
    handled = HANDLINGS[name](given)
    assert np.array_equal(given, picture)
    if handled is None:
        assert name.startswith(("shorter side", "thumbnail"))
    else:
        assert handled.dtype == np.uint8 and handled.ndim == 3 and handled.shape[2] == 3 and min(handled.shape[:2]) > 0
        again = HANDLINGS[name](given)
        assert again is not None and np.array_equal(again, handled)


@pytest.mark.parametrize("name", HANDLINGS)
def test_a_strip_is_no_accident(name: str) -> None:
    handled = HANDLINGS[name](np.full((20, 1200, 3), 90, np.uint8))
    assert handled is None or min(handled.shape) > 0


def test_where_nobody_would_shrink_nothing_is_shrunk(picture: np.ndarray) -> None:
    assert HANDLINGS["thumbnail 100, jpeg 80"](picture) is None
    shrunk = HANDLINGS["thumbnail 64, png"](picture)
    assert shrunk is not None and shrunk.shape[0] == 64


def test_a_collage_holds_the_picture(picture: np.ndarray) -> None:
    collage = beside_a_photo(picture)
    assert collage is not None and np.array_equal(collage[:, :96], picture) and collage.shape[1] > 150


def test_drawings_are_many_and_always_the_same() -> None:
    first = list(drawings())
    assert len(first) >= 30 and {kind for kind, _ in first} == set(KINDS)
    assert all(pixels.dtype == np.uint8 and min(pixels.shape[:2]) >= 512 for _, pixels in first)
    kind, pixels = first[-1]
    assert np.array_equal(list(drawings())[-1][1], pixels) and kind == "gradient"
    assert len({pixels.tobytes() for _, pixels in first}) == len(first)


REPLIES = [
    Reply(PHOTOS, "a", "grey", REAL),
    Reply(PHOTOS, "b", "grey", GENERATOR, "one"),
    Reply(PHOTOS, "a", "gif", UNKNOWN),
    Reply(PHOTOS, "b", "gif", None),
    Reply("one", "c", "grey", GENERATOR, "one"),
    Reply("one", "d", "grey", GENERATOR, "other"),
    Reply("one", "c", "gif", AMONG),
    Reply("one", "d", "gif", REAL),
]


def test_figures_are_shares_of_what_is_covered() -> None:
    found = handling_figures(REPLIES, ["grey", "gif"])
    photos, made = found[PHOTOS], found[GENERATED_IMAGES]
    assert (
        photos["grey"]["accused"].value == photos["grey"]["named"].value == photos["grey"]["called real"].value == 0.5
    )
    assert (photos["gif"]["asked"], photos["gif"]["not covered"], photos["gif"]["accused"].value) == (2, 1, 0)
    assert made["grey"]["named"].value == 1 and made["grey"]["named right"].value == made["grey"]["wrong name"].value
    assert made["gif"]["in a set"].value == made["gif"]["passed as real"].value == 0.5
    assert made[ALL]["named right"].value == 0.25 and made[ALL] == found["one"][ALL]
    assert found["worst"]["photos, most accused"].startswith("grey")
    assert found["worst"]["generated, fewest named right"].startswith("gif")


def test_a_name_for_a_stranger_is_wrong() -> None:
    found = handling_figures([Reply("stranger", "c", "grey", GENERATOR, "one")], ["grey"])
    assert PHOTOS not in found and found[GENERATED_IMAGES]["grey"]["wrong name"].value == 1


def test_drawings_are_counted_by_form_and_kind() -> None:
    replies = [
        Reply("chart", "1", "as png", UNKNOWN),
        Reply("chart", "1", "as jpeg 85", GENERATED),
        Reply("fractal", "2", "as png", GENERATOR, "one"),
        Reply("fractal", "2", "as jpeg 85", None),
    ]
    found = drawing_counts(replies, ["as png", "as jpeg 85"])
    assert (found["all as png"]["asked"], found["all as png"]["named"], found["all as png"]["unknown"]) == (2, 1, 1)
    assert found["chart as jpeg 85"]["called generated"] == found["fractal as jpeg 85"]["not covered"] == 1


def test_the_command_asks_about_photos_and_generated_images(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written, nearest = tmp_path / "field.json", f"nearest={small.held_out['nearest']}"
    words = ["field", "--photos", str(small.reals), "--generated", nearest, f"other={small.held_out['bicubic']}"]
    given = [*words, "--limit", "4", "--only", "gre", "--registry", str(small.folder), "--json", str(written)]
    monkeypatch.setattr(sys, "argv", given)
    field.main()
    found, said = json.loads(written.read_text()), capsys.readouterr()
    assert found[PHOTOS]["grey"]["asked"] == 4 and found[GENERATED_IMAGES]["grey"]["asked"] == 8
    assert set(found) == {PHOTOS, GENERATED_IMAGES, "nearest", "other", "worst"}
    assert found["other"][ALL]["named right"]["value"] == 0
    assert "grey:" in said.out and "nearest, all handlings:" in said.out and "worst:" in said.out
    assert "10 pictures read" in said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "give --photos"),
        (["--drawings", "--only", "nothing like it"], "no handling has"),
        (["--generated", "folder"], "is not NAME=FOLDER"),
        (["--photos", "no/such/folder"], "does not exist"),
    ],
)
def test_what_cannot_be_asked_is_said(
    words: list[str], said: str, small: Small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["field", "--registry", str(small.folder), *words])
    with pytest.raises(SystemExit) as ended:
        field.main()
    assert said in f"{ended.value}{capsys.readouterr().err}"
