"""The analysis of structure: planted structure is found, labels that say nothing are not."""

from __future__ import annotations

import numpy as np
import pytest

from fingerprints.analysis import (
    Fold,
    Probe,
    agreement,
    cut,
    explained,
    moment,
    nearness,
    p_value,
    planar,
    predict_held_out,
    sampling_noise,
    shuffled,
    squared_distances,
    tree,
)
from fingerprints.analysis.ridge import dual, leave_out

LEVELS, CELLS, SEEDS, D = 4, 16, 2, 60
UNITS = np.repeat(np.arange(CELLS), SEEDS)
LABELS = np.array(["a", "b", "c", "d"])[UNITS % LEVELS]
OTHER = np.array(["p", "q", "r", "s"])[UNITS // LEVELS]  # crossed with LABELS


def planted(strength: float = 1.0, seed: int = 0) -> np.ndarray:
    """Points (32, 60): an effect of the level, a stronger one of the other axis, one of the cell, noise of the seed."""
    random = np.random.default_rng(seed)
    effects, others, cells = (random.normal(size=(n, D)) for n in (LEVELS, LEVELS, CELLS))
    noise = random.normal(size=(CELLS * SEEDS, D))
    return strength * effects[UNITS % LEVELS] + 2 * others[UNITS // LEVELS] + 0.3 * cells[UNITS] + 0.1 * noise + 5.0


def folds(points: np.ndarray) -> list[Fold]:
    return [Fold(i == UNITS % 8, {"all": points @ points.T}) for i in range(8)]


def codes_of(labels: np.ndarray) -> np.ndarray:
    return np.unique(labels, return_inverse=True)[1]


def test_permuted_labels_keep_units_together_and_how_often_each_level_is_there():
    for labels in shuffled(LABELS, UNITS, 20):
        assert (labels[::2] == labels[1::2]).all()
        assert sorted(labels) == sorted(LABELS)


def test_a_unit_with_two_labels_is_refused_by_name():
    with pytest.raises(ValueError, match="but 3 has several"):
        shuffled(np.where(np.arange(32) == 7, "z", LABELS), UNITS, 1)


def test_p_is_never_zero():
    assert p_value(1.0, [0.0] * 9) == pytest.approx(0.1)
    assert p_value(0.0, [0.0] * 9) == 1.0


def test_moments_have_a_sampling_variance_of_one_in_n():
    random = np.random.default_rng(0)
    for name in ("mean", "spread"):
        drawn = np.stack([moment(random.normal(size=(50, 40)), name) for _ in range(200)])
        assert drawn.var(axis=0).mean() == pytest.approx(1 / 50, rel=0.1)
        noise = np.mean([sampling_noise(random.normal(size=(50, 40)), name) for _ in range(100)])
        assert noise == pytest.approx(40 / 50, rel=0.15)  # halves are small: log s has a little more than 2 / n


def test_an_unknown_moment_is_named():
    with pytest.raises(ValueError, match=r"'skew'.*mean, spread"):
        moment(np.zeros((3, 2)), "skew")


def test_two_samples_of_one_generator_are_at_no_distance_and_others_at_theirs():
    random = np.random.default_rng(0)
    sets = [random.normal(size=(100, 80)) + shift for shift in (0.0, 0.0, 0.5)]
    found = squared_distances(
        np.stack([moment(s, "mean") for s in sets]), np.array([sampling_noise(s, "mean") for s in sets])
    )
    assert found[0, 1] == pytest.approx(0.0, abs=0.01)
    assert found[0, 2] == pytest.approx(0.25, rel=0.15)
    assert (found == found.T).all()


def test_clusters_and_variance_find_the_planted_axis_and_no_other():
    random = np.random.default_rng(1)
    squared = squared_distances(planted(), np.zeros(32))
    clusters = cut(tree(squared), 4)
    found, none = agreement(clusters, OTHER, UNITS, 200), agreement(clusters, LABELS, UNITS, 200)
    assert found.nmi > 0.9 and found.ami > 0.9 and found.p < 0.01
    assert none.p > 0.05 and found.chance > 0.05  # the floor that the paper's table lacks
    nothing = random.permutation(CELLS)[UNITS] % LEVELS
    assert explained(squared, OTHER, UNITS, 200).p < 0.01
    assert explained(squared, nothing, UNITS, 200).p > 0.01


def test_all_of_the_variance_lies_between_levels_without_any_within():
    points = np.eye(4)[np.arange(12) % 4]
    found = explained(squared_distances(points, np.zeros(12)), np.arange(12) % 4, np.arange(12), 50)
    assert found.share == pytest.approx(1.0)


def test_other_seeds_of_a_design_are_the_nearest():
    squared = squared_distances(planted(), np.zeros(32))
    near = nearness(squared, UNITS, draws=100)
    assert near.rank == 0 and near.first == 1 and near.p < 0.02 and near.count == 32
    assert near.chance < 0.1


def test_relatives_are_looked_for_on_the_other_side():
    sides = np.arange(32) % 2
    near = nearness(squared_distances(planted(), np.zeros(32)), UNITS, sides, draws=100)
    assert near.first == 1
    with pytest.raises(ValueError, match="no generator has both"):
        nearness(np.ones((4, 4)), np.arange(4), draws=10)


def test_the_map_keeps_distances_of_points_in_a_plane():
    points = np.random.default_rng(0).normal(size=(9, 2))
    squared = squared_distances(points, np.zeros(9)) * 2
    places, shown = planar(squared)
    assert shown == pytest.approx(1.0)
    assert np.allclose(((places[:, None] - places) ** 2).sum(axis=2), squared)


def test_leaving_out_in_closed_form_is_fitting_without():
    points, targets = planted(), np.eye(4)[codes_of(LABELS)]
    kernel = points @ points.T
    matrix = leave_out(kernel, UNITS, 0.1)
    centred = points - points.mean(axis=0)
    strength = 0.1 * (centred**2).sum() / 32
    rest = UNITS != 3
    mean, target = points[rest].mean(axis=0), targets[rest].mean(axis=0)
    x = points[rest] - mean
    weights = np.linalg.solve(x.T @ x + strength * np.eye(D), x.T @ (targets[rest] - target))
    assert np.allclose(matrix[~rest] @ targets, (points[~rest] - mean) @ weights + target)
    assert np.allclose(matrix[np.ix_(~rest, ~rest)], 0.0)


def test_noise_is_a_stronger_ridge():
    kernel = planted() @ planted().T
    trace = np.trace(kernel) - 32 * kernel.mean()
    assert np.allclose(dual(kernel, 0.1, kernel, noise=2.0), dual(kernel, 0.1 + 2.0 * 32 * 32 / trace, kernel))


def test_a_probe_predicts_a_weak_axis_of_unseen_designs_and_chance_without_one():
    codes = codes_of(LABELS)
    draws = np.concatenate([codes[None], shuffled(codes, UNITS, 100)])
    chosen = predict_held_out(folds(planted()), draws, UNITS).argmax(axis=2)
    accuracies = (chosen == draws).mean(axis=1)
    assert accuracies[0] > 0.9
    assert p_value(accuracies[0], accuracies[1:]) < 0.02
    chosen = predict_held_out(folds(planted(strength=0.0)), draws, UNITS).argmax(axis=2)
    accuracies = (chosen == draws).mean(axis=1)
    assert p_value(accuracies[0], accuracies[1:]) > 0.05


def test_a_design_on_both_sides_of_a_fold_is_refused():
    kernel = np.eye(32)
    with pytest.raises(ValueError, match="both sides"):
        predict_held_out([Fold(np.arange(32) == 0, {"all": kernel})], codes_of(LABELS)[None], UNITS)


def test_a_kept_probe_answers_for_batches_and_knows_less_from_few_images():
    points = planted()
    new = np.flatnonzero(UNITS == 5)
    train = UNITS != 5
    probe = Probe.fit(points[train], LABELS[train], UNITS[train])
    many, one = (probe.probabilities(points[new[0]], images) for images in (1000, 1))
    assert probe.levels == ("a", "b", "c", "d")
    assert probe.levels[int(many.argmax())] == LABELS[new[0]]
    assert many.sum() == pytest.approx(1.0) and many.max() > one.max()
    with pytest.raises(ValueError, match="two levels"):
        Probe.fit(points, np.full(32, "a"), UNITS)
