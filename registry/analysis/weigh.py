"""Images against generators in every space of a collection: the evidence that its answers are made of.

Whatever is said of stored artifacts or of a contribution (recognised, taken for another) is said by the same weights
as an answer, so all spaces at once have their word here too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from fingerprints.attribution.calibration import JOINT
from fingerprints.model.evidence import Evidence, Known, beside, join
from fingerprints.model.joint import side_by_side

from ..storage.snapshot import Collection


def weigh(
    collection: Collection, known: Mapping[str, Known], artifacts: Mapping[str, np.ndarray], views: np.ndarray
) -> dict[str, Evidence]:
    """Space -> evidence of image artifacts (n, d), of ``views`` (n,) views, against the generators of ``known``; under
    ``JOINT`` that of all spaces at once, if the collection has such a thing and all spaces are there."""
    evidence = {space: of_space.weigh(artifacts[space], views) for space, of_space in known.items()}
    if collection.joint is not None and set(known) == set(collection.spaces):
        # those of the collection are whitened once, not for each block of images
        at_once = collection.known_at_once if known is collection.known else collection.joint.known(known)
        if at_once is not None:
            evidence[JOINT] = at_once.weigh(side_by_side(collection.references, artifacts), views)
    return evidence


def all_beside(one: Mapping[str, Evidence], other: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """``beside`` in every space."""
    return {space: beside(one[space], other[space]) for space in one}


def all_joined(parts: Sequence[Mapping[str, Evidence]]) -> dict[str, Evidence]:
    """``join`` in every space."""
    return {space: join([part[space] for part in parts]) for space in parts[0]}


def as_measured(collection: Collection, images: int) -> np.ndarray:
    """(images,) numbers of views where they are not stored: as many as the reference was measured with."""
    return np.full(images, next(iter(collection.references.values())).spread.most)
