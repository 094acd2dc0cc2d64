"""Registry: where the fingerprints come from, what a followed repository brings, and whether every file is whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.settings import Settings
from registry.analysis.coverage import all_kinds, covers, in_order
from registry.hub.follow import Follower
from registry.storage.snapshot import Collection, Snapshot
from registry.storage.store import Store

from ..parts.covered import LINK
from ..parts.html import facts, problem, sentences, text, when, working
from ..parts.layout import PAGE_EVENT, markup
from ..parts.removal import removal_html
from .following import following_html

_LOOK_EVERY = 1.0  # seconds


def registry_page(settings: Settings, store: Store, follower: Follower | None, page: gr.Blocks) -> None:
    """What there is; what its follower does, refreshed while the page is open; a button that checks every file."""
    contents = markup("", "registry")
    if follower:
        _following(settings, store, follower, contents, page)
    else:
        page.load(lambda: contents_html(settings, store), None, contents, **PAGE_EVENT)
    check = gr.Button("Verify every file", elem_id="verify", variant="secondary")
    result = markup("", "verified")
    check.click(lambda: (yield from verified(store)), None, result, concurrency_id="verify", **PAGE_EVENT)


def _following(settings: Settings, store: Store, follower: Follower, contents: gr.HTML, page: gr.Blocks) -> None:
    state = markup("", "following")
    now = gr.Button("Sync now", elem_id="sync", variant="secondary")
    shown = gr.State("")

    def looked(before: str) -> tuple[Any, ...]:
        """The contents are sent again only when another revision or commit is in use."""
        current = f"{store.revision} {follower.state.time}"
        fresh = gr.skip() if current == before else contents_html(settings, store)
        return fresh, following_html(follower.state), current

    def asked() -> str:
        follower.sync_now()
        return working("Asked for a sync …")

    seen = [contents, state, shown]
    page.load(looked, shown, seen, **PAGE_EVENT)
    gr.Timer(_LOOK_EVERY).tick(looked, shown, seen, queue=False, **PAGE_EVENT)
    now.click(asked, None, state, queue=False, **PAGE_EVENT)


def contents_html(settings: Settings, store: Store) -> str:
    """Origin, revision, and the collections with their counts."""
    try:
        snapshot = store.snapshot()
        rows = "".join(map(_row, in_order(snapshot)))
        held = all_kinds(snapshot)
        source = snapshot.source
    except UserError as error:
        return problem(str(error), "The registry cannot be read.")
    head = "<tr><th>Collection</th><th>Covers</th><th>Generators</th><th>Samples</th></tr>"
    removal = removal_html(source.repo_id if source else None)
    return (
        f"<h1>Registry</h1>{_held_html(held)}{_origin_html(settings, store, snapshot)}"
        f"{sentences(store.notes, 'fp-warnings')}"
        f'<div class="fp-wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
        f'<h2>If a generator should not be here</h2><p class="fp-small">{removal}</p>'
    )


def _held_html(held: str) -> str:
    """How many fingerprints of each kind there are, and the way to their names."""
    return f'<p class="fp-lead">{text(f"{held}." if held else "No fingerprints yet.")} {LINK}.</p>'


def _origin_html(settings: Settings, store: Store, snapshot: Snapshot) -> str:
    folder = "" if settings.on_a_space else store.folder  # a server's paths are nobody's business
    source = snapshot.source
    if source is None:
        about = {"Comes from": "this program, and what was added here"}
    else:
        changed = "" if snapshot.revision == source.base else ", with what was added or removed here since"
        about = {
            "Comes from": f"{source.repo_id} on the Hugging Face Hub{changed}",
            "Commit": source.commit,
            "Taken": when(source.time),
        }
    return facts({**about, "Revision": snapshot.revision, "Files": f"{len(snapshot.files):,}", "Folder": folder})


def verified(store: Store) -> Iterator[str]:
    """Compare every file with its listed digest."""
    try:
        snapshot = store.snapshot()
        yield working(f"Checking {len(snapshot.files):,} files …")
        problems = snapshot.verify()
    except UserError as error:
        yield problem(str(error))
        return
    if problems:
        summary = f"{len(problems)} of the files are not as listed."
        yield problem(summary, "Something is wrong.") + sentences(problems[:20])
    else:
        files, revision = f"{len(snapshot.files):,}", text(snapshot.revision)
        yield f'<p role="status">All {files} files of revision {revision} are there, whole and as listed.</p>'


def _row(collection: Collection) -> str:
    samples = sum(card.samples for card in collection.cards.values())
    return (
        f"<tr><td>{text(collection.title)}<br><code>{text(collection.name)}</code></td><td>{text(covers(collection))}</td>"
        f"<td>{len(collection.names)}</td><td>{samples:,}</td></tr>"
    )
