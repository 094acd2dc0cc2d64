"""What is learned from, and what of it is withheld in turn, so that every image is scored by what it had no part in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry.artifact import ViewArtifacts
from ..splits import fold_of

FOLDS = 10  # the more, the nearer a model of the others is to one of all; time grows with them
_LEAST_TO_LEAVE_OUT = 3  # generators
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


@dataclass(frozen=True)
class Examples:
    """What is learned from: the artifacts of each generator's images, and of the photos of each kind, by label."""

    generated: Sequence[ViewArtifacts]
    real: Mapping[str, ViewArtifacts]

    def without(self, withheld: Withheld) -> Examples:
        """Those that are left. A kind of photos that has none left is not there."""
        generated = [part for column, part in enumerate(self.generated) if column != withheld.generator]
        if withheld.fold is None:
            return Examples(generated, self.real)
        kept = {label: part.select(fold_of(part.contents, FOLDS) != withheld.fold) for label, part in self.real.items()}
        return Examples(
            [part.select(folds_of(part) != withheld.fold) for part in generated],
            {label: part for label, part in kept.items() if len(part.contents)},
        )

    @property
    def as_made(self) -> list[ViewArtifacts]:
        """Each generator's images that nothing happened to."""
        return [part.as_made for part in self.generated]

    @property
    def turns(self) -> list[Withheld]:
        """Each fold, then each generator where there are enough."""
        return [*(Withheld(fold=fold) for fold in range(FOLDS)), *self.left_out]

    @property
    def left_out(self) -> list[Withheld]:
        """Each generator in turn, where there are enough."""
        enough = len(self.generated) >= _LEAST_TO_LEAVE_OUT
        return [Withheld(generator=column) for column in range(len(self.generated))] if enough else []
