"""A page as it is sent, in the language of whoever opens it: what was laid out at the start is told anew."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import gradio as gr

from fingerprints.sentence import Sentence

from .languages import ENGLISH
from .telling import Later, language, told

_CONFIG, _END = b"window.gradio_config = ", b";</script>"
_HEAD, _TAG = b"<head>", b'lang="en"'
# Gradio looks for its own words there, and says on the page which language they are.
_ASK_THE_PAGE = '<script>Object.defineProperty(navigator, "language", {{value: "{}", configurable: true}});</script>'
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "'": "\\u0027"}  # in a script


class Texts:
    """Of an app: what its components say, by number and property, and ``labels``, its words for Gradio's own."""

    def __init__(self, app: gr.Blocks, labels: Mapping[str, str]) -> None:
        self._app, self._labels = app, labels
        self._of = {number: found for number, block in app.blocks.items() if (found := _texts(block.constructor_args))}

    def told(self, config: dict[str, Any], prefix: str) -> dict[str, Any]:
        """The settings of a page with all of it told, and the ``prefix`` of its language before its events."""
        for component in config["components"]:
            for name, text in self._of.get(component["id"], {}).items():
                component["props"][name] = told(text)
        config["root"] = f"{config['root'].rstrip('/')}/{prefix.rstrip('/')}"
        config["title"] = told(self._app.title)
        config["i18n_translations"] = {language().tag: {key: told(label) for key, label in self._labels.items()}}
        return config


def page_told(page: bytes, texts: Texts, prefix: str) -> bytes:
    """The whole page in the language that is set; ``prefix``: as in its address, with a slash, or nothing."""
    tag = language().tag
    begin, head, rest = page.partition(_HEAD)
    begin = begin.replace(_TAG, f'lang="{tag}"'.encode(), 1)
    script = _ASK_THE_PAGE.format(tag).encode()
    if language() is not ENGLISH and _CONFIG in rest:
        before, config, after = rest.partition(_CONFIG)
        settings, end, after = after.partition(_END)
        rest = before + config + _dumped(texts.told(json.loads(settings), prefix)) + end + after
    return begin + head + script + rest


def _texts(arguments: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in arguments.items() if isinstance(value, Sentence | Later)}


def _dumped(config: Mapping[str, Any]) -> bytes:
    written = json.dumps(config, ensure_ascii=False)
    for char, code in _UNSAFE.items():
        written = written.replace(char, code)
    return written.encode()
