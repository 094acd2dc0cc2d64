"""Cross-fitted evidence: each image scored by class statistics that it had no part in.

Images are dealt into folds by content. A fold is scored by means and covariances of the other folds; then each
generator in turn is left out, and its images are scored as strangers. Basis and bank are shared by all of these:
they know no labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .artifact import ViewArtifacts
from .attribution.evidence import Evidence, Known, join
from .classes import learn_classes
from .fingerprint import Fingerprint
from .reference import Reference
from .splits import fold_of

FOLDS = 5
Weigh = Callable[[np.ndarray, np.ndarray], Evidence]  # image artifacts (n, d) with their number of views (n,)
Learn = Callable[[Sequence[ViewArtifacts], Mapping[str, ViewArtifacts]], Weigh]  # from generators' images and photos
_VIEW_COUNTS = (None, 4, 1)  # all views, four, one: the answers for small images must be calibrated too


@dataclass(frozen=True)
class Kinds:
    """Of rows of evidence (n,). ``whole``: by all views of the image; ``as_made``: and nothing happened to it."""

    whole: np.ndarray
    as_made: np.ndarray


@dataclass(frozen=True)
class Trials:
    """Evidence in one space of images whose truth is known.

    ``known`` with ``labels`` (column of the true generator), ``photos`` with ``sources`` (their label), and
    ``strangers``: the images of each left-out generator in turn, against the others. Generators' images come with all
    of their views and with fewer: ``kinds`` and ``strangers_kinds`` say which row is what.
    """

    known: Evidence
    labels: np.ndarray
    photos: Evidence
    sources: np.ndarray
    strangers: Sequence[Evidence]
    kinds: Kinds
    strangers_kinds: Sequence[Kinds]


def cross_fit(
    reference: Reference, generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts], shrinkage: float
) -> Trials:
    """The trials of one space."""

    def learn(train: Sequence[ViewArtifacts], photos: Mapping[str, ViewArtifacts]) -> Weigh:
        return _known(learn_classes(reference, train, photos, shrinkage), train).weigh

    return cross_fit_by(learn, generated, real)


def cross_fit_by(learn: Learn, generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts]) -> Trials:
    """Score every image once by the other folds, and every generator once as a stranger (given three or more)."""
    known, labels, kinds, photos, sources = [], [], [], [], []
    for fold in range(FOLDS):
        train = [part.select(fold_of(part.contents, FOLDS) != fold) for part in generated]
        photos_train = {label: part.select(fold_of(part.contents, FOLDS) != fold) for label, part in real.items()}
        train_labels = {label: part for label, part in photos_train.items() if len(part.contents)}
        others = learn(_filled(train, generated), train_labels)
        for column, part in enumerate(generated):
            held = part.select(fold_of(part.contents, FOLDS) == fold)
            known.append(_weigh(others, held))
            labels.append(np.full(len(known[-1].views), column))
            kinds.append(_kinds(held, known[-1]))
        for label, part in real.items():
            held = part.select(fold_of(part.contents, FOLDS) == fold)
            photos.append(_weigh(others, held, (None,)))
            sources.append(np.full(len(photos[-1].views), label))
    strangers = _strangers(learn, generated, real)
    return Trials(
        join(known),
        np.concatenate(labels),
        join(photos),
        np.concatenate(sources),
        strangers,
        Kinds(np.concatenate([one.whole for one in kinds]), np.concatenate([one.as_made for one in kinds])),
        [_kinds(part, evidence) for part, evidence in zip(generated, strangers, strict=False)],
    )


def _kinds(part: ViewArtifacts, evidence: Evidence) -> Kinds:
    """The rows of the evidence are the images, once for each count of views, all views first."""
    whole = np.arange(len(evidence.views)) < len(part.contents)
    return Kinds(whole, whole & np.resize(part.histories == 0, len(whole)))


def _filled(train: Sequence[ViewArtifacts], whole: Sequence[ViewArtifacts]) -> list[ViewArtifacts]:
    """A generator whose contents all lie in the held-out fold keeps its images: it needs a mean."""
    return [part if len(part.contents) else all_of_it for part, all_of_it in zip(train, whole, strict=True)]


def _strangers(learn: Learn, generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts]) -> list[Evidence]:
    if len(generated) < 3:
        return []
    strangers = []
    for left_out, part in enumerate(generated):
        others = [other for column, other in enumerate(generated) if column != left_out]
        strangers.append(_weigh(learn(others, real), part))
    return strangers


def histories_of(generated: Sequence[ViewArtifacts]) -> int:
    """How many histories the images of these generators went through, "as made" included."""
    return 1 + max((int(part.histories.max(initial=0)) for part in generated), default=0)


def _known(reference: Reference, train: Sequence[ViewArtifacts]) -> Known:
    """The generators by their images of ``train``, under the class statistics of ``reference``."""
    histories = histories_of(train)
    prints = [Fingerprint.from_artifacts(part, reference, histories) for part in train]
    return Known.of(
        reference,
        np.stack([p.means for p in prints]),
        np.array([p.looseness for p in prints]),
        np.array([p.contents for p in prints]),
    )


def _weigh(weigh: Weigh, part: ViewArtifacts, view_counts: Sequence[int | None] = _VIEW_COUNTS) -> Evidence:
    counts = view_counts if len(part.contents) and part.views().max() > 1 else (None,)
    return join([weigh(part.per_image(keep), part.views(keep)) for keep in counts])
