"""How the generators of a collection lie to each other: distances, a plane to draw them on, who is taken for whom.

Nothing here needs an image. Distances come from the means of fingerprints; confusion from the stored artifacts, each
scored without itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.linalg

from fingerprints.attribution.discriminant import Whitened
from fingerprints.attribution.evidence import Evidence, Known
from fingerprints.attribution.verdict import REAL
from fingerprints.fingerprint import Fingerprint

from .once import once_per_collection
from .snapshot import Collection
from .weigh import all_beside, all_joined, as_measured, weigh

_FOLDS = 5


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
    own = collection.names.index(name)
    prints = {space: collection.fingerprint(name, space) for space in collection.spaces}
    n = min(len(print_.artifacts) for print_ in prints.values())
    if n == 0:
        return Confusion(0, {})
    evidence = _evidence(collection, prints, own, n)
    columns = [*np.delete(np.arange(len(collection.names)), own), own]
    winners = collection.calibration.posterior(evidence, collection.offsets.select(columns)).candidates.argmax(axis=1)
    candidates = [*(other for other in collection.names if other != name), name, REAL]
    counts = np.bincount(winners, minlength=len(candidates))
    order = [i for i in np.argsort(-counts, kind="stable") if counts[i]]
    return Confusion(n, {candidates[i]: float(counts[i] / n) for i in order})


def _whitened_means(collection: Collection) -> np.ndarray:
    """(g, all dimensions): the means as made, so that Euclidean distance is the root mean square over spaces of the
    Mahalanobis distance, itself divided by the root of the space's dimension."""
    parts = [known.within[0].rows / np.sqrt(known.reference.dimension) for known in collection.known.values()]
    return np.concatenate(parts, axis=1) / np.sqrt(len(parts))


def _evidence(collection: Collection, prints: Mapping[str, Fingerprint], own: int, n: int) -> dict[str, Evidence]:
    """The first n artifacts of a generator against the others and, last, against its own means, which are taken without
    the fifth of the artifacts that is being scored."""
    artifacts = {space: print_.artifacts[:n].astype(np.float32) for space, print_ in prints.items()}
    others, parts = {space: _without(known, own) for space, known in collection.known.items()}, []
    for fold in range(min(_FOLDS, n)):
        held = np.arange(n) % _FOLDS == fold
        itself = {space: _alone(collection, space, own, rows, held) for space, rows in artifacts.items()}
        scored, views = {s: rows[held] for s, rows in artifacts.items()}, as_measured(collection, int(held.sum()))
        found = weigh(collection, itself, scored, views)
        several = len(collection.names) > 1
        parts.append(all_beside(weigh(collection, others, scored, views), found) if several else found)
    return all_joined(parts)


def _without(known: Known, own: int) -> Known:
    """The same without one generator; nothing is whitened again."""
    histories = len(known.within)
    rows = np.arange(own * histories, (own + 1) * histories)
    return replace(
        known,
        within=[_deleted(means, own) for means in known.within],
        contrast=_deleted(known.contrast, rows),
        looseness=np.delete(known.looseness, own),
    )


def _alone(collection: Collection, space: str, own: int, artifacts: np.ndarray, held: np.ndarray) -> Known:
    """One generator by itself, its means without what the artifacts (n, d) that are ``held`` out (n,) had in them."""
    lost = artifacts.mean(axis=0) - artifacts[~held].mean(axis=0) if len(held) > 1 else 0.0
    known, means = collection.known[space], collection.all_means[space][own] - lost
    reference = known.reference
    return replace(
        known,
        within=[one.within.whiten(mean[None]) for one, mean in zip(known.members, means, strict=True)],
        contrast=reference.contrast.whiten(np.concatenate([means, reference.real_means])),
        looseness=known.looseness[own : own + 1],
    )


def _deleted(means: Whitened, rows: np.ndarray | int) -> Whitened:
    return Whitened(np.delete(means.rows, rows, axis=0), np.delete(means.squares, rows))
