"""What is withheld from learning, in turn, so that every image is scored by what it had no part in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .artifact import ViewArtifacts
from .splits import fold_of

FOLDS = 10  # the more, the nearer a model of the others is to one of all; time grows with them
NEVER = -1  # the number of a fold that is not withheld


@dataclass(frozen=True)
class Withheld:
    """One fold of contents, or one generator (its column), or nothing."""

    fold: int | None = None
    generator: int | None = None


NOTHING = Withheld()


def folds_of(part: ViewArtifacts) -> np.ndarray:
    """The fold (images,) of each image; a generator whose contents all lie in one fold keeps them: it needs a mean."""
    folds = fold_of(part.contents, FOLDS)
    return folds if len(np.unique(folds)) > 1 else np.full(len(folds), NEVER)


def generators_without(generated: Sequence[ViewArtifacts], withheld: Withheld) -> list[ViewArtifacts]:
    """The images of each generator that are left to learn from."""
    parts = [part for column, part in enumerate(generated) if column != withheld.generator]
    return parts if withheld.fold is None else [part.select(folds_of(part) != withheld.fold) for part in parts]


def photos_without(real: Mapping[str, ViewArtifacts], withheld: Withheld) -> dict[str, ViewArtifacts]:
    """The photos of each kind that are left, without kinds that have none."""
    if withheld.fold is None:
        return dict(real)
    kept = {label: part.select(fold_of(part.contents, FOLDS) != withheld.fold) for label, part in real.items()}
    return {label: part for label, part in kept.items() if len(part.contents)}
