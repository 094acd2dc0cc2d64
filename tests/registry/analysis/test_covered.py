"""Which models a registry covers, which well-known ones it does not, and where visitors are told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import registry.analysis
from demo.gallery.page import head_html, shown_html
from demo.pages.identify import covered_html
from demo.pages.registry import contents_html
from demo.parts.covered import TITLE, asked_for_html, brief_html, never_heard_html
from fingerprints.settings import Settings
from registry.analysis.coverage import all_kinds, covers, in_order, kinds, listed
from registry.analysis.well_known import WellKnown, asked_for, missing, well_known
from registry.answers.sentences import not_among
from registry.storage.card import Card
from registry.storage.snapshot import Snapshot
from registry.storage.store import BUILTIN, Store
from small import COLLECTION, Small

NASTY = "\"><script>alert('x')</script>"
WANTED = (
    "DALL-E 3",
    "GPT-4o",
    "gpt-image-1",
    "Gemini",
    "Imagen 4",
    "Midjourney",
    "FLUX.1",
    "Stable Diffusion 3",
    "Stable Diffusion 3.5",
    "Ideogram",
    "Recraft",
    "Firefly",
    "Grok",
    "Qwen-Image",
    "Seedream",
    "HunyuanImage",
)


@pytest.fixture(scope="module")
def builtin() -> Snapshot:
    return Snapshot(BUILTIN)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The embedded registry."""
    return Store(tmp_path_factory.mktemp("registry"))


def titled(title: str) -> Card:
    return Card("a-model", title=title)


def held(card: Card) -> list[str]:
    found = missing([card])
    return [model.name for model in well_known() if model not in found]


# The list.


def test_the_list_is_whole() -> None:
    names = [model.name for model in well_known()]
    assert len(set(names)) == len(names) >= 30
    for model in well_known():
        assert re.fullmatch(r"20\d\d", model.year) and model.maker
        assert urlsplit(model.where).scheme == "https" and urlsplit(model.where).hostname


@pytest.mark.parametrize("name", WANTED)
def test_what_people_ask_about_is_found(name: str) -> None:
    assert asked_for(name, well_known()), name


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("flux.1-dev", "FLUX.1"),
        ("FLUX.1 [schnell]", "FLUX.1"),
        ("flux1-dev", "FLUX.1"),
        ("stable-diffusion-3-medium", "Stable Diffusion 3"),
        ("stable-diffusion-3-5-large", "Stable Diffusion 3.5"),
        ("Stable Diffusion 3.5 Large", "Stable Diffusion 3.5"),
        ("DALL·E 3", "DALL-E 3"),
        ("dalle3", "DALL-E 3"),
        ("Midjourney v7", "Midjourney"),
        ("Playground v2.5", "Playground v2.5"),
    ],
)
def test_a_card_holds_the_model_that_it_is_about_and_no_other(said: str, name: str) -> None:
    assert held(titled(said)) == [name]


def test_a_slug_is_enough_and_another_version_is_not() -> None:
    assert held(Card("qwen-image")) == ["Qwen-Image"]
    assert held(titled("Stable Diffusion 4")) == held(titled("Fluxion 1")) == held(titled("")) == []


def test_what_the_embedded_registry_holds_is_not_missing(builtin: Snapshot) -> None:
    cards = builtin.collection("text-to-image").cards.values()
    gaps = {model.name for model in missing(cards)}
    assert {"Imagen 4", "FLUX.2", "Qwen-Image"} <= gaps
    assert not gaps & {"Stable Diffusion XL", "Stable Diffusion 1.5", "Stable Diffusion 2.1", "PixArt-alpha"}
    assert not gaps & {"Kandinsky 3", "Playground v2", "Midjourney", "DALL-E 3", "FLUX.1"}


@pytest.mark.parametrize(
    ("search", "first"), [("dalle", "DALL-E 3"), ("nano banana", "Gemini 2.5 Flash Image"), ("stability 3.5", "Stable")]
)
def test_a_search_is_for_models_however_they_are_spelled(search: str, first: str) -> None:
    assert asked_for(search, well_known())[0].name.startswith(first)


@pytest.mark.parametrize("search", ["", "a", "--", "zzz", "flux zzz", "...x"])
def test_a_search_for_something_else_is_for_none(search: str) -> None:
    assert asked_for(search, well_known()) == []


# In words.


def test_kinds_are_counted_apart(builtin: Snapshot) -> None:
    counts = {collection.name: len(collection.names) for collection in builtin.collections.values()}
    assert all_kinds(builtin) == (
        f"{counts['text-to-image']} text-to-image models; {counts['faces-64']} small face generators and "
        f"{counts['zoo']} practice generators"
    )
    first, second, third = in_order(builtin)
    assert (first.name, second.name, third.name) == ("text-to-image", "faces-64", "zoo")
    assert kinds([(first, 1), (second, 0), (third, 0)]) == "1 text-to-image model" and kinds([]) == ""
    assert [covers(one) for one in (first, second, third)] == ["128 px and more", "64 to 127 px", "32 px"]


def test_a_collection_of_another_kind_goes_by_its_title(small: Small) -> None:
    assert all_kinds(small.snapshot()) == "3 models of “Small crops”"


def test_the_best_known_are_named_and_the_others_said_to_be_there() -> None:
    models = [WellKnown(f"M{number}", "maker", "2024", "https://example.org") for number in range(7)]
    assert not_among(models) == "M0, M1, M2, M3, M4 and others"
    assert not_among(models[:3]) == "M0, M1 and M2" and not_among(models[:1]) == "M0" and not_among([]) == ""
    assert listed([]) == "" and listed(["a", "b"]) == "a and b"


# On the pages.


def test_the_start_page_names_models_and_gaps(store: Store) -> None:
    html = covered_html(store)
    assert "18 text-to-image models:" in html and "Stable Diffusion XL 1.0" in html
    assert "23 small face generators and 40 practice generators" in html
    assert "No fingerprint yet:" in html and "Imagen 4" in html and "view=covered" in html


def test_the_page_lists_every_name_and_every_gap(store: Store) -> None:
    html = shown_html(store, {"view": "covered"})
    snapshot = store.snapshot()
    assert html.count("<li>") == sum(1 for _ in snapshot.listed())
    assert html.index("Text-to-image models") < html.index("Faces of 64 pixels") < html.index("Imagen 4")
    gaps = missing(card for one in snapshot.collections.values() for card in one.cards.values())
    assert html.count('<th scope="row">') == len(gaps) and all(model.where in html for model in gaps)
    assert "Give images of it under Contribute".lower() in html.lower()
    assert f"aria-current=page>{TITLE}<" in head_html(store, {"view": "covered"})


def test_text_to_image_comes_first_everywhere(store: Store) -> None:
    order = [re.escape(collection.title) for collection in in_order(store.snapshot())]
    for html in (
        shown_html(store, {}),
        head_html(store, {}),
        head_html(store, {"view": "map"}),
        head_html(store, {"view": "compare"}),
        contents_html(Settings(), store),
    ):
        assert re.search(".*".join(order[:2]), html, re.DOTALL)
    assert "Kandinsky" in shown_html(store, {"view": "map"}) and "practice generators" in contents_html(
        Settings(), store
    )
    assert "81" not in shown_html(store, {}).split('class="fp-tiles"')[0]


def test_a_search_for_a_model_without_a_fingerprint_says_so(store: Store) -> None:
    gap = shown_html(store, {"search": "imagen"})
    assert "No generator matches" in gap and "<b>Imagen 4</b> (Google, 2025)" in gap
    assert "have no fingerprint here" in gap and 'href="./contribute"' in gap
    some = shown_html(store, {"search": "stable"})
    assert "fp-tile" in some and "Stable Diffusion 3.5" in some
    assert "fp-gap" not in shown_html(store, {"search": "kandinsky 3"}) + shown_html(store, {"family": "nobody"})


def test_an_unheard_name_is_told_how_to_add_it(small_store: Store) -> None:
    html = shown_html(small_store, {"search": NASTY})
    assert "has no fingerprint here" in html and "<script" not in html and 'href="./contribute"' in html
    assert "<script" not in never_heard_html(NASTY) and asked_for_html([]) == ""


def test_many_models_are_not_all_listed() -> None:
    models = [WellKnown(f"M{number}", "maker", "2024", "https://example.org") for number in range(9)]
    assert "and 3 more have no fingerprint here" in asked_for_html(models)
    assert "<b>M0</b> (maker, 2024) has no fingerprint here" in asked_for_html(models[:1])


def test_without_generators_nothing_is_claimed(tmp_path: Path, small_store: Store) -> None:
    empty = Store(tmp_path / "empty", builtin=None)
    assert covered_html(empty) == "" and "is empty" in shown_html(empty, {"view": "covered"})
    for name in list(small_store.snapshot().collection(COLLECTION).names):
        small_store.remove(COLLECTION, name)
    assert brief_html(small_store.snapshot()) == ""
    assert "no generators yet" in shown_html(small_store, {"view": "covered"})
    assert "No fingerprints yet." in contents_html(Settings(), small_store)


def test_the_list_is_written_one_model_a_line() -> None:
    file = Path(registry.analysis.__file__).with_name("well_known.json")
    lines = file.read_text(encoding="utf-8").splitlines()
    assert all(set(json.loads(line.rstrip(","))) <= {"name", "maker", "year", "where", "also"} for line in lines[1:-1])
