"""From the evidence of all spaces to calibrated probabilities, on the level of images.

Three questions, one after the other: did a model make it, or is it a photo? If a model did, which of these? And is it
one of these at all? All weights are learned on evidence that the image had no part in (crossfit.py, tuning.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from scipy.special import expit, softmax

from ..images.detail import ENOUGH
from ..model.evidence import Evidence
from .bars import Bars, Stated, with_little
from .older import in_todays_terms

JOINT = "all spaces"  # where evidence is by space: that of fingerprints/model/joint.py
AS_MADE = 0.5  # how many of the images that are asked about are taken to be as they were made
ATYPICAL = 0.02  # p-value; noise, drawings and charts lie as far out, whomever they are nearest to
_WHOLE_SHARE = 1.25  # of a generator's trace; what shows more of it, as noise may, is no surer to be the generator's
_FARTHEST = 5.0  # standard deviations from the middle, in which features are believed
LARGEST, LIKELIEST = "largest", "likeliest"
FEATURES = ("margin over real", "distance to the generator", "share of its trace", "distance to photos")


@dataclass(frozen=True)
class Offsets:
    """(g,) of the generators that evidence is about: ``values``, added to their log-likelihoods; and which are
    ``founders``. One that was added later has the offset 0, and how its images vary was not measured."""

    values: np.ndarray
    founders: np.ndarray

    def select(self, columns: np.ndarray | Sequence[int]) -> Offsets:
        return Offsets(self.values[columns], self.founders[columns])

    def without(self, column: int) -> Offsets:
        return Offsets(np.delete(self.values, column), np.delete(self.founders, column))

    def with_one_added(self) -> Offsets:
        return Offsets(np.append(self.values, 0.0), np.append(self.founders, False))

    def as_if_added(self, column: int) -> Offsets:
        """As if that generator had been added later: it is the last, then."""
        return self.without(column).with_one_added()


@dataclass(frozen=True)
class Posterior:
    """Of n images against g generators.

    ``generated`` (n,): probability that a model made it, and not a camera. ``shares`` (n, g): of each generator, given
    that one of them made it. ``stranger`` (n,): that none of them did, given that a model did. ``p_value`` and
    ``real_p_value`` (n,): the share of genuine images of the likeliest generator, or of photos, that lie at least as
    far out (conformal). ``outside`` (n,): unlike all that is known. ``as_made`` (n,): probability, if generated, that
    nothing happened to it since. ``added`` (n,): how many generators were added later, if the likeliest is one of them,
    else 0. ``shows`` (n,): how much can be seen in the image (images/detail.py). ``certain``: what share of all this is
    believed.
    """

    generated: np.ndarray
    shares: np.ndarray
    stranger: np.ndarray
    p_value: np.ndarray
    real_p_value: np.ndarray
    outside: np.ndarray
    as_made: np.ndarray
    added: np.ndarray
    shows: np.ndarray
    certain: float = 1.0

    @property
    def made(self) -> np.ndarray:
        """(n,): probability that a model made it, as far as that is believed."""
        return np.asarray(self.certain * self.generated)

    @property
    def real(self) -> np.ndarray:
        """(n,): probability of a photo, likewise."""
        return np.asarray(self.certain * (1 - self.generated))

    @property
    def names(self) -> np.ndarray:
        """(n, g): probability of each generator, if a model made the image."""
        return np.asarray(self.shares * (1 - self.stranger)[:, None])

    @property
    def candidates(self) -> np.ndarray:
        """(n, g + 1): each generator, then "real", summing to 1, given that it is one of them."""
        both = np.maximum(np.column_stack([self.names * self.made[:, None], self.real]), 1e-300)
        return np.asarray(both / both.sum(axis=1, keepdims=True))

    @property
    def unknown(self) -> np.ndarray:
        """(n,): probability that it is none of the candidates."""
        none = 1 - self.names.sum(axis=1) * self.made - self.real
        return np.where(self.outside, np.maximum(none, 1 - self.p_values), none)

    @property
    def p_values(self) -> np.ndarray:
        """(n,): of the likeliest candidate, a generator or "real"."""
        real = self.candidates[:, -1] >= self.candidates[:, :-1].max(axis=1, initial=0.0)
        return np.where(real, self.real_p_value, self.p_value)

    def doubted(self, doubt: float) -> Posterior:
        """The same when that share of all certainty is taken back."""
        return replace(self, certain=1.0 - doubt)


@dataclass(frozen=True)
class AtOnce:
    """The weights of all spaces at once (fingerprints/model/joint.py): ``weight`` of what they say about who made an
    image as it was made, ``beside`` the sum over spaces of a changed one."""

    weight: float
    beside: float


@dataclass(frozen=True)
class Line:
    """A straight line in features: ``weights`` of the features after ``centre`` is taken off, and ``bias``."""

    weights: tuple[float, ...]
    centre: tuple[float, ...]
    bias: float

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(n, k) -> (n,); features that are not known (NaN) say nothing, and without weights none does."""
        if not self.weights:
            return np.full(len(features), self.bias)
        return np.asarray(np.nan_to_num(features - np.array(self.centre)) @ np.array(self.weights) + self.bias)


@dataclass(frozen=True)
class Network:
    """Log-odds from features by small networks of one hidden layer each, averaged: relu(z W + b) v + c, where z are the
    features (k,) less ``centre`` and in units of ``scale``. ``members``: W (k, m), b (m,), v (m,), c of each."""

    centre: tuple[float, ...]
    scale: tuple[float, ...]
    members: tuple[tuple[Any, Any, Any, float], ...]

    def __call__(self, features: np.ndarray) -> np.ndarray:
        """(n, k) -> (n,); features that are not known (NaN) are taken to be in the middle."""
        z = self.standardised(features)
        return np.mean(
            [np.maximum(z @ np.array(w) + np.array(b), 0) @ np.array(v) + c for w, b, v, c in self.members], 0
        )

    @classmethod
    def from_json(cls, facts: Mapping[str, Any]) -> Network:
        return cls(**_tuples(facts))

    def standardised(self, features: np.ndarray) -> np.ndarray:
        z = (features - np.array(self.centre)) / np.array(self.scale)
        return np.clip(np.nan_to_num(z), -_FARTHEST, _FARTHEST)


@dataclass(frozen=True)
class Calibration:
    """``fusion``: the weight of each space's log-likelihood; ``offsets`` of the founders by name, so that each gets its
    due: the mean of a generator with few images is uncertain, and its images would go to generators with many.
    ``at_once``: None where there is no joint covariance. ``generated``: log-odds, from the features of all spaces (and
    of all at once) side by side; ``stranger`` likewise from its own. ``bars`` by strictness,
    ``stated`` by level. ``member_distances`` and ``real_distances``, ascending, are what p-values are taken from.
    ``margin``: whose margin over real "generated" looks at, that of the likeliest generator, or, as older ones did, the
    largest of all: among many generators there is always one that a photo happens to be near. ``line``: whether
    "generated" looks also at where an image lies on Fisher's line, which older ones did not.
    """

    spaces: tuple[str, ...]
    fusion: tuple[float, ...]
    generated: Line | Network
    stranger: Line
    member_distances: tuple[float, ...]
    real_distances: tuple[float, ...]
    bars: Mapping[str, Bars]
    stated: Mapping[str, Stated]
    offsets: Mapping[str, float] = field(default_factory=dict)
    at_once: AtOnce | None = None
    margin: str = LARGEST
    line: bool = False

    def offsets_of(self, generators: Sequence[str]) -> Offsets:
        """Of the generators with these names."""
        return Offsets(
            np.array([self.offsets.get(name, 0.0) for name in generators]),
            np.array([name in self.offsets for name in generators], dtype=bool),
        )

    def posterior(
        self, evidence: Mapping[str, Evidence], offsets: Offsets, shows: np.ndarray | int = ENOUGH
    ) -> Posterior:
        """Fuse the evidence of the spaces at hand, and of all at once under ``JOINT``; those that are not there yet say
        nothing. ``offsets``: of the generators that the evidence is about; ``shows``: how much each image shows."""
        seen = self.seen(evidence, offsets)
        p_value = p_values(seen.distance, self.member_distances)
        real_p_value = p_values(seen.real_distance, self.real_distances)
        best = seen.shares.argmax(axis=1)
        return Posterior(
            generated=self.made(seen.features),
            shares=seen.shares,
            stranger=expit(self.stranger(seen.strange)),
            p_value=p_value,
            real_p_value=real_p_value,
            outside=offsets.founders[best] & (np.maximum(p_value, real_p_value) < ATYPICAL),
            as_made=seen.as_made,
            added=np.where(offsets.founders[best], 0, np.count_nonzero(~offsets.founders)),
            shows=np.broadcast_to(shows, best.shape),
        )

    def made(self, features: np.ndarray, network: Line | Network | None = None) -> np.ndarray:
        """(n,): the probability that a model made images of these features (n, k), by ``network`` or the calibration's
        own. Where all spaces at once were looked at, odds for it are no higher than their margin over real and their
        line say, which are ratios of likelihoods: a picture that lies near to everything is not generated for that, and
        no photo either."""
        odds = (network or self.generated)(features)
        if self.at_once and self.margin == LIKELIEST:
            most = np.maximum(features[:, len(FEATURES) * len(self.spaces)], 0.0)
            odds = np.fmin(odds, np.maximum(most, features[:, -1]) if self.line else most)
        return np.asarray(expit(odds))

    def seen(self, evidence: Mapping[str, Evidence], offsets: Offsets) -> Seen:
        """What the weights are applied to."""
        parts, fused = self._summed(evidence)
        joint = evidence.get(JOINT) if self.at_once else None
        both = softmax(self.by_history(fused, offsets, joint), axis=(1, 2))
        shares, histories = both.sum(axis=2), both.sum(axis=1)
        best = shares.argmax(axis=1)
        history = fused[np.arange(len(best)), best].argmax(axis=1)
        distance = np.mean([_at(part.distance, best, history) for part in parts.values()], axis=0)
        asked = [evidence.get(space) for space in ((*self.spaces, JOINT) if self.at_once else self.spaces)]
        features = [_features(part, best, history, self.margin) for part in asked]
        lines = [part.line if part else np.full(len(best), np.nan) for part in asked] if self.line else []
        share = _at(joint.share, best, np.zeros_like(history)) if joint else self._share(parts, best, history)
        return Seen(
            shares=shares,
            as_made=histories[:, 0],
            features=np.column_stack([*features, histories[:, 0], shares.max(axis=1), *lines]),
            strange=np.column_stack([np.log(distance + 1e-6), np.minimum(share, _WHOLE_SHARE), shares.max(axis=1)]),
            distance=distance,
            real_distance=np.mean([part.real_distance for part in parts.values()], axis=0),
        )

    def first(self, evidence: Mapping[str, Evidence], offsets: Offsets, count: int) -> np.ndarray:
        """(n, g): whether a generator is one of the ``count`` that the sum over spaces finds likeliest for an image.

        If all spaces at once are asked about these alone, none of the others comes out likeliest: the chosen ones share
        out anew what the sum gives them together (``by_history``), and the best of them gets at least the mean.
        """
        scores = log_sum(self.by_history(self._summed(evidence)[1], offsets, None), 2)
        found = np.ones(scores.shape, dtype=bool)
        if count < scores.shape[1]:
            np.put_along_axis(found, np.argpartition(scores, -count, axis=1)[:, :-count], False, axis=1)
        return found

    def by_history(self, fused: np.ndarray, offsets: Offsets, joint: Evidence | None) -> np.ndarray:
        """``fused`` (n, g, h) with the offsets. How likely each history is, the sum over spaces says. Who made it, all
        spaces at once say of an image as it was made, where they have been looked at; of a changed one, both say.
        Generators of which ``joint`` says nothing (NaN) keep what the sum gives them, the others share out the rest."""
        found = fused + offsets.values[:, None]
        if joint is None or self.at_once is None:
            return np.asarray(found)
        at_once = joint.likelihood[:, :, :1]
        as_made = self.at_once.weight * at_once + offsets.values[:, None]
        changed = found[:, :, 1:] + self.at_once.beside * at_once
        scores = np.concatenate([as_made, changed], axis=2)
        asked = ~np.isnan(scores)
        of_sum, of_all = (log_sum(np.where(asked, values, -np.inf), 1)[:, None] for values in (found, scores))
        return np.where(asked, scores - of_all + of_sum, found)

    def _summed(self, evidence: Mapping[str, Evidence]) -> tuple[dict[str, Evidence], np.ndarray]:
        """The evidence of the spaces at hand, and their ``fuse`` (n, g, h)."""
        parts = {space: evidence[space] for space in self.spaces if space in evidence}
        if not parts:
            raise ValueError(f"no evidence from any of the spaces {', '.join(self.spaces)}.")
        weights = [self.fusion[self.spaces.index(space)] for space in parts]
        return parts, fuse(weights, [part.likelihood for part in parts.values()])

    def _share(self, parts: Mapping[str, Evidence], best: np.ndarray, history: np.ndarray) -> np.ndarray:
        """What share of the generator's trace the images show, on average over the spaces."""
        weights = np.array([self.fusion[self.spaces.index(space)] for space in parts]) + 1e-6
        return np.average([_at(part.share, best, history) for part in parts.values()], axis=0, weights=weights)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, facts: dict[str, Any]) -> Calibration:
        values = _tuples(in_todays_terms(facts))
        made = values["generated"]
        values["generated"] = Network.from_json(made) if "members" in made else Line(**_tuples(made))
        values["stranger"] = Line(**_tuples(values["stranger"]))
        values["bars"] = with_little({step: Bars.from_json(bars) for step, bars in values["bars"].items()})
        values["stated"] = {level: Stated(**stated) for level, stated in values["stated"].items()}
        values["at_once"] = AtOnce(**values["at_once"]) if values.get("at_once") else None
        return cls(**values)


@dataclass(frozen=True)
class Seen:
    """Of n images: the ``shares`` (n, g) of the generators; ``as_made`` (n,); ``features`` (n, k), FEATURES of each
    space, ``as_made``, the largest share, and the place on each space's line; ``strange`` (n, 3); and the ``distance``
    to the likeliest generator and to photos, (n,)."""

    shares: np.ndarray
    as_made: np.ndarray
    features: np.ndarray
    strange: np.ndarray
    distance: np.ndarray
    real_distance: np.ndarray


def _features(part: Evidence | None, best: np.ndarray, history: np.ndarray, margin: str) -> np.ndarray:
    """FEATURES (n, 4) of one space; NaN while it has not been looked at."""
    if part is None:
        return np.full((len(best), len(FEATURES)), np.nan)
    return np.column_stack(
        [
            np.nanmax(part.over_real, axis=1) if margin == LARGEST else part.over_real[np.arange(len(best)), best],
            np.log(_at(part.distance, best, history) + 1e-6),
            np.minimum(_at(part.share, best, history), _WHOLE_SHARE),
            np.log(part.real_distance + 1e-6),
        ]
    )


def _at(values: np.ndarray, generator: np.ndarray, history: np.ndarray) -> np.ndarray:
    """(n, g, h) -> (n,): of one generator after one history each."""
    return np.asarray(values[np.arange(len(generator)), generator, history])


def log_sum(values: np.ndarray, axis: int) -> np.ndarray:
    """log of the sum of exp along an axis, where that is -inf for nothing but -inf. That of scipy takes ten times as
    long of thousands of generators."""
    most = values.max(axis=axis, keepdims=True)
    most[np.isneginf(most)] = 0.0
    with np.errstate(divide="ignore"):  # the logarithm of nothing
        return np.asarray(np.log(np.exp(values - most).sum(axis=axis)) + most.squeeze(axis))


def _tuples(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}


def fuse(weights: Sequence[float] | np.ndarray, likelihoods: Sequence[np.ndarray]) -> np.ndarray:
    """The weighted sum over spaces of log-likelihoods (n, g, h), plus the log prior of each history.

    All spaces see one image, and it has one history: summed over spaces first, then over histories.
    """
    histories = likelihoods[0].shape[2]
    others = (1 - AS_MADE) / max(1, histories - 1)
    prior = np.log([AS_MADE] + [others] * (histories - 1)) if histories > 1 else np.zeros(1)
    return np.asarray(sum(weight * one for weight, one in zip(weights, likelihoods, strict=True))) + prior


def p_values(distances: np.ndarray, members: Sequence[float]) -> np.ndarray:
    """Conformal p-values: (1 + number of members at least as far) / (1 + members); ``members`` ascending."""
    sorted_members = np.asarray(members)
    farther = len(sorted_members) - np.searchsorted(sorted_members, distances, side="left")
    return np.asarray((1.0 + farther) / (1.0 + len(sorted_members)))
