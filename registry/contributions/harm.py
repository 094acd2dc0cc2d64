"""What becomes of known generators when one more stands beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fingerprints.attribution.calibration import Offsets
from fingerprints.attribution.verdict import GENERATOR, levels
from fingerprints.model.evidence import Evidence, Known
from fingerprints.model.fingerprint import Fingerprint

from ..analysis.own_share import stored_against_all, stored_artifacts
from ..analysis.weigh import all_beside, as_measured, weigh
from ..storage.collection import known_under
from ..storage.snapshot import Collection

_FALL = 0.05
_NEIGHBOURS = 20  # known generators that are looked at; those that lie farther lose nothing
_RIVALS = 64  # with which they are compared; to compare with thousands takes a minute and changes nothing
_LEAST_FALL = 3  # images


@dataclass(frozen=True)
class Effect:
    """On one known generator: the shares of its ``artifacts`` stored ones that are attributed to it among the known
    ones, and with the new one; and the same of those that an answer would give its name."""

    generator: str
    artifacts: int
    before: float
    after: float
    named_before: float
    named_after: float


def harm(found: Iterable[Effect]) -> Iterator[str]:
    """The known generators whose own artifacts would be recognised less often with the new one among them."""
    for one in found:
        if one.before - one.after > max(_FALL, (_LEAST_FALL - 0.5) / max(one.artifacts, 1)):
            yield (
                f"With it, images of {one.generator} would be recognised less often: {one.after:.0%} of them, "
                f"now {one.before:.0%}."
            )


def effects(prints: Mapping[str, Fingerprint], collection: Collection, name: str) -> Iterator[Effect]:
    """On the generators nearest to the fingerprints ``prints`` of ``name``, which need not be in the collection."""
    near = _nearest(prints, collection, name)[:_RIVALS]
    for index in near[:_NEIGHBOURS]:
        if found := _effect(prints, collection, index, sorted(set(near) - {index})):
            yield found


def _nearest(prints: Mapping[str, Fingerprint], collection: Collection, name: str) -> list[int]:
    distances = np.zeros(len(collection.names))
    for space, fingerprint in prints.items():
        within = collection.references[space].within
        distances += within.squared_distances(fingerprint.mean[None], collection.means[space])[0]
    return [int(i) for i in np.argsort(distances) if collection.names[i] != name]


def _effect(
    prints: Mapping[str, Fingerprint], collection: Collection, index: int, others: Sequence[int]
) -> Effect | None:
    """On the generator number ``index``, among the ``others``; None of one that stores no artifacts."""
    stored = {space: collection.fingerprint(collection.names[index], space) for space in prints}
    artifacts = stored_artifacts(stored)
    n = len(next(iter(artifacts.values())))
    if not n:
        return None
    offsets = collection.offsets.select([*others, index])

    def shares(evidence: Mapping[str, Evidence], offsets: Offsets) -> tuple[float, float]:
        posterior = collection.calibration.posterior(evidence, offsets)
        said, own = levels(posterior, collection.bars), len(others)
        named = (said.verdict == GENERATOR) & (said.best == own)
        return float((posterior.candidates.argmax(axis=1) == own).mean()), float(named.mean())

    evidence = stored_against_all(collection, stored, others)
    new = weigh(collection, _only(prints, collection), artifacts, as_measured(collection, n))
    before, named_before = shares(evidence, offsets)
    after, named_after = shares(all_beside(evidence, new), offsets.with_one_added())
    return Effect(collection.names[index], n, before, after, named_before, named_after)


def _only(prints: Mapping[str, Fingerprint], collection: Collection) -> dict[str, Known]:
    """Space -> the generator of these fingerprints, by itself."""
    return {
        space: Known.of(
            collection.references[space],
            known_under(print_, len(collection.histories))[None],
            np.array([print_.looseness]),
            np.array([print_.contents]),
        )
        for space, print_ in prints.items()
    }
