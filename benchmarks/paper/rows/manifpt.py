"""ManiFPT as the paper runs it: the artifact in the space itself, then a classifier of artifacts."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Protocol, Self

import numpy as np

from fingerprints.baselines.parts.classifier import Network
from fingerprints.geometry.artifact import artifacts
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import Projection
from fingerprints.model.discriminant import Discriminant
from fingerprints.model.reference import Basis
from fingerprints.spaces import get_space

from .data import REAL, Views

LARGEST_MAP = 64  # px: larger artifacts are cropped (RGB) or binned (FREQ) before a network sees them
_BLOCK = 256  # views embedded at once
_BASIS_ROWS = 3000


class Attributor(Protocol):
    """A classifier of artifacts, maps (n, 3, h, w)."""

    classes: np.ndarray

    def fit(self, artifacts: np.ndarray, labels: np.ndarray) -> Self: ...

    def log_probabilities(self, artifacts: np.ndarray) -> np.ndarray: ...


class ManiFPT:
    """The paper's pipeline in one space: a = phi(x) - pi(phi(x)), then a classifier of a."""

    def __init__(self, bank: Views, space: str, projection: Projection, attributor: Callable[[], Attributor]) -> None:
        self._space, self._projection, self._attributor = get_space(space), projection, attributor
        self._bank = bank

    def fit(self, train: Views) -> Self:
        self.fitted = self._attributor().fit(self.artifacts(train.pixels), train.row_labels)
        self.classes = self.fitted.classes
        return self

    def scores(self, views: Views) -> np.ndarray:
        return views.per_image(self.fitted.log_probabilities(self.artifacts(views.pixels)))

    def artifacts(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3) -> artifacts (n, 3, h, w), float16 to halve the memory. No view may be in the bank."""
        shape = (3, *pixels.shape[1:3])

        def maps(block: np.ndarray) -> np.ndarray:
            found = artifacts(self._space.embed(block), self._manifold, self._projection)
            return found.reshape(-1, *shape).astype(np.float16)

        return blockwise(maps, pixels)

    @cached_property
    def _manifold(self) -> Manifold:
        return Manifold(blockwise(self._space.embed, self._bank.pixels), self._bank.image_of_row)


class DiscriminantOfMaps:
    """The closed-form discriminant after z-score and principal components."""

    def __init__(self, dimension: int = 512, shrinkage: float = 0.15) -> None:
        self._dimension, self._shrinkage = dimension, shrinkage

    def fit(self, artifacts: np.ndarray, labels: np.ndarray) -> Self:
        flat = artifacts.reshape(len(artifacts), -1)
        chosen = np.sort(np.random.default_rng(0).permutation(len(flat))[:_BASIS_ROWS])
        real = labels[chosen] == REAL
        self._basis = Basis.fit(
            flat[chosen[real]].astype(np.float32), flat[chosen[~real]].astype(np.float32), self._dimension
        )
        coordinates = self._coordinates(flat)
        self.classes = np.unique(labels)
        groups = [coordinates[labels == name] for name in self.classes]
        self._discriminant = Discriminant.fit(groups, self._shrinkage)
        self._means = np.stack([group.mean(axis=0) for group in groups])
        return self

    def log_probabilities(self, artifacts: np.ndarray) -> np.ndarray:
        """Log-likelihoods (n, classes), up to a term that all classes share."""
        return self._discriminant.log_likelihoods(self._coordinates(artifacts.reshape(len(artifacts), -1)), self._means)

    def _coordinates(self, flat: np.ndarray) -> np.ndarray:
        return blockwise(lambda block: self._basis.coordinates(block.astype(np.float32)), flat)


class BinnedNetwork(Network):
    """A network on maps that are first averaged in bins to at most 64 px: for spectra, where a crop means nothing."""

    def fit(self, artifacts: np.ndarray, labels: np.ndarray) -> Self:
        return super().fit(_binned(artifacts), labels)

    def log_probabilities(self, artifacts: np.ndarray) -> np.ndarray:
        return super().log_probabilities(_binned(artifacts))


def blockwise(function: Callable[[np.ndarray], np.ndarray], values: np.ndarray) -> np.ndarray:
    """``function`` of some hundred rows at a time."""
    return np.concatenate([function(values[i : i + _BLOCK]) for i in range(0, len(values), _BLOCK)])


def _binned(maps: np.ndarray) -> np.ndarray:
    """(n, c, h, w) averaged in square bins so that h and w are at most 64."""
    n, channels, height, width = maps.shape
    bin_side = -(-max(height, width) // LARGEST_MAP)
    if bin_side == 1:
        return maps
    shape = (n, channels, height // bin_side, bin_side, width // bin_side, bin_side)
    cut = maps[:, :, : shape[2] * bin_side, : shape[4] * bin_side]
    return blockwise(lambda block: block.reshape(-1, *shape[1:]).astype(np.float32).mean(axis=(3, 5)), cut)
