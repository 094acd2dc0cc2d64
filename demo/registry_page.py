"""Registry: where the fingerprints come from, and whether every file is what it should be."""

from __future__ import annotations

import os
from collections.abc import Iterator

import gradio as gr

from registry.files import BrokenFile
from registry.snapshot import Collection
from registry.store import Store, StoreError

from .html import facts, problem, sentences, text, working
from .layout import PAGE_EVENT, markup


def registry_page(store: Store, page: gr.Blocks) -> None:
    """What there is, and a button that checks it."""
    contents = markup("", "registry")
    check = gr.Button("Verify every file", elem_id="verify", variant="secondary")
    result = markup("", "verified")
    page.load(lambda: contents_html(store), None, contents, **PAGE_EVENT)
    check.click(lambda: (yield from verified(store)), None, result, concurrency_id="verify", **PAGE_EVENT)


def contents_html(store: Store) -> str:
    """Folder, revision, and the collections with their counts."""
    try:
        snapshot = store.snapshot()
        rows = "".join(map(_row, snapshot.collections.values()))
    except (StoreError, BrokenFile) as error:
        return problem(str(error), "The registry cannot be read.")
    folder = "" if os.environ.get("SPACE_ID") else store.folder  # a server's paths are nobody's business
    about = facts({"Folder": folder, "Origin": snapshot.origin, "Revision": snapshot.revision})
    head = "<tr><th>Collection</th><th>Covers</th><th>Generators</th><th>Samples</th></tr>"
    return (
        f"<h1>Registry</h1>{about}{sentences(store.notes, 'fp-warnings')}"
        f'<div class="fp-wide"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
    )


def verified(store: Store) -> Iterator[str]:
    """Compare every file with its listed digest."""
    try:
        snapshot = store.snapshot()
        yield working(f"Checking {len(snapshot.files):,} files …")
        problems = snapshot.verify()
    except (StoreError, BrokenFile) as error:
        yield problem(str(error))
        return
    if problems:
        summary = f"{len(problems)} of the files are not as listed."
        yield problem(summary, "Something is wrong.") + sentences(problems[:20])
    else:
        yield f'<p role="status">All {len(snapshot.files):,} files are there, whole and as listed.</p>'


def _row(collection: Collection) -> str:
    form = collection.form
    covers = f"{form.min_side} to {form.max_side} px" if form.max_side else f"{form.min_side} px and more"
    samples = sum(card.samples for card in collection.cards.values())
    return (
        f"<tr><td>{text(collection.title)}<br><code>{text(collection.name)}</code></td><td>{text(covers)}</td>"
        f"<td>{len(collection.names)}</td><td>{samples:,}</td></tr>"
    )
