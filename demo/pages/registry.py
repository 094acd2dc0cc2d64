"""Registry: where the fingerprints come from, what a followed repository brings, and whether every file is whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.sentence import Grouped, said
from fingerprints.settings import Settings
from registry.analysis.coverage import all_kinds, covers, in_order
from registry.hub.follow import Follower
from registry.storage.snapshot import Collection, Snapshot
from registry.storage.store import Store

from ..parts.covered import title_link
from ..parts.html import facts, problem, rich, sentences, text, when, working
from ..parts.layout import PAGE_EVENT, markup
from ..parts.removal import removal_html
from .following import following_html

_LOOK_EVERY = 1.0  # seconds
_COLUMNS = (said("Collection"), said("Covers"), said("Generators"), said("Samples"))


def registry_page(settings: Settings, store: Store, follower: Follower | None, page: gr.Blocks) -> None:
    """What there is; what its follower does, refreshed while the page is open; a button that checks every file."""
    contents = markup("", "registry")
    if follower:
        _following(settings, store, follower, contents, page)
    else:
        page.load(lambda: contents_html(settings, store), None, contents, **PAGE_EVENT)
    check = gr.Button(said("Verify every file"), elem_id="verify", variant="secondary")
    result = markup("", "verified")
    check.click(lambda: (yield from verified(store)), None, result, concurrency_id="verify", **PAGE_EVENT)


def _following(settings: Settings, store: Store, follower: Follower, contents: gr.HTML, page: gr.Blocks) -> None:
    state = markup("", "following")
    now = gr.Button(said("Sync now"), elem_id="sync", variant="secondary")
    shown = gr.State("")

    def looked(before: str) -> tuple[Any, ...]:
        """The contents are sent again only when another revision or commit is in use."""
        current = f"{store.revision} {follower.state.time}"
        fresh = gr.skip() if current == before else contents_html(settings, store)
        return fresh, following_html(follower.state), current

    def asked() -> str:
        follower.sync_now()
        return working(said("Asked for a sync …"))

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
        return problem(error.sentence, said("The registry cannot be read."))
    head = "".join(f"<th>{text(name)}</th>" for name in _COLUMNS)
    removal = removal_html(source.repo_id if source else None)
    return (
        f"<h1>{text(said('Registry'))}</h1>{_held_html(held)}{_origin_html(settings, store, snapshot)}"
        f"{sentences(store.notes, 'fp-warnings')}"
        f'<div class="fp-wide"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
        f'<h2>{text(said("If a generator should not be here"))}</h2><p class="fp-small">{removal}</p>'
    )


def _held_html(held: str) -> str:
    """How many fingerprints of each kind there are, and the way to their names."""
    kinds = said("{kinds}.", kinds=held) if held else said("No fingerprints yet.")
    return f'<p class="fp-lead">{text(kinds)} {rich(said("{link}."), link=title_link())}</p>'


def _origin_html(settings: Settings, store: Store, snapshot: Snapshot) -> str:
    folder = "" if settings.on_a_space else store.folder  # a server's paths are nobody's business
    source = snapshot.source
    if source is None:
        about: dict[str, object] = {said("Comes from"): said("this program, and what was added here")}
    else:
        place = said("{repository} on the Hugging Face Hub", repository=source.repo_id)
        if snapshot.revision != source.base:
            place = said(
                "{repository} on the Hugging Face Hub, with what was added or removed here since",
                repository=source.repo_id,
            )
        about = {said("Comes from"): place, said("Commit"): source.commit, said("Taken"): when(source.time)}
    here: dict[str, object] = {
        said("Revision"): snapshot.revision,
        said("Files"): Grouped(len(snapshot.files)),
        said("Folder"): folder,
    }
    return facts({**about, **here})


def verified(store: Store) -> Iterator[str]:
    """Compare every file with its listed digest."""
    try:
        snapshot = store.snapshot()
        files = Grouped(len(snapshot.files))
        yield working(said("Checking {files} files …", files=files))
        problems = snapshot.verify()
    except UserError as error:
        yield problem(error.sentence)
        return
    if problems:
        summary = said("{number} of the files are not as listed.", number=len(problems))
        yield problem(summary, said("Something is wrong.")) + sentences(problems[:20])
    else:
        facts_ = {"files": files, "revision": snapshot.revision}
        whole = said("All {files} files of revision {revision} are there, whole and as listed.", **facts_)
        yield f'<p role="status">{text(whole)}</p>'


def _row(collection: Collection) -> str:
    samples = sum(card.samples for card in collection.cards.values())
    return (
        f"<tr><td>{text(collection.title)}<br><code>{text(collection.name)}</code></td><td>{text(covers(collection))}</td>"
        f"<td>{len(collection.names)}</td><td>{text(Grouped(samples))}</td></tr>"
    )
