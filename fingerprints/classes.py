"""What a reference learns of classes: the two shared covariances, the means of "real", the spread of members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from .artifact import ViewArtifacts
from .attribution.discriminant import Discriminant
from .reference import Reference, Spread, half


def learn_classes(
    draft: Reference, generated: Sequence[ViewArtifacts], real: Mapping[str, ViewArtifacts], shrinkage: float
) -> Reference:
    """The draft with both covariances, the real means and the spread. In the contrast both sides weigh the same."""
    images = [group for part in generated for group in part.by_history()]
    photos = [part.per_image() for part in real.values()]
    weights = [0.5 / len(images)] * len(images) + [0.5 / len(photos)] * len(photos)
    reference = replace(
        draft,
        within=Discriminant(half(Discriminant.fit(images, shrinkage).whitening)),
        contrast=Discriminant(half(Discriminant.fit([*images, *photos], shrinkage, weights).whitening)),
        real_means=np.stack([part.mean(axis=0) for part in photos]).astype(np.float32),
        real_labels=tuple(real),
    )
    return replace(reference, spread=_spread(reference, [part.as_made for part in generated]))


def _spread(reference: Reference, generated: Sequence[ViewArtifacts]) -> Spread:
    """From the distances of members with all of their views, and with one."""
    all_views = float(np.mean([_squared(reference, part, None) for part in generated]))
    views = np.concatenate([part.views() for part in generated])
    most, harmonic = int(np.median(views)), float(np.mean(1.0 / views))
    if harmonic > 0.99:  # one view an image: nothing to tell a from b
        return Spread(all_views, 0.0, most)
    one_view = float(np.mean([_squared(reference, part, 1) for part in generated]))
    b = max(0.0, (one_view - all_views) / (1.0 - harmonic))
    return Spread(max(one_view - b, 1e-3), b, most)


def _squared(reference: Reference, part: ViewArtifacts, keep: int | None) -> float:
    mean = part.per_image().mean(axis=0)[None]
    return float(reference.within.squared_distances(part.per_image(keep), mean).mean())
