"""About: the method in plain words, its limits, and how to cite it."""

from __future__ import annotations

import gradio as gr

from registry.store import Store

from .words import long_text


def about_page(_store: Store, _page: gr.Blocks) -> None:
    gr.Markdown(long_text("about"), elem_id="about")
