"""What the owner sets by environment variables."""

from __future__ import annotations

import os

from fingerprints.errors import UserError

STRICTNESS = "FINGERPRINT_STRICTNESS"
STEPS = ("strict", "standard", "lax")  # those of attribution.verdict, which takes long to import


class SettingError(UserError, ValueError):
    """A variable holds something else than it may; the text says what works."""


def strictness() -> str | None:
    """How much must be proved before something is said, if the owner says so; else a collection decides."""
    chosen = os.environ.get(STRICTNESS)
    if chosen and chosen not in STEPS:
        raise SettingError(f"${STRICTNESS} is {chosen!r}; it may be {', '.join(STEPS)}.")
    return chosen or None
