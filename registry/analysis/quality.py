"""The worth of a fingerprint that is stored: what can be recomputed without the images it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from fingerprints.attribution.verdict import REAL
from fingerprints.model.fingerprint import Fingerprint

from ..storage.snapshot import Collection
from .own_share import taken_for

LOOKS_REAL = 0.3  # of a contribution's images, from which on real photos may be among them


@dataclass(frozen=True)
class Quality:
    """Shares are of the stored artifacts, each scored without its own share in the generator's means.

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
    taken = taken_for(collection, prints, name)
    n = taken.total()
    shares = {candidate: count / n for candidate, count in taken.items()}
    own, real = shares.pop(name, 0.0), shares.pop(REAL, 0.0)
    rival = max(shares, key=shares.__getitem__, default=None)
    return Quality(n, own, real, rival, shares[rival] if rival else 0.0, shares)


def nearest_known(prints: Mapping[str, Fingerprint], collection: Collection, name: str) -> tuple[str, float] | None:
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
