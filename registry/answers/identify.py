"""Identify: one image in, answers out that sharpen as each space is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np

from fingerprints.attribution.domain import SPACE
from fingerprints.attribution.verdict import REAL, Verdict, decide
from fingerprints.claims import Claim
from fingerprints.errors import UserError
from fingerprints.geometry.embedding import detail_of
from fingerprints.images.detail import ENOUGH, LITTLE, Detail
from fingerprints.images.image import Image
from fingerprints.images.resampled import Enlarged
from fingerprints.images.surroundings import Box
from fingerprints.images.traces import lossy_traces
from fingerprints.model.evidence import Evidence, together
from fingerprints.model.reference import Reference
from fingerprints.sentence import Sentence, said
from fingerprints.spaces import embed_each, get_space

from ..analysis.coverage import about_in_words
from ..analysis.weigh import weigh_at_once
from ..storage.snapshot import Collection, Snapshot
from .regions import MIXED, Regions, regions_of
from .within import COLLAGE, WORN, looked_at, put_together, scaled_back, why_little, why_nothing

ANSWER_SCHEMA = 2
_LOSSY_DOUBT = 0.4
_LOSSY = said(
    "The picture carries traces of JPEG compression, which remove most of the fingerprint that this collection looks "
    "for; the answer is less certain."
)


class NotCovered(UserError, ValueError):
    """No collection covers an image of this size; the text says which sizes are covered."""


@dataclass(frozen=True)
class Answer:
    """The answer for one image against one revision; ``spaces`` says which spaces have been looked at so far.

    ``artifacts`` (d,) and ``embeddings`` (D,) of each: means over the image's views. ``doubt``: the share of its
    certainty that was taken back, ``careful``: more proof than usual was asked for, ``doubts``: why. ``claims`` is what
    the file says of itself, which had no part in the answer. ``within``: the part of the image that the answer is
    about, None for all of it; ``enlarged``: by what factor, None where it does not seem to have been; ``regions``: what
    its crops say by themselves.
    """

    path: str
    registry: str
    revision: str
    collection: str
    verdict: Verdict
    spaces: tuple[str, ...]
    final: bool
    strictness: str
    artifacts: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)
    embeddings: dict[str, np.ndarray] = field(default_factory=dict, repr=False, compare=False)
    views: int = field(default=1, repr=False, compare=False)
    doubt: float = field(default=0.0, repr=False, compare=False)
    careful: bool = field(default=False, repr=False, compare=False)
    doubts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    stable: bool | None = None
    paths: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    within: Box | None = None
    enlarged: Enlarged | None = None
    regions: Regions | None = field(default=None, repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """One JSON object, as documented in the README under "The answer"."""
        v = self.verdict
        return {
            "schema": ANSWER_SCHEMA,
            **({"paths": list(self.paths)} if self.paths else {"path": self.path}),
            "registry": self.registry,
            "revision": self.revision,
            "collection": self.collection,
            "verdict": v.verdict,
            "generated": round(v.generated, 6),
            "generator": v.generator,
            "among": list(v.among),
            "family": v.family,
            "probability": round(v.probability, 6),
            "p_value": round(v.p_value, 6),
            "candidates": [{"generator": c.generator, "probability": round(c.probability, 6)} for c in v.candidates],
            "unknown": round(v.unknown, 6),
            "strictness": self.strictness,
            "stable": self.stable,
            "within": self.within and self.within._asdict(),
            "enlarged": self.enlarged and self.enlarged._asdict(),
            "regions": self.regions.to_json() if self.regions else [],
            "warnings": list(self.warnings),
            "claims": [claim.to_json() for claim in self.claims],
        }


def identify(
    snapshot: Snapshot, image: Image, collection: str | None = None, part: Box | None = None
) -> Iterator[Answer]:
    """Answers after each space, the last one final. With several collections that cover the image, the one whose
    members lie nearest (by p-value) answers. Where something lies around a picture, they are about what is within; or
    about the ``part`` that was chosen; where that was enlarged, about it scaled back, and with more proof. Raises
    NotCovered, NoPart, or NotFound for an unknown ``collection``."""
    given, within = looked_at(image, part)
    image, enlarged = scaled_back(given)
    for answer in as_it_is(snapshot, image, collection, careful=enlarged is not None):
        regions = answer.regions and answer.regions.times(given.height / image.height)
        yield replace(answer, within=within, enlarged=enlarged, regions=regions)


def as_it_is(
    snapshot: Snapshot, image: Image, collection: str | None = None, careful: bool = False
) -> Iterator[Answer]:
    """The same about all pixels of the image, whatever was done to it. ``careful``: more proof is asked for that a
    model made it, and it is not called real (verdict.decide)."""
    chosen = [snapshot.collection(collection)] if collection else snapshot.covering(image.shorter_side)
    chosen = [c for c in chosen if c.names and c.form.covers(image.shorter_side)]
    if not chosen:
        raise NotCovered(not_covered_text(snapshot, image, collection))
    finals = []
    for one in chosen:
        for answer in _answers(snapshot, one, image, careful):
            if answer.final:
                finals.append(answer)
            elif len(chosen) == 1:
                yield answer
    best = max(finals, key=lambda answer: answer.verdict.p_value)
    others = tuple(answer.collection for answer in finals if answer is not best)
    yield replace(best, others=others)


def identify_together(snapshot: Snapshot, answers: Sequence[Answer]) -> Answer:
    """One answer for images that are said to share a source (``paths`` names them), from the final answers for each.

    Raises NotCovered when they come from different collections.
    """
    collections = sorted({answer.collection for answer in answers})
    if len(collections) > 1:
        raise NotCovered(
            said(
                "These images were answered by different collections ({collections}): one answer for all of them needs "
                "images of one. Give images of the same size.",
                collections=", ".join(collections),
            )
        )
    collection = snapshot.collection(collections[0])
    artifacts = {space: np.stack([answer.artifacts[space] for answer in answers]) for space in collection.references}
    views = np.array([answer.views for answer in answers])
    weighed = {space: known.weigh(artifacts[space], views) for space, known in collection.known.items()}
    evidence = {space: together(part) for space, part in weighed.items()}
    at_once = weigh_at_once(collection, evidence, artifacts, views)
    evidence |= {key: together(part) for key, part in at_once.items()}
    careful = any(answer.careful for answer in answers)
    one = _answer(snapshot, collection, evidence, max(answer.doubt for answer in answers), careful)
    doubts = dict.fromkeys(text for answer in answers for text in answer.doubts)
    told, paths = tuple(doubts), tuple(answer.path for answer in answers)
    return replace(one, paths=paths, careful=careful, warnings=told, doubts=told)


def _doubts(image: Image, detail: Detail, collection: Collection, views: np.ndarray) -> tuple[float, tuple[str, ...]]:
    """What share of an answer's certainty is taken back, and why: all of it where the image shows something else than
    the collection is about, several pictures, or nothing that could hold a trace; some where compression has removed
    traces that a lossless collection looks for."""
    if put_together(image):
        return 1.0, (COLLAGE,)
    if why := why_nothing(detail):
        return 1.0, (why,)
    domain = collection.domain
    if domain is not None and not domain.shows(get_space(SPACE).embed(views)):
        return 1.0, (_something_else(collection.name, domain.about),)
    native = collection.form.resize in (None, image.shorter_side)
    lossy = collection.form.lossless and native and lossy_traces(image.pixels)
    return (_LOSSY_DOUBT, (_LOSSY,)) if lossy else (0.0, ())


def _something_else(collection: str, about: str) -> Sentence:
    return said(
        "The collection {collection} knows pictures of {about} alone, and this does not look like one: nothing can be "
        "said of it.",
        collection=collection,
        about=about_in_words(about),
    )


def _answers(snapshot: Snapshot, collection: Collection, image: Image, careful: bool) -> Iterator[Answer]:
    views = collection.form.views(image)
    detail = detail_of(image, collection.form)
    doubt, doubts = _doubts(image, detail, collection, views)
    why = why_little(detail, len(views)) if doubt < 1 else None
    careful, doubts = careful or why is not None, (*doubts, why) if why else doubts
    evidence: dict[str, Evidence] = {}
    of_views: dict[str, np.ndarray] = {}
    embeddings: dict[str, np.ndarray] = {}
    for space, embedded in embed_each(views, list(collection.references)):
        reference = collection.references[space]
        embeddings[space] = embedded.mean(axis=0)
        of_views[space] = reference.view_artifacts(embedded)
        artifacts = {space: rows.mean(axis=0) for space, rows in of_views.items()}
        evidence[space] = weigh_against(collection, reference, artifacts[space], len(views))
        if len(evidence) == len(collection.spaces):
            rows = {space: artifact[None] for space, artifact in artifacts.items()}
            evidence |= weigh_at_once(collection, evidence, rows, np.array([len(views)]))
        found = replace(
            _answer(snapshot, collection, evidence, doubt, careful),
            path=image.origin,
            artifacts=artifacts,
            embeddings=dict(embeddings),
            views=len(views),
            doubt=doubt,
            careful=careful,
            doubts=doubts,
            warnings=(*image.notes, *doubts),
            claims=image.claims,
        )
        if found.final:
            found = replace(found, regions=regions_of(collection, image, of_views, found.verdict))
            found = _earned(snapshot, collection, detail, evidence, found)
        yield found


def _earned(
    snapshot: Snapshot, collection: Collection, detail: Detail, evidence: dict[str, Evidence], answer: Answer
) -> Answer:
    """What must be earned: of an image of which one part looks generated and another does not, nothing is said as a
    whole, whatever the mean says; and where detail is worn away, that no trace is seen makes it no photo."""
    told = [MIXED] if answer.regions and answer.regions.mixed else []
    if answer.verdict.verdict == REAL and detail.worn:
        told.append(WORN)
    if not told:
        return answer
    found = replace(answer, doubts=(*answer.doubts, *told), warnings=(*answer.warnings, *told))
    return replace(found, doubt=1.0, verdict=_answer(snapshot, collection, evidence, 1.0).verdict)


def _answer(
    snapshot: Snapshot, collection: Collection, evidence: dict[str, Evidence], doubt: float, careful: bool = False
) -> Answer:
    """What the evidence of the spaces at hand (one row each) amounts to."""
    posterior = collection.calibration.posterior(evidence, collection.offsets, LITTLE if careful else ENOUGH)
    spaces = tuple(space for space in collection.spaces if space in evidence)
    return Answer(
        path="",
        registry=snapshot.origin,
        revision=snapshot.revision,
        collection=collection.name,
        verdict=decide(
            posterior,
            collection.names,
            collection.families,
            collection.calibration,
            doubt,
            collection.strictness,
        ),
        strictness=collection.strictness,
        spaces=spaces,
        final=len(spaces) == len(collection.spaces),
    )


def weigh_against(collection: Collection, reference: Reference, artifact: np.ndarray, views: int) -> Evidence:
    """One image artifact (d,) against every generator of the collection."""
    return collection.known[reference.space].weigh(artifact[None], np.array([views]))


def not_covered_text(snapshot: Snapshot, image: Image, collection: str | None = None) -> Sentence:
    sizes = [_covers(c) for c in snapshot.collections.values() if c.names and collection in (None, c.name)]
    found = reduce(lambda some, next_: said("{some}; {next}", some=some, next=next_), sizes) if sizes else None
    return said(
        "No collection covers {name}, a {width} x {height} image: its shorter side is {side} px. {sizes}.",
        name=image.origin,
        width=image.width,
        height=image.height,
        side=image.shorter_side,
        sizes=found or said("The registry holds no generators"),
    )


def _covers(collection: Collection) -> Sentence:
    name, least, most = collection.name, collection.form.min_side, collection.form.max_side
    if most:
        return said("{collection} covers {least} to {most} px", collection=name, least=least, most=most)
    return said("{collection} covers {least} px and more", collection=name, least=least)
