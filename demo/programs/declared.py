"""How Gradio is told of an endpoint: its name, what it does, and whether clients find it by themselves."""

from __future__ import annotations

from typing import Any

from fingerprints.settings import Settings

from .assistants import documented_at_start
from .endpoints import Endpoint


def declared(settings: Settings, endpoint: Endpoint) -> dict[str, Any]:
    """Arguments of an event."""
    return {
        "api_name": endpoint.name,
        "api_description": f"{endpoint.does} Gives {endpoint.gives[0].lower()}{endpoint.gives[1:]}",
        "api_visibility": documented_at_start(settings),
    }
