"""A generator's own images, scored with their own share in its means left out: as they would be if they were new.

There is one rule for the report on a contribution, the review of a proposal, the gallery and the search for harm. The
images are scored in folds. By what the mean of the images at hand changes without a fold, all means of the generator
change: of the images after further histories the single ones are not kept. The rest is believed as a mean of as many
images as it is of, and all means have their word, as in an answer.

The images at hand stand for all, even where a fingerprint rests on more than it stores. To leave out their exact share,
which is smaller, would look better than it is, because founders are in the covariances too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from fingerprints.attribution.verdict import REAL
from fingerprints.model.evidence import Evidence, Known
from fingerprints.model.fingerprint import Fingerprint

from ..storage.collection import known_under
from ..storage.snapshot import Collection
from .weigh import all_beside, all_joined, as_measured, weigh

FOLDS = 5


def against_itself(
    collection: Collection,
    prints: Mapping[str, Fingerprint],
    artifacts: Mapping[str, np.ndarray],
    contents: np.ndarray,
    views: np.ndarray,
) -> dict[str, Evidence]:
    """Of image artifacts (n, d), by space, against one generator: that of the fingerprints ``prints``, of whose images
    these are all or some. ``contents`` (n,): images of one content are left out together. ``views`` (n,): as in weigh.
    """
    folds = np.unique(contents, return_inverse=True)[1] % FOLDS
    rests = {space: _rests(collection, print_, artifacts[space], folds) for space, print_ in prints.items()}
    found = []
    for fold in range(folds.max() + 1):
        held = folds == fold
        known = {space: of_space.select([fold]) for space, of_space in rests.items()}
        found.append(weigh(collection, known, {space: rows[held] for space, rows in artifacts.items()}, views[held]))
    order = np.argsort(np.argsort(folds, kind="stable"))
    return {space: evidence.select(order) for space, evidence in all_joined(found).items()}


def stored_against_all(
    collection: Collection, prints: Mapping[str, Fingerprint], others: Sequence[int]
) -> dict[str, Evidence]:
    """Of the artifacts that ``prints`` store, one or more, against the generators with the numbers ``others`` and, as
    the last column, against the generator that they are of, which is none of those."""
    artifacts = stored_artifacts(prints)
    n = len(next(iter(artifacts.values())))
    views = as_measured(collection, n)
    own = against_itself(collection, prints, artifacts, np.arange(n), views)
    if not others:
        return own
    known = {space: collection.known[space].select(others) for space in prints}
    return all_beside(weigh(collection, known, artifacts, views, others), own)


def taken_for(collection: Collection, prints: Mapping[str, Fingerprint], name: str) -> Counter[str]:
    """How many of the stored artifacts of the generator ``name``, which need not be in the collection, are taken for
    each other generator, for itself and for "real", in this order."""
    others = [number for number, other in enumerate(collection.names) if other != name]
    candidates = [*(collection.names[number] for number in others), name, REAL]
    if not len(next(iter(stored_artifacts(prints).values()))):
        return Counter()
    offsets = collection.calibration.offsets_of(candidates[:-1])
    posterior = collection.calibration.posterior(stored_against_all(collection, prints, others), offsets)
    counts = np.bincount(posterior.candidates.argmax(axis=1), minlength=len(candidates))
    return Counter({candidate: int(count) for candidate, count in zip(candidates, counts, strict=True) if count})


def stored_artifacts(prints: Mapping[str, Fingerprint]) -> dict[str, np.ndarray]:
    """Space -> artifacts (n, d) of the images that are stored in every space."""
    n = min(len(print_.artifacts) for print_ in prints.values())
    return {space: print_.artifacts[:n].astype(np.float32) for space, print_ in prints.items()}


def _rests(collection: Collection, print_: Fingerprint, artifacts: np.ndarray, folds: np.ndarray) -> Known:
    """The generator without each of the folds in turn, as so many generators. Where all images are in one fold nothing
    would be left, and it stays as it is."""
    held = [folds == fold for fold in range(folds.max() + 1)]
    lost = np.zeros((len(held), artifacts.shape[1]), np.float32)
    for fold, rows in enumerate(held if len(held) > 1 else []):
        lost[fold] = artifacts.mean(axis=0) - artifacts[~rows].mean(axis=0)
    kept = np.array([1 - rows.mean() if len(held) > 1 else 1.0 for rows in held])
    return Known.of(
        collection.references[print_.space],
        known_under(print_, len(collection.histories)) - lost[:, None],
        np.full(len(held), print_.looseness),
        print_.contents * kept,
    )
