"""New images on request, from a generator of the zoo: on its page in the gallery, and handed from there to Identify.

The seed makes the images, so an address that names a generator and a seed stands for them; nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import gradio as gr

import zoo
from fingerprints.errors import UserError
from fingerprints.images.image import Image, from_pixels, png_bytes
from fingerprints.sentence import Grouped, said

from ..server.line import ANSWERS
from .html import generator_link, picture, problem, text, working
from .layout import PAGE_EVENT, markup
from .words import in_line

COLLECTION = "zoo"
MAKING = "make"  # where on the page
IMAGES = 16
_SEED, _LARGEST_SEED = 1000, 2**31 - 1
MAKE = said("Make new images with it")
_HOW = said(
    "This generator runs in this app. The same seed makes the same images again; those that the registry learned from "
    "are of seed 1."
)


class NotMade(UserError, ValueError):
    """No images can be made of what was asked for; the text says why."""


@dataclass(frozen=True)
class Made:
    """Which images: those that a generator makes from a seed."""

    name: str
    seed: int

    @classmethod
    def of(cls, name: object, seed: object) -> Made:
        """From what a visitor gave. Raises NotMade."""
        if str(name) not in zoo.names():
            raise NotMade(_no_generator(str(name)[:80]))
        given = str(seed).removesuffix(".0")
        if not given.isdecimal() or not given.isascii() or int(given[:12]) > _LARGEST_SEED:
            raise NotMade(
                said(
                    "A seed is a whole number from 0 to {largest}, found {given}.",
                    **{"largest": Grouped(_LARGEST_SEED), "given": given[:40]},
                )
            )
        return cls(str(name), int(given))

    @property
    def page(self) -> str:
        """The address of its generator's page; relative."""
        return generator_link(COLLECTION, self.name)

    @property
    def address(self) -> str:
        """Of the start page, where Identify is asked about these images; relative."""
        return f"./?{urlencode({'zoo': self.name, 'seed': self.seed})}"

    def images(self) -> Iterator[Image]:
        """As they are made."""
        for number, pixels in enumerate(zoo.sample(self.name, IMAGES, self.seed), 1):
            yield from_pixels(pixels, f"{self.name}, seed {self.seed}, image {number}")


def _no_generator(name: str) -> str:
    if not name:
        return said("This is no generator that can make images here.")
    return said("{name} is no generator that can make images here.", name=name)


def can_be_made(asked: Mapping[str, str]) -> str:
    """The name of the generator on whose page this is, when it can make images here; else ""."""
    collection, _, name = asked.get("generator", "").partition("/")
    return name if collection == COLLECTION and name in zoo.names() else ""


@dataclass(frozen=True)
class Part:
    """The components; ``name`` holds the generator's."""

    name: gr.State
    column: gr.Column


def making_part() -> Part:
    """A seed, a button, and the images as they appear. Hidden until a generator's page can use it."""
    name = gr.State("")
    with gr.Column(visible=False, elem_id=MAKING) as column:
        markup(lambda: f'<h2>{text(MAKE)}</h2><p class="fp-small">{text(_HOW)}</p>')
        with gr.Row(equal_height=True, elem_classes="fp-actions"):
            seed = gr.Number(_SEED, label=said("Seed"), precision=0, elem_id="seed", scale=0)
            button = gr.Button(said("Make {images} images", images=IMAGES), variant="primary", elem_id="make-images")
        made = markup("", "made")
    button.click(made_html, [name, seed], made, trigger_mode="once", concurrency_limit=ANSWERS.places, **PAGE_EVENT)
    return Part(name, column)


def made_html(name: str, seed: float | None) -> Iterator[str]:
    """The images so far, then the way to Identify; a sentence when there can be none."""
    try:
        asked = Made.of(name, "" if seed is None else seed)
        yield from ANSWERS.through(_grids(asked), lambda number: working(in_line(number)))
    except UserError as error:
        yield problem(error.sentence, said("No images were made."))


def _grids(asked: Made) -> Iterator[str]:
    yield working(said("Making images …"))
    shown = ""
    for image in asked.images():
        shown += f"<li>{picture(png_bytes(image.pixels), image.origin)}</li>"
        yield f'<ul class="fp-made">{shown}</ul>'
    label = said("Ask Identify about these {images} images", images=IMAGES)
    link = f'<a class="fp-onward" href="{text(asked.address)}">{text(label)}</a>'
    yield f'<ul class="fp-made">{shown}</ul>{link}'
