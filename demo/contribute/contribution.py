"""What a contribution goes through, without the page: look at the files, compute, report, publish, undo.

Nothing is kept outside the visitor's session until ``publish``, which writes everything or nothing.
"""

from __future__ import annotations

import time
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from fingerprints.images.image import SUFFIXES
from fingerprints.sentence import said
from fingerprints.settings import Settings
from registry.analysis.design import DesignPrediction, predicted_design
from registry.contributions.batch import Batch, read_batch
from registry.contributions.contribute import Draft, draft
from registry.contributions.quarantine import Waiting, withdraw
from registry.contributions.submit import submit
from registry.intake.samples import DataSet, IntakeError, Limits, Sample, Unreadable, read_samples
from registry.storage.card import Card
from registry.storage.snapshot import Collection, Snapshot
from registry.storage.store import Store, StoreError

# A visitor's batch shares the server's memory with everyone's.
LIMITS = Limits(max_files=1_000, max_total_bytes=600_000_000)
MOST_SECONDS = 900.0  # for one batch; files made to decode slowly would hold the line for hours
_LOOKED_AT = 12
_FROM_A_DATA_SET = 500  # images: of those there are too many to take all
_TELL_EVERY = 0.25  # seconds
_UNNAMED = Card("unnamed")
Source = Path | DataSet


@dataclass(frozen=True)
class Look:
    """A first look at some of the files: their sizes, what could not be read, and the collection that fits most."""

    sizes: dict[tuple[int, int], int]
    unreadable: tuple[Unreadable, ...]
    collection: str | None


@dataclass(frozen=True)
class Progress:
    """How far the computation is; ``total`` images were given, None where that is not known."""

    samples: int
    unreadable: int
    duplicates: int
    seconds: float
    total: int | None = None

    @property
    def done(self) -> int:
        return self.samples + self.unreadable + self.duplicates

    @property
    def rate(self) -> float:
        return self.done / max(self.seconds, 1e-3)

    @property
    def left(self) -> float | None:
        """Seconds until all are done, at the rate so far."""
        return max(self.total - self.done, 0) / self.rate if self.total and self.done else None


@dataclass(frozen=True)
class Prepared:
    """A computed contribution that waits for its card. ``references``: digests that it was computed against."""

    draft: Draft = field(repr=False)
    references: dict[str, str]
    unreadable: tuple[Unreadable, ...]
    seconds: float

    def predicted_design(self, collection: Collection) -> list[DesignPrediction]:
        """What its fingerprint says of its design, axis by axis."""
        prints = self.draft.fingerprints.items()
        return predicted_design(collection, {space: fingerprint.artifacts for space, fingerprint in prints})


@dataclass(frozen=True)
class Published:
    """Where a contribution is, so that it can be shown and undone."""

    collection: str
    name: str
    waiting: str = ""  # for the owner's word, under this id


def look(sources: Sequence[Source], snapshot: Snapshot) -> Look:
    """Decode the first images. Raises IntakeError when the files are of no use."""
    sizes: Counter[tuple[int, int]] = Counter()
    unreadable = []
    for item in read_samples(sources, limits=LIMITS, limit=_LOOKED_AT, untrusted=True):
        if isinstance(item, Sample):
            sizes[item.image.width, item.image.height] += 1
        elif isinstance(item, Unreadable):
            unreadable.append(item)
    votes = Counter({c.name: sum(n for size, n in sizes.items() if c.form.covers(min(size))) for c in _open(snapshot)})
    best = votes.most_common(1)
    return Look(dict(sizes), tuple(unreadable), best[0][0] if best and best[0][1] else None)


def compute(sources: Sequence[Source], collection: Collection) -> Iterator[Progress | Prepared]:
    """Progress while the artifacts are computed, then what was prepared. Raises IntakeError, TooFewSamples."""
    started, told, batch, total = time.perf_counter(), 0.0, Batch(), None
    limit = _FROM_A_DATA_SET if any(isinstance(source, DataSet) for source in sources) else None
    samples = read_samples(sources, limits=LIMITS, covers=collection.form.covers, limit=limit, untrusted=True)
    yield Progress(0, 0, 0, 0.0)
    for batch in read_batch(samples, collection):
        now = time.perf_counter() - started
        if now > MOST_SECONDS:
            raise IntakeError(
                said(
                    "{images} images took {minutes} minutes, and others wait; give fewer at a time.",
                    **{"images": _done(batch), "minutes": round(now / 60)},
                )
            )
        if now - told >= _TELL_EVERY:
            total = total or _given(sources)
            told = now
            yield _progress(batch, now, total)
    yield _progress(batch, time.perf_counter() - started, total)
    made = draft(batch, _UNNAMED, collection)
    digests = {space: collection.reference_digest(space) for space in collection.spaces}
    yield Prepared(made, digests, tuple(batch.unreadable), time.perf_counter() - started)


def publish(settings: Settings, store: Store, prepared: Prepared, card: Card) -> Published:
    """Add it under this card or have it wait for the owner, whole or not at all. Raises StoreError."""
    made = prepared.draft
    current = store.snapshot().collection(made.collection)
    if any(current.reference_digest(space) != digest for space, digest in prepared.references.items()):
        raise StoreError(
            said(
                "{collection} was rebuilt in the meantime; compute the fingerprint once more.",
                collection=made.collection,
            )
        )
    counts = made.card
    filled = replace(card, samples=counts.samples, contents=counts.contents, samples_digest=counts.samples_digest)
    outcome = submit(
        settings, store, replace(made, card=filled), current, "a visitor", wait=settings.policy != "direct"
    )
    return Published(made.collection, card.name, outcome.id if isinstance(outcome, Waiting) else "")


def undo(store: Store, published: Published) -> None:
    """Take it out again. Raises NotFound, StoreError."""
    if published.waiting:
        withdraw(store, published.waiting)
    else:
        store.remove(published.collection, published.name)


def _open(snapshot: Snapshot) -> list[Collection]:
    return list(snapshot.collections.values())


def _given(sources: Sequence[Source]) -> int | None:
    """How many images there are: files, or members of one zip. Asked when the first image has been read, by when the
    intake has refused a zip with an endless list of members."""
    files = [source for source in sources if isinstance(source, Path)]
    if len(files) < len(sources):
        return None
    if not any(file.suffix.lower() in (".zip", ".parquet") for file in files):
        return len(files)
    if len(files) > 1 or not zipfile.is_zipfile(files[0]):
        return None
    with zipfile.ZipFile(files[0]) as archive:
        return sum(Path(name).suffix.lower() in SUFFIXES for name in archive.namelist())


def _done(batch: Batch) -> int:
    return len(batch.images) + len(batch.unreadable) + len(batch.duplicates)


def _progress(batch: Batch, seconds: float, total: int | None) -> Progress:
    return Progress(len(batch.images), len(batch.unreadable), len(batch.duplicates), seconds, total)
