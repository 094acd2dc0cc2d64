"""What is learned of all spaces at once (model/joint.py), from their artifacts side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..geometry.artifact import ViewArtifacts
from ..model.evidence import Known
from ..model.joint import Joint
from ..model.reference import half
from .classes import Contrast, Within, founders_of, means_of
from .crossfit import Trials, Weigh, cross_fit_by
from .withheld import NOTHING, Examples, Withheld

_CONTRAST_SHRINKAGE = 0.6  # photos are few, and vary more than the images of one generator


def learn_joint(spaces: Sequence[str], examples: Examples, shrinkage: float) -> Joint:
    return _AllSpaces(examples, shrinkage).without(NOTHING, examples, founders_of(examples.generated), tuple(spaces))


def joint_trials(examples: Examples, shrinkage: float, outsiders: Sequence[ViewArtifacts] = ()) -> Trials:
    """As cross_fit of a space."""
    learned = _AllSpaces(examples, shrinkage, examples.turns)

    def weigh(turn: Withheld) -> Weigh:
        rest = examples.without(turn)
        founders = founders_of(rest.generated)
        return Known.of(learned.without(turn, rest, founders), founders, np.ones(len(founders))).weigh

    return cross_fit_by(weigh, examples, outsiders)


class _AllSpaces:
    """What is learned, without what is withheld in each of ``turns``."""

    def __init__(self, examples: Examples, shrinkage: float, turns: Sequence[Withheld] = ()) -> None:
        self._within = Within(examples.as_made, shrinkage, turns)
        self._contrast = Contrast(examples, max(shrinkage, _CONTRAST_SHRINKAGE), turns)

    def without(self, turn: Withheld, rest: Examples, founders: np.ndarray, spaces: tuple[str, ...] = ()) -> Joint:
        """``rest``: the examples without what is withheld, and the means of their generators (founders_of)."""
        members = self._within.members(turn, rest.as_made)
        return Joint(
            spaces,
            members.within,
            members.spread,
            self._contrast.without(turn),
            means_of(list(rest.real.values())),
            half(founders),
        )
