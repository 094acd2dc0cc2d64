"""What a file says of its own origin. Easily forged or removed: it is shown beside an answer and never part of it."""

from .claim import INVALID, MOST_CLAIMS, NOT_CHECKED, NOT_SIGNED, VALID, Claim, claim
from .reading import UNREAD, read_claims

__all__ = [
    "INVALID",
    "MOST_CLAIMS",
    "NOT_CHECKED",
    "NOT_SIGNED",
    "UNREAD",
    "VALID",
    "Claim",
    "claim",
    "read_claims",
]
