"""An answer that is whole, with all that it was made of: what can be shown again later."""

from __future__ import annotations

from dataclasses import dataclass, field

from fingerprints.images.image import Image
from registry.answers.identify import Answer
from registry.answers.stability import Variant
from registry.storage.snapshot import Collection


@dataclass(frozen=True)
class Whole:
    """``found``: the answers for the variants of ``image``; ``seconds``: how long the first took."""

    image: Image = field(repr=False)
    answer: Answer
    found: tuple[Variant, ...] = field(repr=False)
    collection: Collection = field(repr=False)
    seconds: float
