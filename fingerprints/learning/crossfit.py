"""Cross-fitted evidence: each image scored by class statistics that it had no part in.

Images are dealt into folds by content. A fold is scored by means and covariances of the other folds; then each
generator in turn is left out, and its images are scored as strangers, and, half by the mean of the other half, as a
newcomer's. Basis and bank are shared by all of these: they know no labels.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from ..geometry.artifact import ViewArtifacts
from ..model.discriminant import Discriminant
from ..model.evidence import Evidence, Known, join
from ..model.fingerprint import Fingerprint
from ..model.reference import Reference
from ..splits import fold_of
from .classes import Classes
from .withheld import FOLDS, NOTHING, Examples, Withheld

_Weigh = Callable[[np.ndarray, np.ndarray], Evidence]  # image artifacts (n, d) with their number of views (n,)
KnownWith = Callable[..., Known]  # images of newcomers, if any -> these, and the generators that are left, as Known
KnownIn = Callable[[Withheld], KnownWith]  # the same by what was learned without what is withheld
_ALL_VIEWS = 0
_FEW_VIEWS = (4, 1)  # the answers for small images must be calibrated too


@dataclass(frozen=True)
class Kinds:
    """What rows of evidence (n,) are about. ``views``: that many views of the image at most, 0 for all of them;
    ``histories``: what it went through, and how much it ``shows``, as in EmbeddedImages; ``contents``."""

    views: np.ndarray
    histories: np.ndarray
    contents: np.ndarray
    shows: np.ndarray

    @property
    def whole(self) -> np.ndarray:
        """By all views of the image."""
        return np.asarray(self.views == _ALL_VIEWS)

    @property
    def as_made(self) -> np.ndarray:
        """And nothing happened to it."""
        return self.whole & (self.histories == 0)

    @property
    def changed(self) -> np.ndarray:
        """By all views, and something happened to it."""
        return self.whole & (self.histories != 0)

    def alike(self, others: Kinds) -> np.ndarray:
        """The rows with few views, if there are such: as many as those of ``others``, so that the number of views does
        not tell them apart."""
        most = min(int(self.views.max(initial=0)), int(others.views.max(initial=0)))
        return np.asarray((self.views > 0) if most else self.whole)


@dataclass(frozen=True)
class Trials:
    """Evidence in one space of images whose truth is known.

    ``known`` with ``labels`` (column of the true generator), ``photos`` with ``sources`` (their label), and
    ``strangers``: the images of each left-out generator in turn (its column: ``left_out``) against the others, and,
    with None left out, of outsiders. ``newcomers``: the images of a left-out generator, by its column, against the
    others and its own mean, which the other half of its images gave: as when it had been added later. ``photos_added``:
    the photos, by all of their views, against each generator's mean as if it had been added later; None where no
    generator is left out. Images come with all of their views and with fewer; ``kinds`` and the like say which row is
    what. ``withins``: the covariance of members that was learned in each turn.
    """

    known: Evidence
    labels: np.ndarray
    photos: Evidence
    sources: np.ndarray
    strangers: Sequence[Evidence]
    kinds: Kinds
    photos_kinds: Kinds
    strangers_kinds: Sequence[Kinds]
    left_out: Sequence[int | None]
    newcomers: Mapping[int, Evidence] = field(default_factory=dict)
    newcomers_kinds: Mapping[int, Kinds] = field(default_factory=dict)
    photos_added: Evidence | None = None
    withins: Mapping[Withheld, Discriminant] = field(default_factory=dict)


def cross_fit(
    reference: Reference, examples: Examples, shrinkage: float, outsiders: Sequence[ViewArtifacts] = ()
) -> Trials:
    """The trials of one space. ``outsiders``: images of generators that are none of these."""
    classes = Classes(reference, examples, shrinkage, examples.turns)
    withins: dict[Withheld, Discriminant] = {}

    def known_in(turn: Withheld) -> KnownWith:
        rest = examples.without(turn)
        learned = classes.without(turn, rest)
        withins[turn] = learned.within
        return lambda *newcomers: _known(learned, [*rest.generated, *newcomers])

    return replace(cross_fit_by(known_in, examples, outsiders), withins=withins)


def cross_fit_by(known_in: KnownIn, examples: Examples, outsiders: Sequence[ViewArtifacts] = ()) -> Trials:
    """Score every image once by the other folds, every generator once as a stranger and once as a newcomer (given three
    or more), and outsiders by all."""
    generated = examples.generated
    known, labels, kinds = list[Evidence](), list[np.ndarray](), list[Kinds]()
    photos, sources, photos_kinds = list[Evidence](), list[np.ndarray](), list[Kinds]()
    photos_added = list[Evidence]()
    of_newcomers = len(generated) + np.arange(len(generated))
    for fold in range(FOLDS):
        known_with = known_in(Withheld(fold=fold))
        weigh = known_with().weigh
        later = known_with(*(_samples(part, fold) for part in generated)).select(of_newcomers)
        for column, part in enumerate(generated):
            held = part.select(fold_of(part.contents, FOLDS) == fold)
            known.append(_weigh(weigh, held))
            labels.append(np.full(len(known[-1].views), column))
            kinds.append(_kinds(held))
        for label, part in examples.real.items():
            held = part.select(fold_of(part.contents, FOLDS) == fold)
            photos.append(_weigh(weigh, held))
            sources.append(np.full(len(photos[-1].views), label))
            photos_kinds.append(_kinds(held))
            photos_added.append(later.weigh(held.per_image(), held.views()))
    apart = _left_out(known_in, examples, outsiders)
    return Trials(
        join(known),
        np.concatenate(labels),
        join(photos),
        np.concatenate(sources),
        apart.strangers,
        _joined(kinds),
        _joined(photos_kinds),
        apart.strangers_kinds,
        apart.left_out,
        apart.newcomers,
        apart.newcomers_kinds,
        join(photos_added) if apart.left_out else None,
    )


@dataclass(frozen=True)
class _Apart:
    """What Trials have of generators that are left out, in turn, and of outsiders."""

    strangers: list[Evidence]
    strangers_kinds: list[Kinds]
    left_out: list[int | None]
    newcomers: dict[int, Evidence]
    newcomers_kinds: dict[int, Kinds]


def _left_out(known_in: KnownIn, examples: Examples, outsiders: Sequence[ViewArtifacts]) -> _Apart:
    found = _Apart([], [], [], {}, {})

    def add(column: int | None, strangers: Evidence, kinds: Kinds) -> None:
        found.left_out.append(column)
        found.strangers.append(strangers)
        found.strangers_kinds.append(kinds)

    for column, turn in enumerate(examples.left_out):
        known_with, part = known_in(turn), examples.generated[column]
        add(column, _weigh(known_with().weigh, part), _kinds(part))
        if halves := _halves(part):
            found.newcomers[column] = join([_weigh(known_with(others).weigh, half) for half, others in halves])
            found.newcomers_kinds[column] = _joined([_kinds(half) for half, _ in halves])
    if outsiders:
        everything = known_in(NOTHING)().weigh
        add(None, join([_weigh(everything, part) for part in outsiders]), _joined(list(map(_kinds, outsiders))))
    return found


def _samples(part: ViewArtifacts, fold: int) -> ViewArtifacts:
    """What a generator may be added from: half of its images, of other folds if there are such."""
    rest = fold_of(part.contents, FOLDS) != fold
    for chosen in (rest & (fold_of(part.contents, 2) == 0), rest):
        if (chosen & (part.histories == 0)).any():
            return part.select(chosen)
    return part


def _halves(part: ViewArtifacts) -> list[tuple[ViewArtifacts, ViewArtifacts]]:
    """Each half of the images, by content, with the other; none where all have one content, or lie in one half."""
    sides = [part.select(fold_of(part.contents, 2) == side) for side in (0, 1)]
    enough = all((side.histories == 0).any() for side in sides)
    return [(sides[0], sides[1]), (sides[1], sides[0])] if enough else []


def _kinds(part: ViewArtifacts) -> Kinds:
    """Of the rows of ``_weigh``: the images, once for each count of views, all views first."""
    counts, n = _view_counts(part), len(part.contents)
    return Kinds(
        np.repeat([count or _ALL_VIEWS for count in counts], n),
        np.tile(part.histories, len(counts)),
        np.tile(part.contents, len(counts)),
        np.tile(part.shows, len(counts)),
    )


def _joined(kinds: Sequence[Kinds]) -> Kinds:
    parts = [one.name for one in fields(Kinds)]
    return Kinds(*(np.concatenate([getattr(one, part) for one in kinds]) for part in parts))


def histories_of(generated: Sequence[ViewArtifacts]) -> int:
    """How many histories the images of these generators went through, "as made" included."""
    return 1 + max((int(part.histories.max(initial=0)) for part in generated), default=0)


def _known(reference: Reference, train: Sequence[ViewArtifacts]) -> Known:
    """The generators by their images of ``train``, under the class statistics of ``reference``."""
    histories = histories_of(train)
    prints = [Fingerprint.from_artifacts(part, reference, histories) for part in train]
    return Known.of(
        reference,
        np.stack([p.means for p in prints]),
        np.array([p.looseness for p in prints]),
        np.array([p.contents for p in prints]),
    )


def _weigh(weigh: _Weigh, part: ViewArtifacts) -> Evidence:
    return join([weigh(part.per_image(keep), part.views(keep)) for keep in _view_counts(part)])


def _view_counts(part: ViewArtifacts) -> tuple[int | None, ...]:
    """All views, and fewer where any image has several."""
    return (None, *_FEW_VIEWS) if len(part.contents) and part.views().max() > 1 else (None,)
