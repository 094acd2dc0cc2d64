"""A contribution on its way in: at once, or to wait for the owner's word. Who may contribute is the owner's choice.

``$FINGERPRINT_CONTRIBUTIONS``: "direct" (the default: added at once; on a server whose owner has set
``$FINGERPRINT_OWNER_TOKEN``, unless something speaks against it), "open" (anyone may, everything waits), "token" (who
knows ``$FINGERPRINT_CONTRIBUTION_TOKEN``, everything waits) or "closed".
"""

from __future__ import annotations

import hmac

from fingerprints.settings import Settings

from ..storage.snapshot import Collection
from ..storage.store import Store, StoreError
from .contribute import Draft, add
from .poison import objections
from .quarantine import Waiting, hold


def permitted(settings: Settings, token: str) -> bool:
    """Whether who gives this token may contribute. Raises SettingError."""
    chosen = settings.policy
    return chosen in ("direct", "open") or (chosen == "token" and is_secret(token, settings.contribution_token))


def is_secret(given: str, secret: str) -> bool:
    """Whether it is that secret; false when there is none. Takes the same time always."""
    return bool(secret) and hmac.compare_digest(given.strip().encode(), secret.strip().encode())


def submit(
    settings: Settings, store: Store, draft: Draft, collection: Collection, by: str, wait: bool
) -> Waiting | str:
    """Add it, or have it wait: always when ``wait``, else when something speaks against it and there is an owner to
    ask: without an owner's token, who sits here is the owner. Returns the new revision, or what waits. Raises
    StoreError."""
    if draft.card.name in collection.names:
        raise StoreError(f"{collection.name} already has a generator {draft.card.name!r}; choose another name.")
    asked = wait or settings.has_owner
    reasons = tuple(objections(draft, collection)) if asked else ()
    if wait or reasons:
        return hold(store, draft.collection, draft.card, draft.files, reasons, draft.report.advice, by)
    return add(store, draft)
