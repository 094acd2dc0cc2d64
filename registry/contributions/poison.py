"""What speaks against a contribution: copies, mixtures, repetitions, impossible numbers, and harm to known generators.

Each finding is one sentence; none of them is proof. With one, a contribution waits for the owner's word. What the
31 embedded generators of text-to-image and faces-64 show, and mixtures of two of them, is given beside the thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from fingerprints.model.fingerprint import Fingerprint

from ..analysis.quality import LOOKS_REAL, Quality, quality
from ..storage.snapshot import Collection
from .contribute import Draft
from .harm import harm
from .report import Report
from .suspicions import suspicions

SHARE_OF_EACH = 0.2  # of two known generators that explain its images better; embedded: the second .03, mixtures .34
TWO_GROUPS = 0.85  # faces: one generator .58 to .89, two .83 to .99; text-to-image: no difference
_LEAST_TO_GROUP = 20
COPIES = 0.25  # embedded: up to .02; overlapping crops of few photos: .21; every image twice, once as JPEG 100: .33
_NEAR = 0.1  # of the median distance between two of its images
_NEARER = 0.6  # than the second nearest: a copy has one neighbour that stands out


def objections(draft: Draft, collection: Collection) -> Iterator[str]:
    """Reasons against a draft that is not in ``collection`` yet."""
    prints, name = draft.fingerprints, draft.card.name
    impossible = list(_impossible(prints))
    if impossible:
        yield from impossible  # nothing else can be computed
        return
    yield from suspicions(prints, draft.card, collection, computed_here=True)
    yield from _mixture(draft.report, quality(prints, collection, name), prints, collection)
    yield from _repetition(draft.report, prints)
    yield from harm(draft.report.effects)


def _impossible(prints: Mapping[str, Fingerprint]) -> Iterator[str]:
    for space, fingerprint in prints.items():
        values = (fingerprint.artifacts, fingerprint.mean, fingerprint.changed, fingerprint.looseness, fingerprint.norm)
        if not all(np.isfinite(value).all() for value in values):
            yield f"Its artifacts in {space} hold values that are not numbers, or too large to be kept."


def _mixture(
    report: Report, worth: Quality, prints: Mapping[str, Fingerprint], collection: Collection
) -> Iterator[str]:
    if report.looks_real > LOOKS_REAL:
        yield f"{report.looks_real:.0%} of its images look like photographs: real photos may be among them."
    others = [name for name, share in worth.shares.items() if share >= SHARE_OF_EACH]
    if len(others) > 1:
        yield f"Its images look like those of several known generators: {', '.join(others)}."
    elif float(np.mean([two_groups(prints[space], collection) for space in prints])) > TWO_GROUPS:
        yield "Its images fall into two groups, as if they were from two generators."


def two_groups(fingerprint: Fingerprint, collection: Collection) -> float:
    """How much of the variance along its artifacts' longest axis, whitened, lies between two groups of them: 2 / pi
    when they are one Gaussian group, near 1 when they are two far apart."""
    within = collection.references[fingerprint.space].within
    rows = within.whiten(fingerprint.artifacts.astype(np.float32)).rows
    n, centred = len(rows), rows - rows.mean(axis=0)
    if n < _LEAST_TO_GROUP:
        return 0.0
    along = np.sort(centred @ np.linalg.svd(centred, full_matrices=False)[2][0])
    below = np.cumsum(along)[:-1] / np.arange(1, n)  # means of the first 1, 2, ... values; all of them have mean 0
    first = np.arange(1, n) / n
    between = (first / (1 - first) * below**2)[n // 5 : -n // 5]
    return float(between.max() / max(along.var(), 1e-30))


def _repetition(report: Report, prints: Mapping[str, Fingerprint]) -> Iterator[str]:
    if report.duplicates > report.samples:
        yield f"Of {report.samples + report.duplicates} images, {report.duplicates} are exact copies of others."
    nearly = float(np.mean([share_of_near_copies(fingerprint.artifacts) for fingerprint in prints.values()]))
    if nearly > COPIES:
        yield f"{nearly:.0%} of its images are nearly copies of another of them."


def share_of_near_copies(artifacts: np.ndarray) -> float:
    """The share of artifacts (n, d) much nearer to their nearest neighbour than to the second, or than usual."""
    rows = artifacts.astype(np.float64)
    squares = np.einsum("nd,nd->n", rows, rows)
    distances = np.sqrt(np.maximum(squares[:, None] + squares - 2 * rows @ rows.T, 0.0))
    if len(rows) < _LEAST_TO_GROUP:
        return 0.0  # among few, one neighbour may stand out by chance
    usual = np.median(distances[np.triu_indices(len(rows), 1)])
    np.fill_diagonal(distances, np.inf)
    nearest, second = np.sort(distances, axis=1)[:, :2].T
    return float(((nearest <= _NEARER * second) | (nearest <= _NEAR * usual)).mean())
