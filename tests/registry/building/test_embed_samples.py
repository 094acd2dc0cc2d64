"""Samples in, embeddings out: what is embedded, what is kept of it, and that nothing is embedded twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fingerprints.geometry.embedding import CHANGED_VIEWS
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.detail import LITTLE, Detail
from fingerprints.images.histories import AS_IS, GENERATED, HISTORIES, MIXED, UNKNOWN_HISTORY, with_history
from fingerprints.images.image import from_pixels
from fingerprints.learning.fitting import Recipe
from registry.building import embed_samples
from registry.building.embed_samples import Embedded, embed_all
from registry.building.presets import Preset
from small import write_images

SIDE, VIEWS, IMAGES = 64, 9, 4
PRESET = Preset(
    "Small crops",
    CanonicalForm(min_side=24, max_side=None, crop=16, max_crops=VIEWS),
    Recipe({"residual": 8}),
    histories=(AS_IS, "jpeg 85", "scaled .25", "cropped"),
    generated=(AS_IS, "cropped"),
)


class Counting:
    """A mapper that works here, and counts."""

    def __init__(self) -> None:
        self.embedded = 0

    def __call__(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.embedded += 1
            yield function(item)


@pytest.fixture
def samples(tmp_path: Path) -> dict[str, Path]:
    """Noise, a few images of each."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (3, IMAGES, SIDE, SIDE, 3), dtype=np.uint8)
    return {
        name: write_images(tmp_path / name, images)
        for name, images in zip(("photos", "model", "outsider"), pixels, strict=True)
    }


def embed(samples: dict[str, Path], mapper: Counting, preset: Preset = PRESET, **more: Any) -> Embedded:
    return embed_all(
        preset,
        {"camera": [samples["photos"]]},
        {"model": [samples["model"]]},
        {"outsider": [samples["outsider"]]},
        mapper=mapper,
        **more,
    )


def test_photos_have_a_label_for_each_history_and_none_where_all_are_too_small(samples: dict[str, Path]) -> None:
    found = embed(samples, Counting())
    assert list(found.photos) == ["camera | as is", "camera | jpeg 85", "camera | cropped"]  # a quarter is 16 px
    for images in found.photos.values():
        assert len(images) == IMAGES and not images.histories.any()
        assert images.rows["residual"].dtype == np.float16


def test_generators_are_numbered_by_history_and_mixed_ones_are_known_under_none(samples: dict[str, Path]) -> None:
    images = embed(samples, Counting()).generators["model"]
    numbers, counts = np.unique(images.histories, return_counts=True)
    assert numbers.tolist() == [UNKNOWN_HISTORY, 0, 1] and UNKNOWN_HISTORY == -1
    assert counts[1:].tolist() == [IMAGES, IMAGES] and 1 <= counts[0] <= IMAGES  # some become too small
    whole = images.select(images.histories == 0)
    for number in numbers:
        assert set(images.contents[images.histories == number]) <= set(whole.contents)


def test_where_photos_have_no_further_histories_nothing_is_mixed(samples: dict[str, Path]) -> None:
    preset = Preset(PRESET.title, PRESET.form, PRESET.recipe, histories=(AS_IS,), generated=(AS_IS,))
    found = embed(samples, Counting(), preset)
    assert not found.generators["model"].histories.any() and not found.outsiders["outsider"].histories.any()


def test_outsiders_are_embedded_as_made_and_mixed_and_belong_to_nobody(samples: dict[str, Path]) -> None:
    found = embed(samples, Counting())
    assert list(found.generators) == list(found.digests) == ["model"] and list(found.outsiders) == ["outsider"]
    histories = found.outsiders["outsider"].histories
    assert (histories == 0).sum() == IMAGES and set(histories.tolist()) <= {0, UNKNOWN_HISTORY}
    assert embed_all(PRESET, {}, {}, mapper=Counting()).outsiders == {}


def test_all_views_of_an_image_as_it_was_made_and_few_of_a_changed_one(samples: dict[str, Path]) -> None:
    found = embed(samples, Counting())
    everything = [*found.photos.items(), *found.generators.items(), *found.outsiders.items()]
    for label, images in everything:
        views = np.bincount(images.image_of_row)
        changed = (images.histories != 0) | ("|" in label and not label.endswith(AS_IS))
        assert (views[~changed] == VIEWS).all() and (views[changed] <= CHANGED_VIEWS).all()
    assert CHANGED_VIEWS < VIEWS


def test_images_are_grouped_by_what_they_show(samples: dict[str, Path]) -> None:
    def told(generator: str, stated: str) -> str:
        return f"{generator} {len(stated)}"

    found = embed(samples, Counting(), content_of=told)
    assert {content.split()[0] for content in found.generators["model"].contents} == {"model"}
    assert len(np.unique(found.generators["model"].contents)) < IMAGES


def test_the_second_time_nothing_is_embedded(samples: dict[str, Path], tmp_path: Path) -> None:
    first, second, without = Counting(), Counting(), Counting()
    found = embed(samples, first, cache=tmp_path / "cache")
    again = embed(samples, second, cache=tmp_path / "cache")
    embed(samples, without)
    assert first.embedded == without.embedded > 0 and second.embedded == 0
    assert again.digests == found.digests
    for kind in ("photos", "generators", "outsiders"):
        ours, theirs = getattr(found, kind), getattr(again, kind)
        assert list(ours) == list(theirs)
        for label, images in ours.items():
            np.testing.assert_array_equal(theirs[label].rows["residual"], images.rows["residual"])
            np.testing.assert_array_equal(theirs[label].contents, images.contents)
            np.testing.assert_array_equal(theirs[label].histories, images.histories)


def test_other_images_and_other_forms_are_embedded_anew(samples: dict[str, Path], tmp_path: Path) -> None:
    embed(samples, Counting(), cache=tmp_path / "cache")
    form = CanonicalForm(min_side=24, max_side=None, crop=16, max_crops=VIEWS, jpeg_quality=75)
    other, more = Counting(), Counting()
    embed(samples, other, Preset("", form, PRESET.recipe, PRESET.histories, PRESET.generated), cache=tmp_path / "cache")
    assert other.embedded > 0
    rng = np.random.default_rng(1)
    write_images(samples["model"] / "more", rng.integers(0, 256, (1, SIDE, SIDE, 3), dtype=np.uint8))
    embed(samples, more, cache=tmp_path / "cache")
    assert more.embedded == 3 * (IMAGES + 1), "of the model alone: as made, cropped and mixed"


def test_of_many_photos_every_second_one_goes_through_a_history(
    samples: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(2)
    write_images(samples["photos"] / "more", rng.integers(0, 256, (36, SIDE, SIDE, 3), dtype=np.uint8))
    few = embed(samples, Counting()).photos
    assert {len(images) for images in few.values()} == {IMAGES + 36}
    monkeypatch.setattr(embed_samples, "_MANY_PHOTOS", 20)
    many = embed(samples, Counting()).photos
    assert len(many["camera | as is"]) == IMAGES + 36
    changed = [set(images.contents) for label, images in many.items() if not label.endswith(AS_IS)]
    assert all(10 <= len(contents) <= 30 for contents in changed) and changed[0] != changed[1]


def test_a_generator_whose_samples_are_all_too_small_is_refused(samples: dict[str, Path], tmp_path: Path) -> None:
    small = write_images(tmp_path / "small", [np.zeros((20, 20, 3), np.uint8)])
    with pytest.raises(ValueError, match="none of its samples is covered by this collection"):
        embed({**samples, "model": small}, Counting())


def test_mixed_is_one_of_those_that_generators_are_not_known_under() -> None:
    rng, seen = np.random.default_rng(3), set()
    others = [name for name in HISTORIES if name not in GENERATED]
    for _ in range(12):
        image = from_pixels(rng.integers(0, 256, (32, 32, 3), dtype=np.uint8))
        mixed = with_history(image, MIXED).pixels
        np.testing.assert_array_equal(with_history(image, MIXED).pixels, mixed)
        name = others[int(image.digest, 16) % len(others)]
        np.testing.assert_array_equal(with_history(image, name).pixels, mixed)
        seen.add(name)
    assert len(seen) > 3


def test_what_can_be_seen_in_each_image_is_kept_and_follows_it(samples: dict[str, Path]) -> None:
    """These are all noise, and show little, whatever is chosen of them."""
    found = embed(samples, Counting())
    made = found.generators["model"]
    for images in (found.photos["camera | as is"], made.select(made.histories == 0)):
        assert images.details.shape == (len(images), len(Detail._fields)) and np.isfinite(images.details).all()
        half = images.select(np.arange(len(images)) % 2 == 0)
        assert set(images.shows.tolist()) == set(half.shows.tolist()) == {LITTLE}
