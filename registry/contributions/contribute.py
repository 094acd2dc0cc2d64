"""Contribute: samples of one generator in, a fingerprint with a quality report out, ready to be added.

samples -> summaries (streamed) -> Draft: card, fingerprints, report, files -> Store.add

Of each image one vector a space is kept, not its views: memory grows by some kilobytes an image.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from fingerprints.attribution.verdict import REAL, levels
from fingerprints.errors import UserError
from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.images.image import Image
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.model.reference import Reference
from fingerprints.model.summary import ImageArtifacts, RunningMean, Summarise, Summary

from ..analysis.own_share import FOLDS, against_itself
from ..analysis.quality import LOOKS_REAL
from ..analysis.weigh import all_beside, weigh
from ..intake.cluster import Mapper
from ..intake.samples import Duplicate, Sample, Unreadable
from ..storage.card import Card
from ..storage.entry import entry_files, samples_digest
from ..storage.snapshot import Collection
from ..storage.store import Store

MIN_CONTENTS = FOLDS  # so that each part can be scored by the others
GOOD_CONTENTS = 50
_WORKERS = 2
_BLOCK = 64  # images weighed at a time against all generators, of which there may be thousands
Item = Sample | Unreadable | Duplicate
ByHistory = dict[int, Summary]
T = TypeVar("T")
R = TypeVar("R")


class TooFewSamples(UserError, ValueError):
    """Not enough usable images; the text says how many were found, why others were not used, and what is needed."""


@dataclass
class Batch:
    """What has been read so far of a contributor's samples. ``images``: as they were made; of the images after each
    further history, the mean artifact in each space: ``changed[number of the history, space]``. ``spectrum``: the mean
    of all views in the frequency space."""

    images: list[Summary] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    changed: dict[tuple[int, str], RunningMean] = field(default_factory=dict)
    spectrum: RunningMean | None = None
    digests: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)

    @property
    def samples_digest(self) -> str:
        return samples_digest(self.digests)

    def take(self, sample: Sample, summaries: ByHistory) -> None:
        """One more image."""
        as_made = summaries[0]
        self.images.append(replace(as_made, spectrum=None))
        self.contents.append(sample.content)
        self.digests.append(sample.image.digest)
        if as_made.spectrum is not None:
            self.spectrum = self.spectrum or RunningMean.of(as_made.spectrum)
            self.spectrum.add(as_made.spectrum, as_made.views)
        for number, summary in summaries.items():
            for space, artifact in summary.artifacts.items() if number else ():
                self.changed.setdefault((number, space), RunningMean.of(artifact)).add(artifact)

    def artifacts(self, space: str) -> ImageArtifacts:
        return ImageArtifacts.of(self.images, self.contents, space)

    def fingerprint(self, reference: Reference, histories: int) -> Fingerprint:
        """In one space, under ``histories`` histories; the mean as made stands in where no image was large enough."""
        made = Fingerprint.from_artifacts(self.artifacts(reference.space), reference)
        found = [self.changed.get((number, reference.space)) for number in range(1, histories)]
        means = [made.mean if one is None else one.mean for one in found]
        return replace(made, changed=np.array(means, np.float32).reshape(-1, len(made.mean)))


@dataclass(frozen=True)
class Report:
    """The quality of a contribution. Shares are of its own images, each scored by a mean that it is not part of.

    ``recognised``: attributed to it rather than to another generator or to "real"; ``nearest``: the known generator
    that takes most of the rest, with its share. ``looks_real``: what is called real as long as it is not there (once
    it is, photos given as a generator would explain each other better than "real" does).
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


@dataclass(frozen=True)
class Draft:
    """A contribution that is ready to be added."""

    collection: str
    card: Card
    fingerprints: dict[str, Fingerprint]
    report: Report
    files: dict[str, bytes] = field(repr=False)


def read_batch(items: Iterable[Item], collection: Collection, mapper: Mapper | None = None) -> Iterator[Batch]:
    """Summarise samples as they arrive; yields the growing batch after each item.

    ``mapper`` computes elsewhere than on two threads of this process, such as Cluster.map.
    """
    batch, summarise = Batch(), Summarise(collection.form, collection.references, collection.histories)
    for item, summaries in _in_order(items, summarise, mapper or _on_threads):
        if isinstance(item, Sample):
            batch.take(item, summaries)
        elif isinstance(item, Unreadable):
            batch.unreadable.append(item)
        else:
            batch.duplicates.append(item)
        yield batch


def draft(batch: Batch, card: Card, collection: Collection) -> Draft:
    """Fingerprints, report and files of a batch. Raises TooFewSamples."""
    contents = len(set(batch.contents))
    if contents < MIN_CONTENTS:
        raise TooFewSamples(_too_few(batch, contents))
    histories = len(collection.histories)
    prints = {space: batch.fingerprint(reference, histories) for space, reference in collection.references.items()}
    filled = replace(card, samples=len(batch.images), contents=contents, samples_digest=batch.samples_digest)
    return Draft(collection.name, filled, prints, _report(batch, prints, collection), _files(prints, batch, collection))


def add(store: Store, draft: Draft) -> str:
    """Publish a draft; returns the new revision."""
    return store.add(draft.collection, draft.card, draft.files)


def _files(prints: dict[str, Fingerprint], batch: Batch, collection: Collection) -> dict[str, bytes]:
    digests = {space: collection.reference_digest(space) for space in prints}
    # to a gallery the batch is one image: it draws the mean of all
    drawn = {} if batch.spectrum is None else {"frequency": batch.spectrum.mean[None]}
    whole = EmbeddedImages(drawn, np.zeros(len(drawn), dtype=int), np.array(["all"]))
    return entry_files(prints, whole, collection.references, digests, collection.form.crop)


def _in_order(items: Iterable[Item], summarise: Summarise, mapper: Mapper) -> Iterator[tuple[Item, ByHistory]]:
    """Items with their summaries, in the order in which they came."""
    read: deque[Item] = deque()

    def images() -> Iterator[Image]:
        for item in items:
            read.append(item)
            if isinstance(item, Sample):
                yield item.image

    for summaries in mapper(summarise, images()):
        while not isinstance(read[0], Sample):
            yield read.popleft(), {}
        yield read.popleft(), summaries
    for item in read:
        yield item, {}


def _on_threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """A Mapper: computed a few ahead."""
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(_WORKERS) as pool:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > 2 * _WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _report(batch: Batch, prints: Mapping[str, Fingerprint], collection: Collection) -> Report:
    truth, called_real = _judged(batch, prints, collection)
    g = len(collection.names)
    rest = truth[(truth != g) & (truth != g + 1)]
    rival = int(np.bincount(rest).argmax()) if len(rest) else None
    report = Report(
        samples=len(batch.images),
        contents=len(set(batch.contents)),
        unreadable=len(batch.unreadable),
        duplicates=len(batch.duplicates),
        recognised=float((truth == g).mean()),
        looks_real=float(called_real.mean()),
        nearest=None if rival is None else collection.names[rival],
        nearest_share=0.0 if rival is None else float((truth == rival).mean()),
        advice=(),
    )
    return replace(report, advice=tuple(_advice(report)))


def _judged(batch: Batch, prints: Mapping[str, Fingerprint], collection: Collection) -> tuple[np.ndarray, np.ndarray]:
    """Of each image (n,): the column that wins when the batch (column g) joins the g known generators, g + 1 is "real";
    and whether the collection as it is calls it real."""
    parts = {space: batch.artifacts(space) for space in collection.references}
    of_all, own_views = {space: part.per_image() for space, part in parts.items()}, next(iter(parts.values())).views()
    own = against_itself(collection, prints, of_all, np.array(batch.contents), own_views)
    winners, called_real = np.zeros(len(batch.images), dtype=int), np.zeros(len(batch.images), dtype=bool)
    for start in range(0, len(winners), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(winners)))
        artifacts, views = {space: part[rows] for space, part in of_all.items()}, own_views[rows]
        known = weigh(collection, collection.known, artifacts, views)
        joined = all_beside(known, {space: part.select(rows) for space, part in own.items()})
        judged = collection.calibration.posterior(joined, collection.offsets.with_one_added())
        winners[rows] = judged.candidates.argmax(axis=1)
        if collection.names:
            posterior = collection.calibration.posterior(known, collection.offsets)
            called_real[rows] = levels(posterior, collection.bars).verdict == REAL
    return winners, called_real


def _advice(report: Report) -> Iterator[str]:
    if report.contents < GOOD_CONTENTS:
        yield (
            f"It rests on {report.contents} different contents; from {GOOD_CONTENTS} on a fingerprint is steady. "
            "Add more images made from different prompts or seeds."
        )
    if report.looks_real > LOOKS_REAL:
        yield (
            f"{report.looks_real:.0%} of the images look like photographs to this tool. Check that no real photos are "
            "among them, and that they were not scaled or re-saved after they were made."
        )
    if report.nearest is not None and report.nearest_share > 0.4:
        yield (
            f"{report.nearest_share:.0%} of the images look more like {report.nearest}. It may be the same model, "
            "or one that shares its image decoder."
        )
    if report.recognised < 0.5 and report.nearest_share <= 0.4 and report.looks_real <= LOOKS_REAL:
        yield "The images look alike only loosely: are they all from one generator, with the same settings?"
    if report.duplicates:
        yield f"{report.duplicates} exact copies were counted once."


def _too_few(batch: Batch, contents: int) -> str:
    text = f"A fingerprint needs at least {MIN_CONTENTS} different images, {contents} were usable"
    if batch.duplicates:
        text += f" ({len(batch.duplicates)} exact copies counted once)"
    if batch.unreadable:
        text += f"; {len(batch.unreadable)} could not be used, the first: {batch.unreadable[0].reason}"
    return text.rstrip(".") + ". Fifty or more from different prompts or seeds give a steady one."
