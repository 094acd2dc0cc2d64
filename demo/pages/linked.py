"""What is changed in a page on its way out: its language; what a link to it looks like elsewhere, our title, sentence
and picture in place of Gradio's own tags; and a style that holds it still while it loads.

Whoever shows a link reads the page as it is sent, and runs no script: so the tags are put in on the way out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gradio.route_utils import get_root_url
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..language.addresses import prefix
from ..language.languages import ENGLISH
from ..language.served import Texts, page_told
from ..language.telling import SCOPE_KEY, speaking
from ..parts.html import text
from ..server.limits import route_path

_PICTURE = "/link.png"
_TAG = re.compile(rb'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')
_HEAD = b"<script"  # behind the first of these comes what the page holds, which is no business of ours

# Our style sheet comes with the app. Until then Gradio shows a bar of pages, and parts that move as others arrive.
_STILL = b"<style>.nav-holder, main:not(:has(.fp-header)) { display: none !important; }</style>\n\t\t"


def picture_route(picture: Path) -> Route:
    """Where the picture beside a link is."""

    async def shown(_: Request) -> FileResponse:
        return FileResponse(picture)

    return Route(_PICTURE, shown)


@dataclass(frozen=True)
class Linking:
    """``titles``: of each page by its path, without the slash before it; ``sentence``: about them all; ``texts``: of
    the app."""

    titles: Mapping[str, str]
    sentence: str
    texts: Texts


class Linked:
    """The layer, as ASGI middleware."""

    def __init__(self, app: ASGIApp, linking: Linking) -> None:
        self._app, self._linking = app, linking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = route_path(scope).strip("/") if _asks_for_a_page(scope) else None
        if path is None or path not in self._linking.titles:
            await self._app(scope, receive, send)
            return
        page = _Page(send, partial(sent, self._linking, path, scope))
        await self._app(scope, receive, page.send)


def sent(linking: Linking, path: str, scope: Scope, page: bytes) -> bytes:
    """The page in its language, with our tags."""
    with speaking(scope.get(SCOPE_KEY, ENGLISH)):
        ours = tags(_facts(Request(scope), linking.titles[path], linking.sentence))
        return page_told(retagged(page, ours + _STILL), linking.texts, prefix(scope))


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

    def __init__(self, send: Send, changed: Callable[[bytes], bytes]) -> None:
        self._send, self._changed = send, changed
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
        body = self._changed(self._body)
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
    spoken = f"/{prefix(request.scope)}".rstrip("/")
    return {
        "og:title": title,
        "og:description": sentence,
        "og:type": "website",
        "og:url": root + spoken + path,
        "og:image": root + _PICTURE,
        "twitter:card": "summary_large_image",
    }
