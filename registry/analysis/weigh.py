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
from fingerprints.model.shortlist import COMPARED

from ..storage.snapshot import Collection


def weigh(
    collection: Collection,
    known: Mapping[str, Known],
    artifacts: Mapping[str, np.ndarray],
    views: np.ndarray,
    numbers: Sequence[int] | None = None,
) -> dict[str, Evidence]:
    """Space -> evidence of image artifacts (n, d), of ``views`` (n,) views, against the generators of ``known``; under
    ``JOINT`` that of all spaces at once, if the collection has such a thing and all spaces are there. ``numbers``: of
    these generators in the collection, where they are some of it."""
    evidence = {space: of_space.weigh(artifacts[space], views) for space, of_space in known.items()}
    joint, shortlist = collection.joint, collection.shortlist
    if joint is None or set(known) != set(collection.spaces):
        return evidence
    if known is collection.known:
        return evidence | weigh_at_once(collection, evidence, artifacts, views)
    rows = side_by_side(collection.references, artifacts)
    if shortlist is None or numbers is None:
        return evidence | {JOINT: joint.known(known).weigh(rows, views)}
    chosen = collection.calibration.first(evidence, collection.offsets.select(numbers), COMPARED)
    return evidence | {JOINT: shortlist.weigh(rows, views, chosen, numbers)}


def weigh_at_once(
    collection: Collection, evidence: Mapping[str, Evidence], artifacts: Mapping[str, np.ndarray], views: np.ndarray
) -> dict[str, Evidence]:
    """Of all spaces at once, under ``JOINT``, what images say of the generators of a collection; nothing where it has
    no such thing. ``evidence``: that of the spaces, of each image, or one row for images that share a source."""
    if collection.joint is None:
        return {}
    rows = side_by_side(collection.references, artifacts)
    if collection.shortlist is None:
        return {JOINT: collection.known_at_once.weigh(rows, views)} if collection.known_at_once else {}
    chosen = collection.calibration.first(evidence, collection.offsets, COMPARED)
    return {JOINT: collection.shortlist.weigh(rows, views, chosen)}


def all_beside(one: Mapping[str, Evidence], other: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """``beside`` in every space."""
    return {space: beside(one[space], other[space]) for space in one}


def all_joined(parts: Sequence[Mapping[str, Evidence]]) -> dict[str, Evidence]:
    """``join`` in every space."""
    return {space: join([part[space] for part in parts]) for space in parts[0]}


def as_measured(collection: Collection, images: int) -> np.ndarray:
    """(images,) numbers of views where they are not stored: as many as the reference was measured with."""
    return np.full(images, next(iter(collection.references.values())).spread.most)
