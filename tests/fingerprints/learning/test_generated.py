"""Made by a model, or a photo: the networks that say so, and that they are asked only about what is new to them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from fingerprints.attribution.calibration import Network
from fingerprints.learning.generated import Detector, _sets
from fingerprints.learning.tuning import Together
from trials import calibration, together


def said(detector: Detector, trials: Together) -> list[np.ndarray]:
    """Of known images and of photos, by the network that learned from all of them."""
    return [expit(detector.network(seen.features)) for seen in trials.seen(calibration())[:2]]


@pytest.fixture(scope="module")
def trials() -> Together:
    return together(0)


@pytest.fixture(scope="module")
def detector(trials: Together) -> Detector:
    return Detector.learn(calibration(), trials)


def test_it_separates_two_sets(detector: Detector, trials: Together) -> None:
    made, photos, *strangers = detector.cross_fitted
    assert (made > 0.5).mean() > 0.95 and (photos < 0.5).mean() > 0.95
    assert np.mean([(part > 0.5).mean() for part in strangers]) > 0.7, "most strangers are generated all the same"
    made, photos = said(detector, trials)
    assert (made > 0.5).mean() > 0.95 and (photos < 0.5).mean() > 0.95


def test_each_set_of_trials_gets_its_probabilities(detector: Detector, trials: Together) -> None:
    sizes = [len(trials.labels), len(trials.sources), *(len(kinds.contents) for kinds in trials.strangers_kinds)]
    assert [len(part) for part in detector.cross_fitted] == sizes
    assert all(((part > 0) & (part < 1)).all() for part in detector.cross_fitted)


def test_what_is_said_of_an_image_comes_from_networks_that_never_saw_its_content() -> None:
    """Where nothing tells photos apart, the network finds something in those that it learned from, and those that did
    not learn from a content find nothing, however many images it has."""
    trials = together(1, n=240, apart=0.0, repeated=3, outsiders=False)
    detector = Detector.learn(calibration(), trials)

    def apart(made: np.ndarray, photos: np.ndarray) -> float:
        """The share of pairs that are told apart; chance is one half."""
        return float((made[:, None] > photos).mean())

    learned, fresh = apart(*said(detector, trials)), apart(*detector.cross_fitted[:2])
    assert learned > 0.6 and abs(fresh - 0.5) < 0.1


def test_it_is_deterministic(detector: Detector, trials: Together) -> None:
    again = Detector.learn(calibration(), trials)
    assert again.network == detector.network
    for one, other in zip(again.cross_fitted, detector.cross_fitted, strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_is_not_known_is_taken_to_be_in_the_middle(detector: Detector) -> None:
    network = detector.network
    middle = np.array(network.centre)[None]
    np.testing.assert_allclose(network(np.full_like(middle, np.nan)), network(middle))
    some = middle + np.array(network.scale)
    some[0, :2] = np.nan
    filled = np.where(np.isnan(some), middle, some)
    np.testing.assert_allclose(network(some), network(filled))
    assert np.isfinite(network(np.full_like(middle, 1e12))).all(), "far out no feature is believed without end"


def test_a_network_is_what_its_numbers_say() -> None:
    one = ([[1.0, -1.0], [0.0, 2.0]], [0.0, 1.0], [2.0, 0.5], -1.0)
    other = ([[0.0, 0.0], [0.0, 0.0]], [0.0, 0.0], [1.0, 1.0], 3.0)
    network = Network((1.0, 0.0), (2.0, 1.0), (one, other))
    z = np.array([1.0, 0.5])  # of (3, .5)
    hidden = np.maximum([z[0], -z[0] + 2 * z[1] + 1.0], 0)
    expected = ((2.0 * hidden[0] + 0.5 * hidden[1] - 1.0) + 3.0) / 2
    np.testing.assert_allclose(network(np.array([[3.0, 0.5]])), [expected])


def test_both_sides_weigh_the_same_after_each_history(trials: Together) -> None:
    """So that no history speaks for either; photos after one that generators are not known under count as mixed."""
    made, photos, *strangers = _sets(calibration(), trials)
    assert [one.made for one in (made, photos, *strangers)] == [True, False, *[True] * len(strangers)]
    assert photos.weight.sum() == pytest.approx(0.5)
    assert made.weight.sum() + sum(one.weight.sum() for one in strangers) == pytest.approx(0.5)
    numbers = {"camera | as is": 0, "film | as is": 0, "camera | cropped": 1, "film | blurred": -1}
    of_photos = np.array([numbers[source] for source in trials.sources])
    for history in (0, 1, -1):
        share = made.weight[trials.kinds.histories == history].sum() / made.weight.sum()
        assert photos.weight[of_photos == history].sum() == pytest.approx(0.5 * share)
