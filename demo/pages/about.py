"""About: the method with pictures from the registry itself, what was measured, its limits, and how to cite it.

The text is about.md in text/, one for each language; a line {{name}} in it is a place for one of the PICTURES below, or
for the measured table.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import gradio as gr

from fingerprints.errors import UserError
from fingerprints.images.image import Image, decode
from fingerprints.sentence import said
from registry.analysis.neighbours import similar
from registry.analysis.once import once_per_collection
from registry.storage.snapshot import Collection
from registry.storage.store import Store

from ..language.languages import ENGLISH
from ..language.telling import Later, language
from ..parts.examples import examples
from ..parts.figures import SPACE, described, evidence, mean_artifact, thumbnail
from ..parts.form import address
from ..parts.html import figure, figures, link, picture, problem, rich, text
from ..parts.layout import PAGE_EVENT, markup
from ..parts.map import facts_of, legend_html, map_html, points_of
from ..parts.tabs import asked_collection
from ..parts.words import long_text

_ROOT = Path(__file__).parents[2]
_SHORTLY = {  # figures of a build, by the name of each in the sentence, and of how many pictures it is said
    "photos accused": ("accused", 1000),
    "photos called real": ("real", 100),
    "answered by name": ("named", 100),
    "said to be generated": ("made", 100),
    "right, of those named": ("right", 100),
    "strangers given a name": ("wrong", 100),
    "strangers called real": ("passed", 100),
}


def about_page(store: Store, page: gr.Blocks) -> None:
    """The text at once; its pictures are drawn from the registry when the page is opened."""
    places = []
    for number, part in enumerate(parts("en")):
        if number % 2 == 0:
            gr.Markdown(Later(partial(_part, number)), elem_classes="fp-text")
        elif part == "measured":
            gr.Markdown(Later(measured), elem_classes="fp-text fp-measured", sanitize_html=False)
        else:
            places.append((part, markup("", f"about-{part}")))
    page.load(
        lambda: [drawn(store, part) for part, _ in places],
        None,
        [place for _, place in places],
        queue=False,
        **PAGE_EVENT,
    )


@cache
def parts(code: str) -> list[str]:
    """The text in a language and, in between, the names of its places."""
    return re.split(r"^\{\{(\w+)\}\}$", long_text("about", code), flags=re.MULTILINE)


def _part(number: int) -> str:
    return parts(language().code)[number]


def drawn(store: Store, part: str) -> str:
    """One of the pictures of the text, from the collection that covers the photograph."""
    try:
        snapshot, photo = store.snapshot(), _photo()
        covering = snapshot.covering(photo.shorter_side) if photo else []
        return PICTURES[part](covering[0] if covering else asked_collection(snapshot, {}), language().code)
    except UserError as error:
        return problem(error.sentence, said("This picture cannot be drawn."))


@once_per_collection
def steps_html(collection: Collection, _code: str) -> str:
    """A photograph on its way: its spectrum, the closest real one, its artifact, and a generator's for comparison."""
    image = _photo()
    if image is None or SPACE not in collection.references or not collection.names:
        return ""
    alt = said("The photograph that is looked at, {name}", name=image.origin)
    photo = picture(thumbnail(image, 320), alt, "image/jpeg")
    title, how = text(said("A photograph")), text(said("Cut into crops, and described in one of the spaces."))
    caption = f"<figcaption><b>{title}</b><br>{how}</figcaption>"
    shown = evidence(collection, *described(image, collection), collection.names[0])
    rest = "".join(map(figure, shown))
    return f'<div class="fp-figures"><figure class="fp-figure fp-photo">{photo}{caption}</figure>{rest}</div>'


@once_per_collection
def alike_html(collection: Collection, _code: str) -> str:
    """The mean artifacts of the two nearest generators that share a decoder, and of the one farthest from both."""
    trio = _alike(collection)
    if SPACE not in collection.references or not trio:
        return ""
    cards = collection.cards
    shown = [mean_artifact(collection, name, f"{cards[name].label} ({cards[name].decoder})") for name in trio]
    return figures(shown)


@once_per_collection
def map_of(collection: Collection, _code: str) -> str:
    """All fingerprints as points, coloured by decoder."""
    facts = facts_of(collection)
    if "decoder" not in facts:
        return ""
    points = points_of(collection, facts["decoder"])
    about = said(
        "The generators of “{title}”, coloured by image decoder: near means alike. <a>The map with all names</a>.",
        title=collection.title,
    )
    shown_by = rich(about, a=link(address(view="map", collection=collection.name)))
    caption = f'<figcaption class="fp-small">{shown_by}</figcaption>'
    shown = map_html(collection, points, numbered=False) + legend_html(points)
    return f'<figure class="fp-plate">{shown}{caption}</figure>'


@once_per_collection
def in_short(collection: Collection, _code: str) -> str:
    """What the build of the collection found of its own images, in a few plain sentences."""
    found = collection.facts.get("cross_fitted")
    if not isinstance(found, dict) or not all(isinstance(found.get(figure), float) for figure in _SHORTLY):
        return ""  # an older registry, or one that nobody measured
    shares = {name: f"{per * found[figure]:.0f}" for figure, (name, per) in _SHORTLY.items()}
    told = said(
        "Each judged by a version that had not learned from it: of 1,000 photos about {accused} were wrongly said to "
        "be generated; of 100 photos {real} were called photos, and the others stayed unknown. Of 100 pictures by "
        "models of “{title}”, {named} got a name, and {made} were said to be generated, with a name or without; of 100 "
        "names {right} were right. Of 100 pictures by models that were left out, {wrong} got the name of another, and "
        "{passed} were called photos.",
        title=collection.title,
        **shares,
    )
    return f'<p class="fp-text">{text(told)}</p>'


PICTURES: dict[str, Callable[[Collection, str], str]] = {
    "steps": steps_html,
    "alike": alike_html,
    "map": map_of,
    "in_short": in_short,
}


def measured() -> str:
    """The rows of the README, and behind them all of docs/measured.md, so that each figure is typed once; in English
    alone."""
    few = re.search(r"^## Measured\n(.*?\n\|.*?)\n\n", _text_of("README.md"), re.MULTILINE | re.DOTALL)
    title, more = text(said("All that was measured")), _text_of("docs/measured.md").partition("\n")[2]
    table = f"{few[1] if few else ''}\n\n<details><summary>{title}</summary>\n\n{more}\n\n</details>"
    return table if language() is ENGLISH else f'<div lang="en">\n\n{table}\n</div>'


def _text_of(file: str) -> str:
    """Without links to other files of the project, which no page serves."""
    return re.sub(r"\[([^\]]*)\]\((?!http)[^)]*\)", r"\1", (_ROOT / file).read_text(encoding="utf-8"))


@cache
def _photo() -> Image | None:
    """The first of the examples; None when no package here ships one."""
    found = examples()[:1]
    return decode(found[0].path) if found else None


def _alike(collection: Collection) -> list[str]:
    """The names of the nearest two with one decoder, and of the farthest from the first with another."""
    decoders = {name: card.decoder for name, card in collection.cards.items()}
    pairs = [
        (distance, one, other)
        for one in collection.names
        for other, distance in similar(collection, one)
        if decoders[one] and decoders[one] == decoders[other]
    ]
    if not pairs:
        return []
    _, one, other = min(pairs)
    strangers = [name for name, _ in similar(collection, one) if decoders[name] not in ("", decoders[one])]
    return [one, other, *strangers[-1:]]
