"""The method of this project as a row of the study."""

from __future__ import annotations

from typing import Self

import numpy as np

from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.learning.fitting import Fitted, Recipe, fit_collection

from ...attribution import posterior_of
from .data import REAL, Views
from .learned import remembering
from .manifpt import blockwise


class Default:
    """The method of this project, fitted on the same images (its photos without added histories).

    Rows may share one: what was fitted on the same images is not fitted again.
    """

    def __init__(self, bank: Views, recipe: Recipe) -> None:
        self._bank, self._recipe = bank, recipe
        self._known: dict[str, Fitted] = {}

    def fit(self, train: Views) -> Self:
        self.classes = np.array([*(str(name) for name in np.unique(train.labels) if name != REAL), REAL])
        if train.digest not in self._known:
            self._known[train.digest] = self._fit(train)
        self.fitted = self._known[train.digest]
        return self

    def _fit(self, train: Views) -> Fitted:
        generators = {
            str(name): self.embedded(train.select(train.labels == name))
            for name in np.unique(train.labels)
            if name != REAL
        }
        photos = {
            f"{source} | as is": self.embedded(views)
            for source, views in (("bank", self._bank), (REAL, train.select(train.labels == REAL)))
        }
        return fit_collection(photos, generators, self._recipe)

    def scores(self, views: Views) -> np.ndarray:
        return np.log(posterior_of(self.fitted, self.embedded(views)).candidates + 1e-12)

    def embedded(self, views: Views) -> EmbeddedImages:
        spaces = {name: blockwise(remembering(name).embed, views.pixels) for name in self._recipe.dimensions}
        return EmbeddedImages(spaces, views.image_of_row, views.contents)
