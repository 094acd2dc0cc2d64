"""How this server is called by whoever asks it: behind a proxy, and under a sub-path."""

from __future__ import annotations

from gradio.context import LocalContext
from gradio.route_utils import get_root_url

from .limits import route_path


def own_address() -> str:
    """The address of the start page, for the request that this thread works on; empty where there is none."""
    asking = LocalContext.request.get(None)
    request = asking.request if asking is not None else None
    if request is None:
        return ""
    return get_root_url(request, route_path(request.scope), request.scope.get("root_path"))
