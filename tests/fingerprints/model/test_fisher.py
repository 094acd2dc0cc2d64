"""Fisher's line against the textbook's formula, and on a generator that it was not learned from."""

import numpy as np
import pytest

from fingerprints.model.discriminant import Discriminant
from fingerprints.model.fisher import FisherLine

RNG = np.random.default_rng(0)
D = 6


def test_it_is_the_discriminant_of_both_classes_with_the_scatter_of_their_means() -> None:
    founders, photos = RNG.normal(size=(3, 2, D)) + 1.0, RNG.normal(size=(4, D))
    contrast = Discriminant.fit([RNG.normal(size=(50, D)) @ RNG.normal(size=(D, D))], 0.1)
    covariance = np.linalg.inv(contrast.whitening @ contrast.whitening.T)
    middles = []
    for means, weights in ((founders, np.array([[0.7, 0.3]] * 3) / 3), (photos, np.full(4, 0.25))):
        rows, w = means.reshape(-1, D), weights.ravel()
        middles.append(w @ rows)
        covariance = covariance + 0.5 * (rows - middles[-1]).T @ np.diag(w) @ (rows - middles[-1])
    direction = np.linalg.solve(covariance, middles[0] - middles[1])
    artifacts = RNG.normal(size=(20, D))
    expected = (artifacts - 0.5 * (middles[0] + middles[1])) @ direction
    line = FisherLine.of(contrast, founders, photos)
    np.testing.assert_allclose(line(contrast.whiten(artifacts).rows), expected, rtol=1e-3, atol=1e-4)


def test_what_generators_have_in_common_is_found_in_one_that_is_not_listed() -> None:
    in_common = np.eye(D)[0] * 4
    founders = in_common + np.concatenate([np.zeros((5, 1)), 3 * RNG.normal(size=(5, D - 1))], axis=1)
    unlisted = in_common + np.append(0.0, 3 * RNG.normal(size=D - 1))
    line = FisherLine.of(Discriminant(np.eye(D, dtype=np.float32)), founders[:, None], 0.1 * RNG.normal(size=(3, D)))
    made, real = (line(middle + RNG.normal(size=(200, D))) for middle in (unlisted, np.zeros(D)))
    assert (made > 0).mean() > 0.9 and (real < 0).mean() > 0.9


@pytest.mark.parametrize("founders", [np.zeros((0, 1, 0)), np.zeros((1, 1, D))])
def test_a_reference_that_kept_no_founders_says_nothing(founders: np.ndarray) -> None:
    line = FisherLine.of(Discriminant(np.eye(D, dtype=np.float32)), founders, np.ones((2, D)))
    assert (line(RNG.normal(size=(3, D))) == 0).all()
