"""What a stranger may send, and what their browser may do with what comes back: one layer around the whole app.

Each client has an allowance of requests and of bytes that fills up again with time; all of them together have one of
bytes, because uploads stay on this disk for an hour. Whatever of Gradio these pages do not use is closed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fingerprints.settings import Settings

UPLOAD_BYTES = 300_000_000
_EVENT_BYTES = 2_000_000
_TOOL_BYTES = 20_000_000  # of a call by an assistant, which holds the picture itself
_MOST_CLIENTS = 10_000
_API = "/gradio_api/"
_CLOSED = (
    *(f"{_API}{name}" for name in ("proxy=", "file=http", "file/http", "stream/", "deep_link", "process_recording")),
    *(f"{_API}{name}" for name in ("runs", "run-history", "profiling", "vibe-", "undo-vibe-", "dev/")),
    *(f"{_API}{name}" for name in ("component_server", "custom_component")),
    *(f"{_API}{name}" for name in ("mcp/sse", "mcp/messages")),  # its older way, which keeps connections open
    "/custom_component",
    "/monitoring",
    "/login",
)
_TOOLS = f"{_API}mcp"
_EVENTS = tuple(_API + name for name in ("queue/join", "call/", "run/", "api/"))

_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors {}"
)
_SPACES = "'self' https://huggingface.co https://*.hf.space"  # a Space is shown in a frame of the Hub's page


@dataclass
class Allowance:
    """So much at once, filling up again at ``rate`` a second."""

    most: float
    rate: float
    _left: dict[str, tuple[float, float]] = field(default_factory=dict, repr=False)

    def take(self, client: str, amount: float) -> float:
        """0 when it was taken; else the seconds after which there would be enough."""
        now = time.monotonic()
        left, then = self._left.get(client, (self.most, now))
        left = min(left + (now - then) * self.rate, self.most)
        if amount > left:
            return (amount - left) / self.rate
        if len(self._left) >= _MOST_CLIENTS:
            self._left = {name: kept for name, kept in self._left.items() if now - kept[1] < self.most / self.rate}
        self._left[client] = left - amount, now
        return 0.0


@dataclass(frozen=True)
class Refusal:
    """Why a request is not let in: the status, a sentence, and the seconds to wait, where waiting helps."""

    status: int
    sentence: str
    wait: float = 0.0


class Guard:
    """The layer, as ASGI middleware."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._requests = Allowance(most=300, rate=5)
        self._bytes = Allowance(most=1_500_000_000, rate=1_000_000)
        self._disk = Allowance(most=10_000_000_000, rate=10_000_000_000 / 3600)
        self._proxies = settings.trusted_proxies
        self._headers = security_headers(_SPACES if settings.on_a_space else "'self'")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope = {**scope, "client": (self._client(scope), 0)}

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None and (most := _most_read(scope)):
            body = await _read(receive, most)
            refusal = _about_body(body, most)
            receive = _replayed(body or b"", receive)
        if refusal is None:
            await self._app(scope, receive, send_with_headers)
        else:
            wait = {"Retry-After": str(int(refusal.wait) + 1)} if refusal.wait else None
            response = JSONResponse({"detail": refusal.sentence}, refusal.status, wait)
            await response(scope, receive, send_with_headers)

    def _client(self, scope: Scope) -> str:
        """The address that asks. Of X-Forwarded-For only what our own proxies wrote, from the right, is believed."""
        said = Headers(scope=scope).get("x-forwarded-for", "").split(",")
        if self._proxies and len(said) >= self._proxies and said[-self._proxies].strip():
            return said[-self._proxies].strip()[:64]
        return str(scope["client"][0]) if scope.get("client") else ""

    def _refusal(self, scope: Scope) -> Refusal | None:
        path, client = route_path(scope), scope["client"][0]
        if path.startswith(_CLOSED):
            return Refusal(404, "There is nothing at this address.")
        if scope["method"] != "POST":
            return None
        if wait := self._requests.take(client, 1):
            return Refusal(429, f"These are too many requests at once; wait {wait:.0f} seconds and try again.", wait)
        return self._about_upload(scope, client) if path.startswith((f"{_API}upload", _TOOLS)) else None

    def _about_upload(self, scope: Scope, client: str) -> Refusal | None:
        length = Headers(scope=scope).get("content-length", "")
        if not length.isascii() or not length.isdigit():
            return Refusal(411, "An upload must say its length (Content-Length).")
        size, most = int(length), UPLOAD_BYTES * 2
        if size > most:
            return Refusal(
                413, f"This upload has {size / 1e6:.0f} MB; at most {most / 1e6:.0f} MB are taken at a time."
            )
        if wait := self._bytes.take(client, size):
            return Refusal(429, f"You have sent a lot just now; wait {wait / 60 + 1:.0f} minutes and try again.", wait)
        if wait := self._disk.take("all", size):
            return Refusal(
                503, f"The server is busy: others have sent a lot. Try again in {wait / 60 + 1:.0f} minutes."
            )
        return None


def route_path(scope: Scope) -> str:
    """The address by which a request is answered: the app takes its own sub-path before it too, and leaves it out."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path.removeprefix(root) if path.startswith(f"{root}/") else path


def security_headers(frames: str) -> Mapping[str, str]:
    """For every response. ``frames``: the sites that may show these pages in a frame of theirs."""
    return {
        "Content-Security-Policy": _POLICY.format(frames),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


def _most_read(scope: Scope) -> int:
    """Of how many bytes a body is looked through before it is let in: an event holds words and names of files, never
    files; the call of a tool holds one. 0: its body is none of our business."""
    if scope["method"] != "POST":
        return 0
    path = route_path(scope)
    return _TOOL_BYTES if path.startswith(_TOOLS) else _EVENT_BYTES if path.startswith(_EVENTS) else 0


async def _read(receive: Receive, most: int) -> bytes | None:
    """The body; None when it is longer than ``most``."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return body


def _about_body(body: bytes | None, most: int) -> Refusal | None:
    if body is None:
        return Refusal(413, f"A request holds at most {most / 1e6:.0f} MB; upload files first.")
    try:
        facts = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return Refusal(400, "The body of this request is not JSON.")
    if _names_an_address(facts):
        return Refusal(400, "Give the file itself: this server fetches nothing from other addresses.")
    return None


def _names_an_address(value: Any) -> bool:
    """Whether a file is given by an address, which Gradio would fetch. (Its ``url`` is for browsers, and not used.)"""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            path = one.get("path")
            if isinstance(path, str) and "://" in path:
                return True
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return False


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, then what comes after it."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again
