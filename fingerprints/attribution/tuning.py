"""Learn a Calibration from cross-fitted evidence: the fusion, "real", "unknown", and the operating point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import expit, log_softmax, logsumexp
from sklearn.linear_model import LogisticRegression

from ..crossfit import Kinds, Trials
from .calibration import JOINT, AtOnce, Calibration, fuse, mean_distance, naming
from .evidence import Evidence

_KEPT_DISTANCES = 400
_GRID = [round(0.01 * percent, 2) for percent in range(20, 100, 2)]
_DECAY, _DECAY_OF_OFFSETS = 1e-4, 1e-3
_STRICT = _GRID[-1]
_NEVER_UNKNOWN = (0.0, 0.0, -9.0)
_LIMITS = (0.02, 0.03, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)


@dataclass(frozen=True)
class OperatingPoint:
    """The errors that the thresholds keep below a limit on the calibration images.

    ``accused``: photos attributed to a generator, in the worst kind of photos. ``misnamed``: images of a generator
    that was left out, given another's name. ``right``: share of the named answers that are right. ``passed``:
    generated images called real, left-out generators included.
    """

    accused: float = 0.06
    misnamed: float = 0.18
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
        unknown_weights=_NEVER_UNKNOWN,
        unreal_weights=_NEVER_UNKNOWN,
        member_distances=_member_distances(trials, spaces, fusion),
        real_distances=_thin(_distances(trials.photos, spaces, fusion)[:, -1]),
        name_threshold=0.5,
        changed_threshold=0.5,
        real_limit=0.5,
        real_threshold=0.5,
        offsets=dict(zip(generators, np.round(offsets, 4).tolist(), strict=True)),
    )
    aware = replace(start, unknown_weights=_fit_unknown(start, trials), unreal_weights=_fit_unreal(start, trials))
    if JOINT in trials_of:
        aware = replace(aware, at_once=_fit_at_once(aware, trials))
    return _at_operating_point(aware, trials, point)


def _fit_at_once(start: Calibration, trials: _Fused) -> AtOnce:
    """What all spaces at once add to a calibration without them."""
    found = AtOnce(_fit_joint(trials, _offsets(start)), 0.0, start.unknown_weights)
    found = replace(found, beside=_fit_beside(start, found, trials))
    return replace(found, unknown_weights=_fit_unknown(replace(start, at_once=found), trials))


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


def _fit_beside(start: Calibration, at_once: AtOnce, trials: _Fused) -> float:
    """The weight of all spaces at once beside the sum over spaces, for changed images: by the true generator of whole
    images, half of them as made, the rest changed."""
    as_made, changed = trials.kinds.as_made, trials.kinds.whole & ~trials.kinds.as_made
    if not changed.any():
        return 0.0
    fused = fuse(start.fusion, [trials.known[space].likelihood for space in start.spaces])
    weight = _even(trials.labels) * (as_made / as_made.mean() + changed / changed.mean()) / 2
    offsets, rows = _offsets(start), np.arange(len(trials.labels))

    def loss(found: float) -> float:
        heard = replace(start, at_once=replace(at_once, beside=found))
        scores = heard.by_history(fused, offsets, trials.known[JOINT])
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


def _fit_unknown(start: Calibration, trials: _Fused) -> tuple[float, float, float]:
    """Logistic regression of "stranger" on ``stranger_features``; one generated image in four counts as a stranger.

    No weight may say that a picture is the less strange the farther it lies, or the less it shows of the trace.
    """
    if not trials.strangers:
        return _NEVER_UNKNOWN  # too few generators to leave one out: nothing is known of strangers
    offsets = _offsets(start)
    parts = [(trials.known, offsets), *((part, np.delete(offsets, out)) for out, part in enumerate(trials.strangers))]
    x = np.concatenate([_strange(start, part, of_these) for part, of_these in parts])
    y = np.concatenate([np.zeros(len(trials.labels)), np.ones(len(x) - len(trials.labels))])
    weight = np.concatenate([0.75 * _by_kind([trials.kinds]), 0.25 * _by_kind(trials.strangers_kinds)])
    far, shown, bias = _logistic(x, y, weight, [(0, None), (None, 0), (None, None)])
    return far, shown, bias


def _fit_unreal(start: Calibration, trials: _Fused) -> tuple[float, float, float]:
    """Logistic regression of "stranger" against photo on ``unreal_features``, each image as far as it seems real."""
    if not trials.strangers:
        return _NEVER_UNKNOWN
    parts = [trials.photos, *trials.strangers]
    x = np.concatenate([start.unreal_features(part) for part in parts])
    y = np.concatenate([np.zeros(len(trials.sources)), np.ones(len(x) - len(trials.sources))])
    seems_real = np.concatenate([expit(-start.generated(part)) for part in parts])
    weight = seems_real * np.concatenate([0.5 * _even(trials.sources), 0.5 * _by_kind(trials.strangers_kinds)])
    far, odds, bias = _logistic(x, y, weight / weight.sum(), [(0, None), (None, 0), (None, None)])
    return far, odds, bias


def _strange(start: Calibration, part: dict[str, Evidence], offsets: np.ndarray) -> np.ndarray:
    fused = fuse(start.fusion, [part[space].likelihood for space in start.spaces])
    joint = part[JOINT] if start.at_once else None
    best = logsumexp(start.by_history(fused, offsets, joint), axis=2).argmax(axis=1)
    return start.stranger_features(part, fused, best)


def _by_kind(kinds: Sequence[Kinds]) -> np.ndarray:
    """Weights of images that sum to 1: half of them as they were made, half changed, none seen by part of its views."""
    as_made, whole = (np.concatenate([getattr(one, which) for one in kinds]) for which in ("as_made", "whole"))
    changed = whole & ~as_made
    weight = as_made / as_made.sum() + changed / max(1, changed.sum())
    return np.asarray(weight / weight.sum())


def _logistic(
    x: np.ndarray, y: np.ndarray, weight: np.ndarray, bounds: Sequence[tuple[float | None, float | None]]
) -> list[float]:
    """Logistic regression of y on x with weights within bounds."""
    scale = np.abs(x).mean(axis=0) + 1e-9

    def loss(found: np.ndarray) -> tuple[float, np.ndarray]:
        odds = x / scale @ found
        gradient = (x / scale).T @ (weight * (expit(odds) - y)) + 2 * _DECAY * found
        return float(weight @ (np.logaddexp(0, odds) - y * odds) + _DECAY * found @ found), gradient

    found = minimize(loss, np.zeros(x.shape[1]), jac=True, bounds=bounds, method="L-BFGS-B").x
    return [float(w) for w in found / scale]


def _at_operating_point(calibration: Calibration, trials: _Fused, point: OperatingPoint) -> Calibration:
    """With the thresholds that name most of the known images within the limits: first of images as they were made,
    then of changed ones."""
    offsets = _offsets(calibration)
    known, photos = (calibration.posterior(part, offsets) for part in (trials.known, trials.photos))
    strangers = [calibration.posterior(part, np.delete(offsets, out)) for out, part in enumerate(trials.strangers)]
    right = naming(known)[2] == trials.labels
    sources = [trials.sources == source for source in np.unique(trials.sources)]

    def kept(tried: Calibration, kind: Callable[[Kinds], np.ndarray]) -> bool:
        named, accused = tried.named(known)[kind(trials.kinds)], tried.named(photos)
        misnamed = [tried.named(s)[kind(kinds)] for s, kinds in zip(strangers, trials.strangers_kinds, strict=True)]
        return (
            _mean(right[kind(trials.kinds)][named], 1.0) >= point.right
            and max(float(accused[source].mean()) for source in sources) <= point.accused
            and _mean(np.concatenate([*misnamed, np.zeros(0)]), 0.0) <= point.misnamed
        )

    best, found = -1.0, replace(calibration, name_threshold=_STRICT, changed_threshold=_STRICT, real_limit=_LIMITS[0])
    for limit in _LIMITS:
        for threshold in _GRID:
            tried = replace(calibration, name_threshold=threshold, changed_threshold=threshold, real_limit=limit)
            named = float(tried.named(known)[trials.kinds.as_made].mean())
            if named > best and kept(tried, lambda kinds: kinds.as_made):
                best, found = named, tried
    if (trials.kinds.whole & ~trials.kinds.as_made).any():
        lower = (replace(found, changed_threshold=threshold) for threshold in _GRID)
        changed = (t for t in lower if kept(t, lambda k: k.whole & ~k.as_made) and kept(t, lambda k: k.as_made))
        found = next(changed, found)
    for threshold in _GRID:
        found = replace(found, real_threshold=threshold)
        passed = [found.called_real(known), np.concatenate([*map(found.called_real, strangers), np.zeros(0)])]
        if all(_mean(of, 0.0) <= point.passed for of in passed):
            break
    return found


def _offsets(calibration: Calibration) -> np.ndarray:
    return calibration.offsets_of(list(calibration.offsets))


def _mean(values: np.ndarray, empty: float) -> float:
    return float(np.mean(values)) if len(values) else empty


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
