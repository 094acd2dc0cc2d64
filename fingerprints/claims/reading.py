"""All that a file says of its own origin: what is signed first, then what says most."""

from __future__ import annotations

from collections.abc import Iterator

from ..sentence import said
from .carriers import carried
from .claim import MOST_CLAIMS, NOT_SIGNED, Claim, claim
from .credentials import credential_claim, elsewhere_claim
from .exif import camera_claim, exif_texts, program_texts
from .iptc import elsewhere, field_claim, iptc_fields, xmp_fields
from .programs import program_claims

UNREAD = claim(
    "The file", NOT_SIGNED, said("What it says of itself could not be read within the limits of this server.")
)


def read_claims(data: bytes) -> tuple[Claim, ...]:
    """Nothing is raised for damaged bytes: what cannot be read says nothing."""
    return tuple(_claims(data))[:MOST_CLAIMS]


def _claims(data: bytes) -> Iterator[Claim]:
    signed = credential_claim(data)
    if signed:
        yield signed
    found = carried(data)
    exif, xmp = exif_texts(found.exif), xmp_fields(found.xmp)
    if not signed and (host := elsewhere(xmp)):
        yield elsewhere_claim(host)
    by_programs = program_texts(exif)
    yield from filter(None, [field_claim(xmp, iptc_fields(found.iptc))])
    yield from program_claims({**by_programs, **found.texts})
    yield from filter(None, [camera_claim(exif)])
