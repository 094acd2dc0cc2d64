"""Generators of known design: their embedded images, and the moments of their fingerprints.

A cast is one of the evaluation data's groups, or the zoo, whose images are made on the spot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import zoo
from fingerprints.analysis import MOMENTS, Fold, moment, sampling_noise
from fingerprints.geometry.artifact import ViewArtifacts, artifacts
from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.geometry.manifold import Manifold
from fingerprints.learning.fitting import Recipe, split_photos
from fingerprints.model.discriminant import Discriminant
from fingerprints.model.reference import Basis
from fingerprints.spaces import embed_each
from registry.building.presets import PRESETS, Preset
from zoo.training.faces import read_faces

from ..common.axes import Design, design_of, design_of_zoo
from ..common.data import as_made, load

ZOO = "zoo"
MANY = 40  # images; of fewer the spread says little
_ZOO_IMAGES, _ZOO_SEED = 300, 5  # the cards' digests are of seed 0
# More spaces than the embedded collection has: what tells generators apart is not all that tells of their design.
_ZOO_RECIPE = Recipe(
    {"dct": 512, "residual": 320, "correlation": 320, "frequency": 256, "rgb": 256}, max_bank_rows=1500
)
_BASIS_ROWS = 8000
_FOLDS = 8

Moments = dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]  # (space, moment) -> points (g, d), their noise (g,)


@dataclass(frozen=True)
class Cast:
    """The generators of a group by name (images as they were made), the photos of the bank, and what is known."""

    name: str
    recipe: Recipe
    bank: EmbeddedImages
    generators: Mapping[str, EmbeddedImages]
    design: Design

    @property
    def names(self) -> np.ndarray:
        return np.array(list(self.generators))


def read_cast(group: str, data: Path, cache: Path | None) -> Cast:
    """A group of the evaluation data in the folder ``data``, or the zoo with the real faces of that folder."""
    if group == ZOO:
        return _read_zoo(data)
    known = load(data / group, cache)
    bank, _ = split_photos(known.embedded.photos, known.preset.recipe)
    made = {name: as_made(images) for name, images in known.embedded.generators.items()}
    generators = {name: images for name, images in made.items() if len(images) >= MANY}
    return Cast(group, known.preset.recipe, bank, generators, design_of(group, list(generators)))


def _read_zoo(data: Path) -> Cast:
    if not zoo.names():
        raise SystemExit("the zoo has no generators yet; python -m zoo train --all --data DIR makes them.")
    preset, faces = replace(PRESETS[ZOO], recipe=_ZOO_RECIPE), read_faces(data).manifold
    bank = embedded(faces[: preset.recipe.max_bank_rows], preset)
    generators = {
        name: embedded(np.stack(list(zoo.sample(name, _ZOO_IMAGES, _ZOO_SEED))), preset) for name in zoo.names()
    }
    return Cast(ZOO, preset.recipe, bank, generators, design_of_zoo([zoo.card(name) for name in generators]))


def embedded(pixels: np.ndarray, preset: Preset) -> EmbeddedImages:
    """Images (n, 32, 32, 3), which are in the preset's canonical form already, each a content of its own."""
    numbers = np.arange(len(pixels))
    rows = dict(embed_each(pixels, list(preset.recipe.dimensions)))
    return EmbeddedImages(rows, numbers, numbers.astype(str))


def whitened(cast: Cast, space: str, learn_from: Collection[str]) -> dict[str, np.ndarray]:
    """The whitened artifacts (n, d) of every generator's images, in a reference learned from some generators alone.

    Its basis and its covariance know the images of ``learn_from`` and the bank; no design label enters.
    """
    rows = cast.bank.rows[space]
    seen = np.concatenate([images.rows[space] for name, images in cast.generators.items() if name in learn_from])
    basis = Basis.fit(rows, seen[:: max(1, len(seen) // _BASIS_ROWS)], cast.recipe.dimensions[space])
    manifold = Manifold(basis.coordinates(rows), cast.bank.image_of_row)
    projection = cast.recipe.projection.fitted(manifold)
    found = {}
    for name, images in cast.generators.items():
        views = artifacts(basis.coordinates(images.rows[space]), manifold, projection)
        found[name] = ViewArtifacts(views, images.image_of_row, images.contents).per_image()
    within = Discriminant.fit([found[name] for name in found if name in learn_from], cast.recipe.shrinkage)
    return {name: within.whiten(per_image).rows for name, per_image in found.items()}


def moments_of(cast: Cast) -> Moments:
    """Of all fingerprints, in references learned from all generators: to describe them, not to predict."""
    found: Moments = {}
    for space in cast.recipe.dimensions:
        images = list(whitened(cast, space, list(cast.generators)).values())
        for name in MOMENTS:
            noise = np.array([sampling_noise(part, name) for part in images])
            found[space, name] = (np.stack([moment(part, name) for part in images]), noise)
    return found


@dataclass(frozen=True)
class Held:
    """A test fold over all generators: ``kernels`` by (space, moment), and for batches of few images by their size.

    ``batches[size]`` lists kernels whose held-out rows are those of that many images alone.
    """

    held: np.ndarray
    kernels: dict[tuple[str, str], np.ndarray]
    batches: dict[int, list[dict[tuple[str, str], np.ndarray]]]

    def fold(self, rows: np.ndarray) -> Fold:
        """Of the generators ``rows`` (boolean, (g,)), with all of their images."""
        return Fold(self.held[rows], _together(self.kernels, rows))

    def batch_folds(self, rows: np.ndarray, size: int) -> list[Fold]:
        return [Fold(self.held[rows], _together(kernels, rows), 1.0 / size) for kernels in self.batches[size]]


def _together(kernels: Mapping[tuple[str, str], np.ndarray], rows: np.ndarray) -> dict[str, np.ndarray]:
    """The kernels that a probe may choose from: each space's means and spreads alone, those of all spaces, and both."""
    square = np.ix_(rows, rows)
    alone = {f"{space}, {kind}": kernel[square] for (space, kind), kernel in kernels.items()}
    mean, spread = (sum(kernel[square] for (_, name), kernel in kernels.items() if name == kind) for kind in MOMENTS)
    return alone | {"means": np.asarray(mean), "spreads": np.asarray(spread), "both": np.asarray(mean + spread)}


def held_out(cast: Cast, sizes: tuple[int, ...], draws: int) -> Iterator[Held]:
    """Folds over units, each in references that never saw the generators held out, with ``draws`` batches a size."""
    units = list(dict.fromkeys(cast.design.together[name] for name in cast.generators))
    fold_of = {unit: number % _FOLDS for number, unit in enumerate(units)}
    folds = np.array([fold_of[cast.design.together[name]] for name in cast.generators])
    for number in range(folds.max() + 1):
        yield _held(cast, folds == number, sizes, draws)


def _held(cast: Cast, held: np.ndarray, sizes: tuple[int, ...], draws: int) -> Held:
    kernels: dict[tuple[str, str], np.ndarray] = {}
    batches: dict[int, list[dict[tuple[str, str], np.ndarray]]] = {size: [{} for _ in range(draws)] for size in sizes}
    for space in cast.recipe.dimensions:
        images = list(whitened(cast, space, set(cast.names[~held])).values())
        for name in MOMENTS:
            whole = np.stack([moment(part, name) for part in images])
            kernels[space, name] = whole @ whole.T
            for size in sizes:
                for draw in range(draws):
                    few = whole.copy()
                    for row in np.flatnonzero(held):
                        few[row] = moment(_drawn(images[row], size, draw), name)
                    batches[size][draw][space, name] = few @ whole.T
    return Held(held, kernels, batches)


def _drawn(images: np.ndarray, size: int, draw: int) -> np.ndarray:
    """``size`` of the images (n, d), the same ones in every space."""
    return images[np.random.default_rng(draw).permutation(len(images))[:size]]
