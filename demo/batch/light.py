"""Answers without what no page draws: hundreds of them are kept for an hour."""

from __future__ import annotations

from dataclasses import replace

from registry.answers.identify import Answer
from registry.storage.pictures import DRAWN

from ..answers.several import Pile


def light(answer: Answer) -> Answer:
    """Without the embeddings of spaces that have no picture, two thirds of its numbers. What joint answers are made of,
    the artifacts, stays."""
    drawn = {space: embedding for space, embedding in answer.embeddings.items() if space in DRAWN}
    return replace(answer, embeddings=drawn)


class LightPile(Pile):
    """Keeps its answers so."""

    def add(self, digest: str, answer: Answer) -> str | None:
        return super().add(digest, light(answer))
