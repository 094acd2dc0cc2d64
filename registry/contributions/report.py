"""What a contributor is told before anything is added: how its images will be answered, and what becomes of others'."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from fingerprints.attribution.verdict import AMONG, GENERATED, GENERATOR, REAL, levels
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.sentence import Sentence, said

from ..analysis.coverage import about_in_words
from ..analysis.own_share import against_itself
from ..analysis.quality import LOOKS_REAL
from ..analysis.weigh import all_beside, weigh
from ..storage.snapshot import Collection
from .batch import Batch
from .harm import Effect, effects

GOOD_CONTENTS = 50
_BLOCK = 64  # images weighed at a time against all generators, of which there may be thousands
_MOST_ELSE = 0.1  # of the images of a contribution may show something else than its collection is about
_FEWER = 0.15  # of a known generator's images: so many fewer names are worth a word


@dataclass(frozen=True)
class Report:
    """The quality of a contribution. Shares are of its own images, each scored by a mean that it is not part of.

    ``recognised``: attributed to it rather than to another generator or to "real"; ``nearest``: the known generator
    that takes most of the rest, with its share. ``named``, ``in_a_set`` (that holds it) and ``only_generated`` are what
    an answer would say, with all that it asks to be proved. ``looks_real``: what is called real as long as it is not
    there (once it is, photos given as a generator would explain each other better than "real" does). ``effects``: what
    becomes of known generators' names; ``something_else``: the share that shows no such thing as the collection is
    about.
    """

    samples: int
    contents: int
    unreadable: int
    duplicates: int
    recognised: float
    looks_real: float
    nearest: str | None
    nearest_share: float
    advice: tuple[str, ...]
    named: float = 0.0
    in_a_set: float = 0.0
    only_generated: float = 0.0
    something_else: float = 0.0
    effects: tuple[Effect, ...] = ()

    @property
    def outlook(self) -> Sentence:
        """What answers about new images of this generator will say, in a sentence."""
        named, in_a_set, generated = (round(100 * share) for share in (self.named, self.in_a_set, self.only_generated))
        return said(
            "Of 100 new images like these, about {named} will be answered with its name, {set} with a few names that "
            "hold it, {generated} as generated without a name; of the rest nothing, or something else, is said.",
            **{"named": named, "set": in_a_set, "generated": generated},
        )


@dataclass(frozen=True)
class _Judged:
    """Of each image (n,): the column that wins when the batch (column g) joins the g known generators, g + 1 is "real";
    what would be said of it then; and whether the collection as it is calls it real."""

    winner: np.ndarray
    named: np.ndarray
    in_a_set: np.ndarray
    only_generated: np.ndarray
    called_real: np.ndarray


def report_on(batch: Batch, prints: Mapping[str, Fingerprint], collection: Collection, name: str) -> Report:
    judged, g = _judged(batch, prints, collection), len(collection.names)
    rest = judged.winner[judged.winner < g]
    rival = int(np.bincount(rest).argmax()) if len(rest) else None
    report = Report(
        samples=len(batch.images),
        contents=len(set(batch.contents)),
        unreadable=len(batch.unreadable),
        duplicates=len(batch.duplicates),
        recognised=float((judged.winner == g).mean()),
        looks_real=float(judged.called_real.mean()),
        nearest=None if rival is None else collection.names[rival],
        nearest_share=0.0 if rival is None else float((judged.winner == rival).mean()),
        advice=(),
        named=float(judged.named.mean()),
        in_a_set=float(judged.in_a_set.mean()),
        only_generated=float(judged.only_generated.mean()),
        something_else=batch.something_else / len(batch.images),
        effects=tuple(effects(prints, collection, name)) if collection.names else (),
    )
    return replace(report, advice=tuple(_advice(report, collection)))


def _judged(batch: Batch, prints: Mapping[str, Fingerprint], collection: Collection) -> _Judged:
    parts = {space: batch.artifacts(space) for space in collection.references}
    of_all, first = {space: part.per_image() for space, part in parts.items()}, next(iter(parts.values()))
    own_views = first.views()
    own = against_itself(collection, prints, of_all, np.array(batch.contents), own_views)
    g, found = len(collection.names), []
    for start in range(0, len(batch.images), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(batch.images)))
        artifacts, views = {space: part[rows] for space, part in of_all.items()}, own_views[rows]
        known = weigh(collection, collection.known, artifacts, views)
        joined = all_beside(known, {space: part.select(rows) for space, part in own.items()})
        posterior = collection.calibration.posterior(joined, collection.offsets.with_one_added(), first.shows[rows])
        said = levels(posterior, collection.bars)
        called_real = np.zeros(len(rows), dtype=bool)
        if collection.names:
            alone = collection.calibration.posterior(known, collection.offsets, first.shows[rows])
            called_real = levels(alone, collection.bars).verdict == REAL
        found.append(
            _Judged(
                posterior.candidates.argmax(axis=1),
                (said.verdict == GENERATOR) & (said.best == g),
                (said.verdict == AMONG) & said.sets[:, g],
                said.verdict == GENERATED,
                called_real,
            )
        )
    return _Judged(*(np.concatenate(columns) for columns in zip(*(vars(one).values() for one in found), strict=True)))


def _advice(report: Report, collection: Collection) -> Iterator[str]:
    if collection.domain is not None and report.something_else > _MOST_ELSE:
        yield said(
            "{share}% of the images do not look like {about}, and this collection says nothing of other pictures: they "
            "will not be named. Choose another collection.",
            **{"share": in_hundred(report.something_else), "about": about_in_words(collection.domain.about)},
        )
    if report.contents < GOOD_CONTENTS:
        yield said(
            "It rests on {contents} different prompts or seeds; from {enough} on a fingerprint is steady. Add images "
            "made from others.",
            **{"contents": report.contents, "enough": GOOD_CONTENTS},
        )
    if report.looks_real > LOOKS_REAL:
        yield said(
            "{share}% of the images look like photographs to this tool. Check that no real photos are among them, and "
            "that they were not scaled or re-saved after they were made.",
            share=in_hundred(report.looks_real),
        )
    if report.nearest is not None and report.nearest_share > 0.4:
        yield said(
            "{share}% of the images look more like {generator}. It may be the same model, or one that shares its image "
            "decoder.",
            **{"share": in_hundred(report.nearest_share), "generator": report.nearest},
        )
    for effect in report.effects:
        if effect.named_before - effect.named_after > _FEWER:
            yield _harder(collection.cards[effect.generator].label, effect)
    if report.recognised < 0.5 and report.nearest_share <= 0.4 and report.looks_real <= LOOKS_REAL:
        yield said("The images look alike only loosely: are they all from one generator, with the same settings?")
    if report.duplicates:
        yield said("{number} exact copies were counted once.", number=report.duplicates)


def _harder(label: str, effect: Effect) -> Sentence:
    return said(
        "{generator} becomes harder to tell: with this one beside it, {after}% of its own images get its name, now "
        "{before}%. If they share an image decoder, say so on the card (Image decoder): answers then tell that they "
        "share it.",
        generator=label,
        after=in_hundred(effect.named_after),
        before=in_hundred(effect.named_before),
    )


def in_hundred(share: float) -> str:
    """A share as its number of hundredths, without the sign."""
    return f"{share:.0%}".removesuffix("%")
