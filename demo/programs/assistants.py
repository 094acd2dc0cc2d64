"""For assistants, by the Model Context Protocol: Gradio makes a tool of every endpoint that it documents at its start.

At that time the three tools here are documented, and nothing else; from then on, for programs, the other way round. The
tools ask the same as identify, list and compare. Gradio's own would take a file by its address, but this server fetches
nothing, or keep a copy of it as long as it runs: here a picture is what is in its file, and nothing is kept.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import gradio as gr

from fingerprints.settings import Settings

from .endpoints import COMPARE, IDENTIFY, LIST

PICTURE = {"picture": "what is in its file, encoded as base64, with or without “data:image/png;base64,” before it"}
_NOT_BASE64 = "This is no picture in base64. Give what is in the file, encoded as base64."
_BEFORE = "tool_"  # every endpoint that is a tool


@dataclass(frozen=True)
class Answers:
    """What the tools say, as endpoints do: of what is in a file, of the registry, of two names in a collection."""

    identified: Callable[[bytes], dict[str, Any]]
    listed: Callable[[], list[dict[str, Any]]]
    compared: Callable[[str, str, str], dict[str, Any]]


def documented_at_start(settings: Settings) -> str:
    """Gradio's word for whether an endpoint for programs is found when the tools are made."""
    return "undocumented" if settings.serves_mcp else "public"


def tools(answers: Answers) -> None:
    """Declare them, on components that nobody sees. Each gives JSON, as text."""

    def identify_picture(picture: str) -> str:
        data = decoded(picture or "")
        return json.dumps(answers.identified(data) if data else {"error": _NOT_BASE64})

    def list_generators() -> str:
        return json.dumps(answers.listed())

    def compare_generators(collection: str, one: str, other: str) -> str:
        return json.dumps(answers.compared(collection, one, other))

    button, said = gr.Button(visible=False), gr.Textbox(visible=False)
    picture = [gr.Textbox(visible=False, label=label) for label in PICTURE]
    names = [gr.Textbox(visible=False, label=label) for label in COMPARE.takes]
    button.click(identify_picture, picture, said, queue=False, **_described(IDENTIFY.name, IDENTIFY.does, PICTURE))
    button.click(list_generators, None, said, queue=False, **_described(LIST.name, LIST.does, LIST.takes))
    button.click(compare_generators, names, said, queue=False, **_described(COMPARE.name, COMPARE.does, COMPARE.takes))


@asynccontextmanager
async def programs_again(app: Any) -> AsyncIterator[None]:
    """While the app runs: Gradio has made its tools by now, and what it documents from here on is for programs."""
    for function in app.get_blocks().fns.values():
        if function.api_visibility != "private":
            function.api_visibility = "undocumented" if function.api_name.startswith(_BEFORE) else "public"
    yield


def decoded(picture: str) -> bytes:
    """The bytes of base64 or of a data URI; none when it is neither."""
    _, _, encoded = picture.rpartition(",")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _described(name: str, does: str, takes: Mapping[str, str]) -> dict[str, str]:
    given = "".join(f" {parameter}: {what}." for parameter, what in takes.items())
    return {"api_name": _BEFORE + name, "api_description": does + given}
