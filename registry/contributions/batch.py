"""A contributor's samples, summarised as they arrive.

Of each image one vector a space is kept, not its views: memory grows by some kilobytes an image.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from fingerprints.attribution.domain import SPACE
from fingerprints.images.image import Image
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.model.reference import Reference
from fingerprints.model.summary import ImageArtifacts, RunningMean, Summarise, Summary
from fingerprints.spaces import get_space

from ..intake.cluster import Mapper
from ..intake.samples import Duplicate, Sample, Unreadable
from ..storage.entry import samples_digest
from ..storage.snapshot import Collection

_WORKERS = 2
Item = Sample | Unreadable | Duplicate
ByHistory = dict[int, Summary]
T = TypeVar("T")
R = TypeVar("R")


@dataclass
class Batch:
    """What has been read so far of a contributor's samples. ``images``: as they were made; of the images after each
    further history, the mean artifact in each space: ``changed[number of the history, space]``. ``spectrum``: the mean
    of all views in the frequency space. ``something_else``: how many images show no such thing as the collection is
    about."""

    images: list[Summary] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    changed: dict[tuple[int, str], RunningMean] = field(default_factory=dict)
    spectrum: RunningMean | None = None
    digests: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)
    something_else: int = 0

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


def read_batch(items: Iterable[Item], collection: Collection, mapper: Mapper | None = None) -> Iterator[Batch]:
    """Summarise samples as they arrive; yields the growing batch after each item.

    ``mapper`` computes elsewhere than on two threads of this process, such as Cluster.map.
    """
    batch, summarise = Batch(), Summarise(collection.form, collection.references, collection.histories)
    for item, summaries in _in_order(items, summarise, mapper or _on_threads):
        if isinstance(item, Sample):
            batch.take(item, summaries)
            batch.something_else += _shows_something_else(item.image, collection)
        elif isinstance(item, Unreadable):
            batch.unreadable.append(item)
        else:
            batch.duplicates.append(item)
        yield batch


def _shows_something_else(image: Image, collection: Collection) -> bool:
    """Than what the collection is about, if it is about one thing."""
    domain = collection.domain
    return domain is not None and not domain.shows(get_space(SPACE).embed(collection.form.views(image)))


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
