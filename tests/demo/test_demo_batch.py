"""Many pictures: what is read and counted, jobs and their bounds, the table, one row opened, and the downloads."""

from __future__ import annotations

import csv
import io
import json
import re
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from demo.answers.several import Row, joint_html
from demo.batch import jobs as jobs_module
from demo.batch import work as work_module
from demo.batch.detail import detail_html
from demo.batch.downloads import COLUMNS, as_csv, as_json_lines, download_routes
from demo.batch.jobs import Batch, Batches, NoRoom, Work
from demo.batch.levels import LEVELS
from demo.batch.levels import level as level_of
from demo.batch.progress import progress_html, time_left
from demo.batch.reading import MOST_PICTURES, TooMany, read, total_of
from demo.batch.table import table_html
from demo.batch.view import ORDERS, ROWS_A_PAGE, View, chosen
from demo.batch.view import made as share_of
from demo.batch.work import looking_at
from demo.server.line import Line
from fingerprints.attribution.verdict import UNKNOWN
from fingerprints.images.image import png_bytes
from levels import LEVELS as MADE
from levels import answer_at
from registry.answers.identify import Answer
from registry.storage.pictures import DRAWN
from signing import signed
from small import Small

NASTY = '<script>alert(1)</script>"><img src=x onerror=alert(1)>.png'


@pytest.fixture
def pictures(small: Small) -> list[Path]:
    return sorted(small.held_out["nearest"].iterdir())[:4]


@pytest.fixture
def batches() -> Batches:
    return Batches()


def done(batches: Batches, small: Small, paths: list[Path]) -> Batch:
    return waited(batches.start(small.snapshot(), looking_at(paths)))


def waited(batch: Batch) -> Batch:
    for _ in range(600):
        if batch.ended:
            return batch
        time.sleep(0.05)
    raise RuntimeError("the batch did not end")


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return path


@pytest.fixture(scope="module")
def answer(small: Small) -> Answer:
    batch = done(Batches(), small, sorted(small.held_out["nearest"].iterdir())[:1])
    found = batch.rows[0].answer
    assert found is not None
    return found


@pytest.fixture
def made(small: Small, answer: Answer) -> Batch:
    """A row at each level of a verdict, and one that was refused."""
    rows = [Row(f"{level} {number}.png", answer_at(answer, level)) for number, level in enumerate(MADE)]
    batch = Batch("key", small.snapshot(), rows=[*rows, Row("=broken.png", trouble="It is broken.")])
    batch.total, batch.ended = len(batch.rows), True
    return batch


# Reading.


def test_files_and_archives_are_counted_before_and_keep_their_names(pictures: list[Path], tmp_path: Path) -> None:
    data = pictures[0].read_bytes()
    archive = zipped(tmp_path / "some.zip", a_png=data, b_png=data, notes_txt=b"no picture")
    given = [pictures[0], archive]
    assert total_of(given) == 3
    assert [found.origin for found in read(given)] == [pictures[0].name, "some.zip/a.png", "some.zip/b.png"]


def test_too_many_are_said_with_what_would_work(pictures: list[Path], tmp_path: Path) -> None:
    archive = zipped(tmp_path / "all.zip", **{f"{number}_png": b"x" for number in range(MOST_PICTURES + 99)})
    with pytest.raises(TooMany, match=r"600 pictures were given \(1 file, 599 in all.zip\); at most 500 .* 2 parts"):
        total_of([pictures[0], archive])
    with pytest.raises(TooMany, match="501 pictures were given; at most 500"):
        total_of(pictures[:1] * (MOST_PICTURES + 1))


def test_an_archive_that_cannot_be_read_is_one_row(pictures: list[Path], tmp_path: Path) -> None:
    broken, other = tmp_path / "broken.zip", tmp_path / "other.rar"
    broken.write_bytes(b"no zip")
    other.write_bytes(b"Rar!")
    given = [broken, other, pictures[0]]
    assert total_of(given) == 3
    first, second, third = read(given)
    assert "not a zip archive" in first.reason and "a kind that is not read (.rar)" in second.reason  # type: ignore[union-attr]
    assert third.origin == pictures[0].name


# Looking.


@pytest.mark.waits
def test_one_broken_file_ends_nothing_and_twins_are_told(
    batches: Batches, small: Small, pictures: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "letter.png"
    broken.write_bytes(b"Dear Sir or Madam")
    claiming = tmp_path / "claiming.png"
    claiming.write_bytes(signed(pictures[1].read_bytes(), "image/png"))
    archive = zipped(tmp_path / "some.zip", again_png=pictures[0].read_bytes())
    batch = done(batches, small, [pictures[0], broken, claiming, archive])
    assert [level_of(row) == "refused" for row in batch.rows] == [False, True, False, False] and not batch.trouble
    assert "not an image" in batch.rows[1].trouble and batch.rows[3].twin == pictures[0].name
    html = table_html(batch, View(batch.key))
    assert "The same pixels as" in html and "signed and valid: Generated by a trained model." in html
    assert "All 4 were looked at." in progress_html(batch) and len(batch.pile.answers) == 2


@pytest.mark.waits
def test_too_many_end_it_before_anything_is_looked_at(batches: Batches, small: Small, pictures: list[Path]) -> None:
    batch = done(batches, small, pictures[:1] * 501)
    assert (
        batch.rows == [] and "at most 500" in progress_html(batch) and "Nothing was looked at." in progress_html(batch)
    )


@pytest.mark.waits
def test_what_is_kept_of_an_answer_is_what_is_drawn(batches: Batches, small: Small, pictures: list[Path]) -> None:
    batch = done(batches, small, pictures[:2])
    for row in batch.rows:
        assert row.answer is not None and set(row.answer.embeddings) <= set(DRAWN)
        assert set(row.answer.artifacts) == set(small.snapshot().collection("small").references)
    joint = batch.pile.answer(batch.snapshot)
    assert isinstance(joint, Answer) and joint.paths == tuple(path.name for path in pictures[:2])
    assert "If one model made these 2 pictures" in joint_html(batch.snapshot, joint, batch.rows, 0.1)


@pytest.mark.waits
def test_it_takes_turns_in_the_line_of_single_visitors(
    batches: Batches, small: Small, pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all places taken it waits; of all batches at most one picture stands in the line."""
    line = Line(places=1, waiting=9, each=8)
    monkeypatch.setattr(work_module, "ANSWERS", line)
    release = threading.Event()

    def visitor() -> Iterator[int]:
        release.wait(20)
        yield 1

    threading.Thread(target=lambda: list(line.through(visitor(), lambda number: 0)), daemon=True).start()
    while not len(line):
        time.sleep(0.01)
    both = [batches.start(small.snapshot(), looking_at(pictures[:2]), str(number)) for number in range(2)]
    time.sleep(0.5)
    assert len(line) == 2 and not any(batch.rows for batch in both)
    release.set()
    assert [len(waited(batch).rows) for batch in both] == [2, 2]


@pytest.mark.waits
def test_cancelled_it_keeps_what_was_found(batches: Batches, small: Small, pictures: list[Path]) -> None:
    go, looked = threading.Event(), threading.Event()

    def work(batch: Batch) -> None:
        batch.counted(3)
        batch.rows.append(Row("first.png", trouble="It is broken."))
        looked.set()
        go.wait(20)
        looking_at(pictures[:2])(batch)

    batch = batches.start(small.snapshot(), work)
    looked.wait(20)
    batches.cancel(batch.key)
    assert "Stopping" in progress_html(batch)
    go.set()
    waited(batch)
    assert batches.find(batch.key) is batch and [row.name for row in batch.rows] == ["first.png"]
    assert "Cancelled after 1 of" in progress_html(batch)


# Jobs.


def held(until: threading.Event) -> Work:
    return lambda batch: until.wait(20) and None


@pytest.mark.waits
def test_who_knows_the_key_finds_it_for_an_hour(
    batches: Batches, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = batches.start(small.snapshot(), lambda batch: None)
    assert batches.find(batch.key) is batch and len(batch.key) >= 32
    assert batches.find("") is None and batches.find(None) is None and batches.find(batch.key[:-1]) is None
    monkeypatch.setattr(jobs_module, "_KEPT_SECONDS", 0.05)
    short = batches.start(small.snapshot(), lambda batch: None)
    for _ in range(200):
        if batches.find(short.key) is None:
            break
        time.sleep(0.02)
    assert batches.find(short.key) is None and short.cancelled


@pytest.mark.waits
def test_there_is_room_for_some_and_the_oldest_is_forgotten(
    batches: Batches, small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, snapshot = threading.Event(), small.snapshot()
    running = [batches.start(snapshot, held(release), client) for client in ("a", "a", "b", "c")]
    with pytest.raises(NoRoom, match="2 batches of yours"):
        batches.start(snapshot, held(release), "a")
    with pytest.raises(NoRoom, match="The server is busy"):
        batches.start(snapshot, held(release), "d")
    release.set()
    for batch in running:
        waited(batch)
    monkeypatch.setattr(jobs_module, "_MOST_KEPT", 4)
    batches.start(snapshot, held(release), "d")
    assert batches.find(running[0].key) is None and batches.find(running[1].key) is running[1]


@pytest.mark.waits
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unforeseen_error_ends_it_with_a_sentence(batches: Batches, small: Small) -> None:
    def broken(_batch: Batch) -> None:
        raise KeyError("secret")

    batch = waited(batches.start(small.snapshot(), broken))
    assert "It ended before all was looked at." in batch.trouble and "secret" not in batch.trouble
    time.sleep(0.2)  # the thread ends with its error after that, and pytest tells it of the test that runs then


def test_the_time_left_is_told_in_words(small: Small) -> None:
    batch = Batch("key", small.snapshot())
    assert "Counting" in progress_html(batch)
    batch.counted(300)
    assert "Looked at 0 of 300<" in progress_html(batch)
    batch.rows += [Row("a.png", trouble="")] * 37
    batch._began -= 37 * 0.5
    assert "Looked at 37 of 300; about 2 minutes left" in progress_html(batch)
    assert [time_left(seconds) for seconds in (3, 49, 60, 100, 3000)] == [
        *("less than a minute", "less than a minute", "about a minute", "about 2 minutes", "about 50 minutes")
    ]


# The table.


def names(batch: Batch, **asked: str) -> list[str]:
    return [row.name.split()[0] for _, row in chosen(batch.rows, View.of(asked))]


def test_it_is_sorted_and_filtered(made: Batch) -> None:
    assert names(made, sort="verdict")[0] == "generator" and names(made, sort="-verdict")[0] == "real"
    for order in ORDERS:
        assert sorted(names(made, sort=order)) == sorted(names(made)), order
        if order.strip("-") not in ("", "name"):
            assert names(made, sort=order)[-1] == "=broken.png", order
    shares = [share_of(row) or 0.0 for _, row in chosen(made.rows, View(sort="-generated"))]
    assert shares == sorted(shares, reverse=True)
    assert names(made, verdict="few") == ["family", "among"] and names(made, search="REAL png") == ["real"]
    assert names(made, verdict="unknown") == [UNKNOWN, "outside"]
    numbered = [Row(f"{number}.png", trouble="x") for number in (10, 9, 100)]
    assert [row.name for _, row in chosen(numbered, View(sort="name"))] == ["9.png", "10.png", "100.png"]


def test_nonsense_in_the_address_asks_for_nothing() -> None:
    view = View.of({"sort": "x", "verdict": "x", "page": "-3", "row": "9" * 99, "other": "x"})
    assert view == View() and view.address(row=3) == "./batch?row=3"
    assert View.of({"page": "²"}).page == 1


def test_each_verdict_is_counted_and_can_be_chosen(made: Batch) -> None:
    html = table_html(made, View(verdict="few"))
    counts = dict(re.findall(r'name="verdict" value="(\w*)".*?<b>(\d+)</b>', html))
    assert counts == {"": "8", "model": "1", "few": "2", "generated": "1", "unknown": "2", "photo": "1", "refused": "1"}
    assert html.count('aria-pressed="true"') == 1 and html.count("<tr role") == 3
    assert "No picture matches." in table_html(made, View(search="nothing like this"))


def test_never_more_than_one_page_of_rows(made: Batch) -> None:
    made.rows = [Row(f"{number}.png", trouble="x") for number in range(500)]
    first, last, beyond = (table_html(made, View(page=page)) for page in (1, 10, 99))
    assert first.count("<tr role") == ROWS_A_PAGE + 1 and "Pictures 1 to 50 of 500" in first
    assert "Page 10 of 10" in last and last == beyond and 'value="11" disabled' in last


def test_it_is_a_table_for_those_who_listen(made: Batch) -> None:
    html = table_html(made, View(sort="-generated"))
    assert html.count('scope="col"') == 8 and html.count('scope="row"') == 8 and "<caption>" in html
    assert html.count("aria-sort") == 1 and 'aria-sort="descending"><button' in html
    assert 'value="generated"' in html and 'value="-probability"' in html  # the other way round; the surest first


def test_what_comes_from_outside_is_text(made: Batch, answer: Answer) -> None:
    made.rows = [
        Row(NASTY, trouble=NASTY),
        Row(NASTY, replace(answer, warnings=(NASTY,)), twin=NASTY, small=b"x"),
    ]
    view = View("key", search=NASTY)
    for html in (table_html(made, view), *(detail_html(made, replace(view, row=row)) for row in (1, 2, 3))):
        assert "<script" not in html and "<img src=x" not in html
    assert "<script" not in table_html(made, View("key"))


# One row.


def test_a_row_opens_to_all_its_evidence(made: Batch) -> None:
    html = detail_html(made, View("key", sort="name", row=1))
    assert 'class="fp-answer"' in html and "<h2>Evidence</h2>" in html and "fp-figure" in html and "fp-here" in html
    assert 'href="./batch?job=key&amp;sort=name"' in html and "Download the answer as JSON" in html
    assert ">Next</a>" in html and ">Previous</a>" in html
    assert "It is broken." in detail_html(made, View("key", row=8)) and ">Next<" not in detail_html(made, View(row=8))
    assert "no such row" in detail_html(made, View("key", row=9))


# Downloads.


def test_no_cell_is_a_formula(made: Batch) -> None:
    lines = list(csv.reader(io.StringIO(as_csv(made).removeprefix("\ufeff"))))
    assert tuple(lines[0]) == COLUMNS and len(lines) == 9 and all(len(line) == len(COLUMNS) for line in lines)
    assert lines[-1][0] == "'=broken.png" and lines[-1][1] == "refused" and lines[-1][-1] == "It is broken."
    assert {line[1] for line in lines[1:]} == set(LEVELS)
    for begin in "=+-@":
        made.rows = [Row(f"{begin}1.png", trouble=f"{begin}2")]
        assert f"'{begin}1.png" in as_csv(made) and f"'{begin}2" in as_csv(made)


def test_json_lines_hold_what_the_command_line_prints(made: Batch) -> None:
    lines = [json.loads(line) for line in as_json_lines(made).splitlines()]
    assert len(lines) == 8 and lines[0] == made.rows[0].answer.to_json()  # type: ignore[union-attr]
    assert lines[-1] == {"schema": 2, "path": "=broken.png", "error": "It is broken."}


def test_who_knows_the_key_downloads_it(batches: Batches, made: Batch) -> None:
    batches._batches["key"] = made
    client = TestClient(Starlette(routes=download_routes(batches)))
    for suffix in ("csv", "jsonl"):
        found = client.get(f"/batch.{suffix}?job=key")
        assert found.status_code == 200 and f"answers.{suffix}" in found.headers["content-disposition"]
        assert client.get(f"/batch.{suffix}?job=other").status_code == client.get(f"/batch.{suffix}").status_code == 404


def test_a_size_that_is_not_covered_is_said_in_its_row(batches: Batches, small: Small, tmp_path: Path) -> None:
    (tmp_path / "large.png").write_bytes(png_bytes(np.zeros((300, 300, 3), np.uint8)))
    batch = done(batches, small, [tmp_path / "large.png"])
    assert "300 x 300" in batch.rows[0].trouble and "300 x 300" in table_html(batch, View())
