"""What is learned of all spaces at once (model/joint.py), from their artifacts side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..geometry.artifact import ViewArtifacts
from ..model.evidence import Known
from ..model.joint import Joint
from ..model.reference import half
from .blocks import Rewhitening
from .classes import BlocksOf, Contrast, Within, founders_of, means_of, no_blocks
from .crossfit import KnownWith, Trials, cross_fit_by
from .withheld import NOTHING, Examples, Withheld

_CONTRAST_SHRINKAGE = 0.6  # photos are few, and vary more than the images of one generator


def learn_joint(spaces: Sequence[str], examples: Examples, shrinkage: float) -> Joint:
    return _AllSpaces(examples, shrinkage).without(NOTHING, examples, founders_of(examples.generated), tuple(spaces))


def joint_trials(
    examples: Examples, shrinkage: float, rewhitening: Rewhitening, outsiders: Sequence[ViewArtifacts] = ()
) -> Trials:
    """As cross_fit of a space. ``rewhitening`` puts the rows where the spaces of each turn would have whitened them, so
    that no image is scored by a covariance that it had a part in."""
    learned = _AllSpaces(examples, shrinkage, examples.turns, rewhitening.without)

    def known_in(turn: Withheld) -> KnownWith:
        rest = examples.without(turn)
        founders = founders_of(rest.generated)
        joint = learned.without(turn, rest, founders)

        def known_with(*newcomers: ViewArtifacts) -> Known:
            means = np.concatenate([founders, founders_of([*newcomers], founders.shape[1])]) if newcomers else founders
            return Known.of(joint, means, np.ones(len(means)))

        return known_with

    return cross_fit_by(known_in, examples, outsiders)


class _AllSpaces:
    """What is learned, without what is withheld in each of ``turns``."""

    def __init__(
        self,
        examples: Examples,
        shrinkage: float,
        turns: Sequence[Withheld] = (),
        blocks: BlocksOf = no_blocks,
    ) -> None:
        self._within = Within(examples.as_made, shrinkage, turns, blocks)
        self._contrast = Contrast(examples, max(shrinkage, _CONTRAST_SHRINKAGE), turns, blocks)

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
