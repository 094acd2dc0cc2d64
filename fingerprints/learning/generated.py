"""Did a model make it, or is it a photo? Small networks that learn it from what all spaces say of an image.

How far an image lies from the nearest generator and from photos counts as much as to which it is nearer, and what
either means depends on the other, so that a line in these features finds fewer generated images. The networks are
learned on cross-fitted evidence, of generators that were added later too. What is said of the images that they learned
from, to choose an operating point, is said by others that did not (``Detector.cross_fitted``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import joblib
import numpy as np

from ..attribution.calibration import Calibration, Network
from ..images.histories import GENERATED, UNKNOWN_HISTORY
from ..splits import fold_of
from .crossfit import Kinds
from .learn_network import fit_network
from .tuning import Together, even, shared

_HIDDEN, _MEMBERS, _EPOCHS, _DECAY = 24, 3, 60, 0.1
_FOLDS = 10
_PROCESSES, _MANY = 2, 20_000  # rows, of which a network takes longer to learn than a process to start
_AS_MADE = 0.7  # of the images that are learned from
_STRANGERS, _NEWCOMERS = 0.3, 0.3  # of the generated ones


@dataclass(frozen=True)
class Rows:
    """One set of images: ``features`` (n, k), ``contents`` (n,), whether a model made them, and the ``weight`` (n,) of
    each in learning; 0 for those that nothing is learned from."""

    features: np.ndarray
    contents: np.ndarray
    made: bool
    weight: np.ndarray


@dataclass(frozen=True)
class Detector:
    """The network of all images, and the probability of "generated" (n,) of each set of trials (known images, photos,
    each set of strangers, of newcomers, then the photos with each generator added later) by networks that did not learn
    from its contents."""

    network: Network
    cross_fitted: list[np.ndarray]

    @classmethod
    def learn(cls, calibration: Calibration, trials: Together) -> Detector:
        sets = _sets(calibration, trials)
        folds = [fold_of(one.contents, _FOLDS) for one in sets]
        rest = ([_where(one, of != fold) for one, of in zip(sets, folds, strict=True)] for fold in range(_FOLDS))
        many = sum(len(one.features) for one in sets) > _MANY
        network, *networks = joblib.Parallel(_PROCESSES if many else 1)(map(joblib.delayed(_fit), chain([sets], rest)))
        found = [np.zeros(len(one.features)) for one in sets]
        for fold, of_rest in enumerate(networks):
            for one, of, probability in zip(sets, folds, found, strict=True):
                probability[of == fold] = calibration.made(one.features[of == fold], of_rest)
        return cls(network, found)


def _sets(calibration: Calibration, trials: Together) -> list[Rows]:
    """Both sides weigh the same after each history, so that no history speaks for either. Photos are often smaller, so
    both are shown by as many views: how far an image lies depends on their number."""
    known, photos, strangers = trials.seen(calibration)
    left_out = [column is not None for column in trials.left_out]
    sizes = {which: max(left_out.count(which), 1) for which in (True, False)}
    share = _STRANGERS / max(len(set(left_out)), 1)
    shown = trials.kinds.alike(trials.photos_kinds)
    newcomers = trials.newcomers_seen(calibration)
    of_newcomers = _NEWCOMERS if newcomers else 0.0
    of_known = 1 - share * len(set(left_out)) - of_newcomers
    of_generated = shared(shown * by_history(trials.kinds))
    alike = trials.photos_kinds.alike(trials.kinds)
    of_photos = alike * _likewise(trials.sources, trials.kinds.histories, of_generated)
    return [
        Rows(known.features, trials.kinds.contents, True, 0.5 * of_known * of_generated),
        Rows(photos.features, trials.photos_kinds.contents, False, 0.5 * shared(of_photos)),
        *(
            Rows(seen.features, kinds.contents, True, 0.5 * share / sizes[which] * _of_strangers(kinds, trials))
            for seen, kinds, which in zip(strangers, trials.strangers_kinds, left_out, strict=True)
        ),
        *(
            Rows(
                seen.features, kinds.contents, True, 0.5 * of_newcomers / len(newcomers) * _of_strangers(kinds, trials)
            )
            for seen, kinds in zip(newcomers, trials.newcomers_kinds.values(), strict=True)
        ),
        *_asked_again(calibration, trials),
    ]


def _asked_again(calibration: Calibration, trials: Together) -> list[Rows]:
    """The photos with each generator added later, from which nothing more is learned."""
    contents = trials.photos_kinds.contents[trials.photos_kinds.whole]
    seen = (calibration.seen(part, offsets) for part, offsets in trials.photos_with_one_added(calibration))
    return [Rows(one.features, contents, False, np.zeros(len(contents))) for one in seen]


def _likewise(sources: np.ndarray, histories: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights of photos with these labels: those of each history together weigh what generated images after it do,
    whose ``histories`` (m,) and ``weight`` (m,) are given."""
    known = {name: number for number, name in enumerate(GENERATED)}
    numbers = np.array([known.get(str(source).split(" | ")[-1], UNKNOWN_HISTORY) for source in sources])
    found = np.zeros(len(sources))
    for number in np.unique(numbers):
        these = numbers == number
        found[these] = float(weight[histories == number].sum()) * even(sources[these])
    return found if found.any() else even(sources)  # no history is shared: all kinds of photos weigh the same


def _of_strangers(kinds: Kinds, trials: Together) -> np.ndarray:
    return shared(kinds.alike(trials.photos_kinds) * by_history(kinds))


def by_history(kinds: Kinds) -> np.ndarray:
    """So much for images as they were made, the rest for the others, whatever views they are seen by."""
    made = kinds.histories == 0
    return shared(_AS_MADE * shared(made.astype(float)) + (1 - _AS_MADE) * shared((~made).astype(float)))


def _where(rows: Rows, chosen: np.ndarray) -> Rows:
    return Rows(rows.features[chosen], rows.contents[chosen], rows.made, rows.weight[chosen])


def _fit(sets: Sequence[Rows]) -> Network:
    learned = [_where(one, one.weight > 0) for one in sets]
    x, weight = (np.concatenate([getattr(one, part) for one in learned]) for part in ("features", "weight"))
    y = np.concatenate([np.full(len(one.features), one.made) for one in learned])
    return fit_network(x, y, weight, _HIDDEN, _MEMBERS, _EPOCHS, _DECAY)
