"""From a whole answer to its page: what is kept of it, in every language, and never the picture unless asked."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from demo.answers.single import steps
from demo.answers.whole import Whole
from demo.language.addresses import Addresses
from demo.language.choosing import choice_html
from demo.language.languages import LANGUAGES
from demo.links import control, waiting
from demo.links.control import Keeping
from demo.links.keeping import Limits, Links
from demo.links.page import answer_routes
from demo.links.rendering import page_of, rendered
from demo.links.waiting import Waiting
from demo.server.limits import Allowance
from fingerprints.claims import NOT_SIGNED, claim
from fingerprints.images.image import decode, from_pixels, png_bytes
from generators import nearest_decoder
from registry.storage.store import Store
from small import Small

NAME = "my <b>holiday</b>.png"
HOSTILE = "<script>alert(1)</script><picture 0>"


@pytest.fixture(scope="module")
def whole(small: Small, photos: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Whole:
    path = tmp_path_factory.mktemp("whole") / "picture.png"
    path.write_bytes(png_bytes(nearest_decoder(photos[0][:96, :96])))
    *_, last = steps(Store(small.folder, builtin=None), path)
    assert last.whole is not None
    claims = (claim("EXIF", NOT_SIGNED, f"Made by {HOSTILE}."),)
    answer = replace(last.whole.answer, path=NAME, claims=claims)
    return replace(last.whole, answer=answer, image=replace(last.whole.image, origin=NAME))


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return Links(tmp_path / "links", Limits(5, 30, 1_000_000))


@pytest.fixture
def keeping(links: Links, monkeypatch: pytest.MonkeyPatch) -> Keeping:
    monkeypatch.setattr(control, "_OF_ONE", Allowance(most=3, rate=0.001))
    return Keeping(links)


@pytest.fixture
def client(links: Links) -> TestClient:
    app = Starlette(routes=answer_routes(links, lambda path: (choice_html(path), "")))
    return TestClient(Addresses(app, (), (), "answer"), follow_redirects=False)


def asked(keeping: Keeping, whole: Whole, picture: Any = False, client: str = "") -> str:
    key = re.search(r'data-key="([^"]+)"', keeping.offer(whole))
    assert key is not None
    return keeping.kept({"key": key[1], "picture": picture}, client, "")


def addresses(html: str) -> tuple[str, str]:
    """The link, and the one that deletes."""
    found = re.search(r'href="\./(answer/[^"?]+\?delete=[^"]+)"', html)
    assert found is not None, html
    return f"/{found[1].partition('?')[0]}", f"/{found[1]}"


@pytest.mark.parametrize("picture", [False, None, "true", 1])
def test_the_picture_and_its_name_are_not_kept_unless_it_is_asked(
    keeping: Keeping, links: Links, whole: Whole, picture: Any
) -> None:
    asked(keeping, whole, picture)
    (path,) = links._folder.iterdir()
    stored = path.read_text()
    assert "image/jpeg" not in stored and "holiday" not in stored
    assert whole.image.digest in stored  # who has the picture can tell that it is this one
    json_ = [base64.b64decode(one).decode() for one in re.findall(r"application/json;base64,([\w+/=]+)", stored)]
    assert len(json_) == len(LANGUAGES) and not any("holiday" in one for one in json_)


def test_where_it_is_asked_a_small_copy_without_metadata_is_kept(
    keeping: Keeping, whole: Whole, client: TestClient, photos: list[np.ndarray]
) -> None:
    large = replace(whole.image, pixels=np.tile(photos[0], (8, 8, 1))[:1500, :3000])
    link, _ = addresses(asked(keeping, replace(whole, image=large), True))
    page = client.get(link).text
    (data,) = set(re.findall(r"data:image/jpeg;base64,([\w+/=]+)", page))
    kept = base64.b64decode(data)
    assert max(decode(kept).pixels.shape) == 1024 and b"Exif" not in kept
    assert "my &lt;b&gt;holiday&lt;/b&gt;.png" in page


def test_the_page_shows_the_answer_its_evidence_and_what_the_file_claims(
    keeping: Keeping, whole: Whole, client: TestClient
) -> None:
    link, _ = addresses(asked(keeping, whole))
    answer = client.get(link)
    assert answer.status_code == 200 and "noindex" in answer.headers["x-robots-tag"]
    assert answer.headers["cache-control"] == "no-store" and '<meta name="robots" content="noindex">' in answer.text
    for part in ('class="fp-ladder"', 'class="fp-stability', 'class="fp-evidence"', 'id="claims"', 'class="fp-cell'):
        assert part in answer.text, part
    assert f"revision {whole.answer.revision}" in answer.text
    assert f"Compared with {len(whole.collection.cards)} models" in answer.text
    assert all(card.label in answer.text for card in whole.collection.cards.values())
    assert (
        "<script>alert" not in answer.text and "&lt;script&gt;alert(1)&lt;/script&gt;&lt;picture 0&gt;" in answer.text
    )
    assert "<picture" not in answer.text and '<base href="../">' in answer.text and "<form" not in answer.text


def test_it_is_in_the_language_of_who_opens_it(keeping: Keeping, whole: Whole, client: TestClient) -> None:
    link, _ = addresses(asked(keeping, whole))
    titles = {code: re.search("<title>(.*?)</title>", client.get(f"/{code}{link}").text) for code in LANGUAGES}
    assert len({found[1] for found in titles.values() if found}) == len(LANGUAGES)
    away = client.get(link, headers={"Accept-Language": "fr"})
    assert away.status_code == 302 and away.headers["location"] == f"../fr{link}"
    chosen = client.get(f"/de{link}?language=en")
    assert chosen.headers["location"] == f"../../en{link}" and "language=en" in chosen.headers["set-cookie"]


def test_a_button_deletes_it_and_a_link_that_is_followed_does_not(
    keeping: Keeping, whole: Whole, client: TestClient
) -> None:
    link, deleting = addresses(asked(keeping, whole))
    assert 'method="post"' in client.get(deleting).text and "Delete it" in client.get(deleting).text
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 404 and client.post(f"{link}?delete=wrong").status_code == 404
    assert "<form" not in client.get(f"{link}?delete=wrong").text and client.get(link).status_code == 200
    assert "is deleted" in client.post(deleting).text
    gone = client.get(link)
    assert gone.status_code == 404 and "There is no answer at this address" in gone.text


@pytest.mark.parametrize("id_", ["..", "%2e%2e", "a" * 24, "<i>", '"><i>', "..%2fcurrent", "a" * 3000])
def test_an_id_that_is_none_gets_a_sentence(client: TestClient, id_: str) -> None:
    answer = client.get(f"/answer/{id_}")
    assert answer.status_code == 404 and "<i>" not in answer.text


def test_a_key_is_good_for_one_link(keeping: Keeping, whole: Whole) -> None:
    key = keeping._waiting.add(whole)
    assert "delete=" in keeping.kept({"key": key}, "", "")
    for wrong in (key, "", None, 7, ["x"]):
        assert "no longer at hand" in keeping.kept({"key": wrong}, "", "")


def test_one_client_makes_so_many(keeping: Keeping, whole: Whole) -> None:
    made = [asked(keeping, whole, client="10.0.0.1") for _ in range(4)]
    assert ["delete=" in one for one in made] == [True, True, True, False] and "Try again in an hour" in made[-1]
    assert "delete=" in asked(keeping, whole, client="10.0.0.2")


def test_without_links_there_is_no_form(tmp_path: Path, whole: Whole) -> None:
    offered = Keeping(Links(tmp_path, Limits(0, 30, 1_000_000))).offer(whole)
    assert "<form" not in offered and "data-whole" in offered and "&lt;b&gt;holiday" in offered


def test_few_wait_and_not_for_long(whole: Whole, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_MOST", 2)
    some = Waiting()
    keys = [some.add(whole) for _ in range(3)]
    assert [some.find(key) is not None for key in keys] == [False, True, True]
    monkeypatch.setattr(waiting, "_SECONDS", -1.0)
    assert some.find(keys[-1]) is None and not some._ready


def test_the_pictures_of_all_languages_are_stored_once(whole: Whole) -> None:
    some = Waiting()
    ready = some.find(some.add(whole))
    assert ready is not None
    shown = rendered(ready, False)
    assert len(set(shown["pictures"])) == len(shown["pictures"]) > 3
    assert all("data:image" not in page["html"] for page in shown["pages"].values())
    assert page_of(shown, "en")[1].count("data:image/png") >= len(shown["pictures"])


def test_a_picture_without_a_name_is_kept_too(keeping: Keeping, whole: Whole) -> None:
    image = from_pixels(np.zeros((96, 96, 3), np.uint8))
    assert "delete=" in asked(keeping, replace(whole, image=image), True)
