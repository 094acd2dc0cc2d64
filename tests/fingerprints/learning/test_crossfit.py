"""No image is scored by anything that it had a part in: not in a space, not in all spaces at once."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.geometry.artifact import ViewArtifacts
from fingerprints.learning.blocks import Blocks, Rewhitening
from fingerprints.learning.classes import founders_of, learn_classes
from fingerprints.learning.crossfit import Trials, cross_fit
from fingerprints.learning.joint import joint_trials, learn_joint
from fingerprints.learning.withheld import FOLDS, Examples, Withheld
from fingerprints.model.evidence import Known
from fingerprints.model.joint import all_side_by_side
from fingerprints.model.reference import Reference
from fingerprints.splits import fold_of
from small import flat_reference

SPACES, D, GENERATORS, IMAGES, PHOTOS = ("first", "second"), 8, 4, 24, "photos | as is"
SHRINKAGE, OF_ALL = 0.05, 0.3


class World:
    """Few images in many dimensions, so that it shows at once if one of them is judged by what it taught."""

    def __init__(self) -> None:
        rng = np.random.default_rng(3)
        self.drafts = {space: flat_reference(rng.normal(size=(40, D)), space=space) for space in SPACES}
        self.examples = {space: self._examples(rng) for space in SPACES}
        self.trials = {space: self._trials(space) for space in SPACES}
        self.references = {space: self._learned(space, self.examples[space]) for space in SPACES}
        whole = [reference.within for reference in self.references.values()]
        rewhitening = Rewhitening(whole, [one.withins for one in self.trials.values()])
        self.side_by_side = self.beside(self.references, self.examples)
        self.of_all = joint_trials(self.side_by_side, OF_ALL, rewhitening)

    def _examples(self, rng: np.random.Generator) -> Examples:
        def images(mean: float, name: str) -> ViewArtifacts:
            rows = (mean + rng.normal(size=(IMAGES, D))).astype(np.float32)
            return ViewArtifacts(rows, np.arange(IMAGES), np.array([f"{name}-{i}" for i in range(IMAGES)]))

        return Examples([images(1.0 + g, f"g{g}") for g in range(GENERATORS)], {PHOTOS: images(-1.0, "photo")})

    def _learned(self, space: str, examples: Examples) -> Reference:
        return learn_classes(self.drafts[space], examples, SHRINKAGE)

    def _trials(self, space: str) -> Trials:
        return cross_fit(self._learned(space, self.examples[space]), self.examples[space], SHRINKAGE)

    @staticmethod
    def beside(references: dict[str, Reference], examples: dict[str, Examples]) -> Examples:
        parts = {space: [*one.generated, *one.real.values()] for space, one in examples.items()}
        *generated, photos = all_side_by_side(references, parts)
        return Examples(generated, {PHOTOS: photos})

    def from_scratch(self, turn: Withheld) -> tuple[Known, dict[str, Reference]]:
        """All spaces at once by a build that never had what is withheld."""
        rest = {space: examples.without(turn) for space, examples in self.examples.items()}
        references = {space: self._learned(space, examples) for space, examples in rest.items()}
        rows = self.beside(references, rest)
        joint = learn_joint(list(SPACES), rows, OF_ALL)
        return Known.of(joint, founders_of(rows.generated), np.ones(len(rows.generated))), references


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.mark.parametrize("turn", [Withheld(fold=3), Withheld(generator=1)])
def test_all_spaces_at_once_have_seen_nothing_of_what_they_judge(world: World, turn: Withheld) -> None:
    """Neither have the whitenings of the spaces that they begin with: a detector that could tell by those which images
    were learned from would take that for the trace of a generator."""
    known, references = world.from_scratch(turn)
    beside = world.beside(references, world.examples).generated
    if turn.generator is not None:
        held, trial = beside[turn.generator], world.of_all.strangers[turn.generator]
    else:
        held = beside[0].select(fold_of(beside[0].contents, FOLDS) == turn.fold)
        rows = np.flatnonzero(np.isin(world.of_all.kinds.contents, held.contents))
        assert len(rows) and (world.of_all.kinds.contents[rows] == held.contents).all()
        trial = world.of_all.known.select(rows)
    expected = known.weigh(held.per_image(), held.views())
    for name in ("over_real", "distance", "real_distance", "share"):
        np.testing.assert_allclose(getattr(trial, name), getattr(expected, name), rtol=0.03, atol=0.03, err_msg=name)


def test_a_newcomer_is_known_by_its_mean_alone(world: World) -> None:
    """From the other half of its images, the last of the generators, under covariances that never saw it."""
    for trials in (*world.trials.values(), world.of_all):
        assert sorted(trials.newcomers) == list(range(GENERATORS))
        for column, evidence in trials.newcomers.items():
            assert evidence.likelihood.shape == (IMAGES, GENERATORS, 1)
            assert len(trials.newcomers_kinds[column].contents) == IMAGES
    likeliest = [one.likelihood[:, :, 0].argmax(axis=1) == GENERATORS - 1 for one in world.of_all.newcomers.values()]
    assert np.mean(likeliest) > 0.9


def test_photos_are_asked_about_as_if_each_generator_had_been_added_later(world: World) -> None:
    """Its mean, which other photos' folds gave, is one more column for each; photos lie as far from it as before."""
    for trials in (*world.trials.values(), world.of_all):
        added = trials.photos_added
        assert added is not None and added.likelihood.shape == trials.photos.likelihood.shape == (IMAGES, GENERATORS, 1)
        apart = added.over_real - trials.photos.over_real
        assert 0 < np.abs(apart).mean() < 0.5 * np.abs(trials.photos.over_real).mean()


def test_blocks_are_a_matrix() -> None:
    rng = np.random.default_rng(0)
    blocks = Blocks([rng.normal(size=(2, 2)), rng.normal(size=(3, 3))])
    matrix = np.zeros((5, 5))
    matrix[:2, :2], matrix[2:, 2:] = blocks.blocks
    rows = rng.normal(size=(5, 4))
    np.testing.assert_allclose(blocks.times(rows), matrix @ rows)
    covariance = rows @ rows.T
    np.testing.assert_allclose(blocks.around(covariance), matrix.T @ covariance @ matrix)
