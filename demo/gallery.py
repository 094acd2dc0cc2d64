"""Gallery: every generator of the registry as a tile; each one's own page under ?generator=collection/name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr

from registry.files import BrokenFile
from registry.snapshot import Listed, NotFound, Snapshot
from registry.store import Store, StoreError

from .generator import detail_html
from .html import generator_link, picture, problem, text
from .layout import PAGE_EVENT, markup

ALL = "all"
_TILES = 60
_INTRO = (
    '<p class="fp-small">Each tile shows the mean artifact of a generator: what its images have in common and real '
    "images do not. Ochre is stronger than in real images, blue is weaker.</p>"
)


def gallery_page(store: Store, page: gr.Blocks) -> None:
    """Search and chips above the tiles; with ?generator=... the page of that generator instead."""
    with gr.Column(elem_id="browse") as browse:
        with gr.Row(elem_classes="fp-filters"):
            search = gr.Textbox(label="Search name, family or decoder", elem_id="search", scale=2, min_width=280)
            collection = gr.Radio([ALL], value=ALL, label="Collection", elem_id="collection", scale=3, min_width=280)
        markup(_INTRO)
        tiles = markup("", "tiles")
    detail = markup("", "detail")

    def opened(request: gr.Request) -> tuple[Any, ...]:
        wanted = dict(request.query_params or {}).get("generator", "")
        if wanted:
            return gr.update(visible=False), gr.skip(), "", one_html(store, wanted)
        return gr.update(visible=True), gr.update(choices=_choices(store)), tiles_html(store), ""

    page.load(opened, None, [browse, collection, tiles, detail], **PAGE_EVENT)
    gr.on(
        [search.change, collection.change],
        lambda words, chosen: tiles_html(store, words, chosen),
        [search, collection],
        tiles,
        trigger_mode="always_last",
        **PAGE_EVENT,
    )


def tiles_html(store: Store, words: str = "", collection: str = ALL) -> str:
    """The tiles that match all the words, at most sixty at a time."""
    try:
        snapshot = store.snapshot()
    except (StoreError, BrokenFile) as error:
        return problem(str(error))
    found = list(_matching(snapshot, words, collection))
    shown = "".join(_tile(snapshot, listed) for listed in found[:_TILES])
    more = f"{len(found) - _TILES} more: narrow the search to see them." if len(found) > _TILES else ""
    count = f"{len(found)} generator{'' if len(found) == 1 else 's'}. {more}" if found else "No generator matches."
    return f'<p class="fp-small" role="status">{text(count)}</p><div class="fp-tiles">{shown}</div>'


def one_html(store: Store, wanted: str) -> str:
    """The page of ``wanted``, which is "collection/name" as in the address; a sentence if there is none."""
    collection, _, name = wanted.partition("/")
    try:
        snapshot = store.snapshot()
        source = snapshot.source
        return detail_html(snapshot.collection(collection), name, source.repo_id if source else None)
    except (NotFound, StoreError, BrokenFile) as error:
        back = '<p><a href="./gallery">To the whole gallery</a></p>'
        return problem(str(error), "There is no such generator.") + back


def _matching(snapshot: Snapshot, words: str, collection: str) -> Iterator[Listed]:
    wanted = words.lower().split()
    for listed in snapshot.listed():
        about = f"{listed.name} {listed.title} {listed.family} {listed.decoder}".lower()
        if collection in (ALL, listed.collection) and all(word in about for word in wanted):
            yield listed


def _tile(snapshot: Snapshot, listed: Listed) -> str:
    cover = snapshot.collection(listed.collection).picture(listed.name, "mean-artifact.png")
    shown = picture(cover.read_bytes(), f"Mean artifact of {listed.title}") if cover.is_file() else ""
    design = " · ".join(part for part in (listed.family, listed.decoder) if part)
    return (
        f'<a class="fp-tile" href="{text(generator_link(listed.collection, listed.name))}" '
        f'data-generator="{text(listed.collection)}/{text(listed.name)}">{shown}'
        f"<b>{text(listed.title)}</b><span>{text(design)}</span>"
        f"<span>{listed.samples:,} samples · {text(listed.collection)}</span></a>"
    )


def _choices(store: Store) -> list[tuple[str, str]]:
    try:
        collections = store.snapshot().collections
    except (StoreError, BrokenFile):
        collections = {}
    return [("All", ALL), *((collection.title, name) for name, collection in collections.items())]
