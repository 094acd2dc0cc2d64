"""The design that a batch of images speaks for: the probe of fingerprints.analysis, taught by a collection's own cards.

Each axis (a key of ``Card.design``) is a question of its own. What an answer is worth is measured beside it: every
generator is left out with all seeds of its design, the probe learns from the others, and is asked about as many images
of it as the batch has. The reference of the collection was learned with all of them, though without any word of design.
"""

from __future__ import annotations

from collections.abc import Collection as Names
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from fingerprints.analysis import MOMENTS, Fold, Probe, moment, p_value, predict_held_out, shuffled

from ..storage.card import Card
from ..storage.snapshot import Collection
from .once import once_per_collection

_SIZES = (5, 10, 20, 50, 100, 200)  # of batches; an answer's worth is measured with the next smaller one
_MANY = 40  # images; of fewer the spread says little
_PERMUTATIONS = 200
_SIGNIFICANT = 0.01  # half a dozen axes are asked about at a time


@dataclass(frozen=True)
class ProbeAccuracy:
    """Of ``asked`` generators that the probe never saw, it was ``right`` about so many; with labels dealt at random,
    ``chance`` of them on average, and as many with probability ``p``."""

    right: int
    asked: int
    chance: float
    p: float

    @property
    def predictable(self) -> bool:
        return self.p <= _SIGNIFICANT


@dataclass(frozen=True)
class DesignPrediction:
    """What a batch says of one axis: the probability of each level, the likeliest first; none of an axis that cannot
    be predicted."""

    axis: str
    levels: Mapping[str, float]
    worth: ProbeAccuracy

    def to_json(self) -> dict[str, Any]:
        """``level`` and ``probability`` are null for an axis that cannot be predicted."""
        level = next(iter(self.levels), None)
        return {
            "axis": self.axis,
            "level": level,
            "probability": None if level is None else round(self.levels[level], 4),
            "right": self.worth.right,
            "asked": self.worth.asked,
            "chance": round(self.worth.chance, 2),
        }


def predicted_design(
    collection: Collection, artifacts: Mapping[str, np.ndarray], unseen: Names[str] = ()
) -> list[DesignPrediction]:
    """By axis, what the artifacts (n, d) of a batch, by space, say of its design; empty for fewer than five images,
    and where cards say nothing of design. ``unseen``: generators whose designs the probe is not to learn from."""
    n = min((len(rows) for rows in artifacts.values()), default=0)
    size = max((size for size in _SIZES if size <= n), default=0)
    if not size:
        return []
    point = _point(collection, artifacts, _moments(size))
    return [
        DesignPrediction(axis, _levels(collection, axis, point, n, unseen) if worth.predictable else {}, worth)
        for axis, worth in probe_accuracies(collection, size).items()
    ]


@once_per_collection
def axes_of(collection: Collection) -> dict[str, dict[str, str]]:
    """Axis -> generator -> level, of the axes that have two levels or more, each shared by at least two designs."""
    cards, found = collection.cards, {}
    for axis in sorted({axis for card in cards.values() for axis in card.design}):
        designs: dict[str, set[str]] = {}
        for card in cards.values():
            if axis in card.design:
                designs.setdefault(card.design[axis], set()).add(_unit(card))
        shared = {level for level, units in designs.items() if len(units) > 1}
        if len(shared) > 1:
            found[axis] = {name: card.design[axis] for name, card in cards.items() if card.design.get(axis) in shared}
    return found


@once_per_collection
def probe_accuracies(collection: Collection, size: int) -> dict[str, ProbeAccuracy]:
    """Of each axis, what the probe's answers about batches of ``size`` images are worth."""
    axes = axes_of(collection)
    if not axes:
        return {}
    whole, few = _points(collection, _moments(size)), _points(collection, _moments(size), size)
    return {axis: _worth(*_labelled(collection, axis), whole, few, size) for axis in axes}


def _worth(
    rows: np.ndarray, labels: np.ndarray, units: np.ndarray, whole: np.ndarray, few: np.ndarray, size: int
) -> ProbeAccuracy:
    """``whole`` and ``few`` (g, D): the moments of all stored artifacts of each generator, and of ``size`` of them."""
    inner, across = whole[rows] @ whole[rows].T, few[rows] @ whole[rows].T
    folds = [
        Fold(units == unit, {"": np.where((units == unit)[:, None], across, inner)}, 1.0 / size)
        for unit in np.unique(units)
    ]
    codes = np.unique(labels, return_inverse=True)[1]
    dealt = np.concatenate([codes[None], shuffled(codes, units, _PERMUTATIONS)])
    right = (predict_held_out(folds, dealt, units).argmax(axis=2) == dealt).sum(axis=1)
    return ProbeAccuracy(int(right[0]), len(rows), float(right[1:].mean()), p_value(float(right[0]), right[1:]))


def _levels(collection: Collection, axis: str, point: np.ndarray, images: int, unseen: Names[str]) -> dict[str, float]:
    """The probability of each level, the likeliest first."""
    rows, labels, units = _labelled(collection, axis)
    learned = ~np.isin(units, [_unit(collection.cards[name]) for name in unseen])
    if len(set(labels[learned])) < 2:
        return {}
    probe = Probe.fit(_points(collection, _moments(images))[rows][learned], labels[learned], units[learned])
    shares = probe.probabilities(point, images)
    return {probe.levels[i]: float(shares[i]) for i in np.argsort(-shares, kind="stable")}


def _labelled(collection: Collection, axis: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The generators that have a level on the axis: their numbers in the collection, their levels, and their units."""
    level = axes_of(collection)[axis]
    rows = [number for number, name in enumerate(collection.names) if name in level]
    names = [collection.names[row] for row in rows]
    units = [_unit(collection.cards[name]) for name in names]
    return np.array(rows), np.array([level[name] for name in names]), np.array(units)


def _unit(card: Card) -> str:
    """What is left out together: all seeds of one design."""
    return " | ".join([card.family, *(f"{axis}: {level}" for axis, level in sorted(card.design.items()))])


def _moments(images: int) -> str:
    return " ".join(MOMENTS if images >= _MANY else MOMENTS[:1])


@once_per_collection
def _points(collection: Collection, moments: str, size: int = 0) -> np.ndarray:
    """The moments (g, D) of every generator, from all of its stored artifacts or from ``size`` of them."""
    found = []
    for name in collection.names:
        stored = {space: collection.fingerprint(name, space).artifacts for space in collection.spaces}
        chosen = np.random.default_rng(0).permutation(min(map(len, stored.values())))[: size or None]
        found.append(_point(collection, {space: rows[chosen] for space, rows in stored.items()}, moments))
    return np.stack(found)


def _point(collection: Collection, artifacts: Mapping[str, np.ndarray], moments: str) -> np.ndarray:
    """The moments (D,) of a set of artifacts (n, d) by space, in whitened coordinates."""
    whitened = {
        space: collection.references[space].within.whiten(np.asarray(rows, np.float32)).rows
        for space, rows in artifacts.items()
    }
    return np.concatenate([moment(rows, name) for rows in whitened.values() for name in moments.split()])
