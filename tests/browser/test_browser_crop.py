"""The box over the picture: found or asked for, moved by mouse, finger and keyboard, and the answer for it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.field.frames import phone
from browsing import FINAL, UPLOAD, identified, opened, running_app
from fingerprints.images.image import png_bytes

pytestmark = pytest.mark.browser
STABLE = ".fp-stability[data-state=done]"
BOX = "#given .fp-box"
CHOSEN = "text=The answer is about the part that was chosen"


@pytest.fixture(scope="module")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def app(uploads: Path) -> Iterator[str]:
    with running_app(uploads, {**os.environ, "HF_HUB_OFFLINE": "1"}) as url:
        yield url


def give(page: Any, url: str, path: Path) -> None:
    identified(opened(page, url, UPLOAD), path)
    page.wait_for_selector(STABLE)


def said(page: Any) -> list[int]:
    """Width, height, left and top, as the page says them."""
    words = page.inner_text("#given output").split()
    return [int(word) for word in words if word.isdigit()]


def test_what_was_found_can_be_changed_and_answered_for(
    app: str, page: Any, photos: list[np.ndarray], tmp_path: Path
) -> None:
    screen = tmp_path / "screen.png"
    screen.write_bytes(png_bytes(phone(photos[5], 2)))
    give(page, app, screen)
    width, height, left, top = said(page)
    assert (left, top) == (0, 192) and width == 780
    corner = page.locator("[data-held='bottom right']").bounding_box()
    x, y = corner["x"] + corner["width"] - 4, corner["y"] + corner["height"] - 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 40, y - 10, steps=4)
    page.mouse.up()
    smaller = said(page)
    assert smaller[0] < width and smaller[1] < height and smaller[2:] == [left, top]
    page.click("[data-part=answer]")
    page.wait_for_selector(CHOSEN)
    page.wait_for_selector(STABLE)
    assert said(page) == smaller
    assert f"{smaller[0]} x {smaller[1]} pixels, {left} from the left and {top} from the top" in page.inner_text(FINAL)


def test_a_part_is_chosen_by_keyboard(app: str, page: Any, photo_paths: list[Path]) -> None:
    give(page, app, photo_paths[5])
    assert not page.is_visible(BOX)
    page.focus("[data-part=open]")
    page.keyboard.press("Enter")
    width, height, left, top = said(page)
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    assert said(page) == [width, height, left - 1, top + 32]
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+ArrowRight")
    assert said(page) == [width - 32, height, left + 31, top + 32]
    looks = page.evaluate("getComputedStyle(document.activeElement)")
    assert looks["outlineStyle"] != "none" and page.evaluate("document.activeElement.ariaLabel").startswith("Top left")
    for _ in range(40):
        page.keyboard.press("Shift+ArrowRight")
    assert said(page)[0] == 128  # no smaller than what can be answered for
    page.click("[data-part=all]")
    assert said(page) == [640, 427, 0, 0]


def test_a_finger_moves_it_on_a_phone_and_from_right_to_left(app: str, browser: Any, photo_paths: list[Path]) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    page = context.new_page()
    give(page, app, photo_paths[5])
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.tap("[data-part=open]")
    before, box = said(page), page.locator(BOX).bounding_box()
    picture = page.locator("#given .fp-stage img").bounding_box()
    assert box["x"] - picture["x"] == pytest.approx(before[2] / 640 * picture["width"], abs=2)
    touch = context.new_cdp_session(page)
    middle = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    send = lambda kind, *points: touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})  # noqa: E731
    send("touchStart", middle)
    send("touchMove", {"x": middle["x"] - 20, "y": middle["y"] + 10})
    send("touchEnd")
    after = said(page)
    assert after[:2] == before[:2] and after[2] < before[2] and after[3] > before[3]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    context.close()


def test_when_the_upload_is_gone_the_page_says_so(app: str, page: Any, uploads: Path, photo_paths: list[Path]) -> None:
    give(page, app, photo_paths[5])
    shutil.rmtree(uploads / "uploads")
    page.click("[data-part=open]")
    page.click("[data-part=answer]")
    page.wait_for_selector("[role=alert]")
    assert "Give it again" in page.inner_text("#answer") and page.is_visible("#given img")
