"""A collection of one kind of thing says nothing of pictures of another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fingerprints.attribution.domain import SPACE, Domain
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import decode
from fingerprints.learning.domain import learn_domain
from fingerprints.learning.fitting import Recipe
from fingerprints.spaces import get_space
from registry.answers.identify import identify, identify_together
from registry.building.create import domain_of
from registry.building.embed_samples import embed_all
from registry.building.presets import Preset
from registry.storage.snapshot import Collection
from small import Small, write_images

SIDE = 64


def discs(count: int, seed: int) -> list[np.ndarray]:
    """A bright disc about the middle of a noisy ground: what this collection is about."""
    rng, (y, x) = np.random.default_rng(seed), np.mgrid[:SIDE, :SIDE]
    found = []
    for _ in range(count):
        centre, radius = SIDE / 2 + rng.normal(scale=2, size=2), rng.uniform(14, 20)
        inside = np.hypot(y - centre[0], x - centre[1]) < radius
        grey = np.where(inside, rng.uniform(150, 220), rng.uniform(30, 100)) + rng.normal(scale=6, size=(SIDE, SIDE))
        found.append(np.clip(np.repeat(grey[..., None], 3, axis=2), 0, 255).astype(np.uint8))
    return found


def stripes(count: int, seed: int) -> list[np.ndarray]:
    """Something else."""
    rng, (y, x) = np.random.default_rng(seed), np.mgrid[:SIDE, :SIDE]
    found = []
    for _ in range(count):
        angle, width = rng.uniform(0, np.pi), rng.uniform(4, 12)
        grey = 128 + 80 * np.sin((y * np.sin(angle) + x * np.cos(angle)) / width + rng.uniform(0, 6))
        grey = grey + rng.normal(scale=6, size=(SIDE, SIDE))
        found.append(np.clip(np.repeat(grey[..., None], 3, axis=2), 0, 255).astype(np.uint8))
    return found


def embedded(pictures: list[np.ndarray]) -> np.ndarray:
    return get_space(SPACE).embed(np.stack(pictures))


@pytest.fixture(scope="module")
def domain() -> Domain:
    contents = np.arange(200).astype(str)
    return learn_domain("discs", embedded(discs(200, 0)), contents, embedded(stripes(150, 1)))


def test_it_tells_its_own_pictures_from_others(domain: Domain) -> None:
    again = Domain.from_json(domain.to_json())
    for one in (domain, again):
        assert np.mean([one.shows(embedded([picture])) for picture in discs(100, 5)]) >= 0.95
        assert np.mean([one.shows(embedded([picture])) for picture in stripes(100, 6)]) <= 0.02


def test_brightness_and_contrast_do_not_matter(domain: Domain) -> None:
    darker = [(picture * 0.6).astype(np.uint8) for picture in discs(50, 7)]
    assert np.mean([domain.shows(embedded([picture])) for picture in darker]) >= 0.9


def preset(about: str) -> Preset:
    form = CanonicalForm(min_side=SIDE, max_side=127, crop=SIDE, resize=SIDE)
    return Preset("Discs", form, Recipe({"dct": 8}), about=about)


def test_a_build_learns_it_where_other_photos_are_given(tmp_path: Path) -> None:
    for name, pictures in (("own", discs(60, 2)), ("model", discs(40, 3))):
        write_images(tmp_path / name, pictures)
    write_images(tmp_path / "other", [np.kron(picture, np.ones((3, 3, 1), np.uint8)) for picture in stripes(40, 4)])
    samples = {name: [tmp_path / name] for name in ("own", "model", "other")}

    def build(about: str, elsewhere: list[Path]) -> Domain | None:
        found = embed_all(preset(about), {"own": samples["own"]}, {"model": samples["model"]}, elsewhere=elsewhere)
        return domain_of(preset(about), found)

    learned = build("discs", samples["other"])
    assert learned is not None and learned.about == "discs"
    assert not learned.shows(embedded(stripes(1, 9))) and learned.shows(embedded(discs(1, 9)))
    assert build("discs", []) is None and build("", samples["other"]) is None


def test_no_answer_is_given_about_something_else(domain: Domain, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Collection, "domain", domain)  # the photos and generators of this registry are no discs
    image = decode(sorted(next(iter(small.samples.values())).glob("*.png"))[0])
    answer = list(identify(small.snapshot(), image))[-1]
    assert answer.verdict.verdict == "unknown" and answer.verdict.unknown == 1.0
    assert answer.verdict.generated == 0.0 and "pictures of discs alone" in answer.warnings[-1]
    together = identify_together(small.snapshot(), [answer, answer])
    assert together.verdict.verdict == "unknown" and together.warnings == answer.warnings
