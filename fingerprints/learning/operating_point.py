"""The operating point: what must be proved before something is said, chosen by the errors that it would make.

Two errors count above all: a photo that is said to be generated, and a generated image that passes as a photo.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from ..attribution.bars import NEVER, Bars, Stated, with_little
from ..attribution.calibration import JOINT, Calibration, Offsets, Posterior
from ..attribution.verdict import (
    AMONG,
    GENERATED,
    GENERATOR,
    MADE,
    REAL,
    STANDARD,
    STRICTNESS,
    UNKNOWN,
    Levels,
    levels,
)
from ..images.histories import AS_IS
from .crossfit import Kinds, Trials
from .generated import Detector
from .tuning import STRANGERS, Offered, Together, by_kind, learn_weights, of_photos, unchanged

T = TypeVar("T", Posterior, Kinds)
_COVERED = [0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.99]
_LEAST_ODDS = 1.4  # .8: what is unlike all calibration images may come that far by chance
_LEAST_NAMED = -1.0  # .27: of many generators the likeliest may be far ahead of all others with less than half
_SAME = "the same at every step"
_LEAST_PHOTOS = 20  # photos of a kind, of which a share can be said
_PRIOR = 10.0  # images' worth of belief in the probabilities as they were found


def _at_every_step(limit: float) -> float:
    """A limit that is neither stricter nor laxer at another step: of sets, and of what is typical."""
    found: float = field(default=limit, metadata={_SAME: True})
    return found


@dataclass(frozen=True)
class Limits:
    """The errors that bars keep below a limit on the calibration images.

    ``accused``: photos said to be generated, over all kinds of photos and over those that nothing happened to, and
    ``accused_worst`` in the worst kind (``photo_kinds``). ``misnamed``: strangers' images given a name; ``misplaced``:
    given a set. ``wrong``: of the names given to images as they were made; ``misled``: changed images that get a wrong
    name; ``uncovered``: of the sets. ``passed``: images as they were made called real; ``passed_changed``: changed
    ones, and ``passed_strangers``: those of strangers. ``typical``: photos that are held to be no typical ones.
    ``accused_added``: photos that get the name of a generator, or a set that it leads, because it was added later.
    """

    accused: float = 0.005
    accused_worst: float = 0.04
    misnamed: float = 0.11
    misplaced: float = _at_every_step(0.17)
    wrong: float = 0.06
    misled: float = 0.03
    uncovered: float = _at_every_step(0.07)
    passed: float = 0.04
    passed_changed: float = 0.12
    passed_strangers: float = 0.12
    typical: float = _at_every_step(0.05)
    accused_added: float = 0.003

    def times(self, factor: float) -> Limits:
        """Stricter or laxer in all errors but those that are the same at every step."""
        changing = [one.name for one in fields(self) if not one.metadata.get(_SAME)]
        return replace(self, **{name: factor * getattr(self, name) for name in changing})


@dataclass(frozen=True)
class OperatingPoint:
    """The limits at each step of strictness."""

    limits: Mapping[str, Limits] = field(
        default_factory=lambda: dict(zip(STRICTNESS, (Limits().times(0.4), Limits(), Limits().times(2.0)), strict=True))
    )


@dataclass(frozen=True)
class Judged:
    """The posteriors of all trials, whole images alone. ``strangers``: those that ``_asked_about`` tells.
    ``newcomers``: the images, as they were made, of each generator that was added later, which is the last of the
    columns; ``photos_added``: the photos, with each generator added later in turn."""

    known: Posterior
    labels: np.ndarray
    kinds: Kinds
    photos: Posterior
    sources: np.ndarray
    strangers: Posterior | None
    strangers_kinds: Kinds | None
    newcomers: Sequence[Posterior] = ()
    photos_added: Sequence[Posterior] = ()

    @classmethod
    def of(
        cls,
        calibration: Calibration,
        trials: Together,
        generated: Sequence[np.ndarray],
        unrelated: Collection[int] = (),
    ) -> Judged:
        """``generated``: the probability of that of each set of trials, by networks that did not learn from them.
        ``unrelated``: the columns of generators that share no design with another."""
        offsets = calibration.offsets_of(list(calibration.offsets))
        known, photos, *others = generated
        of_strangers, others = others[: len(trials.strangers)], others[len(trials.strangers) :]
        of_newcomers, of_added = others[: len(trials.newcomers)], others[len(trials.newcomers) :]
        whole, whole_photos = trials.kinds.whole, trials.photos_kinds.whole
        asked = _asked_about(trials.left_out, unrelated)

        def found(part: Offered, their: Offsets, p: np.ndarray, kinds: Kinds) -> Posterior:
            return replace(calibration.posterior(part, their, kinds.shows), generated=p)

        strangers = [
            (rows(found(part, their, p, kinds), kinds.whole), rows(kinds, kinds.whole))
            for part, kinds, their, column, p in zip(
                trials.strangers,
                trials.strangers_kinds,
                trials.their_offsets(offsets),
                trials.left_out,
                of_strangers,
                strict=True,
            )
            if column in asked
        ]
        return cls(
            rows(found(trials.known, offsets, known, trials.kinds), whole),
            trials.labels[whole],
            rows(trials.kinds, whole),
            rows(found(trials.photos, offsets, photos, trials.photos_kinds), whole_photos),
            trials.sources[whole_photos],
            _stacked([posterior for posterior, _ in strangers]) if strangers else None,
            _stacked([kinds for _, kinds in strangers]) if strangers else None,
            [
                rows(found(part, offsets.as_if_added(column), p, kinds), kinds.as_made)
                for (column, part), kinds, p in zip(
                    trials.newcomers.items(), trials.newcomers_kinds.values(), of_newcomers, strict=True
                )
            ],
            [
                found(part, their, p, rows(trials.photos_kinds, whole_photos))
                for (part, their), p in zip(trials.photos_with_one_added(calibration), of_added, strict=True)
            ],
        )


def _asked_about(left_out: Sequence[int | None], unrelated: Collection[int]) -> Sequence[int | None]:
    """The sets of strangers that are like those asked about later: outsiders (None), and generators that share no
    design with another, left out in turn; where there are none, all that were left out."""
    return [column for column in left_out if column is None or column in unrelated] or left_out


def weigh_and_judge(
    trials_of: Mapping[str, Trials], generators: Sequence[str], unrelated: Collection[str] = ()
) -> tuple[Calibration, Judged]:
    """A calibration with its weights and no bars yet, and what it finds of the trials.

    ``trials_of``: by space, and of all spaces at once under ``JOINT`` if there is such a thing. ``generators``: the
    names of the trials' labels, in their order. ``unrelated``: those that share no design with another.
    """
    trials = Together.of(trials_of)
    weighted = learn_weights(trials, [space for space in trials_of if space != JOINT], generators)
    detector = Detector.learn(weighted, trials)
    weighted = replace(weighted, generated=detector.network)
    alone = [column for column, name in enumerate(generators) if name in unrelated]
    return weighted, Judged.of(weighted, trials, detector.cross_fitted, alone)


def with_bars(weighted: Calibration, judged: Judged, point: OperatingPoint) -> Calibration:
    """With the bars of each step of strictness, and what probabilities are stated."""
    bars = with_little({step: choose_bars(judged, limits) for step, limits in point.limits.items()})
    return replace(weighted, bars=bars, stated=_stated(judged, bars[STANDARD]))


def choose_bars(judged: Judged, limits: Limits) -> Bars:
    """The lowest bars, one after the other, that keep the errors within the limits, if nothing is said of images that
    show little. Those have bars of their own (``with_little``), which no build chooses: pictures are smoothed and
    roughened in more ways than it sees."""
    nothing = Bars(NEVER, 0.0, NEVER, 1.0, NEVER, NEVER, limits.typical)
    bars = replace(nothing, little=nothing)
    bars = _lowest(bars, "generated", _odds(_LEAST_ODDS), lambda b: _accuses_few(judged, b, limits))
    bars = _lowest(bars, "named", _odds(_LEAST_NAMED), lambda b: _names_well(judged, b, limits))
    bars = _lowest(replace(bars, known=0.0), "covered", _COVERED, lambda b: _sets_hold(judged, b, limits))
    bars = _lowest(replace(bars, known=NEVER), "known", _grid(0.0), lambda b: _few_misplaced(judged, b, limits))
    bars = _lowest(bars, "real", _odds(), lambda b: _few_pass(judged, b, limits))
    bars = _with_added(judged, bars, limits) if judged.photos_added else bars
    return replace(bars, little=None)


def _with_added(judged: Judged, bars: Bars, limits: Limits) -> Bars:
    """With the bar of generators that were added later, by the share of photos that one accuses, on average over them.
    Few photos would be accused if nothing were asked; only those are looked at again for each height."""
    weight, near = of_photos(judged.sources), list[tuple[Posterior, np.ndarray]]()
    for posterior in judged.photos_added:
        accused = _said_of_newcomer(posterior, replace(bars, added=0.0))
        near.append((rows(posterior, accused), weight[accused]))

    def good(tried: Bars) -> bool:
        shares = [float(their @ _said_of_newcomer(posterior, tried)) for posterior, their in near]
        return float(np.mean(shares)) <= limits.accused_added

    return _lowest(replace(bars, added=NEVER), "added", _odds(_LEAST_ODDS), good)


def _said_of_newcomer(posterior: Posterior, bars: Bars) -> np.ndarray:
    """Which images get the name of a generator that was added later, or a set that it leads."""
    return np.asarray((posterior.added > 0) & np.isin(levels(posterior, bars).verdict, (GENERATOR, AMONG)))


def _lowest(bars: Bars, name: str, values: Sequence[float], good: Callable[[Bars], bool]) -> Bars:
    """With the first of ``values``, ascending, that is good and stays so for all that are higher."""
    found = bars
    for value in reversed(values):
        tried: Bars = replace(bars, **{name: float(value)})  # type: ignore[arg-type]
        if not good(tried):
            break
        found = tried
    return found


def _accuses_few(judged: Judged, bars: Bars, limits: Limits) -> bool:
    accused = np.isin(levels(judged.photos, bars).verdict, MADE)
    worst = max((float(accused[kind].mean()) for kind in photo_kinds(judged.sources).values()), default=0.0)
    as_is = accused[unchanged(judged.sources)]
    overall = max(float(of_photos(judged.sources) @ accused), float(as_is.mean()) if len(as_is) else 0.0)
    return overall <= limits.accused and worst <= limits.accused_worst


def photo_kinds(sources: np.ndarray) -> dict[str, np.ndarray]:
    """The photos (n,) of each source that nothing happened to, and of all sources after each history, where there are
    enough to speak of a share: one source after one history is too few to tell a share of .05 from one of .1."""
    source, history = np.char.partition(sources.astype(str), " | ")[:, [0, 2]].T
    as_is = unchanged(sources)
    kinds = {f"{name} | {AS_IS}": as_is & (source == name) for name in np.unique(source)}
    kinds |= {f"all | {name}": history == name for name in np.unique(history)}
    return {name: which for name, which in kinds.items() if which.sum() >= _LEAST_PHOTOS}


def _names_well(judged: Judged, bars: Bars, limits: Limits) -> bool:
    found = levels(judged.known, bars)
    named, right = found.verdict == GENERATOR, found.best == judged.labels
    made, changed = named & judged.kinds.as_made, judged.kinds.changed
    wrong = float((~right)[made].mean()) if made.any() else 0.0
    misled = float((named & ~right)[changed].mean()) if changed.any() else 0.0
    few_wrong = wrong <= limits.wrong and misled <= limits.misled
    return few_wrong and _of_strangers(judged, bars, GENERATOR) <= limits.misnamed


def _sets_hold(judged: Judged, bars: Bars, limits: Limits) -> bool:
    found = levels(judged.known, bars)
    given = found.verdict == AMONG
    weight = by_kind(judged.kinds) * given
    lost = ~found.sets[np.arange(len(given)), judged.labels]
    return not given.any() or float(weight @ lost / max(weight.sum(), 1e-12)) <= limits.uncovered


def _few_misplaced(judged: Judged, bars: Bars, limits: Limits) -> bool:
    return _of_strangers(judged, bars, AMONG) <= limits.misplaced


def _few_pass(judged: Judged, bars: Bars, limits: Limits) -> bool:
    passed = levels(judged.known, bars).verdict == REAL
    made, changed = judged.kinds.as_made, judged.kinds.changed
    few_changed = not changed.any() or float(passed[changed].mean()) <= limits.passed_changed
    few = float(passed[made].mean()) <= limits.passed and few_changed
    return few and _of_strangers(judged, bars, REAL) <= limits.passed_strangers


def _of_strangers(judged: Judged, bars: Bars, word: str) -> float:
    """The share of left-out generators' images, as made, that are given a verdict; 0 where none was left out."""
    if judged.strangers is None or judged.strangers_kinds is None:
        return 0.0
    said = (levels(judged.strangers, bars).verdict == word)[judged.strangers_kinds.as_made]
    return float(said.mean()) if len(said) else 0.0


def _stated(judged: Judged, bars: Bars) -> dict[str, Stated]:
    """For each level, from the answers at it that are right and those that are not: half of what is asked about are
    photos, and so many of the generated images are strangers' as tuning takes them to be."""
    share = STRANGERS if judged.strangers is not None else 0.0
    known, photos = levels(judged.known, bars), levels(judged.photos, bars)
    parts = [
        (known, _right(known, judged.labels), (1 - share) * by_kind(judged.kinds)),
        (photos, photos.verdict == REAL, of_photos(judged.sources)),
    ]
    if judged.strangers is not None and judged.strangers_kinds is not None:
        strangers = levels(judged.strangers, bars)
        parts.append((strangers, strangers.verdict == GENERATED, share * by_kind(judged.strangers_kinds)))
    word = np.concatenate([found.verdict for found, _, _ in parts])
    p, right, weight = (
        np.concatenate(rows) for rows in zip(*((f.probability, r, w) for f, r, w in parts), strict=True)
    )
    stated = {
        level: _fit_stated(p[word == level], right[word == level], weight[word == level])
        for level in (REAL, GENERATED, AMONG, GENERATOR)
    }
    return {**stated, UNKNOWN: Stated()}


def _right(found: Levels, labels: np.ndarray) -> np.ndarray:
    """Which answers about images of these generators are right, each at its level."""
    rows_ = np.arange(len(labels))
    choices = [(GENERATOR, found.best == labels), (AMONG, found.sets[rows_, labels])]
    return np.select(
        [found.verdict == word for word, _ in choices], [r for _, r in choices], found.verdict == GENERATED
    )


def _fit_stated(p: np.ndarray, right: np.ndarray, weight: np.ndarray) -> Stated:
    """Logistic regression of ``right`` on log-odds (Platt 1999), drawn towards the probabilities as they were found."""
    if not len(p):
        return Stated()
    x, w = logit(np.clip(p, 1e-4, 1 - 1e-4)), weight * len(p) / weight.sum()

    def loss(found: np.ndarray) -> float:
        odds = found[0] * x + found[1]
        return float(w @ (np.logaddexp(0, odds) - right * odds) + _PRIOR * ((found[0] - 1) ** 2 + 0.1 * found[1] ** 2))

    slope, shift = minimize(loss, np.array([1.0, 0.0]), bounds=[(0.1, 5.0), (None, None)], method="L-BFGS-B").x
    return Stated(float(slope), float(shift))


def _grid(least: float = 0.2) -> list[float]:
    return [round(float(value), 3) for value in np.arange(least, 0.996, 0.01)]


def _odds(least: float = 0.0) -> list[float]:
    """Probabilities at even steps of their log-odds, from ``least`` log-odds up."""
    return [round(float(expit(value)), 5) for value in np.arange(least, 9.0, 0.1)]


def rows(one: T, chosen: np.ndarray) -> T:
    """The rows of a set of arrays where the mask (n,) is true."""
    return replace(one, **{name: vars(one)[name][chosen] for name in _arrays(one)})


def _stacked(parts: Sequence[T]) -> T:
    """One set of arrays after the other; sets against fewer generators are filled up with none."""
    columns = max((vars(part)["shares"].shape[1] for part in parts if "shares" in vars(part)), default=0)

    def filled(values: np.ndarray) -> np.ndarray:
        return np.pad(values, ((0, 0), (0, columns - values.shape[1]))) if values.ndim == 2 else values

    arrays = {name: np.concatenate([filled(vars(part)[name]) for part in parts]) for name in _arrays(parts[0])}
    return replace(parts[0], **arrays)  # type: ignore[arg-type]


def _arrays(one: Posterior | Kinds) -> list[str]:
    return [name for name, values in vars(one).items() if np.ndim(values)]
