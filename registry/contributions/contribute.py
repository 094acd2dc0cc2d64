"""Contribute: samples of one generator in, a fingerprint with a quality report out, ready to be added.

samples -> summaries (batch.py, streamed) -> Draft: card, fingerprints, report, files -> Store.add
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from fingerprints.errors import UserError
from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.model.fingerprint import Fingerprint

from ..analysis.own_share import FOLDS
from ..storage.card import Card
from ..storage.entry import entry_files
from ..storage.snapshot import Collection
from ..storage.store import Store
from .batch import Batch
from .report import Report, report_on

MIN_CONTENTS = FOLDS  # so that each part can be scored by the others


class TooFewSamples(UserError, ValueError):
    """Not enough usable images; the text says how many were found, why others were not used, and what is needed."""


@dataclass(frozen=True)
class Draft:
    """A contribution that is ready to be added."""

    collection: str
    card: Card
    fingerprints: dict[str, Fingerprint]
    report: Report
    files: dict[str, bytes] = field(repr=False)


def draft(batch: Batch, card: Card, collection: Collection) -> Draft:
    """Fingerprints, report and files of a batch. Raises TooFewSamples."""
    contents = len(set(batch.contents))
    if contents < MIN_CONTENTS:
        raise TooFewSamples(_too_few(batch, contents))
    histories = len(collection.histories)
    prints = {space: batch.fingerprint(reference, histories) for space, reference in collection.references.items()}
    filled = replace(card, samples=len(batch.images), contents=contents, samples_digest=batch.samples_digest)
    report = report_on(batch, prints, collection, card.name)
    return Draft(collection.name, filled, prints, report, _files(prints, batch, collection))


def add(store: Store, draft: Draft) -> str:
    """Publish a draft; returns the new revision."""
    return store.add(draft.collection, draft.card, draft.files)


def _files(prints: dict[str, Fingerprint], batch: Batch, collection: Collection) -> dict[str, bytes]:
    digests = {space: collection.reference_digest(space) for space in prints}
    # to a gallery the batch is one image: it draws the mean of all
    drawn = {} if batch.spectrum is None else {"frequency": batch.spectrum.mean[None]}
    whole = EmbeddedImages(drawn, np.zeros(len(drawn), dtype=int), np.array(["all"]))
    return entry_files(prints, whole, collection.references, digests, collection.form.crop)


def _too_few(batch: Batch, contents: int) -> str:
    text = f"A fingerprint needs at least {MIN_CONTENTS} different images, {contents} were usable"
    if batch.duplicates:
        text += f" ({len(batch.duplicates)} exact copies counted once)"
    if batch.unreadable:
        text += f"; {len(batch.unreadable)} could not be used, the first: {batch.unreadable[0].reason}"
    return text.rstrip(".") + ". Fifty or more from different prompts or seeds give a steady one."
