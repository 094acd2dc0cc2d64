"""A sample of benchmarks.hostile, and damage that hypothesis thinks of: an image or a sentence, whatever the bytes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hostile import __main__ as hostile
from benchmarks.hostile.files import hostile_images, hostile_metadata, seeds
from fingerprints.claims import UNREAD
from fingerprints.images.image import ImageError
from registry.intake.sandbox import DECODING_MEGABYTES, Decoders

_SEEDS = seeds()


@pytest.fixture(scope="module")
def pool() -> Iterator[Decoders]:
    pool = Decoders(1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def images() -> list[tuple[str, bytes]]:
    """Name and content of every hostile image; to make them takes half a minute."""
    return list(hostile_images())


def check(facts: dict[str, object]) -> None:
    """How long it took is for the benchmark, on a machine with nothing else to do."""
    for part in ("images", "fuzzed"):
        figures = facts[part]
        assert isinstance(figures, dict)
        assert [said for said in figures["wrong"] if "no sentence" in said] == []
        assert figures["read"] and figures["refused"]


def test_a_sample_of_the_hostile_files(images: list[tuple[str, bytes]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hostile, "_batches", _one)
    monkeypatch.setattr(hostile, "hostile_images", lambda: iter(images))
    facts = hostile.run(decodes=300, every=12)
    check(facts)
    assert facts["largest reading process, MB"] <= 2 * DECODING_MEGABYTES  # of all children of the tests


@pytest.mark.slow
def test_all_hostile_files() -> None:
    facts = hostile.run(decodes=20_000)
    check(facts)
    assert facts["images"]["files"] >= 300 and set(facts["reading processes ended by"]) <= {"SIGXCPU"}


def _one() -> hostile.Tally:
    tally = hostile.Tally()
    tally.take("none", iter([None]))
    return tally


@pytest.mark.parametrize(("name", "data"), [*hostile_metadata()][::4], ids=lambda one: one if type(one) is str else "")
def test_what_a_hostile_file_says_of_itself_ends_no_process(pool: Decoders, name: str, data: bytes) -> None:
    try:
        claims = pool.decode(data, name, claims=True).claims
    except ImageError as error:
        assert len(str(error)) > 20 and "given up" not in str(error)
    else:
        assert UNREAD not in claims


def test_every_format_is_among_them(images: list[tuple[str, bytes]]) -> None:
    endings = {name.rsplit(".", 1)[1] for name, _ in images}
    assert {"png", "jpg", "gif", "webp", "bmp", "tif", "avif", "heic", "jxl", "jp2", "j2k"} <= endings


@settings(deadline=None, max_examples=150)
@given(
    name=st.sampled_from(sorted(_SEEDS)),
    pieces=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=12), st.booleans()), min_size=1, max_size=6),
    keep=st.floats(0, 1),
)
def test_damage_ends_in_an_image_or_a_sentence(
    pool: Decoders, name: str, pieces: list[tuple[float, bytes, bool]], keep: float
) -> None:
    data = bytearray(_SEEDS[name])
    for where, piece, over in pieces:
        start = int(where * len(data))
        data[start : start + len(piece) * over] = piece
    try:
        image = pool.decode(bytes(data[: max(1, int(keep * len(data)))]), name)
    except ImageError as error:
        assert len(str(error)) > 20 and "given up" not in str(error)
    else:
        assert image.pixels.dtype == np.uint8 and image.pixels.shape[2] == 3
