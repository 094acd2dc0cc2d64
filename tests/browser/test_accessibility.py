"""Every page in every state, examined by axe-core: no serious violation, and nothing that scrolls sideways or is cut.

axe-core (tests/axe, MPL-2.0, by Deque Systems) checks what a program can: contrast AA, names and roles, text
alternatives, order of headings. That every control can be reached by keyboard is tried by pressing the Tab key.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

import zoo
from browsing import opened, running_app
from states import JOURNEYS, OWNED, OWNER_JOURNEYS, Files, Journey, make_files

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parents[1] / "axe" / "axe.min.js").read_text(encoding="utf-8")
LOOKS = ((1280, "light"), (390, "dark"))
EXAMINE = """async () => {
  const found = await axe.run({resultTypes: ['violations']});
  return found.violations.filter(v => ['serious', 'critical'].includes(v.impact)).map(
    v => `${v.id}: ${v.help}\\n` + v.nodes.slice(0, 4).map(n => '    ' + n.target + ' ' + n.html.slice(0, 160)
      + (v.id === 'color-contrast' ? n.any.map(a => a.message).join() : '')).join('\\n'));
}"""
# Text that its box does not show: longer than the box, which hides the rest.
CUT = """() => [...document.querySelectorAll('*')].filter(e => {
  const style = getComputedStyle(e);
  return e.childElementCount === 0 && e.textContent.trim() && e.clientWidth > 1 && style.overflowX !== 'visible'
    && e.scrollWidth > e.clientWidth + 1;
}).map(e => e.textContent.trim().slice(0, 60))"""
# Every control that is shown, and then whether the Tab key brought the focus to it, in a way that is seen.
MARK = """() => {
  window.controls = [...document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex="0"]')].filter(e => e.tabIndex >= 0 && !e.disabled
    && e.getClientRects().length && e.checkVisibility() && getComputedStyle(e).visibility === 'visible');
  window.reached = new Set();
  window.unseen = new Set();
  document.addEventListener('focusin', event => {
    const looks = [event.target, event.target.parentElement].map(e => getComputedStyle(e));
    window.reached.add(event.target);
    if (looks[0].outlineStyle === 'none' && looks.every(look => look.boxShadow === 'none')) {
      window.unseen.add(event.target);
    }
  });
  return window.controls.length;
}"""
MISSED = """() => {
  const name = e => `${e.tagName} ${e.id || e.name || e.textContent.trim().slice(0, 40)}`;
  const missed = window.controls.filter(e => !window.reached.has(e) && !(e.type === 'radio' && !e.checked));
  return [...missed.map(e => 'not reached: ' + name(e)), ...[...window.unseen].map(e => 'focus not seen: ' + name(e))];
}"""
PLACES = (
    "",
    "batch",
    "gallery?search=stable",
    "gallery?view=covered",
    "gallery?view=map&collection=text-to-image",
    "gallery?view=compare&collection=text-to-image",
    "gallery?generator=text-to-image/kandinsky-3",
    "contribute",
    "registry",
    "about",
    "programs",
    f"gallery?generator=zoo/{zoo.names()[0]}",
)


@pytest.fixture(scope="module")
def owned_app(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], AbstractContextManager[str]]:
    """A server with an owner, each time a fresh one: what was accepted on it cannot be accepted again."""
    settings = {**os.environ, "HF_HUB_OFFLINE": "1", **OWNED}
    return lambda: running_app(tmp_path_factory.mktemp("owned"), settings)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, photo_paths: list[Path]) -> Files:
    return make_files(tmp_path_factory.mktemp("files"), photo_paths)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("journey", JOURNEYS, ids=[journey.__name__ for journey in JOURNEYS])
def test_no_state_of_a_page_shuts_anybody_out(
    app: str,
    new_page: Callable[..., Any],
    files: Files,
    journey: Journey,
    width: int,
    scheme: str,
) -> None:
    _examine(journey, app, new_page(width, 844), files, width, scheme)


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("journey", OWNER_JOURNEYS, ids=[journey.__name__ for journey in OWNER_JOURNEYS])
def test_nor_does_a_page_of_the_owner(
    owned_app: Callable[[], AbstractContextManager[str]],
    new_page: Callable[..., Any],
    files: Files,
    journey: Journey,
    width: int,
    scheme: str,
) -> None:
    with owned_app() as url:
        _examine(journey, url, new_page(width, 844), files, width, scheme)


def _examine(journey: Journey, url: str, page_given: Any, files: Files, width: int, scheme: str) -> None:
    page_given.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    problems = []
    for state, page in journey(page_given, url, files):
        page.evaluate(AXE)
        problems += [f"{state}: {found}" for found in page.evaluate(EXAMINE)]
        problems += [f"{state}: cut: {text}" for text in page.evaluate(CUT)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            problems.append(f"{state}: scrolls sideways")
        if page.locator("img:not([alt]), img[alt='']").count():
            problems.append(f"{state}: a picture without words")
    assert problems == [], "\n".join(problems)


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_every_control_is_reached_by_keyboard(app: str, page: Any, place: str) -> None:
    opened(page, f"{app}{place}", "header nav")
    page.wait_for_timeout(1500)
    for _ in range(page.evaluate(MARK) + 5):
        page.keyboard.press("Tab")
    assert page.evaluate(MISSED) == []
