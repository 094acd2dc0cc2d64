"""Gallery: the generators as tiles, one by one, two beside each other, or all on a map. The address says which."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.sentence import said
from registry.storage.store import Store

from ..parts import covered
from ..parts import map as map_
from ..parts.form import SCRIPT, address, address_of
from ..parts.html import link, problem, rich, text
from ..parts.layout import PAGE_EVENT, markup
from ..parts.zoo_images import can_be_made, making_part
from . import compare, tiles
from .generator import detail_html

# Each view is a module with form(snapshot, asked), what can be asked for, and shown(snapshot, asked), as HTML.
_VIEWS: dict[str, tuple[str, ModuleType]] = {
    "": (said("All generators"), tiles),
    covered.VIEW: (covered.TITLE, covered),
    "map": (said("Map"), map_),
    "compare": (said("Compare two"), compare),
}


def gallery_page(store: Store, page: gr.Blocks) -> None:
    """What the address asks for is shown; what the form asks for goes into the address."""
    head = markup("", "asked", SCRIPT)
    body = markup("", "shown")
    making = making_part()

    def opened(request: gr.Request) -> tuple[Any, ...]:
        asked = address_of(request)
        maker = can_be_made(asked)
        return head_html(store, asked), shown_html(store, asked), maker, gr.update(visible=bool(maker))

    def changed(request: gr.Request) -> str:
        return shown_html(store, address_of(request))

    page.load(opened, None, [head, body, making.name, making.column], queue=False, **PAGE_EVENT)
    head.select(changed, None, body, trigger_mode="always_last", **PAGE_EVENT)


def head_html(store: Store, asked: Mapping[str, str]) -> str:
    """The way to the other views, and this view's form. A generator's own page has neither."""
    if asked.get("generator"):
        return ""
    current = _current(asked)
    links = "".join(
        f'<a href="{text(address(view=name) if name else "./gallery")}"'
        f"{' aria-current=page' if name == current else ''}>{text(title)}</a>"
        for name, (title, _) in _VIEWS.items()
    )
    try:
        form = _VIEWS[current][1].form(store.snapshot(), asked)
    except UserError:
        form = ""  # what is shown below says what is wrong
    ways = text(said("Ways to look"))
    return f'<h1>{text(said("Gallery"))}</h1><nav class="fp-tabs" aria-label="{ways}">{links}</nav>{form}'


def shown_html(store: Store, asked: Mapping[str, str]) -> str:
    """What is asked for, or in a sentence why it cannot be shown."""
    if wanted := asked.get("generator"):
        return one_html(store, wanted)
    try:
        shown: str = _VIEWS[_current(asked)][1].shown(store.snapshot(), asked)
    except UserError as error:
        return problem(error.sentence, said("This cannot be shown."))
    return shown


def one_html(store: Store, wanted: str) -> str:
    """The page of ``wanted``, which is "collection/name" as in the address; a sentence if there is none."""
    collection, _, name = wanted.partition("/")
    try:
        snapshot = store.snapshot()
        source = snapshot.source
        return detail_html(snapshot.collection(collection), name, source.repo_id if source else None)
    except UserError as error:
        back = rich(said("<a>To the whole gallery</a>"), a=link("./gallery"))
        return problem(error.sentence, said("There is no such generator.")) + f"<p>{back}</p>"


def _current(asked: Mapping[str, str]) -> str:
    view = asked.get("view", "")
    return view if view in _VIEWS else ""
