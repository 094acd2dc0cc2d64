"""Identify against a small real registry, and what the embedded registry holds."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from benchmarks.field.frames import phone
from fingerprints.attribution.verdict import AMONG, FAMILY, GENERATED, GENERATOR, MADE, REAL, UNKNOWN
from fingerprints.images.image import decode, from_pixels, jpeg_bytes, png_bytes
from fingerprints.settings import STRICTNESS, SettingError
from levels import LEVELS, OUTSIDE, answer_at
from registry.analysis.well_known import well_known
from registry.answers.identify import Answer, NotCovered, identify
from registry.answers.sentences import candidate_label, certainty, in_short, looked_for, sentence
from registry.building.create import create_collection
from registry.contributions.batch import Batch
from registry.contributions.contribute import add, draft
from registry.storage.card import Card
from registry.storage.snapshot import Collection, NotFound, Snapshot
from registry.storage.store import BUILTIN, Store
from small import COLLECTION, DECODERS, NEWCOMER, PRESET, Small

KEYS = (
    "schema",
    "path",
    "registry",
    "revision",
    "collection",
    "verdict",
    "generated",
    "generator",
    "among",
    "family",
    "probability",
    "p_value",
    "candidates",
    "unknown",
    "strictness",
    "stable",
    "within",
    "enlarged",
    "regions",
    "warnings",
    "claims",
)


def last(snapshot: Snapshot, pixels: np.ndarray, collection: str | None = None) -> Answer:
    return list(identify(snapshot, from_pixels(pixels), collection))[-1]


def called(snapshot: Snapshot, images: list[np.ndarray]) -> np.ndarray:
    """The generator's name, or the verdict, of each image."""
    verdicts = [last(snapshot, pixels).verdict for pixels in images]
    return np.array([v.generator or v.verdict for v in verdicts])


@pytest.fixture
def snapshot(small: Small) -> Snapshot:
    return small.snapshot()


# Answers


def test_evidence_arrives_one_space_at_a_time_and_the_last_answer_is_final(small: Small, snapshot: Snapshot) -> None:
    answers = list(identify(snapshot, from_pixels(small.pixels.held_out["nearest"][0])))
    spaces = tuple(PRESET.recipe.dimensions)
    assert [answer.spaces for answer in answers[:3]] == [spaces[:1], spaces[:2], spaces]
    assert [answer.final for answer in answers] == [False, False, True]
    assert all(set(answer.artifacts) == set(answer.spaces) for answer in answers)
    assert {answer.revision for answer in answers} == {snapshot.revision}


def test_the_answer_has_exactly_the_documented_keys_and_types(small: Small, snapshot: Snapshot) -> None:
    for images in (*small.pixels.held_out.values(), small.pixels.held_out_reals):
        answer = json.loads(json.dumps(last(snapshot, images[0]).to_json()))
        assert tuple(answer) == KEYS
        assert answer["schema"] == 2 and answer["path"] == "array" and answer["collection"] == COLLECTION
        assert answer["verdict"] in {*MADE, REAL, UNKNOWN} and answer["strictness"] == "standard"
        assert (answer["generator"] is not None) == (answer["verdict"] == GENERATOR)
        assert bool(answer["among"]) == (answer["verdict"] in (FAMILY, AMONG))
        assert (answer["family"] is not None) == (answer["verdict"] == FAMILY)
        assert {c["generator"] for c in answer["candidates"]} == {*DECODERS, REAL}
        assert sum(c["probability"] for c in answer["candidates"]) == pytest.approx(1, abs=1e-5)
        assert all(0 <= answer[key] <= 1 for key in ("generated", "probability", "p_value", "unknown"))
        assert answer["stable"] is None and all(isinstance(text, str) for text in answer["warnings"])
        assert answer["claims"] == []


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_has_its_json(small: Small, snapshot: Snapshot, level: str) -> None:
    made = answer_at(last(snapshot, small.pixels.reals[0]), level).to_json()
    said = (made["verdict"], made["generator"], made["among"], made["family"])
    assert (
        said
        == {
            GENERATOR: (GENERATOR, "bicubic", [], None),
            FAMILY: (FAMILY, None, ["bicubic", "nearest"], "nearest decoder"),
            AMONG: (AMONG, None, ["bicubic", "nearest", "transposed"], None),
            GENERATED: (GENERATED, None, [], None),
            REAL: (REAL, None, [], None),
            UNKNOWN: (UNKNOWN, None, [], None),
            OUTSIDE: (UNKNOWN, None, [], None),
        }[level]
    )
    assert made["probability"] == LEVELS[level].probability and made["generated"] == LEVELS[level].generated


def test_the_owner_chooses_how_much_must_be_proved(
    small: Small, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STRICTNESS, "strict")
    assert last(snapshot, small.pixels.reals[0]).to_json()["strictness"] == "strict"
    monkeypatch.setenv(STRICTNESS, "harsh")
    with pytest.raises(SettingError, match="'harsh'; it may be strict, standard, lax"):
        last(snapshot, small.pixels.reals[0])


def test_held_out_images_are_named_and_photos_are_not_accused(small: Small, snapshot: Snapshot) -> None:
    for name in DECODERS:
        found = called(snapshot, small.pixels.held_out[name])
        assert (found == name).mean() > 0.4, found  # learned from 25 images: the bars of so few are high
        assert np.isin(found, [name, "unknown"]).mean() > 0.9, found
    photos = called(snapshot, small.pixels.held_out_reals)
    assert np.isin(photos, ["real", "unknown"]).mean() > 0.85, photos


def test_the_same_pixels_get_the_same_answer_in_any_lossless_file(small: Small, snapshot: Snapshot) -> None:
    def saved(pixels: np.ndarray, format_: str, **options: object) -> bytes:
        buffer = io.BytesIO()
        PIL.Image.fromarray(pixels).save(buffer, format_, **options)
        return buffer.getvalue()

    for images in (small.pixels.held_out["transposed"], small.pixels.held_out_reals):
        pixels = images[3]
        files = [
            png_bytes(pixels),
            saved(pixels, "WEBP", lossless=True),
            saved(pixels, "BMP"),
            saved(pixels, "TIFF"),
            saved(pixels, "TIFF", compression="tiff_lzw"),
        ]
        answers = [list(identify(snapshot, decode(data, "x")))[-1] for data in files]
        assert all(answer.to_json() == answers[0].to_json() for answer in answers)
        for answer in answers:
            for space, artifact in answers[0].artifacts.items():
                np.testing.assert_array_equal(answer.artifacts[space], artifact)


def test_identify_is_deterministic_and_leaves_the_image_alone(small: Small, snapshot: Snapshot) -> None:
    pixels = small.pixels.held_out["bicubic"][0].copy()
    pixels.setflags(write=False)
    assert last(snapshot, pixels).to_json() == last(small.snapshot(), pixels).to_json()


def test_a_lossy_upload_into_a_lossless_collection_warns_and_is_doubted(small: Small, snapshot: Snapshot) -> None:
    pixels = small.pixels.held_out["transposed"][0]
    lossy = list(identify(snapshot, decode(jpeg_bytes(pixels, 85), "x.jpg")))[-1]
    as_png = last(snapshot, decode(jpeg_bytes(pixels, 85)).pixels)
    assert len(lossy.warnings) == 1 and "traces of JPEG compression" in lossy.warnings[0]
    assert lossy.verdict == as_png.verdict and lossy.warnings == as_png.warnings
    assert lossy.verdict.unknown >= 0.4 and last(snapshot, pixels).warnings == ()


def test_notes_of_decoding_are_warnings(small: Small, snapshot: Snapshot) -> None:
    buffer = io.BytesIO()
    clear = PIL.Image.fromarray(small.pixels.held_out["nearest"][0]).convert("RGBA")
    clear.putpixel((0, 0), (0, 0, 0, 0))
    clear.save(buffer, "PNG")
    assert any("white" in text for text in list(identify(snapshot, decode(buffer.getvalue())))[-1].warnings)


@pytest.mark.parametrize("side", [32, 200])
def test_a_size_that_no_collection_covers_is_the_answer(snapshot: Snapshot, side: int) -> None:
    image = from_pixels(np.zeros((side, side + 20, 3), np.uint8), "holiday.png")
    with pytest.raises(NotCovered) as caught:
        list(identify(snapshot, image))
    assert str(caught.value) == (
        f"No collection covers holiday.png, a {side + 20} x {side} image: its shorter side is {side} px. "
        "small covers 64 to 127 px."
    )
    with pytest.raises(NotCovered, match="small covers"):
        list(identify(snapshot, image, COLLECTION))
    with pytest.raises(NotFound, match="no collection 'other'; there are small"):
        list(identify(snapshot, image, "other"))


def test_a_collection_without_generators_covers_nothing(small: Small, small_store: Store) -> None:
    for name in DECODERS:
        small_store.remove(COLLECTION, name)
    with pytest.raises(NotCovered, match="The registry holds no generators"):
        last(small_store.snapshot(), small.pixels.reals[0])


def test_of_several_collections_the_nearest_answers_and_the_others_are_listed(small: Small, small_store: Store) -> None:
    create_collection(
        small_store,
        "twin",
        photos={"photos": [small.reals]},
        generators={name: [small.samples[name]] for name in ("bicubic", "nearest", NEWCOMER)},
        cards={},
        preset_name=COLLECTION,
    )
    snapshot = small_store.snapshot()
    assert snapshot.verify() == []
    by_collection = {COLLECTION: 0, "twin": 0}
    for pixels in small.pixels.held_out["transposed"][:10]:
        answers = list(identify(snapshot, from_pixels(pixels)))
        assert len(answers) == 1 and answers[0].final
        by_collection[answers[0].collection] += 1
        assert {answers[0].collection, *answers[0].others} == {COLLECTION, "twin"}
        alone = {c: last(snapshot, pixels, c).verdict.p_value for c in by_collection}
        assert answers[0].verdict.p_value == max(alone.values())
    assert by_collection[COLLECTION] > by_collection["twin"], "only one of them knows this generator"


# Adding a generator


def test_an_added_generator_is_named_at_once_and_after_reopening_and_others_keep_their_answers(
    small: Small, small_store: Store, newcomer_batch: Batch
) -> None:
    known = [pixels for name in DECODERS for pixels in small.pixels.held_out[name]]
    snapshot = small_store.snapshot()
    before = called(snapshot, known)
    references = {path: digest for path, digest in snapshot.files.items() if "/reference/" in path}
    add(small_store, draft(newcomer_batch, Card(NEWCOMER), snapshot.collection(COLLECTION)))
    now = small_store.snapshot()
    assert {path: now.files[path] for path in references} == references, "the reference does not change"
    for reopened in (now, Store(small_store.folder, builtin=None).snapshot()):
        assert (called(reopened, small.pixels.held_out[NEWCOMER]) == NEWCOMER).mean() >= 0.8
        assert (called(reopened, known) != before).mean() <= 0.05
    np.testing.assert_array_equal(called(snapshot, known[:5]), before[:5])


# Sentences


@pytest.mark.parametrize(
    ("level", "words", "short"),
    [
        (GENERATOR, "Probably Bicubic.", "Bicubic"),
        (
            FAMILY,
            "Generated, by Bicubic or Nearest: these share their image decoder (nearest decoder).",
            "Bicubic or Nearest",
        ),
        (AMONG, "Generated, by Bicubic, Nearest or Transposed.", "Bicubic, Nearest or Transposed"),
        (GENERATED, "Generated; by which model cannot be told.", "generated"),
        (REAL, "Looks like a photograph: nothing here speaks for a generator in this registry.", "a real photo"),
        (UNKNOWN, "Unknown: what there is to see does not tell a photograph from a generated picture.", "unknown"),
        (OUTSIDE, "Unknown: unlike the photos and the generated pictures that this registry knows.", "unknown"),
    ],
)
def test_each_level_has_its_sentence(small: Small, snapshot: Snapshot, level: str, words: str, short: str) -> None:
    cards = snapshot.collection(COLLECTION).cards
    answer = answer_at(last(snapshot, small.pixels.reals[0]), level)
    assert sentence(answer, cards) == words and in_short(answer, cards) == short
    if level in (UNKNOWN, OUTSIDE):
        assert certainty(answer).startswith("No answer is sure enough")
    else:
        assert f"about {100 * answer.verdict.probability:.0f} are right" in certainty(answer)


def test_of_a_photo_nothing_is_promised_beyond_what_it_was_compared_with(small: Small, snapshot: Snapshot) -> None:
    cards, answer = snapshot.collection(COLLECTION).cards, last(snapshot, small.pixels.reals[0])
    photo = answer_at(answer, REAL)
    assert looked_for(photo, cards) == (
        "Compared with 3 models; not among them: Midjourney, DALL-E 3, GPT-4o (gpt-image-1), Gemini 2.5 Flash Image, "
        "FLUX.1 and others. A picture by one of those can look like a photo too."
    )
    every = {f"m{number}": Card(f"m{number}", title=model.name) for number, model in enumerate(well_known())}
    assert looked_for(photo, every).endswith("models; a picture by any other can look like a photo too.")
    assert "pictures by models in this registry" in certainty(photo)
    assert looked_for(photo, {"one": Card("one")}).startswith("Compared with 1 model;")
    assert not any(looked_for(answer_at(answer, level), cards) for level in LEVELS if level != REAL)


def test_candidates_have_labels(snapshot: Snapshot) -> None:
    cards = snapshot.collection(COLLECTION).cards
    assert candidate_label(REAL, cards) == "a real photo" and candidate_label("nearest", cards) == "Nearest"


# The embedded registry


@pytest.fixture(scope="module")
def embedded() -> Snapshot:
    return Snapshot(BUILTIN)


def test_the_embedded_registry_is_whole_and_small(embedded: Snapshot) -> None:
    assert embedded.verify() == []
    assert sum(path.stat().st_size for path in BUILTIN.rglob("*") if path.is_file()) < 70_000_000


def test_the_embedded_registry_has_its_generators(embedded: Snapshot) -> None:
    names = {name: collection.names for name, collection in embedded.collections.items()}
    assert set(names) == {"text-to-image", "faces-64", "zoo"}
    assert len(names["text-to-image"]) == 18 and "stable-diffusion-v1-5" in names["text-to-image"]
    assert len(names["faces-64"]) == 23
    assert all(line.samples >= 40 and line.title for line in embedded.listed())
    cards = embedded.collection("text-to-image").cards.values()
    assert all(card.decoder or "not published" in card.caveats for card in cards)


def test_the_embedded_registry_holds_derived_data_alone(embedded: Snapshot) -> None:
    """No image but the rendered pictures of the galleries, and no array that could be one."""
    for path in embedded.files:
        suffix = Path(path).suffix
        assert suffix in {".json", ".safetensors", ".png"}, path
        if suffix == ".png":
            assert Path(path).parent.name == "gallery"
            assert Path(path).name in {"mean-artifact.png", "spectrum.png", "artifacts.png"}
            with PIL.Image.open(BUILTIN / path) as picture:
                assert picture.size[0] <= 6 * 128 + 5 * 6 and picture.size[1] <= 256, path
    for collection in embedded.collections.values():
        for reference in collection.references.values():
            assert reference.manifold.dimension <= 1024


def test_the_embedded_registry_answers_for_photos_of_any_covered_size(
    embedded: Snapshot, photos: list[np.ndarray]
) -> None:
    for photo, collection in ((photos[3], "text-to-image"), (photos[3][100:164, 60:150], "faces-64")):
        answer = last(embedded, photo)
        assert answer.collection == collection and answer.final
        assert len(answer.verdict.candidates) == len(embedded.collection(collection).names) + 1
        assert sum(c.probability for c in answer.verdict.candidates) == pytest.approx(1, abs=1e-5)


def test_a_generator_can_be_added_beside_the_embedded_ones(
    embedded: Snapshot, small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against the full faces-64, the small generator, whose pictures are no faces, is then named."""
    monkeypatch.setattr(Collection, "domain", None)
    from registry.contributions.batch import read_batch
    from registry.intake.samples import read_samples

    store = Store(tmp_path / "mine", builtin=BUILTIN)
    collection = store.snapshot().collection("faces-64")
    *_, batch = read_batch(read_samples([small.samples[NEWCOMER]]), collection)
    add(store, draft(batch, Card(NEWCOMER), collection))
    found = called(store.snapshot(), small.pixels.held_out[NEWCOMER])
    assert (found == NEWCOMER).mean() >= 0.8, found
    shutil.rmtree(store.folder)


def no_photos() -> dict[str, np.ndarray]:
    """Pictures that no camera took and no generator here made: uint8 (384, 384, 3) by name."""
    side, rng = 384, np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side]
    checks = ((columns // 8 + rows // 8) % 2 * 255)[:, :, None].repeat(3, axis=2)
    coarse = PIL.Image.fromarray(rng.integers(0, 256, (48, 48, 3), np.uint8))
    drawing = PIL.Image.new("RGB", (side, side), (90, 160, 220))
    drawing.paste((240, 80, 60), (90, 60, 300, 260))
    drawing.paste((40, 200, 90), (30, 250, 200, 360))
    return {
        "noise": rng.integers(0, 256, (side, side, 3)),
        "one colour": np.full((side, side, 3), 128),
        "a gradient": np.stack([columns / 2, rows / 2, (columns + rows) / 4], axis=2),
        "a chequered board": checks,
        "enlarged noise": np.asarray(coarse.resize((side, side), PIL.Image.Resampling.BICUBIC)),
        "a drawing": np.asarray(drawing),
    }


def test_pictures_of_no_source_that_it_knows_are_unknown() -> None:
    """Whatever they are nearest to: no member of it lies so far out."""
    snapshot = Snapshot(BUILTIN)
    for name, pixels in no_photos().items():
        answer = last(snapshot, pixels.astype(np.uint8), "text-to-image")
        found = answer.verdict
        assert (found.verdict, found.generator, found.family) == ("unknown", None, None), name
        assert found.unknown > 0.99 and sentence(answer, {}).startswith("Unknown: unlike"), name


def test_the_embedded_registry_accuses_no_photo_of_a_package(photos: list[np.ndarray]) -> None:
    snapshot = Snapshot(BUILTIN)
    found = [last(snapshot, photo).verdict.verdict for photo in photos]
    assert set(found) <= {"real", "unknown"}, found
    on_a_phone = [last(snapshot, phone(photo, density)).verdict.verdict for photo in photos for density in (1, 2)]
    accused = [word for word in on_a_phone if word not in ("real", "unknown")]
    assert len(accused) <= 1 and "generator" not in accused, on_a_phone  # a tower, when it is scaled down
