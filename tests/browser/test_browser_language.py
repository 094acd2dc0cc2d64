"""The pages in the visitor's language: by the browser's wish, by choice, and laid out from right to left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browsing import FINAL, UPLOAD, opened

pytestmark = pytest.mark.browser
LANGUAGE = "document.documentElement.lang"
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def german(page: Any) -> Any:
    page.set_extra_http_headers({"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"})
    return page


def test_the_browsers_language_is_that_of_the_page_and_of_the_answer(
    app: str, page: Any, photo_paths: list[Path], tmp_path: Path
) -> None:
    opened(german(page), app, "#examples button")
    assert page.url == f"{app}de/" and page.evaluate(LANGUAGE) == "de"
    assert page.inner_text("h1") == "Welches Modell hat dieses Bild gemacht?" == page.title()
    page.wait_for_selector("text=Welche Modelle abgedeckt sind")
    assert "Hierher ziehen" in page.inner_text("#drop")

    page.set_input_files(UPLOAD, str(photo_paths[0]))
    page.wait_for_selector(FINAL)
    answer = page.inner_text(FINAL)
    assert "Foto oder generiert?" in answer and "ein echtes Foto" in answer and "photo" not in answer
    page.wait_for_selector(".fp-stability[data-state=done]")
    assert "Dasselbe Bild" in page.inner_text("#below") and "Belege" in page.inner_text("#evidence")

    letter = tmp_path / "brief.jpg"
    letter.write_bytes(b"Sehr geehrte Damen und Herren")
    page.set_input_files(UPLOAD, str(letter))
    page.wait_for_selector("[role=alert]")
    assert "brief.jpg ist kein Bild in einem Format" in page.inner_text("[role=alert]")
    assert page.evaluate(LANGUAGE) == "de" and page.locator("[role=alert] [lang]").count() == 0


def test_a_language_is_chosen_by_keyboard_and_kept(app: str, page: Any, photo_paths: list[Path]) -> None:
    opened(page, f"{app}gallery?view=map", ".fp-point")
    assert page.evaluate(LANGUAGE) == "en"
    page.focus(".fp-languages summary")
    page.keyboard.press("Enter")
    for _ in range(5):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/de/gallery?view=map")
    page.wait_for_selector(".fp-point")
    assert page.evaluate(LANGUAGE) == "de" and page.inner_text("#asked h1") == "Galerie"
    page.click(".fp-header nav >> text=Zuordnen")
    page.wait_for_url(f"{app}de/")
    page.set_input_files(UPLOAD, str(photo_paths[0]))
    page.wait_for_selector(FINAL)
    assert "Foto oder generiert?" in page.inner_text(FINAL)
    opened(page, app, "#examples button")  # another day
    assert page.url == f"{app}de/"
    page.click(".fp-languages summary")
    page.click(".fp-languages >> text=English")
    page.wait_for_url(f"{app}en/")
    assert page.evaluate(LANGUAGE) == "en" and page.inner_text("h1") == "Which model made this image?"


def test_a_page_in_english_alone_says_so(app: str, page: Any) -> None:
    opened(german(page), f"{app}de/programs", "h3")
    assert page.url == f"{app}programs" and page.evaluate(LANGUAGE) == "en"
    assert "Für Programme" not in page.inner_text("body")
    page.click(".fp-header nav >> text=Gallery")
    page.wait_for_url(f"{app}de/gallery")


@pytest.mark.parametrize(
    "path", ["de/", "de/gallery", "de/batch", "de/contribute", "fr/registry", "es/gallery?view=compare"]
)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_nothing_overflows_a_phone(app: str, new_page: Any, path: str, direction: str) -> None:
    page = new_page(390, 844)
    opened(page, app + path, "header")
    page.evaluate(f"document.documentElement.dir = '{direction}'")
    page.wait_for_timeout(1500)
    assert page.evaluate(OVERFLOW) <= 0
    page.click(".fp-languages summary")
    box = page.locator(".fp-languages ul").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390


def test_an_answer_from_right_to_left_fits_a_phone(app: str, new_page: Any, photo_paths: list[Path]) -> None:
    page = new_page(390, 844)
    opened(page, f"{app}de/", "#examples button")
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.set_input_files(UPLOAD, str(photo_paths[0]))
    page.wait_for_selector(".fp-stability[data-state=done]")
    assert page.evaluate(OVERFLOW) <= 0
