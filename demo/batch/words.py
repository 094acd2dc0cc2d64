"""What the page says."""

from __future__ import annotations

from ..server.limits import UPLOAD_BYTES
from .reading import MOST_PICTURES

INTRO = (
    f"Give up to {MOST_PICTURES} pictures, or zip archives of them, up to {2 * UPLOAD_BYTES / 1e6:.0f} MB at a time. A "
    "table fills up while they are looked at; each row opens to the full evidence."
)
KEPT = (
    "Your files go to this server, are read, and are deleted at the latest one hour later, and so is the table. They "
    "are not added to the registry. The table has an address of its own, which nobody else can guess."
)
GONE = "What was found is kept for an hour at most. Give the pictures once more."
TOGETHER = "If they share a source: one answer for all"
