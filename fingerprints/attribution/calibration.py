"""From the evidence of all spaces to calibrated probabilities, on the level of images.

Log-likelihoods summed over spaces are overconfident; the weights here are learned on images that trained nothing
(cross-fitted, see fitting.py), so that of the answers given with probability p about a share p is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit, log_softmax, logsumexp, softmax

from .evidence import Evidence

JOINT = "all spaces"  # where evidence is by space: that of fingerprints/joint.py
AS_MADE = 0.5  # how many of the images that are asked about are taken to be as they were made
ATYPICAL = 0.005  # p-value; noise, drawings and charts lie as far out, whomever they are nearest to
_WHOLE_SHARE = 1.25  # of a generator's trace; what shows more of it, as noise may, is no surer to be the generator's


@dataclass(frozen=True)
class Posterior:
    """Of n images. ``candidates`` (n, g + 1): each generator, then "real", summing to 1, given that it is one of them.

    ``unknown`` (n,): probability that it is none of them. ``p_value`` (n,): the share of genuine members of the best
    candidate that lie at least as far out as this image (conformal); below ``ATYPICAL``, it is taken to be none of
    them, if the candidate is "real" or a founder of the collection. ``generated`` (n,): probability that it was, by
    whomever; and ``as_made`` (n,), if so, that nothing happened to it since.
    """

    candidates: np.ndarray
    unknown: np.ndarray
    p_value: np.ndarray
    generated: np.ndarray
    as_made: np.ndarray


@dataclass(frozen=True)
class AtOnce:
    """The weights of all spaces at once (fingerprints/joint.py): ``weight`` of what they say about who made an image as
    it was made, ``beside`` the sum over spaces of a changed one. ``unknown_weights`` as in Calibration, where they say
    what share of the trace an image shows.
    """

    weight: float
    beside: float
    unknown_weights: tuple[float, float, float]


@dataclass(frozen=True)
class Calibration:
    """Weights of the fusion (one a space), of "generated or real", of "known or unknown"; and the operating point.

    A generator is named when, if the image was generated, it has at least ``name_threshold``, for an image as it was
    made, or ``changed_threshold``, for a changed one; and that it was not has at most ``real_limit``: accusing a photo
    is worse than naming the wrong generator, so it needs its own, stricter proof. "Real" is said from
    ``real_threshold`` on. ``unknown_weights``: of ``stranger_features``; ``unreal_weights``: of ``unreal_features``.
    ``offsets``: added to the fused log-likelihood of a founder by name, so that each gets its due: the mean of a
    generator with few images is uncertain, and its images would go to generators with many. ``at_once``: None where no
    evidence is of all spaces.
    """

    spaces: tuple[str, ...]
    fusion: tuple[float, ...]
    real_weights: tuple[float, ...]
    real_bias: float
    unknown_weights: tuple[float, float, float]
    unreal_weights: tuple[float, float, float]
    member_distances: tuple[float, ...]
    real_distances: tuple[float, ...]
    name_threshold: float
    changed_threshold: float
    real_limit: float
    real_threshold: float
    offsets: Mapping[str, float] = field(default_factory=dict)
    at_once: AtOnce | None = None

    def offsets_of(self, generators: Sequence[str]) -> np.ndarray:
        """(g,), as ``posterior`` takes them: NaN for a generator that was added later, of which none was learned."""
        return np.array([self.offsets.get(name, np.nan) for name in generators])

    def bar(self, as_made: np.ndarray) -> np.ndarray:
        """What the best generator of an image must have to be named, (n,); ``as_made`` (n,) of its posterior."""
        return np.asarray(as_made * self.name_threshold + (1.0 - as_made) * self.changed_threshold)

    def named(self, posterior: Posterior, doubt: float = 0.0) -> np.ndarray:
        """Whether the best generator is named (n,); ``doubt`` moves that share of the probability to "unknown"."""
        name, real, _ = naming(posterior)
        enough = name * (1.0 - doubt) >= self.bar(posterior.as_made)
        return np.asarray(enough & (real <= self.real_limit))

    def called_real(self, posterior: Posterior, doubt: float = 0.0) -> np.ndarray:
        """Whether, if no generator is named, the image is called real (n,)."""
        real = (1 - posterior.unknown) * posterior.candidates[:, -1]
        return np.asarray(real * (1.0 - doubt) >= self.real_threshold)

    def posterior(self, evidence: dict[str, Evidence], offsets: np.ndarray) -> Posterior:
        """Fuse the evidence of the spaces at hand; spaces that are not there yet simply say nothing, and neither does
        ``JOINT``, under which that of all spaces at once stands.

        ``offsets`` (g,): of the generators that the evidence is about. One added later (NaN) has none, and may lie as
        far out as it likes: how its images vary was not measured.
        """
        measured, offsets = np.append(~np.isnan(offsets), True), np.nan_to_num(offsets)
        present = [i for i, space in enumerate(self.spaces) if space in evidence]
        if not present:
            raise ValueError(f"no evidence from any of the spaces {', '.join(self.spaces)}.")
        parts, weights = [evidence[self.spaces[i]] for i in present], [self.fusion[i] for i in present]
        fused = fuse(weights, [part.likelihood for part in parts])
        scores = self.by_history(fused, offsets, evidence.get(JOINT))
        generators, history = (softmax(logsumexp(scores, axis=axis), axis=1) for axis in (2, 1))
        generated = expit(self.generated(evidence))
        stranger = self._stranger(evidence, fused, generators.argmax(axis=1))
        unreal = expit(self.unreal_features(evidence) @ np.array(self.unreal_weights))
        overall = np.column_stack([generators * (generated * (1 - stranger))[:, None], (1 - generated) * (1 - unreal)])
        overall = np.maximum(overall, 1e-300)  # also what is surely none of them has a likeliest candidate
        distance = mean_distance(parts, fused)
        best = overall.argmax(axis=1)
        best_distance = np.take_along_axis(distance, best[:, None], axis=1)[:, 0]
        p_value = np.where(
            best == distance.shape[1] - 1,
            p_values(best_distance, self.real_distances),
            p_values(best_distance, self.member_distances),
        )
        unknown = np.where(measured[best] & (p_value < ATYPICAL), 1 - p_value, 1 - overall.sum(axis=1))
        return Posterior(overall / overall.sum(axis=1, keepdims=True), unknown, p_value, generated, history[:, 0])

    def by_history(self, fused: np.ndarray, offsets: np.ndarray, joint: Evidence | None) -> np.ndarray:
        """``fused`` (n, g, h) with the offsets. How likely each history is, the sum over spaces says. Who made it, all
        spaces at once say of an image as it was made, where they have been looked at; of a changed one, both say."""
        found = fused + offsets[:, None]
        if joint is None or self.at_once is None:
            return np.asarray(found)
        history, at_once = logsumexp(found, axis=1, keepdims=True), joint.likelihood[:, :, :1]
        as_made = self.at_once.weight * at_once + offsets[:, None]
        changed = found[:, :, 1:] + self.at_once.beside * at_once
        return np.asarray(history + log_softmax(np.concatenate([as_made, changed], axis=2), axis=1))

    def generated(self, evidence: dict[str, Evidence]) -> np.ndarray:
        """Log-odds (n,) of "generated" against "real"."""
        weights = zip(self.spaces, self.real_weights, strict=True)
        over_real = sum(weight * evidence[space].over_real for space, weight in weights if space in evidence)
        return np.asarray(over_real + self.real_bias)

    def unreal_features(self, evidence: dict[str, Evidence]) -> np.ndarray:
        """(n, 3) of what would be real rather than by one of the generators, and may be neither: log distance to real
        photos, averaged over spaces; log-odds of "real"; and one."""
        distance = np.mean([evidence[space].real_distance for space in self.spaces if space in evidence], axis=0)
        odds = np.clip(-self.generated(evidence), -4.0, 6.0)
        return np.column_stack([np.log(distance + 1e-6), odds, np.ones(len(odds))])

    def _stranger(self, evidence: dict[str, Evidence], fused: np.ndarray, best: np.ndarray) -> np.ndarray:
        """Probability (n,) that it is by a generator that is none of these, given that it is generated."""
        weights = self.at_once.unknown_weights if self.at_once and JOINT in evidence else self.unknown_weights
        return np.asarray(expit(self.stranger_features(evidence, fused, best) @ np.array(weights)))

    def stranger_features(self, evidence: dict[str, Evidence], fused: np.ndarray, best: np.ndarray) -> np.ndarray:
        """(n, 3) of the generator ``best`` (n,): log distance after its likeliest history, averaged over spaces; what
        share of its trace the image shows, to all spaces at once or on average over them, if not more; and one."""
        parts = {space: evidence[space] for space in self.spaces if space in evidence}
        rows, history = np.arange(len(best)), fused[np.arange(len(best)), best].argmax(axis=1)
        distance = np.mean([part.distance[rows, best, history] for part in parts.values()], axis=0)
        if self.at_once and JOINT in evidence:
            share = evidence[JOINT].share[rows, best, 0]
        else:
            weight = np.array([self.fusion[self.spaces.index(space)] for space in parts]) + 1e-6
            shares = [part.share[rows, best, history] for part in parts.values()]
            share = np.average(shares, axis=0, weights=weight)
        return np.column_stack([np.log(distance + 1e-6), np.minimum(share, _WHOLE_SHARE), np.ones(len(best))])

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Calibration:
        values = _tuples(facts)
        at_once = values.pop("at_once", None)
        return cls(**values, at_once=AtOnce(**_tuples(at_once)) if at_once else None)


def _tuples(facts: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}


def naming(posterior: Posterior) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(probability of the best generator, if the image was generated; that it was not; column), each (n,)."""
    generators = posterior.candidates[:, :-1]
    choice = generators.argmax(axis=1)
    best = (1 - posterior.unknown) * np.take_along_axis(generators, choice[:, None], axis=1)[:, 0]
    return best / np.maximum(posterior.generated, 1e-12), 1 - posterior.generated, choice


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


def p_values(distances: np.ndarray, members: Sequence[float]) -> np.ndarray:
    """Conformal p-values: (1 + number of members at least as far) / (1 + members); ``members`` ascending."""
    sorted_members = np.asarray(members)
    farther = len(sorted_members) - np.searchsorted(sorted_members, distances, side="left")
    return (1.0 + farther) / (1.0 + len(sorted_members))
