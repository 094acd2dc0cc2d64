"""Samples in, embeddings out: every image of a build, as it is and after each history."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from threadpoolctl import threadpool_limits

from fingerprints.geometry.embedding import Embed, EmbeddedImages, concatenate, gather
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.histories import AS_IS, MIXED, UNKNOWN_HISTORY, mixed
from fingerprints.splits import content_share

from ..intake.cluster import Mapper
from ..intake.samples import Limits, Passed, Sample, Unreadable, listed, read_samples
from ..storage.entry import samples_digest
from ..storage.store import StoreError
from .presets import Preset

_WORKERS = 2
_CHUNK = 8  # images sent to a process at a time
_LIMITS = Limits(max_files=1_000_000, max_total_bytes=1_000_000_000_000)
_MANY_PHOTOS = 500  # of more, every second one goes through a history
_MADE_SMALL = ("scaled .5", "scaled .35", "scaled .25")  # photos of other things, for collections of small pictures


@dataclass(frozen=True)
class Embedded:
    """The embedded samples of a build: photos by label ("source | history"), generators by name, and outsiders: images
    of generators that are no part of the collection; ``elsewhere``: photos of other things than the collection is
    about."""

    photos: dict[str, EmbeddedImages]
    generators: dict[str, EmbeddedImages]
    digests: dict[str, str]
    outsiders: dict[str, EmbeddedImages] = field(default_factory=dict)
    elsewhere: EmbeddedImages | None = None


def embed_all(
    preset: Preset,
    photos: Mapping[str, Sequence[str | Path]],
    generators: Mapping[str, Sequence[str | Path]],
    outsiders: Mapping[str, Sequence[str | Path]] | None = None,
    limit: int | None = None,
    tell: Callable[[str], None] = lambda text: None,
    mapper: Mapper | None = None,
    cache: Path | None = None,
    elsewhere: Sequence[str | Path] = (),
    content_of: Callable[[str, str], str] | None = None,
) -> Embedded:
    """Read and embed everything, on two processes or by ``mapper``, such as Cluster.map. Views are kept: basis,
    covariances and calibration are learned from them. ``limit``: at most that many images of each source of photos.
    ``cache``: a folder where embeddings are kept, to be used again for the same images. ``content_of``: what
    an image shows, by its generator and the content that is stated of it."""
    with _processes() if mapper is None else nullcontext(mapper) as mapped:
        embedding = _Embedding(preset, mapped, joblib.Memory(cache and str(cache), verbose=0), tell)
        found_photos = {
            label: images
            for source, given in photos.items()
            for label, images in embedding.photos(source, given, limit)
        }
        found, digests = {}, {}
        for name, given in generators.items():
            images, digests[name] = embedding.generator(name, given, preset.generated)
            found[name] = _regrouped(images, partial(content_of, name)) if content_of else images
        outside = {name: embedding.generator(name, given, (AS_IS,))[0] for name, given in (outsiders or {}).items()}
        other_things = embedding.made_small(elsewhere) if elsewhere and preset.about else None
    return Embedded(found_photos, found, digests, outside, other_things)


@dataclass(frozen=True)
class _Embedding:
    preset: Preset
    mapper: Mapper
    memory: joblib.Memory
    tell: Callable[[str], None]

    def photos(
        self, source: str, given: Sequence[str | Path], limit: int | None
    ) -> Iterator[tuple[str, EmbeddedImages]]:
        """Of one source, by label, after each history that leaves any of them large enough."""
        read = _read(given, self.preset.form, limit, self.tell)
        for history in self.preset.histories:
            images = self._embed(_some_of(read, history), history)
            if images is not None:
                yield f"{source} | {history}", images
        self.tell(f"{source}: {len(read)} photos, {len(self.preset.histories)} histories")

    def generator(self, name: str, given: Sequence[str | Path], histories: Sequence[str]) -> tuple[EmbeddedImages, str]:
        """The images after each of these histories, and after others mixed; and the digest of the samples."""
        read = _read(given, self.preset.form, None, self.tell)
        numbers = {history: number for number, history in enumerate(histories)}
        if len(self.preset.histories) > len(self.preset.generated):
            numbers[MIXED] = UNKNOWN_HISTORY
        found = {history: self._embed(read, history) for history in numbers}
        if found[AS_IS] is None:
            raise StoreError(f"{name}: none of its samples is covered by this collection.")
        self.tell(f"{name}: {len(read)} images")
        numbered = [
            replace(images, histories=np.full(len(images), numbers[history]))
            for history, images in found.items()
            if images is not None
        ]
        return concatenate(numbered), samples_digest(sample.image.digest for sample in read)

    def made_small(self, given: Sequence[str | Path]) -> EmbeddedImages | None:
        """Photos, scaled down so that the collection covers them."""
        read = _read(given, replace(self.preset.form, max_side=None), None, self.tell)
        found = [self._embed(read, history) for history in _MADE_SMALL]
        self.tell(f"{len(read)} photos of other things")
        return concatenate([images for images in found if images is not None]) if any(found) else None

    def _embed(self, samples: Sequence[Sample], history: str) -> EmbeddedImages | None:
        embed = Embed.of(self.preset.form, self.preset.spaces, history)
        one_of = mixed() if history == MIXED else history
        about = {"form": asdict(embed.form), "spaces": dict(embed.versions), "history": one_of}
        images = [(sample.image.digest, sample.content) for sample in samples]
        remembered = self.memory.cache(embedded, ignore=["samples", "mapper", "embed"])
        found: EmbeddedImages | None = remembered(about, images, samples=samples, mapper=self.mapper, embed=embed)
        return found


def embedded(
    about: Mapping[str, Any],
    images: Sequence[tuple[str, str]],
    *,
    samples: Sequence[Sample],
    mapper: Mapper,
    embed: Embed,
) -> EmbeddedImages | None:
    """The images that are large enough after the history; None when there is none. ``about`` and ``images`` (digest and
    content of each) say all that the result depends on."""
    found = mapper(embed, [sample.image for sample in samples])
    kept = [(*one, content) for one, (_, content) in zip(found, images, strict=True) if one is not None]
    if not kept:
        return None
    rows, details, contents = zip(*kept, strict=True)
    return gather([_half(row) for row in rows], contents, details=details)


def _regrouped(images: EmbeddedImages, content_of: Callable[[str], str]) -> EmbeddedImages:
    return replace(images, contents=np.array([content_of(str(stated)) for stated in images.contents]))


def _half(row: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Two bytes a value: a build has gigabytes of them."""
    return {space: values.astype(np.float16) for space, values in row.items()}


def _some_of(photos: Sequence[Sample], history: str) -> Sequence[Sample]:
    """All of them as they are; of many, every second one after a history."""
    if history == AS_IS or len(photos) <= _MANY_PHOTOS:
        return photos
    shares = content_share(np.array([photo.content for photo in photos]), history)
    return [photo for photo, share in zip(photos, shares, strict=True) if share < 0.5]


@contextmanager
def _processes() -> Iterator[Mapper]:
    with ProcessPoolExecutor(_WORKERS, initializer=_begin_worker) as pool:
        yield partial(pool.map, chunksize=_CHUNK)


def _begin_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    one_thread()


def one_thread() -> None:
    """For a worker process: each is a core's work, and a network that starts threads in all of them only waits."""
    os.environ["OMP_NUM_THREADS"] = "1"
    threadpool_limits(1)  # what numpy and scipy have loaded already
    if torch := sys.modules.get("torch"):  # it is there already where the parent had it
        torch.set_num_threads(1)


def _read(
    sources: Sequence[str | Path], form: CanonicalForm, limit: int | None, tell: Callable[[str], None]
) -> list[Sample]:
    """The usable samples; what was passed over is told."""
    passed: Passed = Counter()
    samples: list[Sample] = []
    unreadable: list[Unreadable] = []
    for item in read_samples(sources, limits=_LIMITS, limit=limit, covers=form.covers, passed=passed):
        if isinstance(item, Sample):
            samples.append(item)
        elif isinstance(item, Unreadable):
            unreadable.append(item)
    if unreadable:
        tell(f"not used: {len(unreadable):,} images; the first: {unreadable[0].reason}")
    if passed:
        tell(f"not looked at: {listed(passed)}")
    return samples
