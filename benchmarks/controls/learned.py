"""What the weights of the learned space are worth: ``python -m benchmarks.controls.learned --data DIR/t2i FILE ...``.

For each file of weights, of images as they were made and photos as they are, on unseen contents, by ``learned`` and
``gram`` together and with --all by all spaces: balanced accuracy over the generators; the AUROC of generated images
against photos, of known generators and of later ones by a build of the first. "shipped": the weights that are in use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.images.histories import AS_IS
from fingerprints.learning.fitting import Fitted, fit_collection
from fingerprints.spaces import learned
from registry.building.embed_samples import embed_all
from registry.building.presets import PRESETS, Preset
from registry.building.sources import MOST_PHOTOS, content_of, sources_of

from ..common.answers import posterior_of
from ..common.data import GROUPS, later_ones, split
from ..common.group_command import group_parser, write_figures
from ..common.scores import auroc

SHIPPED = "shipped"
_OURS = ("learned", "gram")
_SPLITS = ("test", "second", "third")


@dataclass(frozen=True)
class _Sets:
    photos: dict[str, EmbeddedImages]
    generators: dict[str, EmbeddedImages]
    later: set[str]

    def beside(self, others: _Sets) -> _Sets:
        """The same images, in the other spaces too."""
        return replace(
            self,
            photos=_joined(self.photos, others.photos),
            generators=_joined(self.generators, others.generators),
        )


def _joined(some: Mapping[str, EmbeddedImages], others: Mapping[str, EmbeddedImages]) -> dict[str, EmbeddedImages]:
    return {label: replace(one, rows={**others[label].rows, **one.rows}) for label, one in some.items()}


def main() -> None:
    parser = group_parser(__doc__)
    parser.add_argument("weights", nargs="+", help=f'files of weights, or "{SHIPPED}"')
    parser.add_argument("--all", action="store_true", help="with all spaces too, which takes many minutes")
    parser.add_argument("--splits", type=int, default=1, help="test splits to take the mean over, 3 at most")
    arguments = parser.parse_args()
    preset = PRESETS[GROUPS[arguments.data.name]]
    shipped = _embedded(arguments, _with(preset, preset.recipe.dimensions), arguments.cache)
    ours = _with(preset, {space: preset.recipe.dimensions[space] for space in _OURS})
    results = {}
    for file in arguments.weights:
        sets = shipped
        if file != SHIPPED:
            learned.WEIGHTS = Path(file)  # the processes that embed are forked after this, and open it
            sets = _embedded(arguments, ours, None).beside(shipped)
        results[file] = _figures(sets, preset, _SPLITS[: arguments.splits], arguments.all)
        print(f"{file:30} " + "; ".join(f"{name} {figure:.3f}" for name, figure in results[file].items()), flush=True)
    write_figures(arguments.json, results)


def _with(preset: Preset, dimensions: Mapping[str, int]) -> Preset:
    """In these spaces alone, of images as they are; a covariance of all at once is learned where they are all."""
    at_once = preset.recipe.joint_shrinkage if len(dimensions) == len(preset.recipe.dimensions) else None
    recipe = replace(preset.recipe, dimensions=dict(dimensions), joint_shrinkage=at_once)
    return replace(preset, recipe=recipe, histories=(AS_IS,), generated=(AS_IS,))


def _embedded(arguments: Any, preset: Preset, cache: Path | None) -> _Sets:
    group = GROUPS[arguments.data.name]
    sources = sources_of(group, arguments.data, arguments.wallpapers)
    found = embed_all(preset, sources.photos, sources.generators, limit=MOST_PHOTOS, cache=cache, content_of=content_of)
    return _Sets(found.photos, found.generators, later_ones(sources))


def _figures(sets: _Sets, preset: Preset, splits: tuple[str, ...], with_all: bool) -> dict[str, float]:
    choices = {"both": _OURS, **({"all spaces": tuple(preset.recipe.dimensions)} if with_all else {})}
    found: dict[str, list[float]] = {}
    for salt in splits:
        for label, spaces in choices.items():
            of_these = _with(preset, {space: preset.recipe.dimensions[space] for space in spaces})
            accuracy, apart = _known(sets, of_these, salt)
            found.setdefault(label, []).append(accuracy)
            found.setdefault(f"{label}, AUROC", []).append(apart)
            found.setdefault(f"{label}, AUROC of later ones", []).append(_unknown(sets, of_these, salt))
    return {name: float(np.mean(values)) for name, values in found.items()}


def _known(sets: _Sets, preset: Preset, salt: str) -> tuple[float, float]:
    """Balanced accuracy over the generators, and their AUROC against photos."""
    (photos, photos_test), (generators, test) = split(sets.photos, salt), split(sets.generators, salt)
    fitted = fit_collection(photos, generators, preset.recipe)
    names, right = np.array(list(fitted.fingerprints)), []
    for name, images in test.items():
        right.append(float((names[posterior_of(fitted, images).shares.argmax(axis=1)] == name).mean()))
    return float(np.mean(right)), _auroc(fitted, test, photos_test)


def _unknown(sets: _Sets, preset: Preset, salt: str) -> float:
    """AUROC against photos of the later generators, by a build of the first ones; their mean."""
    photos, photos_test = split(sets.photos, salt)
    first, _ = split({name: images for name, images in sets.generators.items() if name not in sets.later}, salt)
    fitted = fit_collection(photos, first, preset.recipe)
    return float(np.mean([_auroc(fitted, {name: sets.generators[name]}, photos_test) for name in sets.later]))


def _auroc(fitted: Fitted, generated: Mapping[str, EmbeddedImages], photos: Mapping[str, EmbeddedImages]) -> float:
    real, made = (
        np.concatenate([posterior_of(fitted, images).made for images in sets.values()]) for sets in (photos, generated)
    )
    return auroc(made, real)


if __name__ == "__main__":
    main()
