"""A contribution on its way in: at once, or to wait for the owner's word. Who may contribute is the owner's choice.

``$FINGERPRINT_CONTRIBUTIONS``: "direct" (the default: added at once; on a server whose owner has set
``$FINGERPRINT_OWNER_TOKEN``, unless something speaks against it), "open" (anyone may, everything waits), "token" (who
knows ``$FINGERPRINT_CONTRIBUTION_TOKEN``, everything waits) or "closed".
"""

from __future__ import annotations

import hmac
import os

from .contribute import Draft, add
from .poison import objections
from .quarantine import Waiting, hold
from .snapshot import Collection
from .store import Store, StoreError

CONTRIBUTIONS, CONTRIBUTION_TOKEN = "FINGERPRINT_CONTRIBUTIONS", "FINGERPRINT_CONTRIBUTION_TOKEN"
OWNER_TOKEN = "FINGERPRINT_OWNER_TOKEN"
_POLICIES = ("direct", "open", "token", "closed")


def policy() -> str:
    """One of "direct", "open", "token" and "closed". Raises StoreError for another word, or a token that is not set."""
    chosen = os.environ.get(CONTRIBUTIONS) or "direct"
    if chosen not in _POLICIES:
        raise StoreError(f"${CONTRIBUTIONS} is {chosen!r}; it may be {', '.join(_POLICIES)}.")
    if chosen == "token" and not os.environ.get(CONTRIBUTION_TOKEN):
        raise StoreError(f"${CONTRIBUTIONS} is 'token', so ${CONTRIBUTION_TOKEN} must say which; it is not set.")
    return chosen


def permitted(token: str) -> bool:
    """Whether who gives this token may contribute."""
    chosen = policy()
    return chosen in ("direct", "open") or (chosen == "token" and is_secret(token, CONTRIBUTION_TOKEN))


def is_secret(given: str, variable: str) -> bool:
    """Whether it is the secret in that environment variable; false when that is not set. Takes the same time always."""
    secret = os.environ.get(variable, "")
    return bool(secret) and hmac.compare_digest(given.strip().encode(), secret.strip().encode())


def submit(store: Store, draft: Draft, collection: Collection, by: str, wait: bool) -> Waiting | str:
    """Add it, or have it wait: always when ``wait``, else when something speaks against it and there is an owner to
    ask: without an owner's token, who sits here is the owner. Returns the new revision, or what waits. Raises
    StoreError."""
    if draft.card.name in collection.names:
        raise StoreError(f"{collection.name} already has a generator {draft.card.name!r}; choose another name.")
    asked = wait or bool(os.environ.get(OWNER_TOKEN))
    reasons = tuple(objections(draft, collection)) if asked else ()
    if wait or reasons:
        return hold(store, draft.collection, draft.card, draft.files, reasons, draft.report.advice, by)
    return add(store, draft)
