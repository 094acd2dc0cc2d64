"""What the embedded collections are built from."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.building.sources import cards_of, content_of, sources_of, unrelated
from registry.storage.card import Card


def test_generators_stand_in_the_group_or_beside_it(tmp_path: Path) -> None:
    for file in ("t2i/real.parquet", "t2i/a.parquet", "modern/b.parquet", "celeba64/c.parquet"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).touch()
    found = sources_of("text-to-image", tmp_path / "t2i", tmp_path / "w.parquet")
    assert list(found.generators) == ["a", "b"] and list(found.photos) == ["photos", "wallpapers"]
    faces = sources_of("faces-64", tmp_path / "celeba64", tmp_path / "w.parquet")
    assert list(faces.generators) == ["c"] and not faces.photos and len(faces.elsewhere) == 1


def test_unrelated_generators_share_neither_decoder_nor_family() -> None:
    cards = {
        "a": {"decoder": "one"},
        "b": {"decoder": "one", "family": "x"},
        "c": {"decoder": "two", "family": "x"},
        "d": {"decoder": "", "family": ""},
        "e": {},
    }
    assert unrelated(cards) == ["d", "e"]


@pytest.mark.parametrize("collection", ["text-to-image", "faces-64"])
def test_every_embedded_card_is_one(collection: str) -> None:
    cards = [Card.from_json(dict(facts)) for facts in cards_of(collection).values()]
    assert cards and all(card.source and card.title for card in cards)
    if collection == "text-to-image":
        assert all(card.maker and card.described.startswith("https://") and card.year for card in cards)


def test_one_prompt_under_several_solvers_is_one_content() -> None:
    assert content_of("stable-diffusion-3-medium", "rle-0d8839f0_sd3_images__2__ipndm") == "2"
    assert content_of("other", "rle-0d8839f0_sd3_images__2__ipndm") == "rle-0d8839f0_sd3_images__2__ipndm"
