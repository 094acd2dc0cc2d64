"""What goes wrong in the zoo and a user can do something about."""

from __future__ import annotations

from fingerprints.errors import UserError


class ZooError(UserError, ValueError):
    """Data, weights, a checkpoint or a number that cannot be used; the text says what would work."""
