"""The study of structure on a small cast of planted generators, and its page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from benchmarks.common.axes import Axis, Design, design_of
from benchmarks.common.data import GROUPS
from benchmarks.common.group_command import write_figures
from benchmarks.structure.__main__ import run
from benchmarks.structure.data import Cast, held_out
from benchmarks.structure.page import render, text_of
from benchmarks.structure.plot import dendrogram
from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.learning.fitting import Recipe


def planted_cast() -> Cast:
    """Nine designs of two crossed axes, two seeds each; only the first axis leaves a trace."""
    random = np.random.default_rng(0)
    effects = random.normal(size=(3, 20))

    def images(shift: np.ndarray) -> EmbeddedImages:
        rows = (random.normal(size=(40, 20)) + shift).astype(np.float32)
        return EmbeddedImages({"flat": rows}, np.arange(40), np.arange(40).astype(str))

    names = [f"g{a}{b}-s{seed}" for a in range(3) for b in range(3) for seed in (1, 2)]
    generators = {name: images(effects[int(name[1])]) for name in names}
    axes = (
        Axis("first", {name: f"level {name[1]}" for name in names}),
        Axis("second", {name: f"level {name[2]}" for name in names}),
    )
    cell = {name: name[:3] for name in names}
    return Cast("zoo", Recipe({"flat": 12}), images(np.zeros(20)), generators, Design(axes, cell, cell, "other seed"))


@pytest.fixture(scope="module")
def figures():
    return run(planted_cast(), draws=60, sizes=(10,))


def test_the_axis_with_a_trace_is_predicted_and_the_other_is_not(figures):
    first, second = (figures["axes"][axis]["probe"] for axis in ("first", "second"))
    assert first["balanced"].value == 1.0 and first["p"] < 0.05 and first["batches"]["10"].value > 0.8
    assert second["p"] > 0.05
    assert figures["axes"]["first"]["clusters"]["all together"]["ami"] > 0.9


def test_seeds_of_one_design_are_held_out_together():
    cast = planted_cast()
    seen = np.zeros(len(cast.names), dtype=int)
    for fold in held_out(cast, (), 1):
        assert (fold.held[::2] == fold.held[1::2]).all()
        seen += fold.held
    assert (seen == 1).all()


def test_the_page_and_its_drawings_are_the_same_every_time(figures, tmp_path):
    results = tmp_path / "results"
    write_figures(results / "zoo.json", figures)
    pages = []
    for _ in range(2):
        render(results, tmp_path / "PAGE.md")
        pages.append((tmp_path / "PAGE.md").read_bytes() + (results / "zoo-tree.svg").read_bytes())
    assert pages[0] == pages[1]
    page = (tmp_path / "PAGE.md").read_text()
    assert "first: **predicted**" in page and "second: **not predicted**" in page
    for drawing in re.findall(r"\((results/[^)]*\.svg)\)", page):
        ElementTree.parse(tmp_path / drawing)
        assert (tmp_path / drawing).stat().st_size < 100_000


def test_a_page_without_figures_says_how_to_make_them(tmp_path):
    with pytest.raises(SystemExit, match=r"benchmarks\.structure --data"):
        render(tmp_path, tmp_path / "PAGE.md")


def test_names_are_escaped_in_drawings():
    drawing = dendrogram([[0, 1, 1.0, 2]], ["<a>", "b&"], {"x": {"<a>": "<1>"}}, "t")
    ElementTree.fromstring(drawing)


def test_known_designs_are_of_generators_by_name():
    assert set(GROUPS) >= {"t2i", "celeba64", "mnist"}
    design = design_of("mnist", ["tf-gan", "torch-gan", "torch-infogan-cont", "tf-infogan"])
    assert design.kin["torch-infogan-cont"] == design.kin["tf-infogan"]
    assert text_of({}, "results").startswith("# Do fingerprints")
