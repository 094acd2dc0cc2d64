"""Answers of a fitted collection about embedded images, and the figures that say how good they are, level by level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fingerprints.attribution.bars import Bars
from fingerprints.attribution.calibration import JOINT, Posterior
from fingerprints.attribution.verdict import AMONG, GENERATED, GENERATOR, MADE, REAL, STANDARD, levels
from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.images.detail import ENOUGH
from fingerprints.learning.fitting import Fitted
from fingerprints.model.evidence import Evidence, Known
from fingerprints.model.joint import all_side_by_side

from .scores import Estimate, balanced, share

_BINS = 10
SAID = (GENERATOR, AMONG, GENERATED, REAL)  # verdicts that a probability is stated for


@dataclass(frozen=True)
class Judged:
    """Answers for n images: the ``verdict`` of each as a word, the ``stated`` probability; the likeliest generator by
    name (``choice``), and who is in the set (``sets`` (n, g), of ``names``); whether "real" is the likeliest of all."""

    verdict: np.ndarray
    stated: np.ndarray
    choice: np.ndarray
    sets: np.ndarray
    names: tuple[str, ...]
    prefers_real: np.ndarray
    contents: np.ndarray

    @property
    def named(self) -> np.ndarray:
        return np.asarray(self.verdict == GENERATOR)

    @property
    def called_real(self) -> np.ndarray:
        return np.asarray(self.verdict == REAL)

    @property
    def called_generated(self) -> np.ndarray:
        """By name, in a set, or just so."""
        return np.isin(self.verdict, MADE)

    def right(self, truth: str | None) -> np.ndarray:
        """Which verdicts are true (n,) of images by the generator ``truth``: REAL for photos, None for a stranger."""
        holds = self.sets[:, self.names.index(truth)] if truth in self.names else np.zeros(len(self.verdict), bool)
        ways = {
            GENERATOR: self.choice == (truth or ""),
            AMONG: holds,
            GENERATED: np.full(len(holds), truth != REAL),
            REAL: np.full(len(holds), truth == REAL),
        }
        return np.select([self.verdict == word for word in ways], list(ways.values()), False)


def judge(fitted: Fitted, images: EmbeddedImages, strictness: str = STANDARD) -> Judged:
    """The answers of a fitted collection for embedded images."""
    return judged_by(fitted, posterior_of(fitted, images), images.contents, fitted.calibration.bars[strictness])


def accuracy_of(judged: Mapping[str, Judged]) -> Estimate:
    """Balanced over the generators, whose images are judged: how often the best candidate is the right one."""
    return balanced(
        np.concatenate([one.choice == name for name, one in judged.items()]),
        np.concatenate([one.contents for one in judged.values()]),
        np.concatenate([np.full(len(one.contents), name) for name, one in judged.items()]),
    )


def judged_by(fitted: Fitted, posterior: Posterior, contents: np.ndarray, bars: Bars) -> Judged:
    found, names = levels(posterior, bars), tuple(fitted.fingerprints)
    stated = [
        fitted.calibration.stated[word](float(p)) for word, p in zip(found.verdict, found.probability, strict=True)
    ]
    return Judged(
        verdict=found.verdict,
        stated=np.array(stated),
        choice=np.array(names)[found.best],
        sets=found.sets,
        names=names,
        prefers_real=posterior.candidates.argmax(axis=1) == len(names),
        contents=contents,
    )


def evidence_of(fitted: Fitted, images: EmbeddedImages) -> dict[str, Evidence]:
    evidence, known, parts = {}, {}, {}
    for space, reference in fitted.references.items():
        prints = [by_space[space] for by_space in fitted.fingerprints.values()]
        means, looseness = np.stack([p.means for p in prints]), np.array([p.looseness for p in prints])
        known[space] = Known.of(reference, means, looseness, np.array([p.contents for p in prints]))
        parts[space] = [reference.artifacts_of(images)]
        evidence[space] = known[space].weigh(parts[space][0].per_image(), parts[space][0].views())
    if fitted.joint:
        [rows] = all_side_by_side(fitted.references, parts)
        evidence[JOINT] = fitted.joint.known(known).weigh(rows.per_image(), rows.views())
    return evidence


def posterior_of(fitted: Fitted, images: EmbeddedImages) -> Posterior:
    return posterior(fitted, evidence_of(fitted, images), images.shows)


def posterior(fitted: Fitted, evidence: Mapping[str, Evidence], shows: np.ndarray | int = ENOUGH) -> Posterior:
    calibration = fitted.calibration
    return calibration.posterior(evidence, calibration.offsets_of(list(fitted.fingerprints)), shows)


def known_figures(parts: Sequence[tuple[str, Judged]]) -> dict[str, Any]:
    """Of answers for images of known generators, each with the true name."""
    verdict, contents = (np.concatenate([getattr(part, key) for _, part in parts]) for key in ("verdict", "contents"))
    right = np.concatenate([part.right(name) for name, part in parts])
    best = np.concatenate([part.choice == name for name, part in parts])
    sizes = np.concatenate([part.sets.sum(axis=1) for _, part in parts])
    named, given = verdict == GENERATOR, verdict == AMONG
    return {
        "best generator right": share(best, contents),
        "answered by name": share(named, contents),
        "right, of those named": share(right[named], contents[named]),
        "given a set": share(given, contents),
        "sets that hold the truth": share(right[given], contents[given]),
        "median size of a set": float(np.median(sizes[given])) if given.any() else 0.0,
        "by name, set or as generated": share(np.isin(verdict, MADE), contents),
        "called real": share(verdict == REAL, contents),
    }


def photo_figures(parts: Sequence[Judged]) -> dict[str, Any]:
    """Of photos: accused is whatever says that a model made them."""
    verdict, contents = (np.concatenate([getattr(part, key) for part in parts]) for key in ("verdict", "contents"))
    return {
        "accused": share(np.isin(verdict, MADE), contents),
        "of these by name": share(verdict == GENERATOR, contents),
        "called real": share(verdict == REAL, contents),
    }


def stranger_figures(parts: Sequence[Judged]) -> dict[str, Any]:
    """Of images by generators that the collection does not know."""
    verdict, contents = (np.concatenate([getattr(part, key) for part in parts]) for key in ("verdict", "contents"))
    words = {
        "given another's name": GENERATOR,
        "given a set": AMONG,
        "called generated": GENERATED,
        "called real": REAL,
    }
    return {label: share(verdict == word, contents) for label, word in words.items()}


def reliability(parts: Sequence[tuple[str | None, Judged, float]]) -> dict[str, Any]:
    """Level by level, what is stated on average, what is right, and the expected calibration error (ten bins).

    ``parts``: the truth (None for a stranger), answers, and what they weigh together.
    """
    found: dict[str, Any] = {}
    for word in SAID:
        chosen = [(one, one.verdict == word, truth, weight / len(one.verdict)) for truth, one, weight in parts]
        stated = np.concatenate([one.stated[mask] for one, mask, _, _ in chosen])
        right = np.concatenate([one.right(truth)[mask] for one, mask, truth, _ in chosen])
        weight = np.concatenate([np.full(int(mask.sum()), each) for _, mask, _, each in chosen])
        if len(stated):
            found[word] = {
                "answers": len(stated),
                "stated": round(float(np.average(stated, weights=weight)), 3),
                "right": round(float(np.average(right, weights=weight)), 3),
                "expected calibration error": calibration_error(stated, right, weight),
            }
    return found


def calibration_error(p: np.ndarray, hit: np.ndarray, weight: np.ndarray) -> float:
    """The sum over bins of |weighted mean probability - weighted share right|."""
    bins = np.minimum((p * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float((weight * (p - hit))[bins == b].sum())) for b in np.unique(bins)]
    return round(sum(gaps) / float(weight.sum()), 4)
