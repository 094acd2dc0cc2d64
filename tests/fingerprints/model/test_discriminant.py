"""The closed-form discriminant: what whitening promises, scikit-learn's LDA as witness, and classes as vectors."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from fingerprints.geometry.artifact import ViewArtifacts
from fingerprints.learning.classes import learn_classes
from fingerprints.learning.withheld import Examples
from fingerprints.model.discriminant import Discriminant
from fingerprints.model.evidence import join
from fingerprints.model.reference import Basis, Spread
from small import flat_reference, weighed

DIMENSION = 6


@pytest.fixture
def groups() -> list[np.ndarray]:
    """Three classes of the same elongated shape, of different size."""
    rng = np.random.default_rng(2)
    shape = rng.normal(size=(DIMENSION, DIMENSION))
    return [
        (rng.normal(size=(n, DIMENSION)) @ shape + rng.normal(size=DIMENSION) * 2).astype(np.float32)
        for n in (40, 80, 60)
    ]


def pooled(groups: list[np.ndarray]) -> np.ndarray:
    centred = np.concatenate([group.astype(np.float64) - group.mean(axis=0) for group in groups])
    return centred.T @ centred / (len(centred) - len(groups))


def test_the_whitened_covariance_is_the_identity(groups: list[np.ndarray]) -> None:
    whitening = Discriminant.fit(groups, shrinkage=0.0).whitening
    np.testing.assert_allclose(whitening.T @ pooled(groups) @ whitening, np.eye(DIMENSION), atol=1e-4)


def test_shrinkage_leads_to_a_sphere(groups: list[np.ndarray]) -> None:
    sphere = Discriminant.fit(groups, shrinkage=1.0).whitening
    expected = np.eye(DIMENSION) / np.sqrt(np.trace(pooled(groups)) / DIMENSION)
    np.testing.assert_allclose(sphere, expected, rtol=1e-4, atol=1e-6)


def test_weights_choose_how_much_each_class_shapes_the_covariance(groups: list[np.ndarray]) -> None:
    only_first = Discriminant.fit(groups, 0.0, weights=[3.0, 0.0, 0.0])
    np.testing.assert_allclose(only_first.whitening, Discriminant.fit(groups[:1], 0.0).whitening, rtol=1e-4, atol=1e-5)


def test_a_class_of_one_sample_shapes_nothing(groups: list[np.ndarray]) -> None:
    with_one = Discriminant.fit([*groups, np.full((1, DIMENSION), 99, np.float32)], 0.1)
    np.testing.assert_allclose(with_one.whitening, Discriminant.fit(groups, 0.1).whitening, rtol=1e-5)


def test_differences_of_log_likelihoods_are_those_of_the_densities(groups: list[np.ndarray]) -> None:
    discriminant = Discriminant.fit(groups, 0.0)
    means = np.stack([group.mean(axis=0) for group in groups])
    ours = discriminant.log_likelihoods(groups[0], means)
    density = np.column_stack([multivariate_normal(m, pooled(groups)).logpdf(groups[0]) for m in means])
    np.testing.assert_allclose(ours - ours[:, :1], density - density[:, :1], atol=2e-2)


def test_the_order_of_classes_is_that_of_scikit_learns_lda(groups: list[np.ndarray]) -> None:
    x, y = np.concatenate(groups), np.repeat(np.arange(3), [len(group) for group in groups])
    lda = LinearDiscriminantAnalysis(solver="svd", priors=[1 / 3] * 3).fit(x, y)
    means = np.stack([group.mean(axis=0) for group in groups])
    scores = Discriminant.fit(groups, 0.0).log_likelihoods(x, means)
    np.testing.assert_array_equal(np.argsort(scores, axis=1), np.argsort(lda.decision_function(x), axis=1))


def test_adding_a_class_changes_no_other_score(groups: list[np.ndarray]) -> None:
    discriminant = Discriminant.fit(groups, 0.1)
    means = np.stack([group.mean(axis=0) for group in groups])
    more = np.concatenate([means, [[5.0] * DIMENSION]]).astype(np.float32)
    for score in (discriminant.log_likelihoods, discriminant.squared_distances):
        np.testing.assert_allclose(score(groups[0], more)[:, :3], score(groups[0], means), rtol=1e-5, atol=1e-4)


def test_squared_distances_are_mahalanobis_and_about_one_for_members(groups: list[np.ndarray]) -> None:
    discriminant = Discriminant.fit(groups, 0.0)
    means = np.stack([group.mean(axis=0) for group in groups])
    squared = discriminant.squared_distances(groups[1], means)
    inverse = np.linalg.inv(pooled(groups))
    difference = groups[1] - means[2]
    expected = np.einsum("nd,de,ne->n", difference, inverse, difference) / DIMENSION
    np.testing.assert_allclose(squared[:, 2], expected, rtol=1e-2, atol=1e-2)
    assert 0.8 < squared[:, 1].mean() < 1.2


def test_golden_likelihoods() -> None:
    flat = Discriminant(np.eye(2, dtype=np.float32))
    scores = flat.log_likelihoods(np.array([[1.0, 0.0]]), np.array([[2.0, 0.0], [0.0, 1.0]]))
    np.testing.assert_allclose(scores, [[0.0, -0.5]])
    np.testing.assert_allclose(flat.squared_distances(np.array([[1.0, 0.0]]), np.array([[2.0, 0.0]])), [[0.5]])


# What a reference learns, and the evidence of one space


def one_view_each(rows: np.ndarray) -> ViewArtifacts:
    return ViewArtifacts(rows.astype(np.float32), np.arange(len(rows)), np.arange(len(rows)).astype(str))


def many_views(rng: np.random.Generator, images: int, views: int, centre: float) -> ViewArtifacts:
    """Each image lies one standard deviation around the centre, each view another one around its image."""
    owners = np.repeat(np.arange(images), views)
    rows = centre + rng.normal(size=(images, DIMENSION))[owners] + rng.normal(size=(len(owners), DIMENSION))
    return ViewArtifacts(rows.astype(np.float32), owners, np.arange(images).astype(str))


def test_a_learned_spread_says_how_much_more_a_single_view_varies() -> None:
    rng = np.random.default_rng(0)
    generated = [many_views(rng, 150, 16, centre) for centre in (0.0, 3.0, -3.0)]
    examples = Examples(generated, {"r": many_views(rng, 150, 16, 1.0)})
    reference = learn_classes(flat_reference(rng.normal(size=(50, DIMENSION))), examples, 0.05)
    assert reference.real_labels == ("r",) and reference.real_means.shape == (1, DIMENSION)
    spread = reference.spread.of(np.array([1, 4, 16, 64]))
    assert spread[2] == pytest.approx(1.0, abs=0.1) and spread[3] == spread[2]
    assert spread[0] == pytest.approx(2 / (1 + 1 / 16), rel=0.2)  # its variance against that of the mean of 16
    assert spread[0] > spread[1] > spread[2]


def test_spread_with_one_view_an_image_does_not_depend_on_views() -> None:
    rng = np.random.default_rng(0)
    generated = [one_view_each(rng.normal(size=(60, DIMENSION)) + c) for c in (0, 4)]
    reals = {"r": one_view_each(rng.normal(size=(60, DIMENSION)))}
    reference = learn_classes(flat_reference(rng.normal(size=(50, DIMENSION))), Examples(generated, reals), 0.05)
    assert reference.spread.b == 0.0
    assert Spread(1.0, 2.0, 4).of(np.array([1, 2, 8])).tolist() == [3.0, 2.0, 1.5]


def test_evidence_points_to_the_own_class_and_adding_a_generator_changes_no_other() -> None:
    rng = np.random.default_rng(1)
    generated = [one_view_each(rng.normal(size=(60, DIMENSION)) + c) for c in (4.0, 8.0)]
    reals = {"a": one_view_each(rng.normal(size=(60, DIMENSION))), "b": one_view_each(rng.normal(size=(60, DIMENSION)))}
    reference = learn_classes(flat_reference(rng.normal(size=(50, DIMENSION))), Examples(generated, reals), 0.05)
    means = np.stack([part.per_image().mean(axis=0) for part in generated])
    evidence = weighed(generated[1], reference, means)
    assert (evidence.likelihood.argmax(axis=1) == 1).all() and (evidence.over_real[:, 1] > 0).all()
    assert (evidence.distance[:, 1, 0] < evidence.real_distance).all()
    assert (weighed(reals["b"], reference, means).over_real < 0).all()
    far = np.concatenate([means, means[:1] + 50])
    more = weighed(generated[1], reference, far)
    np.testing.assert_allclose(more.likelihood[:, :2], evidence.likelihood, rtol=1e-4)
    np.testing.assert_allclose(more.over_real[:, :2], evidence.over_real, rtol=1e-4, atol=1e-3)
    twice = join([evidence, evidence])
    assert twice.likelihood.shape == (120, 2, 1) and twice.real_distance.shape == (120,)


def test_the_basis_is_orthonormal_and_leads_back_to_embeddings() -> None:
    rng = np.random.default_rng(4)
    mixing = rng.normal(size=(5, 40))
    reals, generated = (rng.normal(size=(n, 5)) @ mixing + shift for n, shift in ((30, 0.0), (50, 1.0)))
    for rows in (slice(None), slice(0, 12)):  # more rows than dimensions, and fewer
        basis = Basis.fit(reals[rows], generated[rows], 6)
        np.testing.assert_allclose(basis.components.T @ basis.components, np.eye(6), atol=5e-3)
        back = basis.embeddings(basis.coordinates(generated[:3]))
        np.testing.assert_allclose(back, generated[:3], atol=0.1)
        first, second = basis.coordinates(generated[:2])
        np.testing.assert_allclose(
            basis.differences(first - second), basis.embeddings(first) - basis.embeddings(second), atol=1e-2
        )


def test_the_basis_spans_the_same_from_few_rows_as_from_their_copies() -> None:
    """Fewer rows than dimensions take another way to the same directions."""
    rng = np.random.default_rng(5)
    reals, generated = rng.normal(size=(8, 30)), rng.normal(size=(9, 30)) + 1
    few = Basis.fit(reals, generated, 4)
    many = Basis.fit(np.repeat(reals, 4, axis=0), np.repeat(generated, 4, axis=0), 4)
    np.testing.assert_allclose(np.abs((few.components * many.components).sum(axis=0)), 1, atol=1e-2)
