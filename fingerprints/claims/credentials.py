"""Content Credentials (C2PA): reading and checking them, with what is in the file and the owner's list of signers.

Nothing is ever fetched. The library that checks them is imported when a file comes that carries them.
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from ..formats.kinds import known
from ..sentence import said
from ..settings import Settings
from .claim import INVALID, NOT_CHECKED, Claim, claim
from .manifest import SOURCE, manifest_claim

NO_LIST = "That the signer is who it says was not checked: no list of signers to trust was given here."
NOT_LISTED = "The signer is not on the list of those who are trusted here, so it may be anybody."
BROKEN_LIST = "That the signer is who it says was not checked: the list of signers to trust cannot be read."
_MOST_CERTIFICATES = 4_000_000  # bytes
_MIME = {
    **{"PNG": "png", "JPEG": "jpeg", "WebP": "webp", "AVIF": "avif", "GIF": "gif", "TIFF": "tiff"},
    **{"HEIC": "heic", "JPEG XL": "jxl"},
}
_OFFLINE: dict[str, Any] = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
    "core": {
        "allowed_network_hosts": [],
        "allow_redirects": False,
        "decode_identity_assertions": False,  # who somebody is may be looked up at an address that the file gives
        "max_decompressed_manifest_size_in_mb": 16,
    },
}


def credential_claim(data: bytes) -> Claim | None:
    """What the file's Content Credentials say; None where it carries none."""
    kind = _MIME.get(known(data) or "")
    if kind is None or b"jumb" not in data or b"c2pa" not in data:
        return None
    try:
        import c2pa
    except (ImportError, OSError, RuntimeError):  # the last two: the library is there and does not run here
        return claim(SOURCE, NOT_CHECKED, said("Carries Content Credentials, which cannot be checked here."))
    context, of_unlisted = _context(c2pa)
    try:
        reader = c2pa.Reader.try_create(f"image/{kind}", io.BytesIO(data), context=context)
        if reader is None:
            return None
        with reader:
            return manifest_claim(json.loads(reader.json()), of_unlisted)
    except (c2pa.C2paError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        return claim(SOURCE, INVALID, said("Carries Content Credentials that are damaged and say nothing."), str(error))


def elsewhere_claim(host: str) -> Claim:
    """Of a file whose credentials lie on a server, from which they are not fetched."""
    says = said(
        "Says that its Content Credentials, a signed record of origin, are kept on a server; they were not fetched."
    )
    return claim(SOURCE, NOT_CHECKED, says, f"Server: {host}")


def _context(c2pa: Any) -> tuple[Any, str]:
    """How to check, and what to say of a signer who is not known to be trusted."""
    if path := Settings.read().trust_list:
        try:
            with Path(path).open(encoding="utf-8") as file:
                anchors = file.read(_MOST_CERTIFICATES)
            return c2pa.Context.from_dict({**_OFFLINE, "trust": {"trust_anchors": anchors}}), NOT_LISTED
        except (c2pa.C2paError, OSError, ValueError):
            return c2pa.Context.from_dict(_OFFLINE), BROKEN_LIST
    return c2pa.Context.from_dict(_OFFLINE), NO_LIST
