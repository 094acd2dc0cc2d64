"""Five people, each from the start to the end of what they came for; nothing that their browsers ask for leaves the
server."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from browsing import (
    BATCH,
    FINAL,
    ROOT,
    SAMPLES,
    UPLOAD,
    contributed,
    decoded_zip,
    fits,
    hub_with,
    identified,
    opened,
    running_app,
    visiting,
)
from fingerprints.images.image import jpeg_bytes, png_bytes
from fingerprints.settings import CONTRIBUTIONS, OWNER_TOKEN
from generators import crops
from loopback_hub.double import Hub
from registries import REPO, retitle
from small import COLLECTION, NEWCOMER, Small

pytestmark = pytest.mark.browser
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "screen": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
    "locale": "de-DE",
}
STABLE = ".fp-stability[data-state=done]"
ROWS, ENDED = "#batch-table tbody tr", "#batch-downloads a"
BROKEN_EVERY = 20
SECRET = "open sesame"
UNDER = "/fingerprints"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("walks")


@pytest.fixture(scope="module")
def app(base: Path) -> Iterator[str]:
    """On the embedded registry."""
    with running_app(base, {**os.environ, "HF_HUB_OFFLINE": "1"}) as url:
        yield url


@pytest.fixture(scope="module")
def hub(small: Small) -> Iterator[Hub]:
    with hub_with(small.folder) as running:
        yield running


def saved(page: Any, selector: str) -> bytes:
    """What a link saves."""
    with page.expect_download() as download:
        page.click(selector)
    return bytes(download.value.path().read_bytes())


def command(*words: str, folder: Path = ROOT, **variables: str) -> str:
    """What a command prints."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", **variables}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


# A journalist, on the way, wants to know whether a picture can be printed, and to show others why not.


def test_a_journalist_on_a_phone(app: str, browser: Any, photo_paths: list[Path]) -> None:
    with visiting(browser, app, **PHONE) as page:
        page.set_content(f'<a href="{app}">Woher ist dieses Bild?</a>')
        page.tap("a")
        page.wait_for_selector("#covered a")
        assert page.url == f"{app}de/" and page.inner_text("h1") == "Welches Modell hat dieses Bild gemacht?"
        assert fits(page) and "gelöscht" in page.inner_text("#kept")

        answer = identified(page, photo_paths[0])
        verdict = page.get_attribute(FINAL, "data-verdict")
        assert re.search(r"[Vv]on 100 solchen Antworten|Keine Antwort ist sicher genug|Von 100 Antworten", answer)
        assert "Modelle" in page.inner_text("#covered") and page.locator("#covered a").count() > 10
        page.wait_for_selector(STABLE)
        assert fits(page)

        _reads_the_evidence(page)
        picture = PIL.Image.open(io.BytesIO(saved(page, "a[download='answer.png']")))
        assert picture.size == (1200, 630)
        told = json.loads(saved(page, "a[download='answer.json']"))
        assert told["verdict"] == verdict and told["stable"] is not None

        page.tap('.fp-header nav a[href="./about"]')
        page.wait_for_selector("#about-map .fp-map")
        assert page.url == f"{app}de/about" and fits(page)


def _reads_the_evidence(page: Any) -> None:
    """Every picture says in words what it shows; each word with a dotted line explains itself on the screen."""
    page.locator("#evidence .fp-evidence h2").first.scroll_into_view_if_needed()
    assert page.locator("#evidence .fp-figure").count() == 9
    assert page.eval_on_selector_all("#evidence img", "all => all.every(i => i.alt && i.naturalWidth)")
    for term in page.query_selector_all("#answer .fp-term, #evidence .fp-term"):
        term.tap()
        assert page.evaluate("document.activeElement.dataset.meaning") and fits(page)


# A moderator has a folder full of pictures, and wants to look at the few that are worth it.


@pytest.mark.parametrize("count", [60, pytest.param(300, marks=pytest.mark.slow)])
def test_a_moderator_with_many_files(
    app: str, browser: Any, photos: list[np.ndarray], tmp_path: Path, count: int
) -> None:
    given = _moderated(tmp_path, photos, count)
    with visiting(browser, app, viewport={"width": 1280, "height": 900}) as page:
        opened(page, app, UPLOAD)
        page.click(".fp-header nav >> text=Many pictures")
        page.wait_for_selector(BATCH, state="attached")
        page.set_input_files(BATCH, [str(path) for path in given])
        page.wait_for_selector(f"{ROWS}:nth-child(3)")
        assert re.search(rf"Looked at \d+ of {count}|All {count} were", page.inner_text("#batch-state"))
        page.reload()
        page.wait_for_selector(f"{ROWS}:nth-child(3)")
        page.wait_for_selector(ENDED, timeout=400_000)
        assert f"All {count} were looked at." in page.inner_text("#batch-state")

        _narrows_down(page, count)
        _opens_the_first(page)
        lines = list(csv.DictReader(io.StringIO(saved(page, "text=CSV, for a spreadsheet").decode("utf-8-sig"))))
        answers = [json.loads(line) for line in saved(page, "text=JSON Lines").splitlines()]
        assert len(lines) == len(answers) == count
        assert [bool(line["error"]) for line in lines] == ["error" in answer for answer in answers]
        assert sum("error" in answer for answer in answers) == count // BROKEN_EVERY

        page.click("text=look at other pictures")
        page.wait_for_selector(BATCH, state="attached")
        page.set_input_files(BATCH, str(decoded_zip(tmp_path / "more.zip", [*photos[:6]], 70)))
        page.wait_for_selector(ROWS)
        page.click("#batch-cancel")
        page.wait_for_selector(ENDED)
        assert re.search(r"Cancelled after \d+ of \d+", page.inner_text("#batch-state"))


def _moderated(folder: Path, photos: Sequence[np.ndarray], count: int) -> list[Path]:
    """Small pictures, all different, some of them broken: two thirds in an archive, the others beside it."""
    each = -(-count // len(photos))
    cut = [crop for number, photo in enumerate(photos) for crop in crops(photo, 128, each, seed=number)][:count]
    data = {
        f"post-{number:03}.jpg": b"no picture" if number % BROKEN_EVERY == 7 else jpeg_bytes(crop, 92)
        for number, crop in enumerate(cut)
    }
    names, archive = list(data), folder / "reported.zip"
    inside = 2 * count // 3
    with zipfile.ZipFile(archive, "w") as written:
        for name in names[:inside]:
            written.writestr(name, data[name])
    for name in names[inside:]:
        (folder / name).write_bytes(data[name])
    return [archive, *(folder / name for name in names[inside:])]


def _narrows_down(page: Any, count: int) -> None:
    """What could not be read; what one file is; and at last the pictures that a model made likeliest first."""
    page.click("#batch-table button[name=verdict][value=refused]")
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === {count // BROKEN_EVERY}")
    assert "post-007.jpg is not an image" in page.inner_text(ROWS)
    page.click("#batch-table button[name=verdict][value='']")
    page.locator("#batch-form input[type=search]").press_sequentially("post-02")  # faster than the server answers
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 10")
    page.fill("#batch-form input[type=search]", "")
    page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 50")
    page.select_option("#batch-form select", "-generated")
    page.wait_for_selector("#batch-table [aria-sort=descending]")
    shares = page.eval_on_selector_all(f"{ROWS} .fp-cell-share:nth-of-type(4)", "all => all.map(e => e.innerText)")
    found = [0 if share.startswith("<") else int(share.split()[0]) for share in shares if share.strip()]
    assert len(found) > 5 and found == sorted(found, reverse=True), shares


def _opens_the_first(page: Any) -> None:
    page.click(f"{ROWS} >> nth=0 >> a")
    page.wait_for_selector("#batch-opened .fp-evidence")
    assert page.locator("#batch-opened .fp-verdict").inner_text()
    page.click("text=Back to the table")
    page.wait_for_selector("#batch-table [aria-sort=descending]")


# A researcher wants to know how two models differ, how that was measured, and to ask again from a program.


def test_a_researcher(app: str, base: Path, browser: Any, photos: list[np.ndarray], tmp_path: Path) -> None:
    picture = tmp_path / "photo.png"
    picture.write_bytes(png_bytes(photos[0][:256, :256]))
    with visiting(browser, app, viewport={"width": 1280, "height": 900}) as page:
        opened(page, app, UPLOAD)
        page.click(".fp-header nav >> text=Gallery")
        page.wait_for_selector(".fp-tile")
        page.fill("#search input", "kandinsky")
        page.wait_for_function("document.querySelectorAll('.fp-tile').length === 1")
        page.click(".fp-tile")
        page.wait_for_selector("article")
        assert "Described at" in page.inner_text("article") and "Digest of the samples" in page.inner_text("article")
        page.click("article a >> text=compare >> nth=0")
        page.wait_for_selector('.fp-compare[data-one="kandinsky-3"]')
        assert "distance between their mean artifacts" in page.inner_text(".fp-compare")
        page.click(".fp-tabs a >> text=Map")
        page.wait_for_selector(".fp-places li")
        opened(page, f"{app}gallery?view=map&collection=zoo&colour=up-sampling", ".fp-legend li")
        page.click(".fp-header nav >> text=About")
        page.wait_for_selector("#about-map .fp-map")
        page.click(".fp-measured summary")
        assert "a zoo generator's design" in page.inner_text(".fp-measured")

        identified(opened(page, app, UPLOAD), picture)
        page.wait_for_selector(STABLE)
        told = json.loads(saved(page, "a[download='answer.json']"))
        page.click(".fp-footer a")
        page.wait_for_selector("#sample-bash code")
        samples = {name: page.locator(f"#sample-{name} code").inner_text() for name in ("bash", "python")}
    ours = command(
        *(sys.executable, "-m", "registry", "identify", str(picture), "--json", "--stability"),
        *("--registry", str(base / "registry")),
    )
    assert json.loads(ours) == {**told, "path": str(picture)}
    _runs_the_samples(samples, told, tmp_path, photos)


def _runs_the_samples(
    samples: Mapping[str, str], told: Mapping[str, Any], folder: Path, photos: list[np.ndarray]
) -> None:
    """In a folder with the files that they name, they give the answer of the page."""
    (folder / "second.png").write_bytes(png_bytes(photos[1][:256, :256]))
    decoded_zip(folder / "samples.zip", photos[:1], 6)
    lines = command("bash", "-euc", samples["bash"], folder=folder).splitlines()
    *_, answer, listed = [json.loads(line.removeprefix("data: "))[0] for line in lines if line.startswith("data: ")]
    same = ("verdict", "probability", "generated", "candidates", "revision")
    assert {key: answer[key] for key in same} == {key: told[key] for key in same}
    printed = command(sys.executable, "-c", samples["python"], folder=folder)
    assert f"\n{told['verdict']} {told['probability']} " in printed and f"\n{len(listed)} generators\n" in printed


# A maker of a model wants it to be known: here at once, and everywhere when the owner of the repository agrees.


def test_a_maker_of_a_model(hub: Hub, browser: Any, small: Small, tmp_path: Path) -> None:
    following = {**hub.environment(tmp_path / "home"), "FINGERPRINT_REPO": REPO}
    with running_app(tmp_path, following) as url, visiting(browser, url) as page:
        opened(page, f"{url}gallery?search={NEWCOMER}", ".fp-gap")  # nobody knows it yet
        page.click(".fp-gap a >> text=Contribute")
        page.wait_for_selector(SAMPLES, state="attached")
        page.set_input_files(SAMPLES, [str(path) for path in sorted(small.samples[NEWCOMER].iterdir())])
        page.click("#compute")
        page.wait_for_selector("#report")
        assert re.search(r"fingerprint\.\n", page.inner_text("#report h2") + "\n")
        assert re.search(r"\d+ images from \d+ different prompts or seeds", page.inner_text("#report"))
        for field, words in {"name": NEWCOMER, "title": "Shuffle One", "decoder": "pixel shuffle"}.items():
            page.fill(f"#card-{field} input, #card-{field} textarea", words)
        page.locator("#preview .fp-tile").filter(has_text="Shuffle One").wait_for()
        page.click("#add")
        page.click("#done a >> text=gallery")
        page.wait_for_selector("article")
        assert "pixel shuffle" in page.inner_text("article") and "98, from" in page.inner_text("article")
        page.click("article a >> text=Gallery")
        page.locator(".fp-tile").filter(has_text="Shuffle One").wait_for()

        identified(opened(page, url, UPLOAD), next(iter(sorted(small.held_out[NEWCOMER].iterdir()))))
        assert page.get_attribute(".fp-bar.fp-best", "data-candidate", strict=False) in (NEWCOMER, "generated")
        assert page.locator(f".fp-bar[data-candidate={NEWCOMER}]").count()

        _proposes(opened(page, f"{url}contribute", "#done"), hub)
        page.click("#undo")
        page.wait_for_selector("text=was taken out again")
        opened(page, f"{url}gallery?generator={COLLECTION}/{NEWCOMER}", "[role=alert]")
        assert hub.repositories[REPO].discussions  # what was proposed stays there, for its owner to decide


def _proposes(page: Any, hub: Hub) -> None:
    page.fill("#token input", hub.contributor_token)
    page.click("#send")
    page.wait_for_selector("[data-proposed]")
    assert page.get_attribute("#proposed a", "href") == f"{hub.endpoint}/datasets/{REPO}/discussions/1"


# Who runs a server wants it to be well, to have the last word, and to lose nothing.


def test_a_deployer(hub: Hub, browser: Any, small: Small, tmp_path: Path) -> None:
    settings = {
        **hub.environment(tmp_path / "home"),
        "FINGERPRINT_REPO": REPO,
        "GRADIO_ROOT_PATH": UNDER,
        CONTRIBUTIONS: "open",
        OWNER_TOKEN: SECRET,
    }
    with running_app(tmp_path, settings) as local:
        url = f"{local.rstrip('/')}{UNDER}/"
        with visiting(browser, url) as page:
            _syncs(page, url, hub)
            _contributes(page, url, small)
            assert _health(url)["generators"] == 3
            _decides(page, url)
        before = _health(url)
        assert before["generators"] == 4
    log = command(sys.executable, "-m", "registry", "log", "--registry", str(tmp_path / "registry"))
    assert "accept" in log and NEWCOMER in log and "sync" in log and SECRET not in log
    with running_app(tmp_path, settings) as local:
        url = f"{local.rstrip('/')}{UNDER}/"
        assert _health(url) == before
        with visiting(browser, url) as page:
            opened(page, f"{url}gallery?generator={COLLECTION}/{NEWCOMER}", "article")
            opened(page, f"{url}gallery?search=closest", ".fp-tile")
            opened(page, f"{url}registry", "#registry table").click("#verify")
            page.wait_for_selector("text=whole and as listed")
            _looks(page, url)
            assert "Nothing waits" in page.inner_text("#owner-shown") and NEWCOMER in page.inner_text("#owner-shown")


def _health(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}health", timeout=20) as answer:
        told: dict[str, Any] = json.loads(answer.read())
    assert told["status"] == "ok"
    return told


def _syncs(page: Any, url: str, hub: Hub) -> None:
    opened(page, f"{url}registry", "#following dl")
    commit = retitle(hub, "nearest", "Closest")
    page.click("#sync")
    page.wait_for_function(f"document.querySelector('#registry').innerText.includes('{commit}')")


def _contributes(page: Any, url: str, small: Small) -> None:
    contributed(page, url, small.samples[NEWCOMER], NEWCOMER)
    page.wait_for_selector("#done[data-waiting]")


def _looks(page: Any, url: str) -> None:
    opened(page, f"{url}owner", "#owner-token input")
    page.fill("#owner-token input", SECRET)
    page.click("#owner-look")
    page.wait_for_selector("#owner-shown h2")


def _decides(page: Any, url: str) -> None:
    """Not with a guess; with the token, after a look at what waits."""
    opened(page, f"{url}owner", "#owner-token input")
    page.fill("#owner-token input", "a guess")
    page.click("#owner-look")
    page.wait_for_selector("#owner-shown [role=alert]")
    _looks(page, url)
    assert NEWCOMER in page.inner_text("#owner-shown [data-waiting]")
    page.fill("#owner-what input, #owner-what textarea", NEWCOMER)
    page.click("#owner-accept")
    page.wait_for_selector("text=Nothing waits")
    assert "accept" in page.inner_text("#owner-shown")
