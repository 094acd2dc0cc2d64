"""What was said of pictures after handlings, as figures: by handling, of all together, and the worst."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fingerprints.attribution.verdict import AMONG, FAMILY, GENERATED, GENERATOR, MADE, REAL, UNKNOWN

from ..common.scores import Estimate, share

PHOTOS, GENERATED_IMAGES, ALL = "photos", "generated", "all handlings"
_SAID = {
    GENERATOR: "named",
    AMONG: "in a set",
    FAMILY: "in a set",
    GENERATED: "called generated",
    REAL: "real",
    UNKNOWN: "unknown",
    None: "not covered",
}
# Of which pictures -> the figure -> whether a larger one is worse.
_WORST = {
    PHOTOS: {"accused": True, "named": True},
    GENERATED_IMAGES: {"wrong name": True, "passed as real": True, "named right": False},
}


@dataclass(frozen=True)
class Reply:
    """What was said of a picture after a handling. ``verdict`` is None where no collection covers the result."""

    label: str
    content: str
    handling: str
    verdict: str | None
    generator: str | None = None


def handling_figures(replies: Sequence[Reply], chosen: Sequence[str]) -> dict[str, Any]:
    """By handling and of all together, of photos and of generated images; of each model; and the worst handlings."""
    by_kind = {
        PHOTOS: ([reply for reply in replies if reply.label == PHOTOS], photo_shares),
        GENERATED_IMAGES: ([reply for reply in replies if reply.label != PHOTOS], generated_shares),
    }
    names = sorted({reply.label for reply in replies} - {PHOTOS})
    by_kind |= {name: ([r for r in replies if r.label == name], generated_shares) for name in names}
    found: dict[str, Any] = {
        kind: {
            handling: _figures([r for r in told if handling in (r.handling, ALL)], shares)
            for handling in ([*chosen, ALL] if kind in _WORST else [ALL])
        }
        for kind, (told, shares) in by_kind.items()
        if told
    }
    return {**found, "worst": {f"{kind}, {what}": name for kind, what, name in _worst(found)}}


def photo_shares(replies: Sequence[Reply]) -> dict[str, np.ndarray]:
    verdict = np.array([reply.verdict for reply in replies])
    return {"accused": np.isin(verdict, MADE), "named": verdict == GENERATOR, "called real": verdict == REAL}


def generated_shares(replies: Sequence[Reply]) -> dict[str, np.ndarray]:
    verdict = np.array([reply.verdict for reply in replies])
    right = np.array([reply.generator == reply.label for reply in replies], bool)
    return {
        "named": verdict == GENERATOR,
        "named right": right,
        "wrong name": (verdict == GENERATOR) & ~right,
        "in a set": np.isin(verdict, (AMONG, FAMILY)),
        "called generated": verdict == GENERATED,
        "passed as real": verdict == REAL,
    }


def _figures(replies: Sequence[Reply], shares: Callable[[Sequence[Reply]], Mapping[str, np.ndarray]]) -> dict[str, Any]:
    covered = [reply for reply in replies if reply.verdict is not None]
    counts: dict[str, Any] = {"asked": len(replies), "not covered": len(replies) - len(covered)}
    contents = np.array([reply.content for reply in covered])
    return counts | {name: share(hits, contents) for name, hits in shares(covered).items()} if covered else counts


def _worst(found: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """The handling with the worst of each figure."""
    for kind, measures in _WORST.items():
        by_handling = {name: figures for name, figures in found.get(kind, {}).items() if name != ALL}
        for measure, larger_is_worse in measures.items():
            values: dict[str, Estimate] = {n: f[measure] for n, f in by_handling.items() if measure in f}
            if values:
                worst = max(values, key=lambda name: values[name].value * (1 if larger_is_worse else -1))
                yield kind, f"{'most' if larger_is_worse else 'fewest'} {measure}", f"{worst}: {values[worst]}"


def drawing_counts(replies: Sequence[Reply], forms: Sequence[str]) -> dict[str, dict[str, int]]:
    """Form and kind, and form and all kinds -> how many are named, ..."""
    labels = list(dict.fromkeys(("all", *(reply.label for reply in replies))))
    found: dict[str, dict[str, int]] = {}
    for form in forms:
        for label in labels:
            told = [r for r in replies if r.handling == form and label in ("all", r.label)]
            said = Counter(_SAID[reply.verdict] for reply in told)
            found[f"{label} {form}"] = {"asked": len(told), **{word: said[word] for word in _SAID.values()}}
    return found
