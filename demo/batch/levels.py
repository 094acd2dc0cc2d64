"""What a row of the table says in one word or two, in the order in which rows are sorted and counted."""

from __future__ import annotations

from fingerprints.attribution.verdict import AMONG, FAMILY, GENERATED, GENERATOR, REAL, UNKNOWN
from fingerprints.sentence import said

from ..answers.several import Row

REFUSED = "refused"
# Level in the address -> what it is called on screen.
LEVELS = {
    "model": said("One model"),
    "few": said("One of a few"),
    "generated": said("Generated"),
    "unknown": said("Unknown"),
    "photo": said("Photo"),
    REFUSED: said("Not answered"),
}
_OF_VERDICT = {
    GENERATOR: "model",
    AMONG: "few",
    FAMILY: "few",
    GENERATED: "generated",
    UNKNOWN: "unknown",
    REAL: "photo",
}


def level(row: Row) -> str:
    """Its key in LEVELS."""
    return _OF_VERDICT[row.answer.verdict.verdict] if row.answer else REFUSED
