"""Links to answers, and the way back to one, in a browser: kept, opened by others, deleted, remembered by the tab."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import FINAL, UPLOAD, opened, running_app

pytestmark = pytest.mark.browser
MADE, LINES = "#keep [data-made]", "#tab li"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_app(tmp_path_factory.mktemp("links"), {**os.environ, "HF_HUB_OFFLINE": "1"}) as url:
        yield url


def answered(page: Any, url: str, path: Path) -> str:
    """The verdict on a picture, once its answer is whole."""
    opened(page, url, "#examples button")
    return given(page, path)


def given(page: Any, path: Path) -> str:
    page.set_input_files(UPLOAD, str(path))
    page.wait_for_selector(f'#keep [data-name="{path.name}"]')
    return str(page.inner_text(f"{FINAL} h2"))


def kept(page: Any, with_picture: bool = False) -> tuple[str, str]:
    """The link, and the one that deletes it."""
    page.set_checked("#keep [name=picture]", with_picture)
    page.click("#keep button")
    page.wait_for_selector(MADE)
    link = page.input_value("#keep [data-address]")
    return link, page.eval_on_selector("#keep a[href*='delete=']", "a => a.href")


def test_an_answer_is_kept_without_its_picture_opened_by_others_and_deleted(
    app: str, page: Any, new_page: Callable[..., Any], photo_paths: list[Path]
) -> None:
    verdict = answered(page, app, photo_paths[0])
    link, deleting = kept(page)
    assert link.startswith(f"{app}answer/") and deleting.startswith(link)

    other = opened(new_page(), link, FINAL)
    shown = other.inner_text("body")
    assert verdict in shown and "Compared with" in shown and "kept until" in shown
    assert photo_paths[0].name not in other.content() and "image/jpeg" not in other.content()
    assert other.locator(".fp-cell").count() == 7 and other.locator(".fp-evidence").count() == 1
    assert other.locator("form").count() == 0
    assert other.eval_on_selector_all("img", "all => all.filter(i => !i.alt || !i.naturalWidth).length") == 0

    opened(page, deleting, ".fp-deleting").click(".fp-deleting button")
    page.wait_for_selector("text=This answer is deleted.")
    assert opened(other, link, "[role=alert]").locator(FINAL).count() == 0


def test_with_the_picture_where_the_box_is_ticked_and_in_the_language_of_who_opens_it(
    app: str, page: Any, new_page: Callable[..., Any], photo_paths: list[Path]
) -> None:
    answered(page, f"{app}de/", photo_paths[0])
    link, _ = kept(page, with_picture=True)
    assert link.startswith(f"{app}answer/")  # in no language, so in that of whoever opens it
    other = opened(new_page(), link, FINAL)
    assert photo_paths[0].name in other.inner_text(".fp-given") and other.title() == other.inner_text(f"{FINAL} h2")
    other.click(".fp-languages summary")
    other.click(".fp-languages [hreflang=de]")
    other.wait_for_url(f"{app}de/answer/*")
    assert other.get_attribute("html", "lang") == "de"
    assert "Verglichen mit" in other.inner_text("body")


def test_back_returns_to_the_answer(app: str, page: Any, photo_paths: list[Path]) -> None:
    verdict = answered(page, app, photo_paths[0])
    page.wait_for_selector(LINES)
    before = page.inner_text("#answer")
    page.click(".fp-header nav a >> text=Gallery")
    page.wait_for_selector(".fp-tile")
    page.go_back()
    page.wait_for_selector(FINAL)
    page.wait_for_selector(".fp-evidence")
    assert page.inner_text("#answer") == before and photo_paths[0].name in page.inner_text("#given")
    assert verdict in page.inner_text(LINES)
    link, _ = kept(page)
    assert link.startswith(app)
    second = given(page, photo_paths[3])  # nothing of the first is left
    assert page.locator(FINAL).count() == 1 and page.locator(MADE).count() == 0
    assert photo_paths[0].name not in page.inner_text("#given") and second in page.inner_text("#answer")


def test_the_tab_remembers_its_answers_and_forgets_them(
    app: str, page: Any, new_page: Callable[..., Any], photo_paths: list[Path]
) -> None:
    first = answered(page, app, photo_paths[0])
    link, _ = kept(page)
    page.wait_for_selector(f"{LINES} a")
    given(page, photo_paths[3])
    page.wait_for_function(f"document.querySelectorAll('{LINES}').length === 2")
    newest, oldest = page.locator(LINES).all_inner_texts()
    assert photo_paths[3].name in newest and photo_paths[0].name in oldest and first in oldest
    assert page.locator(f"{LINES} a:visible").evaluate_all("all => all.map(a => a.href)") == [link]

    page.click(".fp-header nav a >> text=Gallery")
    page.wait_for_selector(".fp-tile")
    page.click(".fp-header nav a >> text=Identify")
    page.wait_for_selector(LINES)
    assert page.locator(LINES).count() == 2 and page.locator(FINAL).count() == 0
    page.click("#tab [data-again]:visible")
    page.wait_for_selector(FINAL)
    assert photo_paths[3].name in page.inner_text("#given")

    assert opened(new_page(), app, "#examples button").locator(LINES).count() == 0
    page.click("#tab [data-forget]")
    assert page.locator(LINES).count() == 0
    page.reload()
    page.wait_for_selector("#examples button")
    page.wait_for_timeout(500)
    assert page.locator(LINES).count() == 0 and page.locator(FINAL).count() == 0
