"""The demo without a browser: what its pages say, that nothing from outside becomes markup, and the API."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demo.answers.answer import answer_html, given_html, small_print
from demo.answers.claims import claims_html
from demo.answers.evidence import evidence_html
from demo.answers.single import steps
from demo.contribute import contribution
from demo.contribute.contribution import Prepared, Progress, compute, look, publish, undo
from demo.contribute.report import look_html, progress_html, report_html
from demo.gallery.page import one_html, shown_html
from demo.pages.registry import contents_html, verified
from demo.parts.html import generator_link, problem
from fingerprints.attribution.verdict import AMONG, FAMILY, GENERATED, GENERATOR, REAL, UNKNOWN
from fingerprints.claims import INVALID, NOT_CHECKED, NOT_SIGNED, VALID, Claim
from fingerprints.images.image import Image, from_pixels, png_bytes
from fingerprints.settings import Settings
from levels import LEVELS, OUTSIDE, answer_at, verdict_at
from registry.answers.identify import Answer, identify
from registry.contributions.contribute import TooFewSamples
from registry.intake.samples import IntakeError
from registry.storage.card import Card
from registry.storage.pictures import DRAWN
from registry.storage.snapshot import Collection
from registry.storage.store import Store, StoreError
from small import COLLECTION, NEWCOMER, Small

NASTY = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
SMALL_PNG = png_bytes(np.zeros((20, 20, 3), np.uint8))
FORBIDDEN = ("fake", "deepfake", "AI score", "confidence")


@pytest.fixture
def collection(small: Small) -> Collection:
    return small.snapshot().collection(COLLECTION)


@pytest.fixture
def image(small: Small) -> Image:
    return from_pixels(small.pixels.held_out["nearest"][0], "nearest.png")


@pytest.fixture
def picture(image: Image, tmp_path: Path) -> Path:
    path = tmp_path / "nearest.png"
    path.write_bytes(png_bytes(image.pixels))
    return path


@pytest.fixture
def answers(small: Small, image: Image) -> list[Answer]:
    return list(identify(small.snapshot(), image))


def harmless(html: str) -> bool:
    return "<script" not in html and "<img src=x" not in html and 'onerror="' not in html


# Identify.


def test_steps_sharpen_and_end_with_evidence(small_store: Store, picture: Path) -> None:
    spaces = small_store.snapshot().collection(COLLECTION).spaces
    shown = list(islice(steps(small_store, picture), 1 + len(spaces)))
    assert "64 × 64" in shown[0].given and "fp-working" in shown[0].answer and "fp-bar" not in shown[0].answer
    assert all("fp-bar" in step.answer and 'data-state="working"' in step.answer for step in shown[1:-1])
    assert 'data-state="final"' in shown[-1].answer and "artifact" in shown[-1].evidence
    assert not any(step.evidence for step in shown[:-1])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"just text", "not an image"),
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (png_bytes(np.zeros((20, 20, 3), np.uint8)), "20 x 20"),
    ],
    ids=["text", "empty", "pdf", "too small"],
)
def test_a_problem_is_a_sentence(small_store: Store, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    last = list(steps(small_store, path))[-1]
    assert words in last.answer and 'role="alert"' in last.answer and "Traceback" not in last.answer
    assert last.evidence == ""


def test_an_empty_registry_says_so(tmp_path: Path, picture: Path) -> None:
    empty = Store(tmp_path / "empty", builtin=None)
    assert "is empty" in list(steps(empty, picture))[-1].answer
    assert (
        "is empty" in shown_html(empty, {})
        and "is empty" in contents_html(Settings(), empty)
        and "is empty" in "".join(verified(empty))
    )


def test_a_damaged_collection_is_a_sentence(small_store: Store, picture: Path) -> None:
    facts = small_store.snapshot().path / COLLECTION / "collection.json"
    changed = json.loads(facts.read_text())
    del changed["calibration"]["fusion"]
    facts.unlink()
    facts.write_text(json.dumps(changed))
    assert "collection.json" in list(steps(Store(small_store.folder, builtin=None), picture))[-1].answer


@pytest.mark.parametrize("level", LEVELS)
def test_the_page_shows_the_ladder_of_each_level(answers: list[Answer], collection: Collection, level: str) -> None:
    html = answer_html(answer_at(answers[-1], level), collection, "")
    steps = re.findall(r'<section class="fp-step fp-(\w+)" data-step="(\w+)">', html)
    assert (
        steps
        == {
            GENERATOR: [("said", "made"), ("said", "by")],
            FAMILY: [("said", "made"), ("said", "by")],
            AMONG: [("said", "made"), ("said", "by")],
            GENERATED: [("said", "made"), ("unsaid", "by")],
            REAL: [("said", "made")],
            UNKNOWN: [("unsaid", "made"), ("unsaid", "by")],
            OUTSIDE: [("unsaid", "made")],
        }[level]
    )
    assert ("fp-verdict fp-unsure" in html) == (level in (UNKNOWN, OUTSIDE)) and "neither of these" in html
    assert ("fp-best" in html) == (level not in (UNKNOWN, OUTSIDE))
    assert html.count("Not sure enough to be said") == {GENERATED: 1, UNKNOWN: 2}.get(level, 0)


@pytest.mark.parametrize(("step", "words"), [("strict", "more proof"), ("standard", ""), ("lax", "less proof")])
def test_the_small_print_says_how_much_proof_was_asked_for(
    answers: list[Answer], collection: Collection, step: str, words: str
) -> None:
    html = small_print(replace(answers[-1], strictness=step), collection, 0.5)
    assert ("than usual" in html) == bool(words) and words in html


def test_pictures_have_words_and_scales(answers: list[Answer], collection: Collection) -> None:
    html = evidence_html(answers[-1], collection)
    rows = len(set(collection.spaces) & set(DRAWN))
    assert rows >= 2 and html.count('class="fp-figure"') == html.count('class="fp-scale"') == 4 * rows
    assert html.count("fp-here") == 1 and "Nearest on this map: " in html
    assert 'alt=""' not in html and html.count("<img") == html.count("alt=")
    assert html.count("data:image/png") == html.count("<img")  # nothing lossy


# What the file says of itself has a panel of its own.


def test_what_is_signed_stands_apart_from_what_is_only_claimed() -> None:
    claims = [
        Claim("EXIF", NOT_SIGNED, "Taken with a camera."),
        Claim("C2PA", VALID, "Generated.", "Made with: a program."),
        Claim("Text", NOT_SIGNED, "Generated by another.", "a cat " * 99),
    ]
    html = claims_html(claims)
    signed, claimed = html.split("<h3>Only claimed</h3>")
    assert "<h3>Signed, and valid</h3>" in signed and "Generated.</p>" in signed and "Taken" not in signed
    assert claimed.index("Taken with a camera.") < claimed.index("Generated by another.")
    assert "None of it was used for the answer" in html and html.count("<details>") == 1
    for state, heading in ((INVALID, "Signed, but not valid"), (NOT_CHECKED, "Not checked")):
        assert f"<h3>{heading}</h3>" in claims_html([Claim("C2PA", state, "Generated.")])


def test_a_file_that_says_nothing_gets_one_sentence() -> None:
    assert "says nothing of its origin" in claims_html(()) and "<section" not in claims_html(())


# What comes from outside is text.


def test_file_names_and_claims_are_text(image: Image, answers: list[Answer], collection: Collection) -> None:
    nasty = replace(image, origin=NASTY, claims=(Claim(NASTY, VALID, NASTY, NASTY * 30), Claim(NASTY, INVALID, NASTY)))
    claiming = replace(answers[-1], claims=nasty.claims)
    assert harmless(given_html(nasty)) and harmless(evidence_html(claiming, collection))
    assert harmless(problem(NASTY, NASTY))


def test_cards_are_text(small_store: Store, answers: list[Answer]) -> None:
    card = Card("nasty", **dict.fromkeys(("title", "family", "decoder", "licence", "source", "contributor"), NASTY))
    before = small_store.snapshot().collection(COLLECTION)
    folder = before.path / "generators" / "nearest"
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*") if p.name != "card.json"}
    small_store.add(COLLECTION, card, files)
    collection = small_store.snapshot().collection(COLLECTION)
    names = ["nasty", *(name for name in collection.names if name != "nasty")]
    named = replace(answers[-1], verdict=verdict_at(GENERATOR, names))
    assert harmless(shown_html(small_store, {})) and harmless(one_html(small_store, f"{COLLECTION}/nasty"))
    assert harmless(answer_html(replace(named, warnings=(NASTY,)), collection, ""))
    assert harmless(answer_html(replace(named, verdict=verdict_at(FAMILY, names, NASTY)), collection, ""))
    assert NASTY.split("<")[1][:6] in one_html(small_store, f"{COLLECTION}/nasty")  # shown, as text


def test_a_strangers_link_finds_nothing(small_store: Store) -> None:
    for wanted in (NASTY, "../../etc/passwd", f"{COLLECTION}/../x", "", "no/such", COLLECTION):
        html = one_html(small_store, wanted)
        assert 'role="alert"' in html and harmless(html)
    assert generator_link("a", "b&c=d") == "./gallery?generator=a/b%26c%3Dd"


def test_the_pages_keep_to_the_words(small_store: Store, picture: Path) -> None:
    texts = [*(step.answer for step in steps(small_store, picture)), shown_html(small_store, {})]
    texts += [path.read_text() for path in Path("demo").rglob("*.md")] if Path("demo").is_dir() else []
    assert not [word for word in FORBIDDEN for text in texts if word.lower() in text.lower()]


# Contribute.


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return target


def revisions(store: Store) -> list[str]:
    return sorted(path.name for path in (store.folder / "revisions").iterdir())


def test_a_contribution_from_look_to_undo(small: Small, small_store: Store, tmp_path: Path) -> None:
    batch = zipped(small.samples[NEWCOMER], tmp_path / "batch.zip")
    seen = look([batch], small_store.snapshot())
    assert seen.collection == COLLECTION and "64 × 64" in look_html(seen, 1)

    collection, before = small_store.snapshot().collection(COLLECTION), revisions(small_store)
    *progress, prepared = compute([batch], collection)
    assert all(isinstance(step, Progress) for step in progress) and isinstance(prepared, Prepared)
    report = report_html(prepared, collection)
    assert "look most like this generator" in report and "will be answered with its name" in report
    assert revisions(small_store) == before

    published = publish(Settings(), small_store, prepared, Card(NEWCOMER, title="New"))
    added = small_store.snapshot().collection(COLLECTION).card(NEWCOMER)
    assert added.samples == prepared.draft.report.samples and added.samples_digest and added.title == "New"
    with pytest.raises(StoreError, match="already has"):
        publish(Settings(), small_store, prepared, Card(NEWCOMER))
    undo(small_store, published)
    assert NEWCOMER not in small_store.snapshot().collection(COLLECTION).names


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (Progress(0, 0, 0, 0.0, None), "0 images done …"),
        (
            Progress(40, 5, 5, 2.0, 100),
            "50 of 100 images done, 5 not usable, 5 exact copies, 25 a second, about 2 s",
        ),
        (Progress(40, 0, 0, 2.0, 40_000), "about 33 minutes left"),
        (Progress(40, 0, 0, 2.0, None), "40 images done, 20 a second …"),
    ],
)
def test_progress_tells_the_time_left(progress: Progress, words: str) -> None:
    assert words in progress_html(progress)


def test_the_images_of_a_zip_are_counted(
    small: Small, small_store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contribution, "_TELL_EVERY", 0.0)
    collection = small_store.snapshot().collection(COLLECTION)
    for given in ([zipped(small.samples[NEWCOMER], tmp_path / "b.zip")], sorted(small.samples[NEWCOMER].iterdir())):
        *told, _ = compute(given, collection)
        assert {step.total for step in told[1:] if isinstance(step, Progress)} == {98}


def test_a_cancelled_computation_leaves_nothing(small: Small, small_store: Store) -> None:
    before = revisions(small_store)
    running: Any = compute([small.samples[NEWCOMER]], small_store.snapshot().collection(COLLECTION))
    next(running), next(running)
    running.close()
    assert revisions(small_store) == before


def test_a_rebuilt_collection_refuses_an_old_computation(small: Small, small_store: Store) -> None:
    *_, prepared = compute([small.samples[NEWCOMER]], small_store.snapshot().collection(COLLECTION))
    assert isinstance(prepared, Prepared)
    stale = replace(prepared, references=dict.fromkeys(prepared.references, "0" * 64))
    with pytest.raises(StoreError, match="rebuilt"):
        publish(Settings(), small_store, stale, Card(NEWCOMER))


def test_one_image_is_too_few(small: Small, collection: Collection) -> None:
    with pytest.raises(TooFewSamples, match="at least"):
        list(compute([next(small.samples[NEWCOMER].iterdir())], collection))


def test_unreadable_files_are_named(small: Small, tmp_path: Path) -> None:
    batch = tmp_path / "batch"
    shutil.copytree(small.samples[NEWCOMER], batch)
    (batch / "000.png").write_bytes(b"broken")
    html = look_html(look([batch], small.snapshot()), 1)
    assert "000.png" in html
    with pytest.raises(IntakeError):
        look([tmp_path / "nothing.zip"], small.snapshot())


# Registry.


def test_verify_reports_a_changed_file(small_store: Store) -> None:
    assert "whole and as listed" in list(verified(small_store))[-1]
    card = small_store.snapshot().path / COLLECTION / "generators" / "nearest" / "card.json"
    card.unlink()
    card.write_text("{}")
    assert "nearest/card.json" in list(verified(small_store))[-1]
