"""The gallery in a real browser: what is chosen goes into the address, and each address opens what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from browsing import opened
from demo.parts.covered import TITLE

pytestmark = pytest.mark.browser
TILES = "document.querySelectorAll('.fp-tile').length"


def test_choices_go_into_the_address_and_the_address_opens_them(
    app: str, page: Any, new_page: Callable[..., Any]
) -> None:
    opened(page, f"{app}gallery", ".fp-tile")
    page.select_option("select[name=decoder]", "SD KL-f8 VAE")
    page.wait_for_function(f"{TILES} === 5")
    page.fill("#search input", "pixart")
    page.wait_for_function(f"{TILES} === 2")
    assert page.url.endswith("/gallery?search=pixart&decoder=SD+KL-f8+VAE")
    assert page.evaluate("document.activeElement.name") == "search"  # one goes on typing
    other = opened(new_page(), page.url, ".fp-tile")
    assert other.evaluate(TILES) == 2 and other.input_value("#search input") == "pixart"
    assert other.inner_text(".fp-count") == "2 text-to-image models:"
    page.fill("#search input", "nothing like this")
    page.wait_for_selector("text=No generator matches")


def test_a_search_for_a_model_without_a_fingerprint_leads_to_what_is_covered(app: str, page: Any) -> None:
    opened(page, f"{app}gallery", ".fp-tile")
    page.fill("#search input", "ideogram")
    page.wait_for_selector(".fp-gap >> text=Ideogram")
    page.click(f".fp-gap >> text={TITLE}")
    page.wait_for_selector(".fp-missing >> text=Ideogram")
    assert page.url.endswith("/gallery?view=covered")


def test_the_start_page_says_what_is_covered(app: str, page: Any) -> None:
    opened(page, app, ".fp-covered")
    assert "18 text-to-image models: Bing Image Creator" in page.inner_text("#covered")
    page.click("#covered >> text=All names")
    page.wait_for_selector(".fp-names")


def test_two_are_compared_by_choosing_them(app: str, page: Any, new_page: Callable[..., Any]) -> None:
    opened(page, f"{app}gallery?generator=text-to-image/kandinsky-3", "article")
    page.click("a >> text=compare >> nth=0")
    page.wait_for_selector('.fp-compare[data-one="kandinsky-3"]')
    page.select_option("select[name=other]", "dreamshaper-8")
    page.wait_for_selector('.fp-compare[data-other="dreamshaper-8"]')
    assert len(page.query_selector_all(".fp-compare figure")) == 3
    other = opened(new_page(), page.url, ".fp-compare")
    assert other.inner_text(".fp-compare") == page.inner_text(".fp-compare")


def test_a_point_of_the_map_has_a_name_and_a_page(app: str, page: Any) -> None:
    opened(page, f"{app}gallery?view=map&collection=text-to-image", ".fp-point")
    assert len(page.query_selector_all(".fp-point")) == len(page.query_selector_all(".fp-places li")) == 18
    page.select_option("select[name=colour]", "family")
    page.wait_for_selector(".fp-legend >> text=PixArt (2)")
    assert page.url.endswith("/gallery?view=map&collection=text-to-image&colour=family")
    point = page.locator(".fp-point").first
    point.hover()
    named = page.evaluate("e => getComputedStyle(e, '::after').content", point.element_handle())
    assert named.strip('"') == page.inner_text(".fp-places li:first-child a")
    point.click()
    page.wait_for_selector("article")
    assert named.strip('"') == page.inner_text("article h1")


def test_pictures_reach_the_page_unchanged(app: str, page: Any) -> None:
    opened(page, f"{app}gallery?generator=text-to-image/kandinsky-3", "article")
    kinds = page.eval_on_selector_all("article img", "all => all.map(i => i.src.slice(0, 15))")
    assert set(kinds) == {"data:image/png;"}
