"""Every page in every state that a visitor meets: what the screenshots show and the accessibility test examines.

Each function is a generator that brings a page into one state after the other; it yields the state's name and the page
that is in it. Nothing is waited for by its words, so that they can be in any language.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.PngImagePlugin

from benchmarks.field.frames import phone
from browsing import BATCH, FINAL, SAMPLES, UPLOAD, decoded_zip, opened
from demo.answers.answer import answer_html, certainty_html, small_print
from demo.answers.stability import strip_html
from fingerprints.attribution.verdict import GENERATED, GENERATOR, REAL, UNKNOWN
from fingerprints.images.image import decode, png_bytes
from fingerprints.settings import CONTRIBUTIONS, OWNER_TOKEN
from generators import nearest_decoder, transposed_decoder
from levels import LEVELS, answer_at
from registry.answers.identify import Answer
from registry.answers.identify import identify as ask
from registry.answers.stability import VARIANTS, Variant, with_stability
from registry.storage.snapshot import Collection, Snapshot
from registry.storage.store import BUILTIN
from signing import TRAINED, signed

State = tuple[str, Any]
STABLE = ".fp-stability[data-state=done]"

# The answer is being worked on for a third of a second: what the page shows then is noted, and shown again later.
NOTE_WORKING = """() => new MutationObserver(() => {
  const answer = document.querySelector('#answer');
  if (answer.querySelector('[data-state=working]')) window.working = answer.innerHTML;
}).observe(document, {subtree: true, childList: true})"""
SHOW_WORKING = """() => {
  document.querySelector('#answer').innerHTML = window.working;
  for (const rest of ['#below', '#evidence']) document.querySelector(rest).innerHTML = '';
}"""

SHOW_INSTEAD = """([answer, below]) => {
  document.querySelector('#answer').innerHTML = answer;
  document.querySelector('#below').innerHTML = below;
}"""
SCHEME = "matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'"


@dataclass(frozen=True)
class Files:
    """Pictures to upload: ``photo`` looks like a photograph, ``stranger`` is of no generator in the registry,
    ``named`` of the one that ``samples`` (a zip) teach it, ``letter`` no picture at all, ``tiny`` too small;
    ``claiming`` says of itself where it comes from, signed and not; ``screen`` is a phone's, with a picture on it."""

    photo: Path
    stranger: Path
    named: Path
    letter: Path
    tiny: Path
    claiming: Path
    screen: Path
    samples: Path


def make_files(folder: Path, photo_paths: Sequence[Path]) -> Files:
    """From package photos, into ``folder``. The named picture is of the last photo, which the samples lack."""
    photos = [decode(path).pixels for path in photo_paths]
    written = {
        "stranger.png": png_bytes(nearest_decoder(_whole_blocks(photos[0]))),
        "flower.png": png_bytes(transposed_decoder(photos[-1][:416, :640])),
        "letter.jpg": b"Dear Sir or Madam",
        "tiny.png": png_bytes(photos[0][:40, :40]),
        "claiming.png": _claiming(photos[1]),
        "screen.png": png_bytes(phone(photos[5], 2)),
    }
    for name, data in written.items():
        (folder / name).write_bytes(data)
    samples = decoded_zip(folder / "samples.zip", photos[:-1], 24)
    return Files(photo_paths[5], *(folder / name for name in written), samples)


def _claiming(photo: np.ndarray) -> bytes:
    """With Content Credentials, and all that was not signed."""
    info, stored = PIL.PngImagePlugin.PngInfo(), io.BytesIO()
    info.add_text("parameters", "a cheetah in the grass, " * 20 + "\nSteps: 30, Sampler: Euler a, Model: dream_8")
    info.add_itxt("XML:com.adobe.xmp", f'<x:xmpmeta><a:b Iptc4xmpExt:DigitalSourceType="{TRAINED}"/></x:xmpmeta>')
    exif = PIL.Image.Exif()
    exif[271], exif[272], exif[305] = "Canon", "Canon EOS R5", "Firmware 1.8"
    PIL.Image.fromarray(photo).save(stored, "PNG", pnginfo=info, exif=exif)
    return signed(stored.getvalue(), "image/png")


def _whole_blocks(photo: np.ndarray) -> np.ndarray:
    return photo[: photo.shape[0] // 16 * 16, : photo.shape[1] // 16 * 16]


def identify(page: Any, url: str, files: Files) -> Iterator[State]:
    opened(page, url, "#covered a")
    yield "identify-empty", page
    page.evaluate(NOTE_WORKING)
    _again(page, files.photo)
    yield "identify-photo", page
    page.evaluate(SHOW_WORKING)
    yield "identify-working", page
    opened(page, url, "#examples button")
    _again(page, files.stranger)
    yield "identify-unknown", page
    opened(page, url, "#examples button")
    _again(page, files.claiming)
    yield "identify-claims", page
    opened(page, url, "#examples button")
    _again(page, files.screen)
    yield "identify-within", page
    for name, path in (("error", files.letter), ("too-small", files.tiny)):
        page.set_input_files(UPLOAD, str(path))
        page.locator("#answer [role=alert]").filter(has_text=path.name).wait_for()
        yield f"identify-{name}", page
    page.set_input_files(UPLOAD, [str(path) for path in (files.photo, files.stranger, files.letter)])
    page.wait_for_selector("[data-joint=answer]")
    yield "identify-several", page


def levels(page: Any, url: str, files: Files) -> Iterator[State]:
    """An answer at each level, made by hand, in the place of the one that was given."""
    snapshot = Snapshot(BUILTIN)
    *_, answer = ask(snapshot, decode(files.photo))
    opened(page, url, UPLOAD)
    _again(page, files.photo)
    for level in LEVELS:
        page.evaluate(SHOW_INSTEAD, list(_page_at(answer, level, snapshot.collection(answer.collection))))
        yield f"levels-{level}", page


def batch(page: Any, url: str, files: Files) -> Iterator[State]:
    """A batch of files and an archive is looked at; its table is sorted, a row is opened, all are taken together."""
    opened(page, f"{url}batch", BATCH)
    yield "batch-empty", page
    page.set_input_files(BATCH, str(files.letter))
    page.wait_for_selector("#batch-table tbody tr")
    yield "batch-refused", page
    opened(page, f"{url}batch?job=gone", "#batch-state [role=alert]")
    yield "batch-gone", page
    singles = (files.photo, files.stranger, files.letter, files.tiny, files.claiming, files.photo)
    page.set_input_files(BATCH, [str(path) for path in (*singles, files.samples)])
    page.wait_for_selector("#batch-table tbody tr:nth-child(8)")
    yield "batch-working", page
    page.click("#batch-cancel")
    page.wait_for_selector("#batch-downloads a")
    yield "batch-cancelled", page
    page.select_option("#batch-form select", "-generated")
    page.wait_for_selector("#batch-table [aria-sort]", state="attached")  # unseen on a phone
    yield "batch-sorted", page
    page.click("#batch-together")
    page.wait_for_selector("#batch-joint [data-joint]")
    yield "batch-together", page
    page.click("#batch-table tbody a >> text=claiming.png")
    page.wait_for_selector("#batch-opened .fp-evidence")
    yield "batch-row", page


def gallery(page: Any, url: str, files: Files) -> Iterator[State]:
    for name, query, selector in (
        ("all", "", ".fp-tile"),
        ("none", "?search=nothing+like+this", "#shown:not(:has(.fp-tile)) .fp-count"),
        ("gap", "?search=stable", ".fp-gap"),
        ("covered", "?view=covered", ".fp-missing"),
        ("map", "?view=map&collection=faces-64", ".fp-places"),
        ("compare", "?view=compare&collection=text-to-image", ".fp-two"),
        ("generator", "?generator=text-to-image/kandinsky-3", "article"),
        ("error", "?generator=text-to-image/nobody", "[role=alert]"),
    ):
        opened(page, f"{url}gallery{query}", selector)
        yield f"gallery-{name}", page


def contribute(page: Any, url: str, files: Files) -> Iterator[State]:
    """A generator is added, its picture is named on the start page, and it is taken out again."""
    opened(page, f"{url}contribute", SAMPLES)
    yield "contribute-empty", page
    page.set_input_files(SAMPLES, str(files.letter))
    page.wait_for_selector("#found >> text=letter.jpg")
    yield "contribute-error", page
    opened(page, f"{url}contribute", SAMPLES)
    page.set_input_files(SAMPLES, str(files.samples))
    page.wait_for_selector("#compute")
    yield "contribute-found", page
    page.click("#compute")
    page.wait_for_selector("#progress .fp-working")
    yield "contribute-working", page
    page.wait_for_selector("#report")
    yield "contribute-report", page
    page.fill("#card-name input, #card-name textarea", "transposed")
    page.fill("#card-title input, #card-title textarea", "Transposed convolution")
    page.click("#add")
    page.wait_for_selector("#done")
    yield "contribute-done", page
    visitor = page.context.new_page()
    visitor.emulate_media(color_scheme=page.evaluate(SCHEME), reduced_motion="reduce")
    opened(visitor, url, UPLOAD)
    _again(visitor, files.named)
    yield "identify-named", visitor
    visitor.close()
    page.click("#undo")
    page.wait_for_selector("#finished:not(:has(#done)) p")
    yield "contribute-undone", page


def registry(page: Any, url: str, files: Files) -> Iterator[State]:
    opened(page, f"{url}registry", "#registry table")
    yield "registry", page
    page.click("#verify")
    page.wait_for_selector("#verified [role=status]:not(.fp-working)")
    yield "registry-verified", page


def about(page: Any, url: str, files: Files) -> Iterator[State]:
    opened(page, f"{url}about", "#about-map .fp-map")
    yield "about", page


def programs(page: Any, url: str, files: Files) -> Iterator[State]:
    opened(page, f"{url}programs", "#sample-python pre")
    yield "programs", page


def zoo(page: Any, url: str, files: Files) -> Iterator[State]:
    """A generator of the zoo makes images, and Identify is asked about them."""
    opened(page, f"{url}gallery?view=map&collection=zoo&colour=up-sampling", ".fp-places")
    yield "zoo-map", page
    opened(page, f"{url}gallery?collection=zoo", ".fp-tile")
    yield "zoo-tiles", page
    page.click(".fp-tile >> nth=0")
    page.wait_for_selector("article")
    page.fill("#seed input", "-1")
    page.click("#make-images")
    page.wait_for_selector("#made [role=alert]")
    yield "zoo-error", page
    page.fill("#seed input", "1000")
    page.click("#make-images")
    page.wait_for_selector("#made .fp-onward")
    yield "zoo-made", page
    page.click("#made .fp-onward")
    page.wait_for_selector("[data-joint=answer]")
    yield "zoo-identified", page


def owner(page: Any, url: str, files: Files) -> Iterator[State]:
    """A contribution waits for the owner, who looks at it and accepts it."""
    opened(page, f"{url}contribute", SAMPLES)
    page.set_input_files(SAMPLES, str(files.samples))
    page.wait_for_selector("#compute")
    page.click("#compute")
    page.wait_for_selector("#report")
    page.fill("#card-name input, #card-name textarea", "transposed")
    page.click("#add")
    page.wait_for_selector("#done[data-waiting]")
    yield "contribute-waiting", page
    opened(page, f"{url}owner", "#owner-token")
    yield "owner-empty", page
    for name, token, selector in (("refused", "a guess", "[role=alert]"), ("waiting", TOKEN, "[data-waiting]")):
        page.fill("#owner-token input", token)
        page.click("#owner-look")
        page.wait_for_selector(f"#owner-shown {selector}")
        yield f"owner-{name}", page
    page.fill("#owner-what input, #owner-what textarea", "transposed")
    page.click("#owner-accept")
    page.wait_for_selector("text=Nothing waits")
    yield "owner-accepted", page


Journey = Callable[[Any, str, Files], Iterator[State]]
JOURNEYS: tuple[Journey, ...] = (identify, levels, batch, gallery, contribute, registry, about, programs, zoo)
# On a server with an owner, where everything waits for their word.
TOKEN = "open sesame"
OWNED = {OWNER_TOKEN: TOKEN, CONTRIBUTIONS: "open"}
OWNER_JOURNEYS: tuple[Journey, ...] = (owner,)


def _again(page: Any, path: Path) -> None:
    """Upload one picture and wait until everything is said about it."""
    page.set_input_files(UPLOAD, str(path))
    page.locator("#given").filter(has_text=path.name).wait_for()
    page.wait_for_selector(FINAL)
    page.wait_for_selector(STABLE)


def _page_at(answer: Answer, level: str, collection: Collection) -> tuple[str, str]:
    """What the page shows of it: the answer, and below it a strip with a cell of most kinds."""
    given = replace(answer_at(answer, level, "SD KL-f8 VAE"), strictness="strict")
    others = (level, GENERATED, UNKNOWN, GENERATOR, REAL, None, level)
    found = [
        Variant(name, None if other is None else answer_at(answer, other))
        for name, other in zip(VARIANTS, others, strict=True)
    ]
    below = strip_html(with_stability(given, found), found, collection.cards) + small_print(given, collection, 0.5)
    return answer_html(given, collection, certainty_html(given, collection.cards)), below
