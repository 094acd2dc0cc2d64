"""The designs of the zoo are balanced: no axis goes along with another."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations, pairwise, product

import pytest

from zoo.designs.catalogue import ZOO, design_of
from zoo.designs.design import AGAIN, AXES, FIRST, GF4, SECOND, array, gans


@pytest.mark.parametrize("rows", [FIRST, SECOND, array((1, 2, 3, 0, 1))], ids=["first", "second", "shifted"])
def test_any_two_columns_hold_every_pair_of_symbols_once(rows: list[tuple[int, ...]]) -> None:
    assert len(rows) == 16
    for i, j in combinations(range(5), 2):
        assert Counter((row[i], row[j]) for row in rows) == Counter(product(GF4, GF4))


@pytest.mark.parametrize("rows", [FIRST, SECOND, FIRST + SECOND], ids=["first", "second", "both"])
def test_every_two_axes_are_independent(rows: list[tuple[int, ...]]) -> None:
    """The share of a pair of levels is the product of the levels' shares, exactly."""
    designs = gans(rows)
    for one, other in combinations(AXES, 2):
        together = Counter((design.slug(one), design.slug(other)) for design in designs)
        ones, others = Counter(d.slug(one) for d in designs), Counter(d.slug(other) for d in designs)
        assert len(together) == len(ones) * len(others)
        assert all(count * len(designs) == ones[a] * others[b] for (a, b), count in together.items())


def test_the_two_halves_share_no_design_and_hold_every_level() -> None:
    designs = gans(FIRST + SECOND)
    assert len({design.name for design in designs}) == 32
    for axis in AXES:
        assert {design.slug(axis) for design in designs} == {level.slug for level in axis.levels}


def test_the_second_seeds_are_of_designs_that_differ() -> None:
    again = gans(AGAIN, seed=2)
    assert all(design.name.removesuffix("-s2") in {first.name for first in gans(FIRST)} for design in again)
    for axis in AXES[:-1]:
        assert len({design.slug(axis) for design in again}) == len(again)


def test_names_are_slugs_tell_the_design_and_are_found() -> None:
    names = [design.name for design in ZOO]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9._+-]{0,63}", name) for name in names)
    assert "gan-nearest-wgangp-nonorm-leaky-skip-s2" in names
    assert [design_of(name) for name in names] == list(ZOO)
    assert design_of("gan-shuffle-hinge-batch-leaky-skip").in_words() == {
        "up-sampling": "pixel shuffle",
        "loss": "hinge",
        "normalisation": "batch",
        "activation": "LeakyReLU",
        "skip connections": "residual",
    }
    with pytest.raises(ValueError, match="No generator of the zoo is called gan"):
        design_of("gan")


def test_the_issue_is_met_in_numbers() -> None:
    kinds = Counter(design.kind for design in ZOO)
    assert kinds["gan"] >= 24 and kinds["vae"] >= 2 and kinds["diffusion"] >= 1 and kinds["flow"] >= 1
    order = [design.kind for design in ZOO]
    assert [kind for kind, following in pairwise([*order, ""]) if kind != following] == [
        "gan",
        "vae",
        "diffusion",
        "flow",
        "gan",
    ]
