"""The gallery without a browser: tiles, a generator's page, comparison and map, and the numbers they stand on."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from demo.gallery.page import head_html, one_html, shown_html
from demo.pages.about import PICTURES, drawn, in_short, measured
from demo.parts.form import FORM, address, asked_of
from demo.parts.map import Point, facts_of, legend_html, points_of
from demo.parts.words import long_text
from registry.analysis.neighbours import confusion, plane, similar
from registry.storage.card import Card, CardError
from registry.storage.collection import fingerprint_bytes
from registry.storage.files import canonical_json
from registry.storage.pictures import diverging, sequential
from registry.storage.snapshot import Collection
from registry.storage.store import Store
from small import COLLECTION, DECODERS, Small

NASTY = "\"><script>alert('x')</script><img src=x onerror=alert(1)>"


@pytest.fixture
def collection(small: Small) -> Collection:
    return small.snapshot().collection(COLLECTION)


def with_cards(store: Store, **changes: dict[str, object]) -> Collection:
    """The store's collection with other facts on the cards of some generators."""
    collection = store.snapshot().collection(COLLECTION)
    for name, facts in changes.items():
        collection.cards[name] = replace(collection.cards[name], **facts)
    return collection


# The numbers.


def test_the_plane_keeps_distances_as_far_as_two_dimensions_can(collection: Collection) -> None:
    drawn_ = plane(collection)
    assert drawn_.points.shape == (3, 2) and drawn_.kept == pytest.approx(1.0)  # three points always lie in a plane
    for name, points in zip(collection.names, drawn_.points, strict=True):
        for other, distance in similar(collection, name):
            between = np.linalg.norm(points - drawn_.points[collection.names.index(other)])
            assert between == pytest.approx(distance, rel=1e-4)


def test_similar_generators_come_nearest_first(collection: Collection) -> None:
    ranked = similar(collection, "nearest")
    assert {name for name, _ in ranked} == set(collection.names) - {"nearest"}
    assert [distance for _, distance in ranked] == sorted(distance for _, distance in ranked)


def test_confusion_shares_are_of_all_stored_artifacts(collection: Collection) -> None:
    for name in collection.names:
        found = confusion(collection, name)
        assert found.artifacts == len(collection.fingerprint(name, collection.spaces[0]).artifacts)
        assert sum(found.shares.values()) == pytest.approx(1.0)
        assert next(iter(found.shares)) == name and found.shares[name] > 0.5
        assert set(found.shares) <= {*collection.names, "real"}


def test_an_artifact_is_not_recognised_by_itself(small_store: Store) -> None:
    """Noise around another generator's mean has a mean of its own that recognises it, until it is left out."""
    collection, rng = small_store.snapshot().collection(COLLECTION), np.random.default_rng(0)
    files = {}
    for space, reference in collection.references.items():
        centre = collection.fingerprint("bicubic", space)
        noise = rng.normal(size=(40, reference.dimension)) @ np.linalg.inv(reference.within.whitening)
        artifacts = (centre.mean + noise).astype(np.float16)
        made = replace(centre, artifacts=artifacts, mean=artifacts.astype(np.float32).mean(axis=0), samples=40)
        files[f"{space}.safetensors"] = fingerprint_bytes(made, collection.reference_digest(space))
    small_store.add(COLLECTION, Card("noise", samples=40, contents=40), files)
    assert confusion(small_store.snapshot().collection(COLLECTION), "noise").shares.get("noise", 0.0) < 0.6


def test_one_generator_alone_is_taken_for_itself_or_a_photo(small_store: Store) -> None:
    for name in ("nearest", "transposed"):
        small_store.remove(COLLECTION, name)
    collection = small_store.snapshot().collection(COLLECTION)
    assert set(confusion(collection, "bicubic").shares) <= {"bicubic", "real"} and similar(collection, "bicubic") == []
    for asked in ({}, {"view": "map"}, {"view": "compare"}, {"generator": f"{COLLECTION}/bicubic"}):
        assert "Bicubic" in shown_html(small_store, asked)
    assert all("role=" not in drawn(small_store, part) for part in PICTURES)
    small_store.remove(COLLECTION, "bicubic")
    for asked in ({}, {"view": "map"}, {"view": "compare"}):
        assert "Bicubic" not in head_html(small_store, asked) + shown_html(small_store, asked)


def test_about_says_in_short_what_the_build_found(small_store: Store) -> None:
    collection = small_store.snapshot().collection(COLLECTION)
    found = {"photos accused": 0.0115, "photos called real": 0.5, "answered by name": 0.61, "said to be generated": 0.8}
    found |= {"right, of those named": 0.96, "strangers given a name": 0.06, "strangers called real": 0.11}
    collection.facts["cross_fitted"] = found
    assert "of 1,000 photos about 12 were wrongly said to be generated" in in_short(collection, "en")
    assert "61 got a name, and 80 were said to be generated" in in_short(collection, "en")
    strange = {"de": None, "fr": [], "es": {**found, "photos accused": "<b>"}}  # kept by language
    for code, value in strange.items():
        collection.facts["cross_fitted"] = value
        assert in_short(collection, code) == ""


def test_what_is_computed_is_kept_with_its_collection(small_store: Store) -> None:
    collection = small_store.snapshot().collection(COLLECTION)
    assert plane(collection) is plane(collection) and confusion(collection, "nearest") is confusion(
        collection, "nearest"
    )
    assert plane(Store(small_store.folder, builtin=None).snapshot().collection(COLLECTION)) is not plane(collection)


# Cards.


def test_a_card_without_design_facts_is_written_as_before() -> None:
    assert "design" not in Card("a").to_json()
    assert Card.from_json(Card("a", title="A").to_json()) == Card("a", title="A")
    with_design = Card("a", design={"up-sampling": "nearest + convolution"})
    assert Card.from_json(with_design.to_json()) == with_design
    assert b'"design":{"up-sampling":"nearest + convolution"}' in canonical_json(with_design.to_json())


@pytest.mark.parametrize(
    "design", ["text", {"a": 1}, {"": "x"}, {"a": NASTY}, {"a": "x" * 61}, {f"a{i}": "x" for i in range(17)}, {"a": ""}]
)
def test_a_design_that_is_no_short_words_is_refused(design: object) -> None:
    with pytest.raises(CardError, match="design of a card"):
        Card("a", design=design)  # type: ignore[arg-type]


# The address says what is shown.


def test_tiles_are_searched_and_filtered(small_store: Store) -> None:
    with_cards(small_store, nearest={"year": "2024", "design": {"loss": "hinge"}})

    def tiles(**asked: str) -> list[str]:
        return re.findall(r'data-generator="\w+/(\w+)"', shown_html(small_store, asked))

    assert tiles() == sorted(DECODERS)
    assert tiles(search="near DECODER") == ["nearest"] and tiles(search="hinge") == ["nearest"]
    assert tiles(year="2024") == ["nearest"] and tiles(year="2024", search="bicubic") == []
    assert tiles(decoder="bicubic decoder") == ["bicubic"]
    assert tiles(collection=COLLECTION) == sorted(DECODERS) and tiles(collection="another") == []
    assert "No generator matches" in shown_html(small_store, {"search": "zzz"})


def test_many_tiles_are_shown_some_at_a_time(small_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.gallery.tiles._AT_A_TIME", 2)
    shown = shown_html(small_store, {})
    assert shown.count('class="fp-tile"') == 2 and f'form="{FORM}" name="most" value="4"' in shown
    more = shown_html(small_store, {"most": "4"})
    assert more.count('class="fp-tile"') == 3 and "fp-more" not in more
    for odd in ("-1", "x", "9" * 30, "²"):
        assert shown_html(small_store, {"most": odd}).count('class="fp-tile"') == 2


def test_the_form_shows_what_is_asked(small_store: Store) -> None:
    head = head_html(small_store, {"search": NASTY, "decoder": "nearest decoder"})
    assert "<script" not in head and '<option value="nearest decoder" selected>' in head
    assert head_html(small_store, {"generator": "x/y"}) == ""
    assert asked_of("view=map&search=a+b&x=") == {"view": "map", "search": "a b"}
    assert asked_of(None) == asked_of(["view"]) == {}
    assert address(view="compare", one="a+b") == "./gallery?view=compare&one=a%2Bb"


@pytest.mark.parametrize(
    "asked",
    [
        {"view": "map", "collection": NASTY},
        {"view": "compare", "one": NASTY},
        {"view": "compare", "collection": COLLECTION, "one": "nearest", "other": "../../x"},
        {"generator": NASTY},
    ],
)
def test_a_strange_address_gets_a_sentence(small_store: Store, asked: dict[str, str]) -> None:
    shown = shown_html(small_store, asked)
    assert 'role="alert"' in shown and "<script" not in shown and "<img src=x" not in shown
    assert "<script" not in head_html(small_store, asked)


def test_an_unknown_view_is_the_first_one(small_store: Store) -> None:
    assert "fp-tile" in shown_html(small_store, {"view": NASTY})


# One generator, two, and all of them.


def test_a_generators_page_shows_pictures_confusion_and_neighbours(small_store: Store) -> None:
    html = one_html(small_store, f"{COLLECTION}/nearest")
    assert html.count("<figure") == 2 + 6 and html.count('class="fp-scale"') == 2 + 6
    assert html.count("data:image/png") == html.count("<img")  # nothing lossy
    assert "registry remove nearest" in html and "a real photo" in html
    assert f"view=compare&amp;collection={COLLECTION}&amp;one=nearest&amp;other=bicubic" in html


def test_a_generators_page_shows_its_design(small_store: Store) -> None:
    folder = small_store.snapshot().path / COLLECTION / "generators" / "nearest"
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*") if p.name != "card.json"}
    small_store.add(COLLECTION, Card("designed", design={"up-sampling": "nearest + convolution"}), files)
    html = one_html(small_store, f"{COLLECTION}/designed")
    assert "<dt>Up-sampling</dt><dd>nearest + convolution</dd>" in html


def test_two_generators_share_one_scale(small_store: Store) -> None:
    html = shown_html(small_store, {"view": "compare", "one": "bicubic", "other": "transposed"})
    assert 'data-one="bicubic"' in html and 'data-other="transposed"' in html
    scales = re.findall(r"<span>(×[^<]*)</span><span>([^<]*)</span><span>(×[^<]*)</span>", html)
    assert [middle for _, middle, _ in scales] == ["as real", "equal", "as real"]
    assert len({(low, high) for low, _, high in scales}) == 1
    assert "nearest to Bicubic" in html and "are taken for Transposed" in html and "are taken for Bicubic" in html


def test_two_are_chosen_when_none_is_asked_for(small_store: Store) -> None:
    html = shown_html(small_store, {"view": "compare"})
    assert 'data-one="bicubic"' in html and 'data-other="bicubic"' not in html
    same = shown_html(small_store, {"view": "compare", "one": "nearest", "other": "nearest"})
    assert "one and the same" in same


def test_the_map_and_its_list_name_every_generator(small_store: Store) -> None:
    html = shown_html(small_store, {"view": "map"})
    for title in ("Bicubic", "Nearest", "Transposed"):
        assert f'data-name="{title}"' in html and f">{title}</a>" in html
    assert html.count('tabindex="-1"') == 3  # the list is for the keyboard


def test_colours_come_from_what_the_cards_share(small_store: Store) -> None:
    loss = {"nearest": "hinge", "bicubic": "hinge", "transposed": "least squares"}
    collection = with_cards(small_store, **{name: {"design": {"loss": value}} for name, value in loss.items()})
    facts = facts_of(collection)
    assert facts["loss"] == [loss[name] for name in collection.names]
    assert "decoder" not in facts and "year" not in facts  # each another one; nobody says it
    html = shown_html(small_store, {"view": "map", "colour": "loss"})
    assert "hinge (2)" in html and "least squares (1)" in html


def test_points_lie_inside_the_map_and_do_not_cover_each_other(
    collection: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (np.zeros((3, 2)), np.array([[0, 0], [0, 1e-9], [5, 1]]), np.eye(3)[:, :2]):
        monkeypatch.setattr(
            "demo.parts.map.plane", lambda _, place=place: type("P", (), {"points": place, "kept": 1.0})()
        )
        points = points_of(collection, ["x"] * 3)
        assert all(0 < point.left < 100 and 0 < point.top < 100 for point in points)
        spots = np.array([(point.left, point.top * 0.75) for point in points])
        gaps = np.linalg.norm(spots[:, None] - spots[None], axis=2)[np.triu_indices(3, 1)]
        assert gaps.min() > 3.0, gaps
        assert [point.number for point in points] == [1, 2, 3]


def test_rare_facts_share_the_grey_mark() -> None:
    facts = [*(f"fact {i}" for i in range(9) for _ in range(10 - i)), "not stated"]
    points = [Point(i, f"n{i}", f"N {i}", 50.0, 50.0, fact) for i, fact in enumerate(facts)]
    legend = legend_html(points)
    assert "fact 7 (3)" in legend and "fact 8" not in legend and "others (2)" in legend and "not stated (1)" in legend


# About.


def test_the_text_has_a_place_for_each_picture(small_store: Store) -> None:
    places = re.findall(r"^\{\{(\w+)\}\}$", long_text("about"), flags=re.MULTILINE)
    assert sorted(places) == sorted([*PICTURES, "measured"])
    assert all("role=" not in drawn(small_store, part) for part in PICTURES)


def test_the_pictures_of_the_text_are_the_embedded_registrys_own(tmp_path: Path) -> None:
    store = Store(tmp_path / "registry")
    steps, alike, map_ = (drawn(store, part) for part in ("steps", "alike", "map"))
    assert steps.count("<figure") == 5 and alike.count("<figure") == 3 and "fp-map" in map_


def test_an_empty_registry_still_explains_itself(tmp_path: Path) -> None:
    empty = Store(tmp_path / "empty", builtin=None)
    assert all("is empty" in drawn(empty, part) for part in PICTURES)
    assert "is empty" in shown_html(empty, {"view": "map"}) and "<h1>" in head_html(empty, {})


def test_the_measured_rows_are_the_readmes_and_all_others_are_behind_them() -> None:
    few, more = measured().split("<details>")
    assert few.count("\n|") == 12 and more.count("\n|") > 30 and "## " not in measured()
    assert "](" not in few.replace("](http", "")


# Colours.


def luminance(colours: np.ndarray) -> np.ndarray:
    """sRGB (..., 3) from 0 to 255 -> relative luminance (...,), from 0 to 1."""
    share = colours / 255.0
    return np.asarray(
        np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722)
    )


def lightness(colours: np.ndarray) -> np.ndarray:
    """The same -> CIE L*, in which equal steps look equal."""
    y = luminance(colours)
    return np.asarray(116 * np.where(y > 0.008856, np.cbrt(y), 7.787 * y + 16 / 116) - 16)


def contrast(one: str, other: str) -> float:
    """Of two colours as hexadecimal digits, after WCAG 2."""
    dark, light = sorted(float(luminance(np.frombuffer(bytes.fromhex(colour), np.uint8))) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_equal_steps_look_about_equal() -> None:
    ramp = np.linspace(0.0, 1.0, 9)[None]
    for colours in (sequential(ramp, 0.0, 1.0), diverging(ramp, 1.0), diverging(-ramp, 1.0)):
        steps = np.abs(np.diff(lightness(colours)[0]))
        assert steps.max() / steps.min() < 1.8, steps


def test_marks_stand_out_from_the_map_and_carry_white_numbers() -> None:
    style = (Path(__file__).resolve().parents[2] / "demo" / "style.css").read_text()
    marks = dict(re.findall(r"\.fp-mark-(\d) \{ background: #(\w{6});", style))
    assert list(marks) == list("012345678")
    for colour in marks.values():
        assert contrast(colour, "ffffff") >= 4.5 and contrast(colour, "f4f4f5") >= 3.0, colour
        assert contrast(colour, "27272a") >= 3.0, colour  # the map's ground in the dark
