"""Which language an address leads to: the one in it, the one that was chosen, or the browser's."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from demo.language.addresses import Addresses, prefix
from demo.language.languages import ENGLISH, LANGUAGES, asked_for
from demo.language.telling import SCOPE_KEY

PAGES = ("", "gallery")


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says what arrives behind the layer."""
    spoken = scope.get(SCOPE_KEY, ENGLISH).code
    await JSONResponse([scope["path"], spoken, prefix(scope)])(scope, receive, send)


@pytest.fixture
def client() -> TestClient:
    return TestClient(Addresses(echo, PAGES, ("programs",)), follow_redirects=False)


@pytest.mark.parametrize(
    ("accepted", "code"),
    [
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("it,fr;q=0.4,es;q=0.6", "es"),
        ("zh-TW", "zh"),
        ("", "en"),
        ("de;q=0,fr;q=0.1", "fr"),
        ("*", "en"),
        (";;q=x,,de;q=?", "en"),
    ],
)
def test_the_browser_asks_for_a_language(accepted: str, code: str) -> None:
    assert asked_for(accepted) is LANGUAGES[code]


@pytest.mark.parametrize(
    ("address", "arrives"),
    [
        ("/de/gallery", ["/gallery", "de", "de/"]),
        ("/zh/", ["/", "zh", "zh/"]),
        ("/en/gallery", ["/gallery", "en", "en/"]),
        ("/fr/gradio_api/queue/join", ["/gradio_api/queue/join", "fr", "fr/"]),
        ("/gallery", ["/gallery", "en", ""]),
        ("/it/gallery", ["/it/gallery", "en", ""]),
    ],
)
def test_an_address_names_its_language(client: TestClient, address: str, arrives: list[str]) -> None:
    assert client.get(address).json() == arrives


def to(client: TestClient, address: str, **headers: str) -> Any:
    return client.get(address, headers={"accept-language": "", **headers})


def test_a_page_leads_to_the_language_of_the_browser(client: TestClient) -> None:
    german = {"accept-language": "de"}
    there = to(client, "/gallery?view=map", **german)
    assert (there.status_code, there.headers["location"]) == (302, "./de/gallery?view=map")
    assert "accept-language" in there.headers["vary"].lower() and "set-cookie" not in there.headers
    assert to(client, "/", **german).headers["location"] == "./de/"
    assert to(client, "/", **{"accept-language": "en"}).status_code == 200
    # programs ask for no page, and what is in a language already stays there
    assert to(client, "/gradio_api/info", **german).status_code == 200
    assert to(client, "/fr/gallery", **german).status_code == 200
    assert client.post("/gallery", headers=german).status_code == 200


def test_a_choice_is_kept(client: TestClient) -> None:
    chosen = to(client, "/de/gallery?view=map&language=fr")
    assert chosen.headers["location"] == "../fr/gallery?view=map"
    assert "language=fr" in chosen.headers["set-cookie"] and "SameSite=Lax" in chosen.headers["set-cookie"]
    kept = {"accept-language": "de", "cookie": "other=1; language=fr"}
    assert to(client, "/", **kept).headers["location"] == "./fr/"
    assert to(client, "/", **{**kept, "cookie": "language=en"}).status_code == 200
    # even English, for a browser that asks for another one and keeps nothing
    assert to(client, "/?language=en", **{"accept-language": "de"}).headers["location"] == "./en/"


def test_what_is_no_language_changes_nothing(client: TestClient) -> None:
    assert to(client, "/gallery?language=//evil.example").status_code == 200
    assert to(client, "/", cookie="language=../x").status_code == 200


def test_a_language_alone_is_its_start_page(client: TestClient) -> None:
    assert to(client, "/de").headers["location"] == "./de/"


def test_a_page_in_english_alone_has_one_address(client: TestClient) -> None:
    assert to(client, "/de/programs").headers["location"] == "../programs"
    assert to(client, "/programs", **{"accept-language": "de"}).status_code == 200


def test_below_a_sub_path(client: TestClient) -> None:
    under = TestClient(Addresses(echo, PAGES), root_path="/sub", follow_redirects=False)
    assert under.get("/sub/de/gallery").json() == ["/sub/gallery", "de", "de/"]
    assert under.get("/sub/gallery", headers={"accept-language": "es"}).headers["location"] == "./es/gallery"
