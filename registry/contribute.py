"""Contribute: samples of one generator in, a fingerprint with a quality report out, ready to be added.

samples -> embeddings (streamed) -> Draft: card, fingerprints, report, files -> Store.add
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np

from fingerprints.artifact import ViewArtifacts
from fingerprints.attribution.evidence import Evidence, weigh
from fingerprints.embedding import EmbeddedImages, embed, gather
from fingerprints.fingerprint import Fingerprint
from fingerprints.histories import with_history
from fingerprints.images import Image

from .card import Card
from .entry import entry_files, samples_digest
from .intake import Duplicate, Sample, Unreadable
from .snapshot import Collection, known_under
from .store import Store

MIN_CONTENTS = 5
GOOD_CONTENTS = 50
_FOLDS = 5
_WORKERS = 2
Item = Sample | Unreadable | Duplicate
ByHistory = dict[int, dict[str, np.ndarray]]


class TooFewSamples(ValueError):
    """Not enough usable images; the text says how many were found, why others were not used, and what is needed."""


@dataclass
class Batch:
    """What has been read so far of a contributor's samples. ``changed``: (number of the image, number of the history,
    embedding) of the images after each history of the collection."""

    images: list[dict[str, np.ndarray]] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    changed: list[tuple[int, int, dict[str, np.ndarray]]] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    duplicates: list[Duplicate] = field(default_factory=list)

    @property
    def samples_digest(self) -> str:
        return samples_digest(self.digests)

    def embedded(self) -> EmbeddedImages:
        """All images, as they were made first, then after the histories."""
        owners = [*range(len(self.images)), *(image for image, _, _ in self.changed)]
        return gather(
            [*self.images, *(rows for _, _, rows in self.changed)],
            [self.contents[image] for image in owners],
            [0] * len(self.images) + [history for _, history, _ in self.changed],
        )


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


def read_batch(items: Iterable[Item], collection: Collection) -> Iterator[Batch]:
    """Embed samples as they arrive; yields the growing batch after each item."""
    batch = Batch()
    with ThreadPoolExecutor(_WORKERS) as pool:
        for item, embedded in _in_order(items, collection, pool):
            if isinstance(item, Sample):
                batch.changed += [(len(batch.images), number, rows) for number, rows in embedded.items() if number]
                batch.images.append(embedded[0])
                batch.contents.append(item.content)
                batch.digests.append(item.image.digest)
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
    images = batch.embedded()
    parts = {space: reference.artifacts_of(images) for space, reference in collection.references.items()}
    prints = {
        space: Fingerprint.from_artifacts(parts[space], ref, len(collection.histories))
        for space, ref in collection.references.items()
    }
    filled = replace(card, samples=len(batch.images), contents=contents, samples_digest=batch.samples_digest)
    as_made = {space: part.as_made for space, part in parts.items()}
    report = _report(batch, as_made, collection)
    return Draft(collection.name, filled, prints, report, _files(prints, images, collection))


def add(store: Store, draft: Draft) -> str:
    """Publish a draft; returns the new revision."""
    return store.add(draft.collection, draft.card, draft.files)


def _files(prints: dict[str, Fingerprint], images: EmbeddedImages, collection: Collection) -> dict[str, bytes]:
    digests = {space: collection.reference_digest(space) for space in prints}
    return entry_files(prints, images, collection.references, digests, collection.form.crop)


def embed_under_histories(image: Image, collection: Collection) -> ByHistory:
    """The embeddings of an image after each history that leaves it large enough, by the history's number."""
    found = {}
    for number, history in enumerate(collection.histories):
        changed = with_history(image, history) if number else image
        if number == 0 or collection.form.covers(changed.shorter_side):
            found[number] = embed(changed, collection.form, collection.spaces)
    return found


def _in_order(
    items: Iterable[Item], collection: Collection, pool: ThreadPoolExecutor
) -> Iterator[tuple[Item, ByHistory]]:
    """Items with their embeddings, computed a few ahead, in the order in which they came."""
    waiting: list[tuple[Item, Future[ByHistory] | None]] = []
    for item in items:
        job = pool.submit(embed_under_histories, item.image, collection) if isinstance(item, Sample) else None
        waiting.append((item, job))
        if len(waiting) > 2 * _WORKERS:
            yield _finished(*waiting.pop(0))
    for pair in waiting:
        yield _finished(*pair)


def _finished(item: Item, job: Future[ByHistory] | None) -> tuple[Item, ByHistory]:
    return item, job.result() if job is not None else {}


def _report(batch: Batch, parts: dict[str, ViewArtifacts], collection: Collection) -> Report:
    truth = np.zeros(len(batch.images), dtype=int)
    first = next(iter(parts.values()))
    folds = np.unique(first.contents, return_inverse=True)[1] % _FOLDS  # none is empty: MIN_CONTENTS is _FOLDS
    for fold in range(_FOLDS):
        truth[folds == fold] = _winners(parts, folds == fold, collection)
    g = len(collection.names)
    rest = truth[(truth != g) & (truth != g + 1)]
    rival = int(np.bincount(rest).argmax()) if len(rest) else None
    report = Report(
        samples=len(batch.images),
        contents=len(set(batch.contents)),
        unreadable=len(batch.unreadable),
        duplicates=len(batch.duplicates),
        recognised=float((truth == g).mean()),
        looks_real=_share_called_real(parts, collection),
        nearest=None if rival is None else collection.names[rival],
        nearest_share=0.0 if rival is None else float((truth == rival).mean()),
        advice=(),
    )
    return replace(report, advice=tuple(_advice(report)))


def _winners(parts: dict[str, ViewArtifacts], held: np.ndarray, collection: Collection) -> np.ndarray:
    """Columns that win the held-out images when the batch (column g) joins the g known generators; g + 1 is "real"."""
    evidence: dict[str, Evidence] = {}
    for space, part in parts.items():
        reference, mine = collection.references[space], part.select(held)
        own = Fingerprint.from_artifacts(part.select(~held), reference)
        evidence[space] = weigh(
            mine,
            reference,
            np.concatenate([collection.all_means[space], known_under(own, len(collection.histories))[None]]),
            np.append(collection.looseness[space], own.looseness),
            np.append(collection.samples, own.contents),
        )
    winners: np.ndarray = collection.calibration.posterior(evidence).candidates.argmax(axis=1)
    return winners


def _share_called_real(parts: dict[str, ViewArtifacts], collection: Collection) -> float:
    """The share of the images that the collection as it is calls real."""
    if not collection.names:
        return 0.0
    evidence = {space: collection.known[space].weigh(part.per_image(), part.views()) for space, part in parts.items()}
    posterior = collection.calibration.posterior(evidence)
    real = (1 - posterior.unknown) * posterior.candidates[:, -1]
    return float((real >= collection.calibration.real_threshold).mean())


def _advice(report: Report) -> Iterator[str]:
    if report.contents < GOOD_CONTENTS:
        yield (
            f"It rests on {report.contents} different contents; from {GOOD_CONTENTS} on a fingerprint is steady. "
            "Add more images made from different prompts or seeds."
        )
    if report.looks_real > 0.3:
        yield (
            f"{report.looks_real:.0%} of the images look like photographs to this tool. Check that no real photos are "
            "among them, and that they were not scaled or re-saved after they were made."
        )
    if report.nearest is not None and report.nearest_share > 0.4:
        yield (
            f"{report.nearest_share:.0%} of the images look more like {report.nearest}. It may be the same model, "
            "or one that shares its image decoder."
        )
    if report.recognised < 0.5 and report.nearest_share <= 0.4 and report.looks_real <= 0.3:
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
