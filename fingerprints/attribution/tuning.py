"""Learn a Calibration from cross-fitted evidence: the fusion, "real", "unknown", and the operating point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, logsumexp
from sklearn.linear_model import LogisticRegression

from ..crossfit import Kinds, Trials
from .calibration import JOINT, Calibration, fuse, mean_distance, naming, unknown_features
from .evidence import Evidence

_KEPT_DISTANCES = 400
_GRID = np.round(np.arange(0.20, 0.991, 0.02), 2)
_DECAY, _DECAY_OF_OFFSETS = 1e-4, 1e-3
_LIMITS = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)


@dataclass(frozen=True)
class OperatingPoint:
    """The errors that the thresholds keep below a limit on the calibration images.

    ``accused``: photos attributed to a generator, in the worst kind of photos. ``misnamed``: images of a generator
    that was left out, given another's name. ``right``: share of the named answers that are right. ``passed``:
    generated images called real, left-out generators included.
    """

    accused: float = 0.06
    misnamed: float = 0.25
    right: float = 0.88
    passed: float = 0.12


@dataclass(frozen=True)
class _Fused:
    """The trials of all spaces side by side: each set of images as space -> Evidence."""

    known: dict[str, Evidence]
    labels: np.ndarray
    photos: dict[str, Evidence]
    sources: np.ndarray
    strangers: Sequence[dict[str, Evidence]]
    kinds: Kinds
    strangers_kinds: Sequence[Kinds]


def calibrate(trials_of: Mapping[str, Trials], generators: Sequence[str], point: OperatingPoint) -> Calibration:
    """Fit the weights one after the other, then choose the thresholds for ``point``.

    ``trials_of``: by space, and of all spaces at once under ``JOINT`` if there is such a thing. ``generators``: the
    names of the trials' labels, in their order.
    """
    spaces, trials = [space for space in trials_of if space != JOINT], _side_by_side(trials_of)
    fusion, offsets = _fit_fusion([trials.known[space] for space in spaces], trials.labels, trials.kinds.as_made)
    real_weights, real_bias = _fit_real(trials, spaces)
    start = Calibration(
        spaces=tuple(spaces),
        fusion=fusion,
        real_weights=real_weights,
        real_bias=real_bias,
        unknown_weights=(-9.0, 0.0, 0.0),
        member_distances=_member_distances(trials, spaces, fusion),
        real_distances=_thin(_distances(trials.photos, spaces, fusion)[:, -1]),
        name_threshold=0.5,
        real_limit=0.5,
        real_threshold=0.5,
        offsets=dict(zip(generators, np.round(offsets, 4).tolist(), strict=True)),
        joint_weight=_fit_joint(trials, offsets) if JOINT in trials_of else 0.0,
    )
    start = replace(start, joint_beside=_fit_beside(start, trials))
    aware = replace(start, unknown_weights=_fit_unknown(start, trials, spaces))
    name, limit, real = _operating_point(aware, trials, point)
    return replace(aware, name_threshold=name, real_limit=limit, real_threshold=real)


def _side_by_side(trials_of: Mapping[str, Trials]) -> _Fused:
    first = next(iter(trials_of.values()))
    return _Fused(
        known={space: trials.known for space, trials in trials_of.items()},
        labels=first.labels,
        photos={space: trials.photos for space, trials in trials_of.items()},
        sources=first.sources,
        strangers=[
            {space: trials.strangers[i] for space, trials in trials_of.items()} for i in range(len(first.strangers))
        ],
        kinds=first.kinds,
        strangers_kinds=first.strangers_kinds,
    )


def _fit_fusion(
    parts: Sequence[Evidence], labels: np.ndarray, as_made: np.ndarray
) -> tuple[tuple[float, ...], np.ndarray]:
    """Non-negative weights of the spaces and offsets (g,) of the generators: multinomial logistic regression of the
    true generator, each generator of the same weight however many images it has.

    Learned on the images ``as_made``: single crops and changed images would make the answers for whole ones timid.
    """
    likelihoods, labels = [part.likelihood[as_made] for part in parts], labels[as_made]
    weight, own = _even(labels), np.eye(likelihoods[0].shape[1])[labels]

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


def _fit_joint(trials: _Fused, offsets: np.ndarray) -> float:
    """The weight of all spaces at once, beside the offsets of the fusion, learned as that is."""
    as_made = trials.kinds.as_made
    joint, labels = trials.known[JOINT].likelihood[as_made, :, 0], trials.labels[as_made]
    weight, rows = _even(labels), np.arange(len(labels))

    def loss(found: float) -> float:
        return float(-weight @ log_softmax(found * joint + offsets, axis=1)[rows, labels])

    return float(minimize_scalar(loss, bounds=(0.0, 5.0), method="bounded").x)


def _fit_beside(start: Calibration, trials: _Fused) -> float:
    """The weight of all spaces at once beside the sum over spaces, for changed images: by the true generator of whole
    images, half of them as made, the rest changed."""
    as_made, changed = trials.kinds.as_made, trials.kinds.whole & ~trials.kinds.as_made
    if JOINT not in trials.known or not changed.any():
        return 0.0
    fused = fuse(start.fusion, [trials.known[space].likelihood for space in start.spaces])
    weight = _even(trials.labels) * (as_made / as_made.mean() + changed / changed.mean()) / 2
    offsets, rows = _offsets(start), np.arange(len(trials.labels))

    def loss(found: float) -> float:
        scores = replace(start, joint_beside=found).by_history(fused, offsets, trials.known[JOINT])
        return float(-weight @ log_softmax(logsumexp(scores, axis=2), axis=1)[rows, trials.labels])

    return float(minimize_scalar(loss, bounds=(0.0, 1.0), method="bounded", options={"xatol": 1e-3}).x)


def _fit_real(trials: _Fused, spaces: Sequence[str]) -> tuple[tuple[float, ...], float]:
    """Logistic regression of "generated" on each space's margin over real, of images by all of their views.

    Both sides weigh the same.
    """
    generated = [
        _margins(part, spaces)[kinds.whole]
        for part, kinds in zip((trials.known, *trials.strangers), (trials.kinds, *trials.strangers_kinds), strict=True)
    ]
    x = np.concatenate([*generated, _margins(trials.photos, spaces)])
    photos = len(trials.sources)
    y = np.concatenate([np.ones(len(x) - photos), np.zeros(photos)])
    weight = np.concatenate([np.full(len(x) - photos, 1 / (len(x) - photos)), _even(trials.sources)])
    scale = np.abs(x).mean(axis=0) + 1e-9
    model = LogisticRegression(C=10.0).fit(x / scale, y, sample_weight=weight * len(x) / 2)
    return tuple(float(w) for w in model.coef_[0] / scale), float(model.intercept_[0])


def _fit_unknown(start: Calibration, trials: _Fused, spaces: Sequence[str]) -> tuple[float, float, float]:
    """Logistic regression of "stranger" on distance and certainty; one image in four counts as a stranger."""
    if not trials.strangers:
        return start.unknown_weights  # too few generators to leave one out: nothing is known of strangers
    offsets = _offsets(start)
    known = _unknown_rows(start, trials.known, spaces, offsets)
    photos = _unknown_rows(start, trials.photos, spaces, offsets)
    strangers = np.concatenate(
        [_unknown_rows(start, part, spaces, np.delete(offsets, out)) for out, part in enumerate(trials.strangers)]
    )
    x = np.concatenate([known, photos, strangers])[:, 1:]
    y = np.concatenate([np.zeros(len(known) + len(photos)), np.ones(len(strangers))])
    weight = np.concatenate(
        [
            np.full(len(known), 0.45 / len(known)),
            0.3 * _even(trials.sources),
            np.full(len(strangers), 0.25 / len(strangers)),
        ]
    )
    model = LogisticRegression(C=10.0).fit(x, y, sample_weight=weight * len(x))
    return float(model.intercept_[0]), float(model.coef_[0, 0]), float(model.coef_[0, 1])


def _unknown_rows(
    start: Calibration, part: dict[str, Evidence], spaces: Sequence[str], offsets: np.ndarray
) -> np.ndarray:
    candidates = start.posterior(part, offsets).candidates
    distance = _distances(part, spaces, start.fusion)
    best = candidates.argmax(axis=1)
    return unknown_features(np.take_along_axis(distance, best[:, None], axis=1)[:, 0], candidates.max(axis=1))


def _operating_point(calibration: Calibration, trials: _Fused, point: OperatingPoint) -> tuple[float, float, float]:
    """(name_threshold, real_limit, real_threshold): what names most of the known images within the limits."""
    offsets = _offsets(calibration)
    known, photos = calibration.posterior(trials.known, offsets), calibration.posterior(trials.photos, offsets)
    strangers = [calibration.posterior(part, np.delete(offsets, out)) for out, part in enumerate(trials.strangers)]
    whole = trials.kinds.as_made
    name, real, choice = naming(known)
    right = (choice == trials.labels)[whole]
    photo_name, photo_real, _ = naming(photos)
    stranger_name, stranger_real = (
        np.concatenate(
            [naming(s)[i][kinds.as_made] for s, kinds in zip(strangers, trials.strangers_kinds, strict=True)]
            or [np.zeros(0)]
        )
        for i in (0, 1)
    )
    best, found = -1.0, (float(_GRID[-1]), float(_LIMITS[0]))
    for limit in _LIMITS:
        for threshold in _GRID:
            named = ((name >= threshold) & (real <= limit))[whole]
            accused = (photo_name >= threshold) & (photo_real <= limit)
            misnamed = (stranger_name >= threshold) & (stranger_real <= limit)
            if (
                named.mean() > best
                and _mean(right[named], 1.0) >= point.right
                and max(float(accused[trials.sources == s].mean()) for s in np.unique(trials.sources)) <= point.accused
                and _mean(misnamed, 0.0) <= point.misnamed
            ):
                best, found = float(named.mean()), (float(threshold), float(limit))
    passed = [(1 - p.unknown) * p.candidates[:, -1] for p in (known, *strangers)]

    def real_is_safe(t: float) -> bool:
        known_passed, strangers_passed = passed[0], np.concatenate(passed[1:] or [[]])
        return max(_mean(known_passed >= t, 0.0), _mean(strangers_passed >= t, 0.0)) <= point.passed

    return *found, _lowest(real_is_safe)


def _offsets(calibration: Calibration) -> np.ndarray:
    return calibration.offsets_of(list(calibration.offsets))


def _mean(values: np.ndarray, empty: float) -> float:
    return float(np.mean(values)) if len(values) else empty


def _lowest(safe: Callable[[float], bool]) -> float:
    return float(next((t for t in _GRID if safe(t)), _GRID[-1]))


def _margins(part: dict[str, Evidence], spaces: Sequence[str]) -> np.ndarray:
    return np.column_stack([part[space].over_real for space in spaces])


def _even(groups: np.ndarray) -> np.ndarray:
    """Weights that sum to 1, the same for each group."""
    names, inverse, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return 1.0 / (len(names) * counts[inverse])


def _distances(part: dict[str, Evidence], spaces: Sequence[str], fusion: Sequence[float]) -> np.ndarray:
    parts = [part[space] for space in spaces]
    return mean_distance(parts, fuse(fusion, [one.likelihood for one in parts]))


def _member_distances(trials: _Fused, spaces: Sequence[str], fusion: Sequence[float]) -> tuple[float, ...]:
    """Of images as they were made, by all of their views, to the generator that they are from."""
    distance = _distances(trials.known, spaces, fusion)
    return _thin(distance[np.arange(len(trials.labels)), trials.labels][trials.kinds.as_made])


def _thin(values: np.ndarray) -> tuple[float, ...]:
    quantiles = np.quantile(values, np.linspace(0, 1, min(len(values), _KEPT_DISTANCES)))
    return tuple(float(v) for v in np.round(quantiles, 5))
