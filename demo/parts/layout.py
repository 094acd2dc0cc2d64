"""The few Gradio pieces that every page uses, with this app's defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from ..language.telling import Later

# For events of the pages: not endpoints for programs, and our own words instead of Gradio's overlay.
PAGE_EVENT: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


def markup(
    value: str | Callable[[], str] = "", elem_id: str | None = None, script: str | None = None, visible: bool = True
) -> gr.HTML:
    """HTML under this app's own style sheet, a function where it says something; ``script`` runs in the browser."""
    value = Later(value) if callable(value) else value
    return gr.HTML(value, elem_id=elem_id, js_on_load=script, apply_default_css=False, visible=visible)
