"""Identify, the start page: pictures in; the answer builds up as each space, or each picture, is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.sentence import said
from registry.answers.within import NoPart
from registry.storage.store import Store

from ..answers import several, single
from ..answers.part import CROPPING, part_of
from ..answers.single import Shown
from ..language.addresses import prefix
from ..links.control import KEEPING, Keeping
from ..links.keeping import Links
from ..links.tab import REMEMBERING, part, tab_html
from ..parts.covered import brief_html
from ..parts.examples import Example, examples
from ..parts.form import asked_of
from ..parts.html import picture, problem, text
from ..parts.layout import PAGE_EVENT, markup
from ..parts.words import KEPT
from ..parts.zoo_images import Made
from ..server.line import ANSWERS

# Pictures wait in our own line, which tells each visitor their number, and not in Gradio's queue.
ONE_QUEUE: dict[str, Any] = {"concurrency_id": "identify", "concurrency_limit": ANSWERS.places + ANSWERS.waiting}
_EMPTY, _EMPTY_WHY = (
    said("The answer appears here"),
    said(
        "A picture that a model made carries traces of how it was made. They are compared with those of every model in "
        "the registry, and with those of photographs."
    ),
)
_GONE = said("The picture is no longer here: it was deleted, as is said above. Give it again.")
_CHOOSE_EXAMPLE = """
element.addEventListener('click', event => {
  const button = event.target.closest('button[data-example]');
  if (button) trigger('select', {index: Number(button.dataset.example)});
});
"""


# The gallery hands over images of the zoo by an address that says which.
_TAKE_OVER = """
const query = new URLSearchParams(location.search);
if (query.has('zoo')) trigger('select', {query: `${query}`});
"""


class _Parts(NamedTuple):
    """Of the page. ``held``: where the server still holds the one picture that was given, for as long as it does."""

    upload: gr.File
    chooser: gr.HTML
    given: gr.HTML
    answer: gr.HTML
    below: gr.HTML
    keep: gr.HTML
    covered: gr.HTML
    evidence: gr.HTML
    held: gr.State


def identify_page(store: Store, links: Links, page: gr.Blocks) -> None:
    """The layout, which models are covered, and what happens when a picture arrives: by upload, drop, paste or as an
    example; and when the link to an answer is asked for."""
    photos, keeping = examples(), Keeping(links)
    parts = _layout(photos)

    def uploaded(paths: list[str] | None) -> Iterator[tuple[Any, ...]]:
        files = [Path(path) for path in paths or ()]
        for number, shown in enumerate(_steps(store, files)):
            yield (gr.update(value=None) if number == 0 else gr.skip(), *_laid_out(shown, keeping), _the_one(files))

    def chosen(event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        files = _example_path(photos, event.index)
        for shown in _steps(store, files):
            yield (gr.skip(), *_laid_out(shown, keeping), _the_one(files))

    def taken_over(event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        for shown in _made_steps(store, asked_of(getattr(event, "query", ""))):
            yield (gr.skip(), *_laid_out(shown, keeping), None)

    def in_part(path: Path | None, event: gr.EventData) -> Iterator[tuple[Any, ...]]:
        for shown in _part_steps(store, path, getattr(event, "box", None)):
            yield (gr.skip(), shown.given or gr.skip(), *_laid_out(shown, keeping)[1:], gr.skip())

    def kept(event: gr.EventData, request: gr.Request) -> str:
        asked = {name: getattr(event, name, None) for name in ("key", "picture")}
        client = request.client.host if request.client else ""
        return keeping.kept(asked, client, prefix(request.request.scope))

    page.load(lambda: covered_html(store), None, parts.covered, queue=False, **PAGE_EVENT)
    outputs = [parts.upload, parts.given, parts.answer, parts.below, parts.keep, parts.evidence, parts.held]
    shared = {**PAGE_EVENT, **ONE_QUEUE, "trigger_mode": "always_last"}
    parts.upload.upload(uploaded, parts.upload, outputs, **shared)
    parts.chooser.select(chosen, None, outputs, **shared)
    parts.given.select(taken_over, None, outputs, **shared)
    parts.keep.select(kept, None, parts.keep, trigger_mode="once", **PAGE_EVENT)
    parts.given.submit(in_part, parts.held, outputs, **shared)


def _layout(photos: Sequence[Example]) -> _Parts:
    with gr.Row(elem_classes="fp-identify"):
        with gr.Column(scale=4, min_width=300):
            upload = gr.File(
                label=said("Drop, paste or choose one image, or up to {most}", most=several.MOST_FILES),
                file_count="multiple",
                type="filepath",
                height=170,
                elem_id="drop",
            )
            markup(lambda: f'<p class="fp-small">{text(KEPT)}</p>', "kept")
            chooser = markup(lambda: _examples_html(photos), "examples", _CHOOSE_EXAMPLE)
            given = markup("", "given", _TAKE_OVER + CROPPING + part("given"))
        with gr.Column(scale=7, min_width=300):
            answer = markup(_empty_html, "answer", part("answer"))
            below = markup("", "below", part("below"))
            keep = markup("", "keep", KEEPING + part("keep"))
            markup(tab_html, "tab", REMEMBERING)
            covered = markup("", "covered")
    evidence = markup("", "evidence", part("evidence"))
    return _Parts(upload, chooser, given, answer, below, keep, covered, evidence, gr.State())


def _laid_out(shown: Shown, keeping: Keeping) -> tuple[str, ...]:
    """For the parts of the page; a whole answer of one picture may be kept."""
    keep = keeping.offer(shown.whole) if shown.whole else ""
    return shown.given, shown.answer, shown.below, keep, shown.evidence


def _empty_html() -> str:
    return f'<div class="fp-empty"><h2>{text(_EMPTY)}</h2><p>{text(_EMPTY_WHY)}</p></div>'


def covered_html(store: Store) -> str:
    """Which models a picture is compared with; nothing where the registry cannot be read, which the answer says."""
    try:
        return brief_html(store.snapshot())
    except UserError:
        return ""


def _steps(store: Store, paths: list[Path]) -> Iterator[Shown]:
    """One picture gets an answer with its evidence; several get a row each and a joint answer."""
    if not paths:
        return iter([Shown("", _empty_html())])
    return single.steps(store, paths[0]) if len(paths) == 1 else several.steps(store, paths)


def _the_one(files: Sequence[Path]) -> Path | None:
    return files[0] if len(files) == 1 else None


def _part_steps(store: Store, path: Path | None, asked: object) -> Iterator[Shown]:
    """The answer for a part of the picture that the server still holds."""
    if path is None or not path.is_file():
        return iter([Shown("", problem(_GONE, said("This cannot be answered.")))])
    try:
        return single.steps(store, path, part_of(asked))
    except NoPart as error:
        return iter([Shown("", problem(error.sentence, said("This cannot be answered.")))])


def _made_steps(store: Store, asked: Mapping[str, str]) -> Iterator[Shown]:
    """Images that a generator of the zoo makes are answered together."""
    try:
        return several.steps_about_made(store, Made.of(asked.get("zoo", ""), asked.get("seed", "")))
    except UserError as error:
        return iter([Shown("", problem(error.sentence, said("No images were made.")))])


def _example_path(photos: Sequence[Example], index: object) -> list[Path]:
    """The visitor's browser names an example by number; anything else is nothing."""
    return [photo.path for number, photo in enumerate(photos) if number == index]


def _examples_html(photos: Sequence[Example]) -> str:
    buttons = "".join(
        f'<button type="button" data-example="{number}" title="{text(photo.shows)}">'
        f"{picture(photo.small, said('Try a photograph of {what}', what=photo.shows), 'image/jpeg')}</button>"
        for number, photo in enumerate(photos)
    )
    return f'<div class="fp-examples"><span>{text(said("or try:"))}</span>{buttons}</div>' if photos else ""
