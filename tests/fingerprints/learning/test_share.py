"""What share of a generator's trace an image shows, and that it tells strangers from members."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fingerprints.attribution.verdict import levels
from fingerprints.geometry.artifact import ViewArtifacts
from fingerprints.learning.classes import learn_classes
from fingerprints.learning.crossfit import cross_fit
from fingerprints.learning.operating_point import OperatingPoint
from fingerprints.learning.withheld import Examples
from fingerprints.model.discriminant import Apart, Discriminant
from fingerprints.model.evidence import Known
from small import flat_reference
from trials import calibrate

D = 40


def shares(artifacts: np.ndarray, means: np.ndarray, centre: np.ndarray) -> np.ndarray:
    flat = Discriminant(np.eye(D))
    return Apart.of(flat.whiten(means), centre).shares(flat.whiten(artifacts), artifacts @ means.T)


def test_a_mean_shows_all_of_its_own_trace_and_the_centre_none() -> None:
    rng = np.random.default_rng(0)
    means, centre = rng.normal(size=(5, D)), rng.normal(size=D)
    np.testing.assert_allclose(np.diag(shares(means, means, centre)), 1.0)
    np.testing.assert_allclose(shares(centre[None], means, centre), 0.0, atol=1e-9)
    np.testing.assert_allclose(np.diag(shares((means + centre) / 2, means, centre)), 0.5)


def test_what_does_not_lead_to_a_mean_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    means, image = rng.normal(size=(3, D)), rng.normal(size=(1, D))
    aside = np.linalg.svd(means)[2][-1]  # at right angles to all three
    np.testing.assert_allclose(*(shares(moved, means, np.zeros(D)) for moved in (image, image + 9 * aside)))


def test_the_centre_is_that_of_the_founders_whoever_is_added() -> None:
    founders = np.arange(12.0, dtype=np.float32).reshape(2, 1, 6)
    reference = replace(flat_reference(np.zeros((3, 6))), founders=founders)
    np.testing.assert_array_equal(reference.centre(0), founders.mean(axis=(0, 1)))
    np.testing.assert_array_equal(reference.centre(3), reference.centre(0))  # not measured: as they were made
    assert not flat_reference(np.zeros((3, 6))).centre(0).any()


def test_a_picture_that_shows_half_of_every_trace_is_a_strangers() -> None:
    """Between two generators, as near as their own images to both: how far it lies says nothing, what it shows does."""
    rng, names = np.random.default_rng(2), [f"g{i}" for i in range(6)]
    centres = rng.normal(size=(6, D))
    centres *= 5 / np.linalg.norm(centres, axis=1, keepdims=True)

    def images(centre: np.ndarray, name: str, count: int = 100) -> ViewArtifacts:
        rows = (centre + rng.normal(size=(count, D))).astype(np.float32)
        return ViewArtifacts(rows, np.arange(count), np.array([f"{name}-{i}" for i in range(count)]))

    generated = [images(centre, name) for centre, name in zip(centres, names, strict=True)]
    real = {"photos | as is": images(np.full(D, 3.0), "photos")}
    reference = learn_classes(flat_reference(rng.normal(size=(60, D))), Examples(generated, real), 0.05)
    calibration = calibrate({"one": cross_fit(reference, Examples(generated, real), 0.05)}, names, OperatingPoint())
    assert calibration.stranger.weights[1] < 0
    means = np.stack([part.per_image().mean(axis=0) for part in generated])
    known = Known.of(reference, means, np.ones(6))

    def asked(part: ViewArtifacts) -> tuple[float, float]:
        evidence = {"one": known.weigh(part.per_image(), part.views())}
        posterior = calibration.posterior(evidence, calibration.offsets_of(names))
        named = levels(posterior, calibration.bars["standard"]).verdict == "generator"
        return float(posterior.stranger.mean()), float(named.mean())

    members, named = np.mean([asked(images(centre, "new")) for centre in centres], axis=0)
    between, of_between_named = asked(images((centres[0] + centres[1]) / 2, "new"))
    assert between > 2 * members
    assert of_between_named < named - 0.1
