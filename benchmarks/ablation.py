"""Which idea brought what: ``python -m benchmarks.ablation --data DIR/t2i``.

The default, then one change at a time, all on one split: balanced accuracy over the generators on unseen contents, of
images as they were made and of the same images after each history that the preset knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.geometry.projection import Nearest
from fingerprints.learning.fitting import Fitted, Recipe, fit_collection

from .common.answers import accuracy_of, judge
from .common.data import Group, as_made, load, split
from .common.group_command import group_parser, write_figures


@dataclass(frozen=True)
class Variant:
    """The default with one thing changed."""

    name: str
    recipe: Recipe
    histories: bool = True


def main() -> None:
    arguments = group_parser(__doc__).parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    photos, _ = split(group.embedded.photos)
    generators, test = split(group.embedded.generators)
    bare = {name: as_made(images) for name, images in generators.items()}
    results: dict[str, Any] = {}
    for variant in variants(group):
        fitted = fit_collection(photos, generators if variant.histories else bare, variant.recipe)
        results[variant.name] = _accuracies(fitted, test, group)
        print(f"{variant.name:44} " + "; ".join(f"{h} {a}" for h, a in results[variant.name].items()), flush=True)
    write_figures(arguments.json, results)


def variants(group: Group) -> Iterator[Variant]:
    recipe = group.preset.recipe
    yield Variant("the default", recipe)
    if recipe.joint_shrinkage is not None:
        yield Variant("a sum over spaces alone", replace(recipe, joint_shrinkage=None))
    for space in recipe.dimensions:
        yield Variant(f"without {space}", replace(recipe, dimensions=_without(recipe.dimensions, space)))
    yield Variant("a covariance near a sphere (shrinkage .15)", replace(recipe, shrinkage=0.15))
    yield Variant("the paper's projection (nearest neighbour)", replace(recipe, projection=Nearest()))
    if len(group.preset.generated) > 1:
        yield Variant("generators known as made only", recipe, histories=False)


def _without(dimensions: Mapping[str, int], space: str) -> dict[str, int]:
    return {name: kept for name, kept in dimensions.items() if name != space}


def _accuracies(fitted: Fitted, test: Mapping[str, EmbeddedImages], group: Group) -> dict[str, Any]:
    found = {}
    for number, history in enumerate(group.preset.generated):
        changed = {name: images.select(images.histories == number) for name, images in test.items()}
        found[history] = accuracy_of({name: judge(fitted, images) for name, images in changed.items() if len(images)})
    return found


if __name__ == "__main__":
    main()
