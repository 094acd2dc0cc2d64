"""From the evidence of all spaces to calibrated probabilities, on the level of images.

Log-likelihoods summed over spaces are overconfident; the weights here are learned on images that trained nothing
(cross-fitted, see fitting.py), so that of the answers given with probability p about a share p is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit, log_softmax, logit, logsumexp, softmax

from .evidence import Evidence

JOINT = "all spaces"  # where evidence is by space: that of fingerprints/joint.py
AS_MADE = 0.5  # how many of the images that are asked about are taken to be as they were made


@dataclass(frozen=True)
class Posterior:
    """Of n images. ``candidates`` (n, g + 1): each generator, then "real", summing to 1, given that it is one of them.

    ``unknown`` (n,): probability that it is none of them. ``p_value`` (n,): the share of genuine members of the best
    candidate that lie at least as far out as this image (conformal; small means atypical).
    """

    candidates: np.ndarray
    unknown: np.ndarray
    p_value: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """Weights of the fusion (one a space), of "generated or real", of "known or unknown"; and the operating point.

    A generator is named when, among the generators and "unknown", it has at least ``name_threshold``, and "real" has at
    most ``real_limit``: accusing a photo is worse than naming the wrong generator, so it needs its own, stricter proof.
    "Real" is said from ``real_threshold`` on. ``offsets``: added to the fused log-likelihood of a generator by name (0
    for all others), so that each gets its due: the mean of a generator with few images is uncertain, and its images
    would go to generators with many. ``joint_weight``: of what all spaces at once say (fingerprints/joint.py) of an
    image as it was made; ``joint_beside``: beside the sum over spaces, of a changed one.
    """

    spaces: tuple[str, ...]
    fusion: tuple[float, ...]
    real_weights: tuple[float, ...]
    real_bias: float
    unknown_weights: tuple[float, float, float]
    member_distances: tuple[float, ...]
    real_distances: tuple[float, ...]
    name_threshold: float
    real_limit: float
    real_threshold: float
    offsets: Mapping[str, float] = field(default_factory=dict)
    joint_weight: float = 0.0
    joint_beside: float = 0.0

    def offsets_of(self, generators: Sequence[str]) -> np.ndarray:
        """(g,), as ``posterior`` takes them."""
        return np.array([self.offsets.get(name, 0.0) for name in generators])

    def posterior(self, evidence: dict[str, Evidence], offsets: np.ndarray) -> Posterior:
        """Fuse the evidence of the spaces at hand; spaces that are not there yet simply say nothing, and neither does
        ``JOINT``, under which that of all spaces at once stands.

        ``offsets`` (g,): of the generators that the evidence is about.
        """
        present = [i for i, space in enumerate(self.spaces) if space in evidence]
        if not present:
            raise ValueError(f"no evidence from any of the spaces {', '.join(self.spaces)}.")
        parts = [evidence[self.spaces[i]] for i in present]
        fused = fuse([self.fusion[i] for i in present], [part.likelihood for part in parts])
        candidates = self._candidates(self.by_history(fused, offsets, evidence.get(JOINT)), parts, present)
        distance = mean_distance(parts, fused)
        best = candidates.argmax(axis=1)
        best_distance = np.take_along_axis(distance, best[:, None], axis=1)[:, 0]
        is_real = best == distance.shape[1] - 1
        features = unknown_features(best_distance, candidates.max(axis=1))
        unknown = expit(features @ np.asarray(self.unknown_weights))
        p_value = np.where(
            is_real, p_values(best_distance, self.real_distances), p_values(best_distance, self.member_distances)
        )
        return Posterior(candidates, unknown, p_value)

    def by_history(self, fused: np.ndarray, offsets: np.ndarray, joint: Evidence | None) -> np.ndarray:
        """``fused`` (n, g, h) with the offsets. How likely each history is, the sum over spaces says. Who made it, all
        spaces at once say of an image as it was made, where they have been looked at; of a changed one, both say."""
        found = fused + offsets[:, None]
        if joint is None:
            return np.asarray(found)
        history, at_once = logsumexp(found, axis=1, keepdims=True), joint.likelihood[:, :, :1]
        as_made = self.joint_weight * at_once + offsets[:, None]
        changed = found[:, :, 1:] + self.joint_beside * at_once
        return np.asarray(history + log_softmax(np.concatenate([as_made, changed], axis=2), axis=1))

    def _candidates(self, fused: np.ndarray, parts: Sequence[Evidence], present: Sequence[int]) -> np.ndarray:
        over_real = sum(self.real_weights[i] * part.over_real for i, part in zip(present, parts, strict=True))
        generated = expit(over_real + self.real_bias)[:, None]
        return np.concatenate([softmax(logsumexp(fused, axis=2), axis=1) * generated, 1.0 - generated], axis=1)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Calibration:
        values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in facts.items()}
        return cls(**values)


def naming(posterior: Posterior) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(probability of the best generator among generators and "unknown", probability of "real", column), each (n,)."""
    generators, real = posterior.candidates[:, :-1], posterior.candidates[:, -1]
    choice = generators.argmax(axis=1)
    among = np.take_along_axis(generators, choice[:, None], axis=1)[:, 0] / np.maximum(1 - real, 1e-12)
    return (1 - posterior.unknown) * among, real, choice


def fuse(weights: Sequence[float] | np.ndarray, likelihoods: Sequence[np.ndarray]) -> np.ndarray:
    """The weighted sum over spaces of log-likelihoods (n, g, h), plus the log prior of each history.

    All spaces see one image, and it has one history: summed over spaces first, then over histories.
    """
    histories = likelihoods[0].shape[2]
    others = (1 - AS_MADE) / max(1, histories - 1)
    prior = np.log([AS_MADE] + [others] * (histories - 1)) if histories > 1 else np.zeros(1)
    return np.asarray(sum(weight * one for weight, one in zip(weights, likelihoods, strict=True))) + prior


def mean_distance(parts: Sequence[Evidence], fused: np.ndarray) -> np.ndarray:
    """Distance to each generator under its likeliest history, then to "real", averaged over spaces: (n, g + 1)."""
    history = fused.argmax(axis=2)[:, :, None]
    return np.mean(
        [
            np.column_stack([np.take_along_axis(part.distance, history, axis=2)[:, :, 0], part.real_distance])
            for part in parts
        ],
        axis=0,
    )


def unknown_features(best_distance: np.ndarray, best_probability: np.ndarray) -> np.ndarray:
    """(n, 3): one, log distance to the best candidate, log-odds of the best candidate (clipped)."""
    odds = np.clip(logit(np.clip(best_probability, 1e-6, 1 - 1e-6)), -4.0, 6.0)
    return np.column_stack([np.ones_like(odds), np.log(best_distance + 1e-6), odds])


def p_values(distances: np.ndarray, members: Sequence[float]) -> np.ndarray:
    """Conformal p-values: (1 + number of members at least as far) / (1 + members); ``members`` ascending."""
    sorted_members = np.asarray(members)
    farther = len(sorted_members) - np.searchsorted(sorted_members, distances, side="left")
    return (1.0 + farther) / (1.0 + len(sorted_members))
