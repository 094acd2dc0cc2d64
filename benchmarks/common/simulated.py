"""Hundreds of generators from the few that a collection has, to see what size does to what is said.

A simulated generator is an embedded one, moved along the differences between the embedded ones: the same in all spaces
and under all histories. Its images are those of the one that it was made from, moved likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from fingerprints.attribution.bars import Bars
from fingerprints.attribution.calibration import JOINT, Offsets, Posterior
from fingerprints.attribution.verdict import levels
from fingerprints.model.evidence import Known
from fingerprints.model.joint import Joint, side_by_side
from fingerprints.model.shortlist import COMPARED, Shortlist, lengths_of
from registry.analysis.weigh import as_measured
from registry.storage.snapshot import Collection

_BLOCK = 64  # images at a time


@dataclass(frozen=True)
class Simulated:
    """``known``: the generators (g,) by space; ``artifacts`` (n, d) by space and ``views`` (n,) of images of them."""

    collection: Collection
    joint: Joint
    known: Mapping[str, Known]
    artifacts: Mapping[str, np.ndarray]
    views: np.ndarray

    @classmethod
    def of(cls, collection: Collection, joint: Joint, count: int, images: int, spread: float) -> Simulated:
        """``count`` generators, moved by ``spread`` times what the embedded ones differ by, and so many images."""
        rng, embedded = np.random.default_rng(count), len(collection.names)
        of_generator = np.arange(count) % embedded
        along = rng.normal(size=(count, embedded)) * spread / np.sqrt(embedded)
        of_image = rng.integers(0, count, images)
        known, artifacts = {}, {}
        for space, reference in collection.references.items():
            means = collection.all_means[space]
            moves = np.einsum("gf,fhd->ghd", along, means - means.mean(axis=0))
            looseness = collection.looseness[space][of_generator]
            known[space] = Known.of(reference, (means[of_generator] + moves).astype(np.float32), looseness)
            own = [collection.fingerprint(name, space).artifacts.astype(np.float32) for name in collection.names]
            rows = [own[of_generator[g]][number % len(own[of_generator[g]])] for number, g in enumerate(of_image)]
            artifacts[space] = np.array(rows) + moves[of_image, 0].astype(np.float32)
        return cls(collection, joint, known, artifacts, as_measured(collection, images))

    @cached_property
    def at_once(self) -> Known:
        """All of them, as all spaces at once compare them."""
        return self.joint.known(self.known)

    @cached_property
    def shortlist(self) -> Shortlist:
        return Shortlist(self.joint, self.known, lengths_of(self.at_once))

    def said(self, images: slice) -> list[np.ndarray]:
        """Of some images, see ``_read``: with the first compared by all spaces at once, with all, with none."""
        artifacts = {space: rows[images] for space, rows in self.artifacts.items()}
        views, rows = self.views[images], side_by_side(self.collection.references, artifacts)
        evidence = {space: one.weigh(artifacts[space], views) for space, one in self.known.items()}
        calibration, count = self.collection.calibration, len(self.shortlist.lengths)
        offsets = Offsets(np.zeros(count), np.zeros(count, dtype=bool))
        chosen = calibration.first(evidence, offsets, COMPARED)
        beside = ({JOINT: self.shortlist.weigh(rows, views, chosen)}, {JOINT: self.at_once.weigh(rows, views)}, {})
        posteriors = [calibration.posterior(evidence | joint, offsets) for joint in beside]
        return [_read(posterior, self.collection.bars) for posterior in posteriors]


def _read(posterior: Posterior, bars: Bars) -> np.ndarray:
    """Of each image the likeliest generator, its share, and the verdict: (n,) with a column for each."""
    found = levels(posterior, bars)
    rows = np.zeros(len(found.best), [("best", int), ("share", float), ("verdict", "U20")])
    rows["best"], rows["share"], rows["verdict"] = found.best, posterior.shares.max(axis=1), found.verdict
    return rows


def exactness(collection: Collection, count: int, images: int, spread: float) -> dict[str, Any]:
    """How often what is said of images is what comparing all ``count`` generators would say, and by how much the share
    of the likeliest differs at most. Beside it: how often the sum over spaces alone has the same likeliest."""
    if collection.joint is None:
        raise ValueError(f"{collection.name} has no covariance of all spaces at once.")
    simulated = Simulated.of(collection, collection.joint, count, images, spread)
    blocks = [slice(start, start + _BLOCK) for start in range(0, images, _BLOCK)]
    first, all_of_them, none = map(np.concatenate, zip(*map(simulated.said, blocks), strict=True))
    return {
        "images": images,
        "same likeliest": float((first["best"] == all_of_them["best"]).mean()),
        "same likeliest by the sum alone": float((none["best"] == all_of_them["best"]).mean()),
        "same verdict": float((first["verdict"] == all_of_them["verdict"]).mean()),
        "share, most off": float(np.abs(first["share"] - all_of_them["share"]).max()),
    }
