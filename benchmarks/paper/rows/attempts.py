"""Attempts to do better than the default, each a different idea: rows of the study.

They show what limits the default: its discriminant (then a classifier of the same artifacts would win), its sum over
spaces (then one covariance of all spaces would: it did on t2i, whose default has one, fingerprints/model/joint.py), or
what its spaces see (then a network on the artifacts of the learned projection, x - D(x), or one more space would add to
it: `gram` did on t2i, and ships there).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import GroupKFold

from fingerprints.learning.fitting import Fitted
from fingerprints.model.discriminant import Discriminant
from fingerprints.model.joint import side_by_side

from .data import REAL, Views
from .default import Default

_SHRINKAGE = 0.3  # of the covariance of all spaces, each whitened before
_STRENGTHS = (1e-4, 3e-4, 1e-3, 3e-3)  # C of the linear classifier, chosen on contents of the training part
_FOLDS = 3


class OneCovariance:
    """Linear discriminant analysis of the artifacts of all spaces at once, in place of a sum over spaces."""

    def __init__(self, default: Default) -> None:
        self._default = default

    def fit(self, train: Views) -> Self:
        collection = self._default.fit(train).fitted
        rows = self._rows(collection, train)
        images = train.per_image(rows)
        self.classes = np.unique(train.labels)
        groups = [images[train.labels == name] for name in self.classes]
        several = len(rows) > len(images)
        views = [rows[train.row_labels == name] for name in self.classes] if several else ()
        discriminant = Discriminant.fit(groups, _SHRINKAGE, views=views)
        self.fitted = collection, discriminant, np.stack([group.mean(axis=0) for group in groups])
        return self

    def scores(self, views: Views) -> np.ndarray:
        collection, discriminant, means = self.fitted
        return np.asarray(discriminant.log_likelihoods(views.per_image(self._rows(collection, views)), means))

    def _rows(self, collection: Fitted, views: Views) -> np.ndarray:
        """The artifacts of views in all spaces, each space whitened by its own covariance, side by side."""
        embedded = self._default.embedded(views)
        rows = {space: reference.artifacts_of(embedded).rows for space, reference in collection.references.items()}
        return side_by_side(collection.references, rows)


class Linear(OneCovariance):
    """Multinomial logistic regression on the artifacts of all spaces, every class of the same weight."""

    def fit(self, train: Views) -> Self:
        collection = self._default.fit(train).fitted
        images = train.per_image(self._rows(collection, train))
        scale = images.mean(axis=0), images.std(axis=0) + 1e-6
        folds = list(GroupKFold(_FOLDS).split(images, groups=train.contents))
        model = LogisticRegressionCV(
            Cs=_STRENGTHS,
            cv=folds,
            scoring="balanced_accuracy",
            class_weight="balanced",
            max_iter=100,
            tol=1e-3,
            l1_ratios=(0.0,),
            use_legacy_attributes=False,
        ).fit((images - scale[0]) / scale[1], train.labels)
        self.fitted: Any = collection, model, scale
        self.classes = model.classes_
        return self

    def scores(self, views: Views) -> np.ndarray:
        collection, model, (mean, deviation) = self.fitted
        images = views.per_image(self._rows(collection, views))
        return np.asarray(model.predict_log_proba((images - mean) / deviation))


class Beside:
    """The default and another method: their log probabilities added."""

    def __init__(self, default: Default, other: Callable[[], Any]) -> None:
        self._default, self._other = default, other()

    def fit(self, train: Views) -> Self:
        self.fitted: Any = self._default.fit(train).fitted, self._other.fit(train).fitted
        self.classes = self._other.classes
        return self

    def scores(self, views: Views) -> np.ndarray:
        self._default.fitted, self._other.fitted = self.fitted
        order = [*(name for name in self.classes if name != REAL), REAL]
        of_default = self._default.scores(views)[:, [order.index(name) for name in self.classes]]
        return np.asarray(of_default + log_softmax(self._other.scores(views), axis=1))
