"""Some views are of one collection: which one is asked for, and the way to the others."""

from __future__ import annotations

from collections.abc import Mapping

from registry.snapshot import Collection, NotFound, Snapshot

from .form import address
from .html import text


def asked_collection(snapshot: Snapshot, asked: Mapping[str, str]) -> Collection:
    """The collection of that name; without a name, the one with the most generators. Raises NotFound."""
    if not snapshot.collections:
        raise NotFound("This registry has no collections yet; create or sync one.")
    fullest = max(snapshot.collections.values(), key=lambda collection: len(collection.names))
    chosen = snapshot.collection(asked["collection"]) if asked.get("collection") else fullest
    if not chosen.names:
        raise NotFound(f"{chosen.title} has no generators yet; add one under Contribute.")
    return chosen


def collection_tabs(snapshot: Snapshot, view: str, current: Collection) -> str:
    links = "".join(
        f'<a href="{text(address(view=view, collection=name))}"'
        f"{' aria-current=page' if name == current.name else ''}>{text(collection.title)}</a>"
        for name, collection in snapshot.collections.items()
    )
    return f'<nav class="fp-tabs" aria-label="Collections">{links}</nav>'
