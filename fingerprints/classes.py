"""What a reference learns of classes: the shared covariances, the means of "real", the spread of members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .artifact import ViewArtifacts
from .attribution.discriminant import Discriminant
from .reference import Members, Reference, Spread, half

_VIEWS = 12_000  # more of them change a covariance little, and cost time


def learn_classes(
    draft: Reference, generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts], shrinkage: float
) -> Reference:
    """The draft with its covariances, the real means and the spread. In the contrast both sides weigh the same."""
    histories = range(1 + max(int(part.histories.max(initial=0)) for part in generated))
    by_history = [[part.select(part.histories == number) for part in generated] for number in histories]
    as_made = _members(by_history[0], shrinkage)
    return replace(
        draft,
        within=as_made.within,
        spread=as_made.spread,
        changed=tuple(
            _members(parts, shrinkage) if _enough(parts, by_history[0]) else as_made for parts in by_history[1:]
        ),
        contrast=_contrast(
            [part for parts in by_history for part in parts if len(part.contents)], list(real.values()), shrinkage
        ),
        real_means=np.stack([part.per_image().mean(axis=0) for part in real.values()]).astype(np.float32),
        real_labels=tuple(real),
        founders=half(np.stack([_mean_of(parts) for parts in zip(*by_history, strict=True)])),
    )


def _mean_of(histories: Sequence[ViewArtifacts]) -> np.ndarray:
    """A generator's means (h, d); that of its images as made where none was large enough for a history."""
    as_made = histories[0].per_image().mean(axis=0)
    return np.stack([part.per_image().mean(axis=0) if len(part.contents) else as_made for part in histories])


def _enough(changed: Sequence[ViewArtifacts], as_made: Sequence[ViewArtifacts]) -> bool:
    """Was at least half of the images large enough to go through a history?"""
    return 2 * sum(len(part.contents) for part in changed) >= sum(len(part.contents) for part in as_made)


def _members(generated: Sequence[ViewArtifacts], shrinkage: float) -> Members:
    """How the images of each generator, all of one history, lie around its mean."""
    parts = [part for part in generated if len(part.contents)]
    within = discriminant_of(parts, shrinkage)
    return Members(within, spread_of(within, parts))


def _contrast(generated: Sequence[ViewArtifacts], real: Sequence[ViewArtifacts], shrinkage: float) -> Discriminant:
    weights = [0.5 / len(generated)] * len(generated) + [0.5 / len(real)] * len(real)
    return discriminant_of([*generated, *real], shrinkage, weights)


def discriminant_of(
    parts: Sequence[ViewArtifacts], shrinkage: float, weights: Sequence[float] | None = None
) -> Discriminant:
    """The covariance that these sets of images share, rounded as it will be stored."""
    several = max(part.views().max(initial=0) for part in parts) > 1
    step = 1 + sum(len(part.rows) for part in parts) // _VIEWS
    views = [part.rows[::step] for part in parts] if several else ()
    fitted = Discriminant.fit([part.per_image() for part in parts], shrinkage, weights, views)
    return Discriminant(half(fitted.whitening))


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
