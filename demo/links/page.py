"""The page of a kept answer, /answer/ID: as it was given, with its date, and for who made it a way to delete it.

A page of plain HTML, which needs no script: it is there at once, and can be printed and saved.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from fingerprints.sentence import counted, said

from ..language.languages import ENGLISH
from ..language.telling import SCOPE_KEY, language, speaking
from ..parts.html import problem, text
from .keeping import Facts, Links, is_id
from .rendering import page_of

ADDRESS = "answer"
_HERE = Path(__file__).parent
_STYLES = (_HERE.parent / "style.css", _HERE / "links.css", _HERE / "page.css")
_NOWHERE = said("There is nothing here.")
# Nobody's index and nobody's cache: or what was deleted would still be found.
_HEADERS = {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"}
_DARK = "if (matchMedia('(prefers-color-scheme: dark)').matches) document.documentElement.classList.add('dark');"
Framed = Callable[[str], tuple[str, str]]  # the path of a page -> its header and its footer


def answer_routes(links: Links, framed: Framed) -> list[Route]:
    """GET /answer/ID shows it, with ?delete=SECRET a button that deletes it; POST to that address deletes it."""

    def answer(request: Request) -> Response:
        id_, secret = request.path_params["id"], request.query_params.get("delete", "")
        with speaking(request.scope.get(SCOPE_KEY, ENGLISH)):
            if request.method == "POST":
                status, title, body = _deleted(links, id_, secret)
            else:
                status, title, body = _shown(links, id_, secret)
            return HTMLResponse(
                _document(title, body, framed(f"{ADDRESS}/{id_ if is_id(id_) else '-'}")), status, _HEADERS
            )

    return [Route(f"/{ADDRESS}/{{id}}", answer, methods=["GET", "POST"])]


def day(time: str) -> str:
    """Of a time in ISO 8601; no line ends within it."""
    return time[:10].replace("-", "\N{NON-BREAKING HYPHEN}")


def _shown(links: Links, id_: str, secret: str) -> tuple[int, str, str]:
    found = links.find(id_)
    if found is None:
        return _gone(links)
    facts, shown = found
    title, html = page_of(shown, language().code)
    asks = _deleting_html(id_, secret) if secret and links.may_delete(id_, secret) else ""
    return 200, title, f"{asks}{_about_html(facts)}{html}"


def _gone(links: Links) -> tuple[int, str, str]:
    days = links.limits.days
    why = counted(
        "There is no answer at this address, or no longer: each is kept for {number} day at most, and whoever made the "
        "link can delete it before.",
        "There is no answer at this address, or no longer: each is kept for {number} days at most, and whoever made "
        "the link can delete it before.",
        days,
    )
    return 404, _NOWHERE, problem(why, _NOWHERE)


def _deleted(links: Links, id_: str, secret: str) -> tuple[int, str, str]:
    if not links.delete(id_, secret):
        return _gone(links)
    title = said("This answer is deleted.")
    return 200, title, f"<h1>{text(title)}</h1><p>{text(said('Nobody can open its link any more.'))}</p>"


def _about_html(facts: Facts) -> str:
    title = said("An answer of {date}", date=day(facts.made))
    note = said(
        "Somebody asked this server about a picture, and kept a link to the answer. It is shown as it was given then; "
        "it is kept until {until}.",
        until=day(facts.until),
    )
    return f'<h1>{text(title)}</h1><p class="fp-small">{text(note)}</p>'


def _deleting_html(id_: str, secret: str) -> str:
    """What follows a link may be a program; what presses a button is a person."""
    asked, why = said("Delete this answer?"), said("Its link then leads nowhere. This cannot be taken back.")
    address = f"./{ADDRESS}/{text(id_)}?delete={text(secret)}"
    return (
        f'<form class="fp-problem fp-deleting" method="post" action="{address}"><h2>{text(asked)}</h2>'
        f'<p>{text(why)}</p><button class="fp-press">{text(said("Delete it"))}</button></form>'
    )


def _document(title: str, body: str, frame: tuple[str, str]) -> str:
    """All addresses in it are relative, as on the other pages, whose folder is one above."""
    header, footer = frame
    return (
        f'<!doctype html><html lang="{language().tag}"><head><meta charset="utf-8"><base href="../">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{text(title)}</title><style>{_style()}</style><script>{_DARK}</script></head>"
        f'<body class="gradio-container">{header}<main>{body}</main>{footer}</body></html>'
    )


@cache
def _style() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in _STYLES)
