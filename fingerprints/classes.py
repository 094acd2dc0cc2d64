"""What a reference learns of classes: the shared covariances, the means of "real", the spread of members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .artifact import ViewArtifacts
from .attribution.discriminant import Discriminant
from .reference import Members, Reference, Spread, half

_ENOUGH = 8_000  # images, or views; more of them change a covariance little, and cost time


def learn_classes(
    draft: Reference, generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts], shrinkage: float
) -> Reference:
    """The draft with its covariances, the real means and the spread. In the contrast both sides weigh the same."""
    histories = by_history(generated)
    as_made = _members(histories[0], shrinkage)
    return replace(
        draft,
        within=as_made.within,
        spread=as_made.spread,
        changed=tuple(
            _members(parts, shrinkage) if _enough(parts, histories[0]) else as_made for parts in histories[1:]
        ),
        contrast=contrast_of(generated, real, shrinkage),
        real_means=means_of(list(real.values())),
        real_labels=tuple(real),
        founders=half(founders_of(generated)),
    )


def by_history(generated: Sequence[ViewArtifacts]) -> list[list[ViewArtifacts]]:
    """For each history under which generators are known, the images of each of them after it."""
    histories = range(1 + max(int(part.histories.max(initial=0)) for part in generated))
    return [[part.select(part.histories == number) for part in generated] for number in histories]


def founders_of(generated: Sequence[ViewArtifacts]) -> np.ndarray:
    """The means of each generator's images after each history, (g, h, d); as made where none was large enough."""
    return np.stack([_means_by_history(parts) for parts in zip(*by_history(generated), strict=True)])


def _means_by_history(histories: Sequence[ViewArtifacts]) -> np.ndarray:
    as_made = histories[0].per_image().mean(axis=0)
    return np.stack([part.per_image().mean(axis=0) if len(part.contents) else as_made for part in histories])


def means_of(parts: Sequence[ViewArtifacts]) -> np.ndarray:
    """The mean of each set of images: (sets, d)."""
    return np.stack([part.per_image().mean(axis=0) for part in parts]).astype(np.float32)


def _enough(changed: Sequence[ViewArtifacts], as_made: Sequence[ViewArtifacts]) -> bool:
    """Was at least half of the images large enough to go through a history?"""
    return 2 * sum(len(part.contents) for part in changed) >= sum(len(part.contents) for part in as_made)


def _members(generated: Sequence[ViewArtifacts], shrinkage: float) -> Members:
    """How the images of each generator, all of one history, lie around its mean."""
    parts = [part for part in generated if len(part.contents)]
    within = discriminant_of(parts, shrinkage)
    return Members(within, spread_of(within, parts))


def contrast_of(
    generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts], shrinkage: float
) -> Discriminant:
    """The covariance of what lies around the means of generators, after each history, and of kinds of photos: both
    sides weigh the same."""
    sets = [part.select(part.histories == number) for part in generated for number in np.unique(part.histories)]
    weights = [0.5 / len(sets)] * len(sets) + [0.5 / len(real)] * len(real)
    return discriminant_of([*sets, *real.values()], shrinkage, weights)


def discriminant_of(
    parts: Sequence[ViewArtifacts], shrinkage: float, weights: Sequence[float] | None = None
) -> Discriminant:
    """The covariance that these sets of images share, rounded as it will be stored."""
    several = max(part.views().max(initial=0) for part in parts) > 1
    views = _thinned([part.rows for part in parts]) if several else ()
    fitted = Discriminant.fit(_thinned([part.per_image() for part in parts]), shrinkage, weights, views)
    return Discriminant(half(fitted.whitening))


def _thinned(sets: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Every so many-th row of each set, so that there are enough in all."""
    step = 1 + sum(map(len, sets)) // _ENOUGH
    return [rows[::step] for rows in sets]


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
