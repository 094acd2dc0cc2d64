"""Many pictures in a real browser: given, sorted, filtered, reloaded, cancelled, opened, taken together, downloaded."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browsing import BATCH, UPLOAD, decoded_zip, opened

pytestmark = pytest.mark.browser
ROWS = "#batch-table tbody tr"
ENDED = "#batch-downloads a"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "letter.jpg"
    path.write_bytes(b"Dear Sir or Madam")
    return path


def names(page: Any) -> list[str]:
    return [cell.inner_text() for cell in page.query_selector_all(f"{ROWS} th")]


def test_a_table_first_and_each_row_opens_to_its_evidence(
    app: str, page: Any, new_page: Callable[..., Any], photo_paths: list[Path], broken: Path
) -> None:
    given = [*photo_paths[:2], broken, photo_paths[5]]
    opened(page, f"{app}batch", BATCH)
    page.set_input_files(BATCH, [str(path) for path in given])
    page.wait_for_selector(ENDED)
    assert "All 4 were looked at." in page.inner_text("#batch-state")
    assert names(page) == [path.name for path in given] and "letter.jpg is not an image" in page.inner_text(
        ROWS + ":nth-child(3)"
    )

    page.click("#batch-table thead button >> text=File")
    page.wait_for_selector("#batch-table [aria-sort=ascending]")
    assert names(page) == sorted(path.name for path in given)
    assert page.evaluate("document.activeElement.value") == "-name"  # the focus stays
    page.keyboard.press("Enter")
    page.wait_for_selector("#batch-table [aria-sort=descending]")
    page.fill("#batch-form input[type=search]", "cheetah")
    page.wait_for_function("document.querySelectorAll('#batch-table tbody tr').length === 1")
    assert "sort=-name" in page.url and "search=cheetah" in page.url and re.search(r"job=[\w-]{32}", page.url)

    other = opened(new_page(), page.url, ROWS)  # the address says it all
    assert names(other) == ["cheetah.jpg"] and other.input_value("#batch-form select") == "-name"
    other.click(f"{ROWS} a")
    other.wait_for_selector("#batch-opened .fp-evidence")
    assert len(other.query_selector_all("#batch-opened .fp-figure")) == 9
    other.click("text=Back to the table")
    other.wait_for_selector(ROWS)
    assert names(other) == ["cheetah.jpg"]


def test_downloads_and_one_answer_for_all(app: str, page: Any, photo_paths: list[Path], broken: Path) -> None:
    opened(page, f"{app}batch", BATCH)
    page.set_input_files(BATCH, [str(path) for path in (*photo_paths[:2], broken)])
    page.wait_for_selector(ENDED)
    with page.expect_download() as download:
        page.click("text=CSV, for a spreadsheet")
    lines = list(csv.DictReader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [line["file"] for line in lines] == [photo_paths[0].name, photo_paths[1].name, "letter.jpg"]
    with page.expect_download() as download:
        page.click("text=JSON Lines")
    answers = [json.loads(line) for line in download.value.path().read_text().splitlines()]
    assert answers[0]["schema"] == 2 and "not an image" in answers[2]["error"]
    assert page.query_selector("[data-joint]") is None
    page.click("#batch-together")
    page.wait_for_selector("[data-joint=answer]")
    assert page.inner_text("#batch-joint").startswith("If one model made these 2 pictures, or all are photos:")


def test_a_reload_finds_it_at_work_and_cancel_keeps_what_was_found(
    app: str, page: Any, photos: list[np.ndarray], tmp_path: Path
) -> None:
    opened(page, f"{app}batch", BATCH)
    page.set_input_files(BATCH, str(decoded_zip(tmp_path / "many.zip", photos[:6], 70)))
    page.wait_for_selector(f"{ROWS}:nth-child(3)")
    assert re.search(r"Looked at \d+ of \d+; .* left", page.inner_text("#batch-state"))
    page.reload()
    page.wait_for_selector(f"{ROWS}:nth-child(5)")
    page.click("#batch-cancel")
    page.wait_for_selector(ENDED)
    found = re.search(r"Cancelled after (\d+) of \d+", page.inner_text("#batch-state"))
    assert found is not None and f"of {found[1]}" in page.inner_text("#batch-table caption")
    assert len(names(page)) == min(int(found[1]), 50) and names(page)[0] == "many.zip/0-000.png"
    assert not page.is_visible("#batch-cancel")


def test_a_page_holds_fifty_rows(app: str, page: Any, broken: Path) -> None:
    opened(page, f"{app}batch", BATCH)
    page.set_input_files(BATCH, [str(broken)] * 120)
    page.wait_for_selector(ENDED)
    assert len(names(page)) == 50
    page.click("#batch-table nav button >> text=Next")
    page.wait_for_selector("text=Page 2 of 3")
    assert "page=2" in page.url and page.evaluate("document.activeElement.getAttribute('role')") == "region"
    page.click("#batch-table nav button >> text=Next")
    page.wait_for_selector("text=Page 3 of 3")
    assert len(names(page)) == 20


def test_the_start_page_leads_here_and_too_many_are_told(app: str, page: Any, broken: Path) -> None:
    opened(page, app, UPLOAD)
    page.set_input_files(UPLOAD, [str(broken)] * 25)
    page.click("#answer a >> text=Many pictures")
    page.wait_for_selector(BATCH, state="attached")
    page.set_input_files(BATCH, [str(broken)] * 501)
    page.wait_for_selector("text=501 pictures were given; at most 500")
    assert page.is_visible("#batch-files") and page.query_selector(ROWS) is None
