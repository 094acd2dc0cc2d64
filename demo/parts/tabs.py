"""Some views are of one collection: which one is asked for, and the way to the others."""

from __future__ import annotations

from collections.abc import Mapping

from fingerprints.sentence import said
from registry.analysis.coverage import in_order
from registry.storage.snapshot import Collection, NotFound, Snapshot

from .form import address
from .html import text


def asked_collection(snapshot: Snapshot, asked: Mapping[str, str]) -> Collection:
    """The collection of that name; without a name, the first that has generators. Raises NotFound."""
    if not snapshot.collections:
        raise NotFound(said("This registry has no collections yet; create or sync one."))
    ordered = in_order(snapshot)
    first = next((collection for collection in ordered if collection.names), ordered[0])
    chosen = snapshot.collection(asked["collection"]) if asked.get("collection") else first
    if not chosen.names:
        raise NotFound(said("{title} has no generators yet; add one under Contribute.", title=chosen.title))
    return chosen


def collection_tabs(snapshot: Snapshot, view: str, current: Collection) -> str:
    links = "".join(
        f'<a href="{text(address(view=view, collection=collection.name))}"'
        f"{' aria-current=page' if collection.name == current.name else ''}>{text(collection.title)}</a>"
        for collection in in_order(snapshot)
    )
    return f'<nav class="fp-tabs" aria-label="{text(said("Collections"))}">{links}</nav>'
