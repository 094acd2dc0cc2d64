"""What about a stored fingerprint cannot be, or is not a generator of its own; one sentence for each suspicion.

The thresholds lie well outside what the 31 embedded generators of text-to-image and faces-64 show, which is given
beside each.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from fingerprints.model.fingerprint import KEPT_ARTIFACTS, Fingerprint

from ..analysis.quality import nearest_known
from ..storage.card import Card
from ..storage.snapshot import Collection
from .contribute import MIN_CONTENTS

_MARKUP = re.compile(r"[<>`]|\]\(|javascript:|data:|\.\./|\.\.\\", re.IGNORECASE)
_LEAST_SPREAD = 0.05  # standard deviation of the artifacts over their norm; embedded: 0.16 to 0.85
_NORM_RANGE = 3.0  # times the smallest and largest norm among the known ones
_NORM_ERROR = 0.25  # between the stated norm and that of the stored artifacts; embedded: up to 0.05
_MEAN_ERROR = 4.0  # in standard errors, when only some artifacts are stored; embedded: up to 1.4
_LOOSENESS = (0.1, 10.0)  # embedded: 0.65 to 2.0
SAME_GENERATOR = 1.6  # 1 is another sample of the same generator; the two nearest embedded ones: 2.89


def suspicions(
    prints: Mapping[str, Fingerprint], card: Card, collection: Collection, computed_here: bool = False
) -> Iterator[str]:
    """Reasons against a generator, in ``collection`` already or not, whose fingerprints have passed the schema. An odd
    norm or looseness is none when they were ``computed_here``, from images: some designs are odd."""
    name = card.name
    yield from _words(card)
    yield from _counts(card, prints)
    for space, fingerprint in prints.items():
        known = np.array([other != name for other in collection.names])
        yield from _numbers(fingerprint, collection.norms[space][known], computed_here)
    for other, its_card in collection.cards.items():
        if other != name and card.samples_digest and card.samples_digest == its_card.samples_digest:
            yield f"It was made from the very samples of {other}."
    for means in _every_mean(prints):
        nearest = nearest_known(means, collection, name)
        if nearest and nearest[1] < SAME_GENERATOR:
            yield (
                f"It is {nearest[0]} over again: their means are {nearest[1]:.1f} times as far apart as two sets of "
                "images of one generator are."
            )
            return


def _every_mean(prints: Mapping[str, Fingerprint]) -> Iterator[dict[str, Fingerprint]]:
    """The fingerprints with the mean as made, and then with that after each history in its place."""
    yield dict(prints)
    for number in range(min(len(fingerprint.changed) for fingerprint in prints.values())):
        yield {space: replace(fingerprint, mean=fingerprint.changed[number]) for space, fingerprint in prints.items()}


def _words(card: Card) -> Iterator[str]:
    for key, value in card.to_json().items():
        if isinstance(value, str) and (found := _MARKUP.search(value)):
            yield f"The {key} on its card holds {found[0]!r}, which looks like markup or a path."


def _counts(card: Card, prints: Mapping[str, Fingerprint]) -> Iterator[str]:
    if card.contents < MIN_CONTENTS or card.contents > card.samples:
        yield f"Its card says {card.contents} contents of {card.samples} samples; {MIN_CONTENTS} or more are needed."
    for space, fingerprint in prints.items():
        if (fingerprint.samples, fingerprint.contents) != (card.samples, card.contents):
            yield f"In {space} it counts {fingerprint.samples} samples, and its card {card.samples}."
        if not min(card.samples, KEPT_ARTIFACTS) <= len(fingerprint.artifacts) <= card.samples:
            yield f"In {space} it stores {len(fingerprint.artifacts)} artifacts of {card.samples} samples."


def _numbers(fingerprint: Fingerprint, others: np.ndarray, computed_here: bool) -> Iterator[str]:
    artifacts, space = fingerprint.artifacts.astype(np.float64), fingerprint.space
    if len(artifacts) < 2:
        return
    norm, spread = float(np.linalg.norm(artifacts, axis=1).mean()), float(np.linalg.norm(artifacts.std(axis=0)))
    if spread < _LEAST_SPREAD * norm or norm == 0:
        yield f"Its artifacts in {space} are all alike, which images are not."
        return
    if computed_here:
        return
    if len(others) and not others.min() / _NORM_RANGE <= norm <= others.max() * _NORM_RANGE:
        known = f"{others.min():.3g} to {others.max():.3g}"
        yield f"Its artifacts in {space} have a norm of {norm:.3g}; those of the others {known}."
    if abs(fingerprint.norm / norm - 1) > _NORM_ERROR:
        yield f"It states a norm of {fingerprint.norm:.3g} in {space}, but its artifacts have {norm:.3g}."
    if not _LOOSENESS[0] <= fingerprint.looseness <= _LOOSENESS[1]:
        yield f"It states a looseness of {fingerprint.looseness:.3g} in {space}, which no generator has."
    whole = fingerprint.samples <= len(artifacts)
    allowed = 0.01 * norm if whole else _MEAN_ERROR * spread / np.sqrt(len(artifacts))
    if np.linalg.norm(artifacts.mean(axis=0) - fingerprint.mean) > allowed:
        yield f"Its mean in {space} is not that of its artifacts."
