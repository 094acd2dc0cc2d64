"""The few Gradio pieces that every page uses, with this app's defaults."""

from __future__ import annotations

from typing import Any

import gradio as gr

# For events of the pages: not endpoints for programs, and our own words instead of Gradio's overlay.
PAGE_EVENT: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def markup(value: str = "", elem_id: str | None = None, script: str | None = None, visible: bool = True) -> gr.HTML:
    """HTML under this app's own style sheet; ``script`` runs once in the browser."""
    return gr.HTML(value, elem_id=elem_id, js_on_load=script, apply_default_css=False, visible=visible)
