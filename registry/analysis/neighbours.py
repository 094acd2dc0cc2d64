"""How the generators of a collection lie to each other: distances, a plane to draw them on, who is taken for whom.

Nothing here needs an image. Distances come from the means of fingerprints; confusion from the stored artifacts, each
scored without itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.linalg

from ..storage.snapshot import Collection
from .once import once_per_collection
from .own_share import taken_for


@dataclass(frozen=True)
class Plane:
    """``points`` (g, 2), one for each generator in the collection's order; ``kept``: the share of the squared distances
    between all of them that is seen in the plane. It lies through ``middle`` (D,), along ``axes`` (D, 2)."""

    points: np.ndarray
    kept: float
    middle: np.ndarray
    axes: np.ndarray


@dataclass(frozen=True)
class Confusion:
    """Of ``artifacts`` stored artifacts of a generator, the share that is taken for each candidate: ``shares``, the
    generator itself and "real" among them, the largest first, those of zero left out."""

    artifacts: int
    shares: Mapping[str, float]


@once_per_collection
def plane(collection: Collection) -> Plane:
    """The generators' mean artifacts by classical multidimensional scaling (Torgerson 1952).

    The doubly centred Gram matrix of the whitened means has the coordinates as its two leading eigenvectors, times the
    roots of their eigenvalues; so distances in the plane are at most those of ``similar``.
    """
    means = _whitened_means(collection)
    middle = means.mean(axis=0) if len(means) else np.zeros(means.shape[1])
    if len(means) < 2:
        return Plane(np.zeros((len(means), 2)), 1.0, middle, np.zeros((len(middle), 2)))
    centred = means - middle
    gram = centred @ centred.T
    last = len(gram) - 1
    values, vectors = scipy.linalg.eigh(gram, subset_by_index=(last - 1, last))
    roots = np.sqrt(np.maximum(values[::-1], 0.0))
    points = vectors[:, ::-1] * roots
    # an eigenvector has no sign: choose one for good
    signs = np.where(points[np.abs(points).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    kept = float(np.maximum(values, 0).sum() / max(np.trace(gram), 1e-12))
    axes = centred.T @ (vectors[:, ::-1] / np.maximum(roots, 1e-9))
    return Plane(points * signs, kept, middle, axes * signs)


def place_of(collection: Collection, artifacts: Mapping[str, np.ndarray]) -> np.ndarray:
    """Where the artifacts (d,) of one image, by space, fall in the plane of the generators: (2,).

    An image varies in many more directions than the two that are drawn, so it lies near its generator in the plane
    even when it is as far from its mean as images are.
    """
    parts = [
        known.members[0].within.whiten(artifacts[space][None]).rows[0] / np.sqrt(known.reference.dimension)
        for space, known in collection.known.items()
    ]
    found, drawn = plane(collection), np.concatenate(parts) / np.sqrt(len(parts))
    return np.asarray((drawn - found.middle) @ found.axes)


def similar(collection: Collection, name: str) -> list[tuple[str, float]]:
    """The other generators with their distance, nearest first.

    The distance is between mean artifacts, in units of the spread of one generator's images, averaged over spaces.
    """
    means, own = _whitened_means(collection), collection.names.index(name)
    distances = np.linalg.norm(means - means[own], axis=1)
    order = [i for i in np.argsort(distances, kind="stable") if i != own]
    return [(collection.names[i], float(distances[i])) for i in order]


@once_per_collection
def confusion(collection: Collection, name: str) -> Confusion:
    """What the stored artifacts of a generator are taken for, each scored without its share in the generator's mean.

    The number of crops of each image is not stored; they are taken to be as many as the reference was measured with.
    The artifacts were among those that the collection was learned from, so unseen images are confused a little more.
    """
    taken = taken_for(collection, {space: collection.fingerprint(name, space) for space in collection.spaces}, name)
    n = taken.total()
    return Confusion(n, {candidate: count / n for candidate, count in taken.most_common()})


def _whitened_means(collection: Collection) -> np.ndarray:
    """(g, all dimensions): the means as made, so that Euclidean distance is the root mean square over spaces of the
    Mahalanobis distance, itself divided by the root of the space's dimension."""
    parts = [known.within[0].rows / np.sqrt(known.reference.dimension) for known in collection.known.values()]
    return np.concatenate(parts, axis=1) / np.sqrt(len(parts))
