"""What a link to these pages looks like elsewhere: our title, sentence and picture in place of Gradio's own tags.

Whoever shows a link reads the page as it is sent, and runs no script: so the tags are put in on the way out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from gradio.route_utils import get_root_url
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..parts.html import text
from ..server.limits import route_path

_PICTURE = "/link.png"
_TAG = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')
_HEAD = b"<script"  # behind the first of these comes what the page holds, which is no business of ours


def picture_route(picture: Path) -> Route:
    """Where the picture beside a link is."""

    async def shown(_: Request) -> FileResponse:
        return FileResponse(picture)

    return Route(_PICTURE, shown)


class Linked:
    """The layer, as ASGI middleware. ``titles``: of each page by its path, without the slash before it."""

    def __init__(self, app: ASGIApp, titles: Mapping[str, str], sentence: str) -> None:
        self._app, self._titles, self._sentence = app, titles, sentence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        title = self._titles.get(route_path(scope).strip("/")) if _asks_for_a_page(scope) else None
        if title is None:
            await self._app(scope, receive, send)
            return
        page = _Page(send, tags(_facts(Request(scope), title, self._sentence)))
        await self._app(scope, receive, page.send)


def tags(facts: Mapping[str, str]) -> bytes:
    """One tag a fact; those of twitter have a name, the others a property."""
    kinds = {name: "name" if name.startswith("twitter:") else "property" for name in facts}
    lines = (f'<meta {kinds[name]}="{text(name)}" content="{text(value)}" />' for name, value in facts.items())
    return "\n\t\t".join([*lines, ""]).encode()


def retagged(page: bytes, ours: bytes) -> bytes:
    """The page with our tags where the first of Gradio's was, and none of the others."""
    head, script, rest = page.partition(_HEAD)
    first = _TAG.search(head)
    if first is None:
        return page
    return head[: first.start()] + ours + _TAG.sub(b"", head[first.start() :]) + script + rest


class _Page:
    """Holds a page back until it is whole; anything else passes through."""

    def __init__(self, send: Send, ours: bytes) -> None:
        self._send, self._ours = send, ours
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_html(message):
            self._start = message
        elif self._start is None or message["type"] != "http.response.body":
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_whole(self._start)

    async def _send_whole(self, start: Message) -> None:
        body = retagged(self._body, self._ours)
        MutableHeaders(scope=start)["Content-Length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})


def _asks_for_a_page(scope: Scope) -> bool:
    return bool(scope["type"] == "http" and scope["method"] == "GET")


def _is_html(start: Message) -> bool:
    return MutableHeaders(scope=start).get("content-type", "").startswith("text/html")


def _facts(request: Request, title: str, sentence: str) -> dict[str, str]:
    """Addresses as whoever asked sees them: behind a proxy, and under a sub-path."""
    path = route_path(request.scope)
    root = get_root_url(request, path, request.scope.get("root_path"))
    return {
        "og:title": title,
        "og:description": sentence,
        "og:type": "website",
        "og:url": root + path,
        "og:image": root + _PICTURE,
        "twitter:card": "summary_large_image",
    }
