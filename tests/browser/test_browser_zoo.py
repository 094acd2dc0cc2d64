"""As a visitor: a generator of the zoo makes images, one after the other, and Identify says whose they are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browsing import opened, running_app
from tiny_zoo import TWO, build_tiny_zoo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(len(TWO) < 2, reason="fewer than two generators are trained"),
]
# How many images each change of the page showed.
COUNT = """() => { window.counts = []; new MutationObserver(() => {
  window.counts.push(document.querySelectorAll('#made img').length);
}).observe(document.querySelector('#make'), {subtree: true, childList: true}); }"""


@pytest.fixture(scope="module")
def app(photos: list[np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    base: Path = tmp_path_factory.mktemp("zoo")
    build_tiny_zoo(base, photos)
    with running_app(base, {**os.environ, "HF_HUB_OFFLINE": "1"}) as url:
        yield url


def test_from_a_generators_page_to_the_answer_about_its_images(app: str, page: Any) -> None:
    opened(page, f"{app}gallery?generator=zoo/{TWO[0]}", "article")
    page.click("article >> text=Make new images with it")
    page.evaluate(COUNT)
    page.click("#make-images")
    page.wait_for_selector("#made .fp-onward")
    counts = page.evaluate("window.counts")
    assert counts == sorted(counts) and len({*counts} - {0, 16}) > 1
    page.click("#made .fp-onward")
    page.wait_for_selector("[data-joint=answer]")
    assert TWO[0] in page.inner_text("#answer .fp-verdict") and page.locator("[data-row=answered]").count() == 16


def test_the_address_of_images_can_be_sent_to_others(app: str, page: Any) -> None:
    opened(page, f"{app}?zoo={TWO[1]}&seed=5", "[data-joint=answer]")
    assert TWO[1] in page.inner_text("#given") and "seed 5" in page.inner_text("#given")
    opened(page, f"{app}?zoo=nobody&seed=5", "#answer [role=alert]")
    assert "nobody is no generator" in page.inner_text("#answer")


def test_other_generators_make_nothing(app: str, page: Any) -> None:
    opened(page, f"{app}gallery", ".fp-tile")
    assert page.locator("#make-images").count() == 0
