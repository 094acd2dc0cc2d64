"""What the study says of one method on one group: accuracies with intervals over contents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..common.group_command import plain
from ..common.scores import balanced, share
from .rows.data import REAL, Study

MIN_CONTENTS = 30  # generators with fewer contents stand in a row of their own


def many_and_few(contents: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The generators with at least 30 contents, and the others."""
    return [n for n, c in contents.items() if c >= MIN_CONTENTS], [n for n, c in contents.items() if c < MIN_CONTENTS]


def table_figures(scores: np.ndarray, classes: np.ndarray, study: Study, many: list[str]) -> dict[str, Any]:
    """From the scores (images, classes) of all test images.

    "balanced" and "accuracy": the generators of ``many``, chosen among themselves. "with real": the same and photos,
    chosen among all of these; "recall of real": of its photos. "few": the other generators, chosen among all of them.
    """
    labels, contents = study.test.labels, study.test.contents
    found: dict[str, Any] = {}
    for name, asked, among in (
        ("balanced", many, many),
        ("with real", [*many, REAL], [*many, REAL]),
        ("few", sorted(set(classes) - set(many) - {REAL}), sorted(set(classes) - {REAL})),
    ):
        if asked:
            rows = np.isin(labels, asked)
            hits = chosen(scores[rows], classes, among) == labels[rows]
            found[name] = balanced(hits, contents[rows], labels[rows])
            if name == "balanced":
                found["accuracy"] = share(hits, contents[rows])
                found["by generator"] = {n: round(float(hits[labels[rows] == n].mean()), 3) for n in many}
            if name == "with real":
                found["recall of real"] = share(hits[labels[rows] == REAL], contents[rows][labels[rows] == REAL])
    figures: dict[str, Any] = plain(found)
    return figures


def chosen(scores: np.ndarray, classes: np.ndarray, among: list[str]) -> np.ndarray:
    """The best of the classes in ``among``, an image (n,)."""
    allowed = np.isin(classes, among)
    return classes[allowed][scores[:, allowed].argmax(axis=1)]
