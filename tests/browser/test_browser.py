"""The three acts in a real browser, as a person would: identify, browse, contribute. No request leaves this machine.

The app runs in a process of its own, on the embedded registry. Generators are real pipelines: crops of package photos
passed through a decoder; one is contributed, and a picture of a photo that is not in the batch is then named.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from browsing import FINAL, SAMPLES, UPLOAD, decoded_zip, identified, opened
from fingerprints.images.image import jpeg_bytes, png_bytes
from generators import transposed_decoder

pytestmark = pytest.mark.browser
PAGES = ("", "batch", "gallery", "contribute", "registry", "about", "programs")
# Notes each thing that the answer area shows, so that steps which last a tenth of a second are seen.
WATCH = """
window.seen = [];
new MutationObserver(() => {
  const area = document.querySelector('#answer');
  const now = area && area.innerText;
  if (now && now !== window.seen.at(-1)) window.seen.push(now);
}).observe(document, {subtree: true, childList: true, characterData: true});
"""

# Notes how many cells of the stability strip still wait, each time that changes.
STRIP = """
window.waiting = [];
new MutationObserver(() => {
  if (!document.querySelector('.fp-cell')) return;
  const now = document.querySelectorAll('.fp-waiting').length;
  if (now !== window.waiting.at(-1)) window.waiting.push(now);
}).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
"""
KINDS = {"same", "coarser", "finer", "another", "unknown", "uncovered"}


def refused(page: Any, selector: str, path: Path, words: str) -> str:
    page.set_input_files(selector, str(path))
    alert = page.locator("[role=alert]").filter(has_text=re.compile(words))
    alert.wait_for()
    return str(alert.inner_text())


# Identify.


def test_an_example_is_answered_step_by_step(app: str, page: Any) -> None:
    page.add_init_script(WATCH)
    opened(page, app, "#examples button")
    assert "deleted" in page.inner_text("#kept")
    page.click("#examples button >> nth=0")
    page.wait_for_selector(FINAL)
    seen = page.evaluate("window.seen")
    looked = [text for text in seen if "looking at" in text.lower()]
    assert len(looked) >= 2, seen
    assert seen[-1] == page.inner_text("#answer") and "Looking" not in seen[-1]


def test_the_stability_strip_fills_after_the_answer(app: str, page: Any, photo_paths: list[Path]) -> None:
    page.add_init_script(STRIP)
    opened(page, app, UPLOAD)
    identified(page, photo_paths[0])
    page.wait_for_selector(".fp-stability[data-state=done]")
    waiting = page.evaluate("window.waiting")
    assert waiting[0] == 7 and waiting[-1] == 0 and waiting == sorted(waiting, reverse=True), waiting
    cells = page.query_selector_all(".fp-cell")
    assert len(cells) == 7 and {cell.get_attribute("data-kind") for cell in cells} <= KINDS
    assert re.search("Re-saved, scaled or cropped|Unstable", page.inner_text(".fp-stability [role=status]"))
    with page.expect_download() as download:
        page.click("text=Download the answer as JSON")
    assert isinstance(json.loads(download.value.path().read_text())["stable"], bool)


def test_several_pictures_get_a_row_each_and_one_answer(
    app: str, page: Any, photo_paths: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "letter.jpg"
    broken.write_bytes(b"Dear Sir or Madam")
    opened(page, app, UPLOAD)
    page.set_input_files(UPLOAD, [str(path) for path in (*photo_paths[:2], broken, photo_paths[3])])
    page.wait_for_selector("[data-joint=answer]")
    assert page.inner_text("#answer").startswith("If one model made these 3 pictures, or all are photos:")
    assert [row.get_attribute("data-row") for row in page.query_selector_all(".fp-row")] == [
        *("answered", "answered", "refused", "answered")
    ]
    assert "letter.jpg is not an image" in page.inner_text(".fp-refused")
    with page.expect_download() as download:
        page.click("text=Download all answers as JSON")
    *singles, joint = json.loads(download.value.path().read_text())
    assert len(singles) == 4 and len(joint["paths"]) == 3
    page.set_input_files(UPLOAD, [str(photo_paths[0])] * 25)
    page.wait_for_selector("text=25 files were given; at most 24")
    identified(page, photo_paths[1])
    page.wait_for_selector(".fp-stability[data-state=done]")
    assert page.query_selector(".fp-row") is None


def test_an_uploaded_photo_gets_a_sentence_bars_and_evidence(app: str, page: Any, photo_paths: list[Path]) -> None:
    opened(page, app, UPLOAD)
    text = identified(page, photo_paths[0])
    assert re.match(r"(Probably|Generated|Looks like|Unknown)", text)
    names = [bar.get_attribute("data-candidate") for bar in page.query_selector_all("[data-step=made] .fp-bar")]
    assert names == ["generated", "real", "neither"]
    assert (
        len(page.query_selector_all("#evidence .fp-figure")) == 9
    )  # four in each of the two spaces that can be drawn, and the map of parts
    assert page.eval_on_selector_all("img", "all => all.filter(i => !i.alt || !i.naturalWidth).length") == 0
    page.wait_for_selector(".fp-stability[data-state=done]")  # until then the link below is drawn anew
    with page.expect_download() as download:
        page.click("text=Download the answer as JSON")
    answer = json.loads(download.value.path().read_text())
    assert answer["schema"] == 2 and answer["collection"] == "text-to-image"


def test_a_pasted_picture_is_answered(app: str, page: Any, photo_paths: list[Path]) -> None:
    opened(page, app, UPLOAD)
    page.evaluate(
        """bytes => {
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array(bytes)], 'pasted.jpg', {type: 'image/jpeg'}));
          document.dispatchEvent(new ClipboardEvent('paste', {clipboardData: carried}));
        }""",
        list(photo_paths[3].read_bytes()),
    )
    page.wait_for_selector(FINAL)
    assert "pasted.jpg" in page.inner_text("#given")


def test_bad_pictures_get_sentences_and_the_app_lives(
    app: str, page: Any, photos: list[np.ndarray], tmp_path: Path
) -> None:
    jpeg = jpeg_bytes(photos[0], 90)
    whole = png_bytes(photos[3])
    bad = {
        "letter.jpg": (b"Dear Sir or Madam", "not an image"),
        "cut.png": (whole[: len(whole) // 2], "truncated|damaged"),
        "tiny.png": (png_bytes(photos[0][:8, :8]), "8 x 8"),
        "small.png": (png_bytes(photos[0][:40, :40]), "covers"),
        "huge.png": (_declared_as(whole, 12_000), "megapixels"),
        "scan.pdf": (b"%PDF-1.4", "PDF"),
        "phone.heic": (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", "HEIC"),
        "clip.mp4": (b"\0\0\0\x18ftypisom\0\0\0\0isommp41", "video"),
    }
    opened(page, app, UPLOAD)
    for name, (content, words) in bad.items():
        (tmp_path / name).write_bytes(content)
        sentence = refused(page, UPLOAD, tmp_path / name, words)
        assert name in sentence and "/" not in sentence.split(name)[0]
    (tmp_path / "good.jpg").write_bytes(jpeg)
    assert identified(page, tmp_path / "good.jpg")


def _declared_as(png: bytes, side: int) -> bytes:
    """The same PNG, stating another size in its header (with a checksum that fits)."""
    import zlib

    header = b"IHDR" + side.to_bytes(4, "big") * 2 + png[24:29]
    return png[:12] + header + zlib.crc32(header).to_bytes(4, "big") + png[33:]


def test_two_people_do_not_see_each_others_results(
    app: str, new_page: Callable[..., Any], photo_paths: list[Path]
) -> None:
    first, second = (opened(new_page(), app, UPLOAD) for _ in range(2))
    first.set_input_files(UPLOAD, str(photo_paths[5]))
    second.set_input_files(UPLOAD, str(photo_paths[3]))
    for page, mine, other in ((first, photo_paths[5], photo_paths[3]), (second, photo_paths[3], photo_paths[5])):
        page.wait_for_selector(FINAL)
        shown = page.inner_text("body")
        assert mine.name in shown and other.name not in shown


# Gallery, Registry, and every page on a phone.


def test_a_tile_leads_to_a_page_that_can_be_linked_to(app: str, page: Any, new_page: Callable[..., Any]) -> None:
    opened(page, f"{app}gallery", ".fp-tile")
    everything = len(page.query_selector_all(".fp-tile"))
    page.fill("#search input, #search textarea", "kandinsky")
    page.wait_for_function("document.querySelectorAll('.fp-tile').length === 1")
    page.click(".fp-tile")
    page.wait_for_selector("article")
    assert everything > 20 and "Kandinsky 3" in page.inner_text("article h1")
    assert page.url.endswith("?generator=text-to-image/kandinsky-3")
    other = opened(new_page(), page.url, "article")
    assert other.inner_text("article") == page.inner_text("article")
    opened(other, f"{app}gallery?generator=text-to-image/nobody", "[role=alert]")


def test_the_registry_can_be_verified(app: str, page: Any) -> None:
    opened(page, f"{app}registry", "#registry table")
    page.click("#verify")
    page.wait_for_selector("text=whole and as listed")


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_does_not_scroll_sideways(app: str, new_page: Callable[..., Any], path: str) -> None:
    page = opened(new_page(390, 844), f"{app}{path}", "header nav")
    page.wait_for_timeout(800)
    if path == "":
        page.click("#examples button >> nth=1")
        page.wait_for_selector(FINAL)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_samples_for_programs_hold_the_address_of_the_page(app: str, page: Any) -> None:
    opened(page, app, ".fp-footer a").click(".fp-footer a")
    page.wait_for_selector("#sample-bash code")
    for language in ("bash", "python", "javascript"):
        sample = page.locator(f"#sample-{language} code").inner_text()
        assert app in sample and "127.0.0.1:7860" not in sample
    assert page.locator(".gradio-container footer").count() == 1 and page.url == f"{app}programs"


# Contribute.


def test_a_contributed_generator_is_named_at_once(
    app: str, page: Any, new_page: Callable[..., Any], photos: list[np.ndarray], tmp_path: Path
) -> None:
    *given, held_out = photos  # the last photo is in no batch
    batch = decoded_zip(tmp_path / "batch.zip", given, 14)
    opened(page, f"{app}contribute", SAMPLES)
    page.set_input_files(SAMPLES, str(batch))
    page.wait_for_selector("#compute")
    assert (
        "128 × 128" in page.inner_text("#found") and page.input_value("#to-collection input") == "Text-to-image models"
    )
    page.click("#compute")
    page.wait_for_selector("#progress .fp-working")
    page.wait_for_selector("#report")
    assert re.search(r"\d+ images from \d+ different prompts or seeds", page.inner_text("#report"))

    for name, words in (("Not Valid!", "cannot be a name"), ("kandinsky-3", "already has a generator")):
        page.fill("#card-name input, #card-name textarea", name)
        page.click("#add")
        page.locator("#trouble [role=alert]").filter(has_text=words).wait_for()
    page.fill("#card-name input, #card-name textarea", "transposed")
    page.fill("#card-title input, #card-title textarea", "Transposed <i>test</i>")
    page.locator("#preview .fp-tile").filter(has_text="Transposed <i>test</i>").wait_for()
    page.click("#add")
    page.wait_for_selector("#done")

    picture = tmp_path / "unseen.png"
    picture.write_bytes(png_bytes(transposed_decoder(held_out[8:424, :512])))
    visitor = opened(new_page(), app, UPLOAD)
    assert identified(visitor, picture).startswith("Probably Transposed <i>test</i>.")
    page.click("#done a >> text=gallery")
    page.wait_for_selector("article")
    assert "Transposed <i>test</i>" in page.inner_text("article h1")


def test_undo_takes_it_out_again(app: str, page: Any, photos: list[np.ndarray], tmp_path: Path) -> None:
    opened(page, f"{app}contribute", SAMPLES)
    page.set_input_files(SAMPLES, str(decoded_zip(tmp_path / "b.zip", photos[:2], 10)))
    page.click("#compute")
    page.wait_for_selector("#report")
    page.fill("#card-name input, #card-name textarea", "short-lived")
    page.click("#add")
    page.click("#undo")
    page.wait_for_selector("text=was taken out again")
    opened(page, f"{app}gallery?generator=text-to-image/short-lived", "[role=alert]")


def test_cancel_stops_and_adds_nothing(app: str, page: Any, photos: list[np.ndarray], tmp_path: Path) -> None:
    opened(page, f"{app}contribute", SAMPLES)
    page.set_input_files(SAMPLES, str(decoded_zip(tmp_path / "big.zip", [photos[1], photos[5], photos[6]], 250)))
    page.click("#compute")
    page.click("#cancel")
    page.wait_for_selector("text=Cancelled. Nothing was added.")
    page.wait_for_timeout(1500)
    assert page.query_selector("#report") is None and page.query_selector("#add") is None
    assert page.is_enabled("#compute")


def test_a_reload_finds_the_contribution_again(
    app: str, page: Any, new_page: Callable[..., Any], photos: list[np.ndarray], tmp_path: Path
) -> None:
    opened(page, f"{app}contribute", SAMPLES)
    page.set_input_files(SAMPLES, str(decoded_zip(tmp_path / "again.zip", photos[:3], 20)))
    page.click("#compute")
    page.wait_for_selector("#progress .fp-working")
    page.reload()
    page.wait_for_selector("#progress .fp-working, #report")  # it may have ended meanwhile
    page.wait_for_selector("#report")
    page.reload()
    page.wait_for_selector("#report")
    page.fill("#card-name input, #card-name textarea", "reloaded")
    page.click("#add")
    page.wait_for_selector("#done")
    page.reload()
    page.wait_for_selector("#done")
    assert opened(new_page(), f"{app}contribute", SAMPLES).query_selector("#done") is None
    page.click("#undo")
    page.wait_for_selector("text=was taken out again")


def test_bad_samples_get_sentences(app: str, page: Any, photos: list[np.ndarray], tmp_path: Path) -> None:
    opened(page, f"{app}contribute", SAMPLES)
    not_a_zip = tmp_path / "samples.zip"
    not_a_zip.write_bytes(b"hello")
    assert "samples.zip" in refused(page, SAMPLES, not_a_zip, "not a zip archive")

    page = opened(page, f"{app}contribute", SAMPLES)
    sneaky = tmp_path / "sneaky.zip"
    with zipfile.ZipFile(sneaky, "w") as archive:
        archive.writestr("../../evil.png", png_bytes(photos[0][:128, :128]))
        archive.writestr("one.png", png_bytes(photos[0][:128, :128]))
    page.set_input_files(SAMPLES, str(sneaky))
    page.wait_for_selector("text=leads outside the archive")
    page.click("#compute")
    page.locator("#progress [role=alert]").filter(has_text="at least 5 different images").wait_for()
    assert not (tmp_path.parent / "evil.png").exists()
