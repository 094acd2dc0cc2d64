"""The study around the baselines: its splits, its spaces, its scores, and what an interruption leaves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.paper.cache import Record, digest_of, fitted
from benchmarks.paper.figures import chosen, many_and_few, table_figures
from benchmarks.paper.methods import Row, rows
from benchmarks.paper.robustness import CHANGES, changed_views, robustness
from benchmarks.paper.rows.data import REAL, Study, Views
from benchmarks.paper.rows.manifpt import DiscriminantOfMaps, ManiFPT
from benchmarks.paper.rows.search import SearchedOnce
from benchmarks.paper.separability import frechet_ratio
from benchmarks.paper.transfer import transfers
from benchmarks.render.__main__ import page
from fingerprints.baselines.parts.classifier import Schedule
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import LocalMean, Nearest, Projection
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import from_pixels
from fingerprints.learning.fitting import Recipe
from fingerprints.spaces import get_space
from patterns import PERIOD_FOUR, SIDE, content, views

FORM = CanonicalForm(min_side=SIDE, max_side=SIDE, crop=SIDE)
SHORT = Schedule(epochs=1, images=64)
RECIPE = Recipe({"dct": 16})
WAVE = np.broadcast_to(PERIOD_FOUR, (SIDE, SIDE, 3)) / 1.001  # its deviation is one grey level


def pictures(count: int, first: int, pattern: np.ndarray | float = 0.0) -> np.ndarray:
    made = np.stack([content(first + i) for i in range(count)]) + pattern
    return np.clip(np.round(made), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def study() -> Study:
    """tf-gan and torch-gan leave no trace, tf-vae and torch-vae a wave; no two pictures share their content."""

    def part(count: int, first: int) -> Views:
        made = {
            name: pictures(count, first + 1000 * i, WAVE * name.endswith("vae"))
            for i, name in enumerate(("tf-gan", "tf-vae", "torch-gan", "torch-vae", REAL))
        }
        return views(made, first)

    test = part(10, 30_000)
    originals = [from_pixels(image) for image in test.pixels]
    return Study("mnist", FORM, part(20, 10_000), test, views({REAL: pictures(60, 50_000)}, 50_000), originals)


@pytest.mark.parametrize("projection", [Nearest(), LocalMean(16)], ids=["nearest", "mean of 16"])
@pytest.mark.parametrize("space", ["rgb", "full-frequency"])
def test_the_artifact_of_a_space_holds_the_planted_fingerprint(
    study: Study, space: str, projection: Projection
) -> None:
    method = ManiFPT(study.bank, space, projection, DiscriminantOfMaps)
    clean, marked = (method.artifacts(pictures(60, 70_000, p)).astype(np.float32) for p in (0.0, WAVE))
    found = (marked - clean).mean(axis=0)
    assert clean.shape == (60, 3, SIDE, SIDE)
    if space == "rgb":
        expected = WAVE.transpose(2, 0, 1) / 255
        assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.9
    else:
        row, column = np.unravel_index(found[0].argmax(), (SIDE, SIDE))
        assert (row, abs(column - SIDE // 2)) == (SIDE // 2, SIDE // 4)  # one wave in four pixels, along x


@pytest.mark.parametrize("first", [16, 1], ids=["the mean first", "the nearest first"])
def test_neighbours_that_were_searched_once_are_those_of_each_projection(study: Study, first: int) -> None:
    z = get_space("rgb").embed(study.test.pixels)
    manifold = Manifold(get_space("rgb").embed(study.bank.pixels))
    known: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
    for k in (first, 17 - first):
        np.testing.assert_array_equal(
            SearchedOnce(LocalMean(k), 16, known).project(z, manifold), LocalMean(k).project(z, manifold)
        )
    assert len(known) == 1


@pytest.mark.parametrize("space", ["rgb", "full-frequency"])
def test_the_spaces_are_the_papers(space: str) -> None:
    images = pictures(2, 0)
    embedded = get_space(space).embed(images)
    channel = images[1, :, :, 2] / 255
    expected = channel if space == "rgb" else np.log(np.abs(np.fft.fftshift(np.fft.fft2(channel))) + 1e-12)
    assert embedded.shape == (2, 3 * SIDE * SIDE) and embedded.dtype == np.float32
    np.testing.assert_allclose(embedded[1].reshape(3, SIDE, SIDE)[2], expected, rtol=1e-3, atol=2e-3)


def test_a_planted_fingerprint_is_told_by_the_papers_pipeline(study: Study) -> None:
    def sources(count: int, first: int) -> Views:
        made = {"a": pictures(count, first), "b": pictures(count, first + 500, WAVE), REAL: pictures(40, first + 900)}
        return views(made, first)

    method = ManiFPT(study.bank, "full-frequency", LocalMean(16), lambda: DiscriminantOfMaps(128))
    method.fit(sources(200, 80_000))
    test = sources(40, 90_000)
    named = chosen(method.scores(test), method.classes, ["a", "b"])
    assert (named == test.labels)[test.labels != REAL].mean() > 0.9


def test_every_row_fits_and_scores(study: Study) -> None:
    made = rows(study, RECIPE, SHORT, denoising=20)
    assert len({row.name for row in made}) == len(made) == 18 + 11 + 1 + 5
    for row in made:
        assert row.sources and all(path.exists() for path in row.sources)
        method = row.make().fit(study.train)
        scores = method.scores(study.test)
        assert scores.shape == (50, 5) and np.isfinite(scores).all(), row.name
        assert set(method.classes) == set(study.train.labels), row.name


def test_views_of_one_image_are_averaged_and_selected_together() -> None:
    made = Views(np.zeros((3, 8, 8, 3), np.uint8), np.array([0, 0, 1]), np.array(["a", "b"]), np.array(["x", "y"]))
    np.testing.assert_allclose(made.per_image(np.array([[1.0], [3.0], [5.0]])), [[2.0], [5.0]])
    second = made.select(np.array([False, True]))
    assert len(second.pixels) == 1 and list(second.image_of_row) == [0] and list(second.labels) == ["b"]


def test_the_table_asks_each_question_among_its_own_classes(study: Study) -> None:
    classes = np.unique(study.train.labels)
    right = (study.test.labels[:, None] == classes) * 1.0
    right[:, list(classes).index("torch-vae")] += 0.5 * (study.test.labels == "tf-gan")
    figures = table_figures(right, classes, study, ["tf-gan", "tf-vae"])
    assert figures["balanced"]["value"] == figures["with real"]["value"] == figures["few"]["value"] == 1.0
    assert many_and_few({"a": 30, "b": 29}) == (["a"], ["b"])


def test_a_second_run_takes_the_network_from_the_cache_and_a_changed_source_does_not(
    study: Study, tmp_path: Path
) -> None:
    row = next(row for row in rows(study, RECIPE, SHORT) if row.name == "Marra18")
    digest = digest_of(row, study, study.train)
    first, seconds = fitted(row, study.train, digest, tmp_path)
    again, kept_seconds = fitted(row, study.train, digest, tmp_path)
    assert kept_seconds == seconds
    np.testing.assert_array_equal(first.scores(study.test), again.scores(study.test))
    other = Row(row.name, row.make, (*row.sources, Path(__file__)), row.schedule)
    assert digest_of(other, study, study.train) != digest
    assert digest_of(row, study, study.test) != digest


def test_a_record_is_on_disk_after_every_method(tmp_path: Path) -> None:
    Record(tmp_path / "group.json").put("methods", "one", {"digest": "d", "balanced": 1})
    again = Record(tmp_path / "group.json")
    assert again.has("methods", "one", "d") and not again.has("methods", "one", "e")
    assert not again.has("methods", "two", "d") and [p.name for p in tmp_path.iterdir()] == ["group.json"]


def test_changes_keep_the_canonical_size(study: Study) -> None:
    generators = ["tf-gan", "tf-vae"]
    changed = changed_views(study, generators)
    assert list(changed) == list(CHANGES)
    assert all(v.pixels.shape == (20, SIDE, SIDE, 3) for v in changed.values())
    assert all((changed[name].pixels != changed["as is"].pixels).any() for name in changed if name != "as is")
    method = next(row for row in rows(study, RECIPE, SHORT) if row.name == "Giudice21").make().fit(study.train)
    assert set(robustness(method, changed, generators)) == set(CHANGES)


def test_code_bases_are_exchanged(study: Study) -> None:
    one, back = transfers(study)
    assert (one.name, back.name) == ("tf to torch", "torch to tf")
    assert one.algorithms == ["gan", "vae"]
    assert set(one.train.labels) == {"gan", "vae", REAL} and set(one.test.labels) == {"gan", "vae"}
    assert len(one.train.labels) == 60 and len(one.test.labels) == 60
    assert not set(one.train.contents) & set(one.test.contents)


def test_the_frechet_ratio_is_one_for_one_source_and_grows_with_the_distance() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(["a", "b"], 4000)
    same, apart = rng.normal(0, 1, (8000, 2)), rng.normal(0, 1, (8000, 2))
    apart[4000:] += 3
    assert frechet_ratio(same, labels) < 3
    assert frechet_ratio(apart, labels) > 1000
    assert np.isnan(frechet_ratio(same, np.repeat("a", 8000)))


def test_the_page_shows_every_method_and_the_papers_numbers() -> None:
    estimate = {"value": 0.5, "low": 0.4, "high": 0.6}
    figures = {
        "paper": "Durall20",
        "seconds to fit": 3.0,
        "milliseconds an image": 1.0,
        "frechet ratio": 12.0,
        **dict.fromkeys(("balanced", "with real", "recall of real"), estimate),
    }
    facts = {
        "generators": ["a", "b"],
        "generators with few contents": ["c"],
        "images": {"train": 1, "test": 2, "bank": 3},
        "chance": 0.5,
        "changes": list(CHANGES),
        "metadata only": {"as given": estimate, "canonical": estimate},
        "methods": {"Durall20": figures, "ours": figures | {"paper": None}},
        "robustness": {"ours": dict.fromkeys(CHANGES, estimate)},
    }
    text = page({"cifar10": facts}, "figures")
    for expected in ("57.3 %", "0.500 [0.400, 0.600]", "figures/cifar10.svg", "| ours |", "JPEG 50", "12.0"):
        assert expected in text
