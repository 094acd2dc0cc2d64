"""The worth of a fingerprint that is stored: what can be recomputed without the images it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fingerprints.attribution.evidence import Known
from fingerprints.fingerprint import Fingerprint

from .snapshot import Collection
from .weigh import as_measured, weigh

_FOLDS = 5


@dataclass(frozen=True)
class Quality:
    """Shares are of the stored artifacts, each scored by the mean of the others.

    ``recognised``: attributed to this generator; ``looks_real``: attributed to "real"; ``nearest`` is the known
    generator that takes most of the rest, with its share.
    """

    artifacts: int
    recognised: float
    looks_real: float
    nearest: str | None
    nearest_share: float
    shares: Mapping[str, float] = field(default_factory=dict, repr=False)  # of every known generator that takes any

    def sentences(self) -> list[str]:
        lines = [
            f"Of its {self.artifacts} stored artifacts, each scored without itself, "
            f"{self.recognised:.0%} are recognised as this generator.",
            f"{self.looks_real:.0%} look more like real photos.",
        ]
        if self.nearest is not None:
            lines.append(f"{self.nearest_share:.0%} look more like {self.nearest}, the nearest known generator.")
        return lines


def quality(prints: Mapping[str, Fingerprint], collection: Collection, name: str) -> Quality:
    """Of the fingerprints of ``name`` (space -> fingerprint) against the other generators of the collection.

    The number of crops of each image is not stored; they are taken to be as many as the reference was measured with.
    """
    others = [index for index, other in enumerate(collection.names) if other != name]
    n = min(len(fingerprint.artifacts) for fingerprint in prints.values())
    winners = np.zeros(n, dtype=int)
    offsets = collection.calibration.offsets_of([*(collection.names[i] for i in others), name])
    folds = np.arange(n) % min(_FOLDS, n)
    for fold in range(min(_FOLDS, n) if n > 1 else 0):
        held = folds == fold
        known = {space: _with_rest(print_, held, collection, others) for space, print_ in prints.items()}
        artifacts = {space: print_.artifacts[:n][held].astype(np.float32) for space, print_ in prints.items()}
        evidence = weigh(collection, known, artifacts, as_measured(collection, int(held.sum())))
        winners[held] = collection.calibration.posterior(evidence, offsets).candidates.argmax(axis=1)
    g = len(others)
    rest = np.bincount(winners[winners < g], minlength=1)
    rival = collection.names[others[int(rest.argmax())]] if rest.any() else None
    shares = {collection.names[others[i]]: float(count / n) for i, count in enumerate(rest) if count}
    return Quality(
        n, float((winners == g).mean()), float((winners == g + 1).mean()), rival, float(rest.max() / n), shares
    )


def _with_rest(fingerprint: Fingerprint, held: np.ndarray, collection: Collection, others: list[int]) -> Known:
    """The other generators and, last, the mean of the artifacts that are not held out."""
    means, looseness = collection.means[fingerprint.space], collection.looseness[fingerprint.space]
    rest = fingerprint.artifacts[: len(held)][~held].astype(np.float32).mean(axis=0)
    return Known.of(
        collection.references[fingerprint.space],
        np.concatenate([means[others], rest[None]]),
        np.append(looseness[others], fingerprint.looseness),
        np.append(collection.samples[others], (~held).sum()),
    )


def twin(prints: Mapping[str, Fingerprint], collection: Collection, name: str) -> tuple[str, float] | None:
    """The known generator whose means lie nearest, and how far, in units of what chance puts between two sets of
    images of one generator: 1 is as near as another sample of the same generator, near 0 is a copy."""
    others = [index for index, other in enumerate(collection.names) if other != name]
    if not others:
        return None
    ratios = np.zeros(len(others))
    samples = np.array([collection.cards[collection.names[index]].samples for index in others], dtype=float)
    for space, fingerprint in prints.items():
        reference = collection.references[space]
        between = reference.within.squared_distances(fingerprint.mean[None], collection.means[space][others])[0]
        spread = reference.spread.of(np.array([reference.spread.most]))[0] * fingerprint.looseness
        chance = spread * (1 / max(fingerprint.samples, 1) + 1 / np.maximum(samples, 1))
        ratios += between / chance / len(prints)
    best = int(ratios.argmin())
    return collection.names[others[best]], float(ratios[best])
