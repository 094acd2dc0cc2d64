"""What the page says."""

from __future__ import annotations

from fingerprints.sentence import said

from ..server.limits import UPLOAD_BYTES
from .reading import MOST_PICTURES

INTRO = said(
    "Give up to {most} pictures, or zip archives of them, up to {megabytes} MB at a time. A table fills up while they "
    "are looked at; each row opens to the full evidence.",
    **{"most": MOST_PICTURES, "megabytes": round(2 * UPLOAD_BYTES / 1e6)},
)
KEPT = said(
    "Your files go to this server, are read, and are deleted at the latest one hour later, and so is the table. They "
    "are not added to the registry. The table has an address of its own, which nobody else can guess."
)
GONE = said("What was found is kept for an hour at most. Give the pictures once more.")
GONE_TITLE = said("This batch is gone.")
NOTHING = said("Nothing was looked at.")
TOGETHER = said("If all have one origin: one answer for all")
