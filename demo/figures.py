"""Arrays as figures: spectra and artifacts with a title, a caption, a text alternative and a scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fingerprints.images import Image, jpeg_bytes, png_bytes, resize
from fingerprints.reference import Reference
from fingerprints.spaces import get_space
from registry.pictures import diverging, enlarged, plane, sequential
from registry.snapshot import Collection

SPACE = "frequency"
_RAMP = np.tile(np.linspace(0.0, 1.0, 256), (12, 1))
_THUMBNAIL = 480
_STRIP = 6


@dataclass(frozen=True)
class Scale:
    """What the colours stand for: a ramp, and words for its two ends and its middle."""

    png: bytes
    low: str
    middle: str
    high: str


@dataclass(frozen=True)
class Figure:
    """``alt`` says what is seen, for those who do not see it; ``png`` is lossless."""

    png: bytes
    title: str
    caption: str
    alt: str
    scale: Scale | None = None


def thumbnail(image: Image, side: int = _THUMBNAIL) -> bytes:
    """A small JPEG of the upload, to show which picture is meant; nothing is measured on it."""
    factor = min(1.0, side / max(image.width, image.height))
    small = resize(image.pixels, max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return jpeg_bytes(small, 85)


def evidence(image: Image, collection: Collection, artifact: np.ndarray, candidate: str) -> list[Figure]:
    """Your image's spectrum | the closest real spectrum | what remains, the artifact | the candidate's mean artifact.

    ``artifact`` (d,) is the image's, in the coordinates of the frequency space's basis.
    """
    reference, crop = collection.references[SPACE], collection.form.crop
    embeddings = get_space(SPACE).embed(collection.form.views(image))
    yours, real = (plane(e.mean(axis=0), crop) for e in (embeddings, reference.closest_real(embeddings)))
    low, high = np.percentile([yours, real], (1, 99))
    return [
        spectrum_figure(yours, "Your image's spectrum", "Coarse shapes inside, finest detail outside.", low, high),
        spectrum_figure(real, "Closest real spectrum", "The mean of the real images that lie nearest.", low, high),
        artifact_figure(
            plane(reference.basis.differences(artifact[None])[0], crop),
            "What remains: the artifact",
            "Your image's spectrum against the closest real one, in the directions that tell generators apart.",
        ),
        mean_artifact(collection, candidate, f"{collection.cards[candidate].label}: mean artifact"),
    ]


def mean_artifact(collection: Collection, name: str, title: str) -> Figure:
    """The mean artifact of a generator's samples, computed from its fingerprint."""
    reference = collection.references[SPACE]
    mean = collection.means[SPACE][collection.names.index(name)]
    return mean_artifact_of(mean, reference, collection.form.crop, title, collection.cards[name].samples)


def mean_artifact_of(mean: np.ndarray, reference: Reference, crop: int, title: str, samples: int) -> Figure:
    """The same from a mean (d,) that is not in a registry yet."""
    caption = f"What {samples:,} of its images have in common."
    return artifact_figure(plane(reference.basis.differences(mean[None])[0], crop), title, caption)


def artifact_strip(collection: Collection, name: str) -> list[Figure]:
    """The artifacts of up to six images of a generator, on one scale."""
    reference, kept = collection.references[SPACE], collection.fingerprint(name, SPACE).artifacts
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(_STRIP, len(kept))).round().astype(int))
    planes = [plane(e, collection.form.crop) for e in reference.basis.differences(kept[chosen].astype(np.float32))]
    limit = float(np.percentile(np.abs(planes), 99))
    return [artifact_figure(values, f"Image {i + 1}", "", limit) for i, values in zip(chosen, planes, strict=True)]


def spectrum_figure(values: np.ndarray, title: str, caption: str, low: float, high: float) -> Figure:
    """``values`` (h, w): log magnitudes; several figures of one row share ``low`` and ``high``."""
    alt = f"{title}: a map of log magnitudes from {low:.1f} to {high:.1f}, zero frequency in the middle."
    ramp = sequential(_RAMP, 0.0, 1.0)
    scale = Scale(png_bytes(ramp), f"{low:.1f}", "log magnitude", f"{high:.1f}")
    return Figure(png_bytes(enlarged(sequential(values, low, high))), title, caption, alt, scale)


def artifact_figure(values: np.ndarray, title: str, caption: str, limit: float | None = None) -> Figure:
    """``values`` (h, w): differences of log magnitudes, shown as factors: 1 is what real images have."""
    limit = max(float(np.percentile(np.abs(values), 99)) if limit is None else limit, 1e-3)
    weak, strong = f"× {np.exp(-limit):.2f}", f"× {np.exp(limit):.2f}"
    strongest = _where(values)
    alt = f"{title}: a map of differences to real images, from {weak} (blue) to {strong} (ochre); largest {strongest}."
    scale = Scale(png_bytes(diverging(2 * _RAMP - 1, 1.0)), weak, "as real", strong)
    return Figure(png_bytes(enlarged(diverging(values, limit))), title, caption, alt, scale)


def _where(values: np.ndarray) -> str:
    """In words, in which band the differences are largest: the plane's middle is zero frequency."""
    rows, columns = np.indices(values.shape)
    height, width = values.shape
    radius = np.hypot((rows - height / 2) / (height / 2), (columns - width / 2) / (width / 2))
    bands = {"in coarse shapes": radius < 0.33, "in middle detail": (radius >= 0.33) & (radius < 0.75)}
    bands["in the finest detail"] = radius >= 0.75
    return max(bands, key=lambda band: float(np.abs(values[bands[band]]).mean()))
