"""Learn a Calibration from cross-fitted evidence: the weights of the fusion, then "stranger"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, logsumexp

from ..attribution.calibration import JOINT, LIKELIEST, AtOnce, Calibration, Line, Offsets, Seen, fuse
from ..model.evidence import Evidence, beside
from .crossfit import Kinds, Trials

_KEPT_DISTANCES = 400
_DECAY, _DECAY_OF_OFFSETS = 1e-4, 1e-3
_NEVER = -9.0
_UNCHANGED_PHOTOS = 0.4  # what photos that nothing happened to weigh among all kinds of photos
STRANGERS = 0.25  # so many of the generated images that are asked about are taken to be by none of the generators

Offered = dict[str, Evidence]  # by space, and of all spaces at once under JOINT


@dataclass(frozen=True)
class Together:
    """The trials of all spaces side by side: each set of images as space -> Evidence."""

    known: Offered
    labels: np.ndarray
    photos: Offered
    sources: np.ndarray
    strangers: Sequence[Offered]
    kinds: Kinds
    photos_kinds: Kinds
    strangers_kinds: Sequence[Kinds]
    left_out: Sequence[int | None]
    newcomers: Mapping[int, Offered] = field(default_factory=dict)
    newcomers_kinds: Mapping[int, Kinds] = field(default_factory=dict)
    photos_added: Offered = field(default_factory=dict)

    @classmethod
    def of(cls, trials_of: Mapping[str, Trials]) -> Together:
        first = next(iter(trials_of.values()))
        return cls(
            known={space: trials.known for space, trials in trials_of.items()},
            labels=first.labels,
            photos={space: trials.photos for space, trials in trials_of.items()},
            sources=first.sources,
            strangers=[
                {space: trials.strangers[i] for space, trials in trials_of.items()} for i in range(len(first.strangers))
            ],
            kinds=first.kinds,
            photos_kinds=first.photos_kinds,
            strangers_kinds=first.strangers_kinds,
            left_out=first.left_out,
            newcomers={
                column: {space: trials.newcomers[column] for space, trials in trials_of.items()}
                for column in first.newcomers
            },
            newcomers_kinds=first.newcomers_kinds,
            photos_added={
                space: trials.photos_added for space, trials in trials_of.items() if trials.photos_added is not None
            },
        )

    def seen(self, calibration: Calibration) -> tuple[Seen, Seen, list[Seen]]:
        """Known images, photos and each set of strangers, as the weights of "generated" and "stranger" see them."""
        offsets = calibration.offsets_of(list(calibration.offsets))
        strangers = zip(self.strangers, self.their_offsets(offsets), strict=True)
        return (
            calibration.seen(self.known, offsets),
            calibration.seen(self.photos, offsets),
            [calibration.seen(part, their) for part, their in strangers],
        )

    def newcomers_seen(self, calibration: Calibration) -> list[Seen]:
        """Those of each left-out generator that was added later."""
        offsets = calibration.offsets_of(list(calibration.offsets))
        return [calibration.seen(part, offsets.as_if_added(column)) for column, part in self.newcomers.items()]

    def photos_with_one_added(self, calibration: Calibration) -> Iterator[tuple[Offered, Offsets]]:
        """The photos, by all of their views, against all generators, of which each in turn was added later."""
        offsets = calibration.offsets_of(list(calibration.offsets))
        whole = np.flatnonzero(self.photos_kinds.whole)
        photos = {space: part.select(whole) for space, part in self.photos.items()}
        for column in range(len(offsets.values) if self.photos_added else 0):
            rest = np.delete(np.arange(len(offsets.values)), column)
            both = {
                space: beside(photos[space].against(rest), added.against([column]))
                for space, added in self.photos_added.items()
            }
            yield both, offsets.as_if_added(column)

    def their_offsets(self, offsets: Offsets) -> list[Offsets]:
        """Of the generators that each set of strangers is weighed against."""
        return [offsets if column is None else offsets.without(column) for column in self.left_out]


def learn_weights(trials: Together, spaces: Sequence[str], generators: Sequence[str]) -> Calibration:
    """All weights but those of "generated", one after the other, with no operating point yet. ``generators``: the names
    of the trials' labels, in their order."""
    fusion, offsets = _fit_fusion([trials.known[space] for space in spaces], trials.labels, trials.kinds.as_made)
    nothing = Line((), (), _NEVER)
    start = Calibration(
        spaces=tuple(spaces),
        fusion=fusion,
        generated=nothing,
        stranger=nothing,
        member_distances=(),
        real_distances=(),
        bars={},
        stated={},
        offsets=dict(zip(generators, np.round(offsets, 4).tolist(), strict=True)),
        margin=LIKELIEST,
        line=True,
    )
    if JOINT in trials.known:
        start = replace(start, at_once=_fit_at_once(start, trials))
    known, photos, strangers = trials.seen(start)
    right = known.shares.argmax(axis=1) == trials.labels
    return replace(
        start,
        stranger=_fit_stranger(known, strangers, trials),
        member_distances=_thin(known.distance[trials.kinds.whole & right]),
        real_distances=_thin(photos.real_distance[trials.photos_kinds.whole]),
    )


def _fit_fusion(
    parts: Sequence[Evidence], labels: np.ndarray, as_made: np.ndarray
) -> tuple[tuple[float, ...], np.ndarray]:
    """Non-negative weights of the spaces and offsets (g,) of the generators: multinomial logistic regression of the
    true generator, each generator of the same weight however many images it has.

    Learned on the images ``as_made``: single crops and changed images would make the answers for whole ones timid.
    """
    likelihoods, labels = [part.likelihood[as_made] for part in parts], labels[as_made]
    weight, own = even(labels), np.eye(likelihoods[0].shape[1])[labels]

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        weights, offsets = found[: len(parts)], found[len(parts) :]
        each_history = fuse(weights, likelihoods)
        fused = logsumexp(each_history, axis=2)
        scores = log_softmax(fused + offsets, axis=1)
        error = weight[:, None] * (np.exp(scores) - own)
        shares = error[:, :, None] * np.exp(each_history - fused[:, :, None])
        slopes = np.array([np.vdot(shares, likelihood) for likelihood in likelihoods])
        gradient = np.concatenate([slopes + 2 * _DECAY * weights, error.sum(axis=0) + 2 * _DECAY_OF_OFFSETS * offsets])
        penalty = _DECAY * weights @ weights + _DECAY_OF_OFFSETS * offsets @ offsets
        return float(penalty - weight @ (scores * own).sum(axis=1)), gradient

    start = np.concatenate([np.full(len(parts), 0.3), np.zeros(own.shape[1])])
    bounds = [(0.0, 5.0)] * len(parts) + [(None, None)] * own.shape[1]
    found = minimize(loss, start, jac=True, bounds=bounds, method="L-BFGS-B").x
    return tuple(float(w) for w in found[: len(parts)]), found[len(parts) :]


def _fit_at_once(start: Calibration, trials: Together) -> AtOnce:
    """First the weight for images as they were made, then, beside the sum over spaces, for changed ones."""
    offsets = start.offsets_of(list(start.offsets))
    weight = _fit_joint(trials, offsets)
    return AtOnce(weight, _fit_beside(start, weight, offsets, trials))


def _fit_joint(trials: Together, offsets: Offsets) -> float:
    as_made = trials.kinds.as_made
    joint, labels = trials.known[JOINT].likelihood[as_made, :, 0], trials.labels[as_made]
    weight, rows = even(labels), np.arange(len(labels))

    def loss(found: float) -> float:
        return float(-weight @ log_softmax(found * joint + offsets.values, axis=1)[rows, labels])

    return float(minimize_scalar(loss, bounds=(0.0, 5.0), method="bounded").x)


def _fit_beside(start: Calibration, weight: float, offsets: Offsets, trials: Together) -> float:
    """By the true generator of whole images, half of them as made, the rest changed."""
    if not trials.kinds.changed.any():
        return 0.0
    fused = fuse(start.fusion, [trials.known[space].likelihood for space in start.spaces])
    of_image, rows = even(trials.labels) * by_kind(trials.kinds), np.arange(len(trials.labels))

    def loss(found: float) -> float:
        heard = replace(start, at_once=AtOnce(weight, found))
        scores = heard.by_history(fused, offsets, trials.known[JOINT])
        return float(-of_image @ log_softmax(logsumexp(scores, axis=2), axis=1)[rows, trials.labels])

    return float(minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-3}).x)


def _fit_stranger(known: Seen, strangers: Sequence[Seen], trials: Together) -> Line:
    """Logistic regression of "stranger" on ``Seen.strange``; no weight may say that a picture is the less strange the
    farther it lies, the less it shows of the trace, or the less one generator stands out."""
    if not strangers:
        return Line((), (), _NEVER)  # too few generators to leave one out: nothing is known of strangers
    x = np.concatenate([known.strange, *(part.strange for part in strangers)])
    y = np.concatenate([np.zeros(len(trials.labels)), np.ones(len(x) - len(trials.labels))])
    weight = np.concatenate([(1 - STRANGERS) * by_kind(trials.kinds), STRANGERS * by_kind(*trials.strangers_kinds)])
    return _logistic(x, y, weight, _DECAY, [(0, None), (None, 0), (None, 0)])


def even(groups: np.ndarray) -> np.ndarray:
    """Weights that sum to 1, the same for each group."""
    names, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / (len(names) * counts[inverse]))


def by_kind(*kinds: Kinds) -> np.ndarray:
    """Weights of images that sum to 1: half of them as they were made, half changed, none seen by part of its views."""
    as_made, changed = (np.concatenate([getattr(one, which) for one in kinds]) for which in ("as_made", "changed"))
    return shared(shared(as_made.astype(float)) + shared(changed.astype(float)))


def of_photos(sources: np.ndarray) -> np.ndarray:
    """Weights of photos that sum to 1: those that nothing happened to have a fixed share, the kinds the same each."""
    as_is = unchanged(sources)
    if as_is.all() or not as_is.any():
        return even(sources)
    weight = np.empty(len(sources))
    weight[as_is] = _UNCHANGED_PHOTOS * even(sources[as_is])
    weight[~as_is] = (1 - _UNCHANGED_PHOTOS) * even(sources[~as_is])
    return weight


def unchanged(sources: np.ndarray) -> np.ndarray:
    """Which photos, by their labels (n,), nothing happened to."""
    return np.char.endswith(sources.astype(str), "| as is")


def shared(weight: np.ndarray) -> np.ndarray:
    return np.asarray(weight / max(float(weight.sum()), 1e-12))


def _logistic(
    x: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    decay: float,
    bounds: Sequence[tuple[float | None, float | None]] | None = None,
) -> Line:
    """Logistic regression of y (n,) on x (n, k); ``bounds`` of the weights."""
    centre = np.average(x, axis=0, weights=weight)
    scale = np.sqrt(np.average((x - centre) ** 2, axis=0, weights=weight)) + 1e-9
    z = (x - centre) / scale

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        w, odds = found[:-1], z @ found[:-1] + found[-1]
        error = weight * (expit(odds) - y)
        gradient = np.append(z.T @ error + 2 * decay * w, error.sum())
        return float(weight @ (np.logaddexp(0, odds) - y * odds) + decay * w @ w), gradient

    limits = None if bounds is None else [*bounds, (None, None)]
    found = minimize(loss, np.zeros(x.shape[1] + 1), jac=True, bounds=limits, method="L-BFGS-B").x
    return Line(tuple((found[:-1] / scale).tolist()), tuple(centre.tolist()), float(found[-1]))


def _thin(values: np.ndarray) -> tuple[float, ...]:
    quantiles = np.quantile(values, np.linspace(0, 1, min(len(values), _KEPT_DISTANCES)))
    return tuple(float(v) for v in np.round(quantiles, 5))
