"""Addresses of pages in a language: ``de/gallery`` is the gallery in German, and its events begin with ``de/`` too.

An address without a language is in English, for programs as well. Of a page, it leads to the language of the browser,
or to the one that was chosen before: ``?language=fr`` chooses, and is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..server.limits import route_path
from .languages import ENGLISH, LANGUAGES, Language, asked_for
from .telling import SCOPE_KEY

CHOOSE = "language"
_KEPT = f"{CHOOSE}={{}}; Path=/; Max-Age=31536000; SameSite=Lax"
_LONGEST = 2000  # characters of a query
_PREFIX = "fingerprint.prefix"  # under which a request holds the language of its address


class Addresses:
    """The layer, as ASGI middleware. ``pages``: the paths of those that are in every language, without the slash;
    ``english``: of those that are in no other; ``below``: a folder whose pages are in every language, too."""

    def __init__(self, app: ASGIApp, pages: Collection[str], english: Collection[str] = (), below: str = "") -> None:
        self._app, self._pages, self._english = app, pages, english
        self._below = f"{below}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        code, path = _split(route_path(scope))
        away = self._away(scope, code, path)
        if away is not None:
            await away(scope, receive, send)
            return
        await self._app(_within(scope, code, path) if code else scope, receive, send)

    def _away(self, scope: Scope, code: str, path: str) -> RedirectResponse | None:
        """To the page in the language that is chosen, or that the browser asks for; None where this is the place."""
        if path.removeprefix("/") in LANGUAGES and not code:
            return RedirectResponse(f".{path}/", 302)
        page = path.strip("/")
        if code and page in self._english:
            return RedirectResponse(f"../{page}", 302)
        if scope["method"] != "GET" or not self._is_told(page):
            return None
        query = dict(parse_qsl(scope["query_string"].decode("latin-1")[:_LONGEST]))
        chosen = LANGUAGES.get(query.pop(CHOOSE, ""))
        spoken = chosen or (None if code else _preferred(scope))
        if spoken is None or (spoken is ENGLISH and not chosen):
            return None
        up = "../" * (bool(code) + page.count("/")) or "./"
        address = f"{up}{spoken.code}/{page}" + (f"?{urlencode(query)}" if query else "")
        kept = {"Set-Cookie": _KEPT.format(spoken.code)} if chosen else {}
        return RedirectResponse(address, 302, {"Vary": "Accept-Language, Cookie", "Cache-Control": "no-store", **kept})

    def _is_told(self, page: str) -> bool:
        """Whether this page is in every language."""
        return page in self._pages or (len(self._below) > 1 and page.startswith(self._below))


def prefix(scope: Scope) -> str:
    """The language in the address of a request, with its slash; empty where there is none."""
    return str(scope.get(_PREFIX, ""))


def _split(path: str) -> tuple[str, str]:
    """The language in a path, and the path without it; "" where it names none."""
    code, slash, rest = path.removeprefix("/").partition("/")
    return (code, f"/{rest}") if slash and code in LANGUAGES else ("", path)


def _within(scope: Scope, code: str, path: str) -> Scope:
    """The same request as for the address without a language, noting which it was."""
    root = str(scope.get("root_path", "")) if str(scope["path"]).startswith(f"{scope.get('root_path', '')}/") else ""
    whole = f"{root}{path}"
    noted: dict[str, object] = {SCOPE_KEY: LANGUAGES[code], _PREFIX: f"{code}/"}
    return {**scope, "path": whole, "raw_path": whole.encode(), **noted}


def _preferred(scope: Scope) -> Language:
    headers = Headers(scope=scope)
    kept = LANGUAGES.get(cookie_parser(headers.get("cookie", "")).get(CHOOSE, ""))
    return kept or asked_for(headers.get("accept-language", ""))
