"""What a reference learns of classes: the shared covariances, the means of "real", the spread of members."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..geometry.artifact import ViewArtifacts
from ..model.discriminant import Discriminant
from ..model.reference import Members, Reference, Spread, half
from ..model.triangle import coarse_triangle
from ..splits import fold_of
from .blocks import Blocks
from .scatter import MeanCovariance, Sample
from .withheld import FOLDS, NOTHING, Examples, Withheld, folds_of

BlocksOf = Callable[[Withheld], Blocks | None]  # the coordinates in which a covariance is shrunk in each turn
_Class = tuple[int | None, ViewArtifacts]  # the column of the generator, None for photos; and its images


def no_blocks(turn: Withheld) -> None:
    """In those that the artifacts come in."""


def learn_classes(draft: Reference, examples: Examples, shrinkage: float) -> Reference:
    """The draft with its covariances, the real means and the spread. In the contrast both sides weigh the same."""
    return Classes(draft, examples, shrinkage).without(NOTHING, examples)


class Classes:
    """What ``learn_classes`` learns, without what is withheld in each of ``turns``."""

    def __init__(self, draft: Reference, examples: Examples, shrinkage: float, turns: Sequence[Withheld] = ()) -> None:
        self._draft = draft
        self._within = [Within(parts, shrinkage, turns) for parts in by_history(examples.generated)]
        self._contrast = Contrast(examples, shrinkage, turns)

    def without(self, turn: Withheld, rest: Examples) -> Reference:
        """``rest``: the examples without what is withheld, which the caller has chosen."""
        histories = by_history(rest.generated)
        as_made = self._within[0].members(turn, histories[0])
        return replace(
            self._draft,
            within=as_made.within,
            spread=as_made.spread,
            changed=tuple(
                within.members(turn, parts) if _enough(parts, histories[0]) else as_made
                for within, parts in zip(self._within[1:], histories[1:], strict=False)
            ),
            contrast=self._contrast.without(turn),
            real_means=means_of(list(rest.real.values())),
            real_labels=tuple(rest.real),
            founders=half(founders_of(rest.generated)),
        )


class Within:
    """The covariance that the images of all generators, of one history, share, without what is withheld in turn."""

    def __init__(
        self,
        generated: Sequence[ViewArtifacts],
        shrinkage: float,
        turns: Sequence[Withheld] = (),
        blocks: BlocksOf = no_blocks,
    ) -> None:
        self._shrinkage, self._blocks = shrinkage, blocks
        self._found = _Covariances(_numbered(generated), turns, _several(generated))

    def without(self, turn: Withheld) -> Discriminant:
        return _rounded(self._found.without(turn), self._shrinkage, self._blocks(turn))

    def members(self, turn: Withheld, generated: Sequence[ViewArtifacts]) -> Members:
        """How the images that are left, ``generated``, lie around the mean of each generator."""
        within = self.without(turn)
        return Members(within, spread_of(within, [part for part in generated if len(part.contents)]))


class Contrast:
    """The covariance of what lies around the means of generators, after each history, and of kinds of photos: both
    sides weigh the same. Without what is withheld in each turn."""

    def __init__(
        self, examples: Examples, shrinkage: float, turns: Sequence[Withheld] = (), blocks: BlocksOf = no_blocks
    ) -> None:
        self._shrinkage, self._blocks = shrinkage, blocks
        made: list[_Class] = [
            (column, part.select(part.histories == number))
            for column, part in enumerate(examples.generated)
            for number in np.unique(part.histories)
        ]
        photos: list[_Class] = [(None, part) for part in examples.real.values()]
        several = _several([*examples.generated, *examples.real.values()])
        self._sides = [_Covariances(side, turns, several, even=True) for side in (made, photos)]

    def without(self, turn: Withheld) -> Discriminant:
        made, real = (side.without(turn) for side in self._sides)
        both = [0.5 * (a + b) for a, b in zip(made, real, strict=True)]
        return _rounded(both, self._shrinkage, self._blocks(turn))


class _Covariances:
    """Of the images and, where images have several, of their views."""

    def __init__(self, classes: Sequence[_Class], turns: Sequence[Withheld], several: bool, even: bool = False) -> None:
        images, views = [], []
        for column, part in classes:
            folds = fold_of(part.contents, FOLDS) if column is None else folds_of(part)
            images.append(Sample(part.per_image(), folds, column))
            views.append(Sample(part.rows, folds[part.image_of_row], column))
        self._kinds = [MeanCovariance(samples, turns, even) for samples in ((images, views) if several else (images,))]

    def without(self, turn: Withheld) -> list[np.ndarray]:
        return [kind.without(turn) for kind in self._kinds]


def _rounded(covariances: Sequence[np.ndarray], shrinkage: float, blocks: Blocks | None = None) -> Discriminant:
    """As it will be stored, from the covariance of images and, where it was taken, that of views. With ``blocks`` B it
    is shrunk in the coordinates x B."""
    if blocks is not None:
        covariances = [blocks.around(covariance) for covariance in covariances]
    found = coarse_triangle(Discriminant.of(covariances[0], shrinkage, *covariances[1:]).whitening)
    return Discriminant(found if blocks is None else blocks.times(found))


def _numbered(parts: Sequence[ViewArtifacts]) -> list[_Class]:
    return [(column, part) for column, part in enumerate(parts) if len(part.contents)]


def _several(parts: Sequence[ViewArtifacts]) -> bool:
    """Has any image several views?"""
    return max(part.views().max(initial=0) for part in parts) > 1


def by_history(generated: Sequence[ViewArtifacts], count: int | None = None) -> list[list[ViewArtifacts]]:
    """For each history under which generators are known, or each of ``count``, the images of each of them after it."""
    histories = range(count or 1 + max(int(part.histories.max(initial=0)) for part in generated))
    return [[part.select(part.histories == number) for part in generated] for number in histories]


def founders_of(generated: Sequence[ViewArtifacts], count: int | None = None) -> np.ndarray:
    """The means of each generator's images after each history, or each of ``count``, (g, h, d); as made where none was
    large enough."""
    return np.stack([_means_by_history(parts) for parts in zip(*by_history(generated, count), strict=True)])


def _means_by_history(histories: Sequence[ViewArtifacts]) -> np.ndarray:
    as_made = histories[0].per_image().mean(axis=0)
    return np.stack([part.per_image().mean(axis=0) if len(part.contents) else as_made for part in histories])


def means_of(parts: Sequence[ViewArtifacts]) -> np.ndarray:
    """The mean of each set of images: (sets, d)."""
    return np.stack([part.per_image().mean(axis=0) for part in parts]).astype(np.float32)


def _enough(changed: Sequence[ViewArtifacts], as_made: Sequence[ViewArtifacts]) -> bool:
    """Was at least half of the images large enough to go through a history?"""
    return 2 * sum(len(part.contents) for part in changed) >= sum(len(part.contents) for part in as_made)


def spread_of(within: Discriminant, generated: Sequence[ViewArtifacts]) -> Spread:
    """From the distances of members with all of their views, and with one."""
    all_views = float(np.mean([_squared(within, part, None) for part in generated]))
    views = np.concatenate([part.views() for part in generated])
    most, harmonic = int(np.median(views)), float(np.mean(1.0 / views))
    if harmonic > 0.99:  # one view an image: nothing to tell a from b
        return Spread(all_views, 0.0, most)
    one_view = float(np.mean([_squared(within, part, 1) for part in generated]))
    b = max(0.0, (one_view - all_views) / (1.0 - harmonic))
    return Spread(max(one_view - b, 1e-3), b, most)


def _squared(within: Discriminant, part: ViewArtifacts, keep: int | None) -> float:
    mean = part.per_image().mean(axis=0)[None]
    return float(within.squared_distances(part.per_image(keep), mean).mean())
