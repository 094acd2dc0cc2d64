"""Arrays as figures: spectra and artifacts with a title, a caption, a text alternative and a scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fingerprints.images.image import Image, jpeg_bytes, png_bytes, resize
from fingerprints.images.surroundings import Box
from fingerprints.model.reference import Reference
from fingerprints.sentence import Grouped, Sentence, counted, said
from fingerprints.spaces import get_space
from registry.storage.pictures import diverging, drawn, plane, sequential
from registry.storage.snapshot import Collection

from ..language.telling import number

SPACE = "frequency"
_RAMP = np.tile(np.linspace(0.0, 1.0, 256), (12, 1))
_THUMBNAIL = 480
_STRIP = 6
_AS_REAL = said("as real")


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


def thumbnail(image: Image, side: int = _THUMBNAIL, within: Box | None = None) -> bytes:
    """A small JPEG of the upload, to show which picture is meant; nothing is measured on it. What lies around
    ``within`` is dark."""
    factor = min(1.0, side / max(image.width, image.height))
    pixels = image.pixels if within is None else _lit(image.pixels, within)
    small = resize(pixels, max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    return jpeg_bytes(small, 85)


def _lit(pixels: np.ndarray, within: Box) -> np.ndarray:
    """All but a box of it dark."""
    shown = pixels // 4
    shown[within.top : within.bottom, within.left : within.right] = within.of(pixels)
    return shown


@dataclass(frozen=True)
class Words:
    """How the pictures of a space are called: the image's own, the closest real one, and what remains between them;
    how to read them, and whether their middle is coarse."""

    yours: Sentence
    closest: Sentence
    remains: Sentence
    reading: Sentence
    centred: bool = True


_WORDS = {
    "frequency": Words(
        said("Your image's spectrum"),
        said("Closest real spectrum"),
        said("How your image's spectrum differs from the closest real one, where generators differ most."),
        said("Coarse shapes inside, finest detail outside."),
    ),
    "residual": Words(
        said("Your image's spectrum of the fine detail"),
        said("Closest real spectrum of the fine detail"),
        said(
            "How the spectrum of your image's fine detail differs from the closest real one, where generators differ "
            "most."
        ),
        said("Coarse shapes, which were taken out, inside; detail outside."),
    ),
    "dct": Words(
        said("Your image's block statistics"),
        said("Closest real block statistics"),
        said("How your image's block statistics differ from the closest real ones, where generators differ most."),
        said("How strong each pattern of 16 pixels is: coarse top left, fine bottom right."),
        False,
    ),
}


def evidence(
    collection: Collection, embedding: np.ndarray, artifact: np.ndarray, candidate: str, space: str = SPACE
) -> list[Figure]:
    """Your image | the closest real images | what remains, the artifact | the candidate's mean artifact, in one space.

    ``embedding`` (D,) and ``artifact`` (d,), in the coordinates of the space's basis, are means over the image's views;
    ``space`` is one of DRAWN.
    """
    reference, crop, words = collection.references[space], collection.form.crop, _WORDS[space]
    # All is linear: the mean of the projections is the mean embedding without the mean artifact.
    closest = reference.basis.embeddings(reference.basis.coordinates(embedding) - artifact)
    yours, real = drawn(space, embedding, crop), drawn(space, closest, crop)
    low, high = np.percentile([yours, real], (1, 99))
    title, label = said("What remains: the artifact"), collection.cards[candidate].label
    return [
        spectrum_figure(yours, words.yours, words.reading, low, high),
        spectrum_figure(real, words.closest, said("The mean of the real images that lie nearest."), low, high),
        artifact_figure(_difference(artifact, reference, crop), title, words.remains, space=space),
        mean_artifact(collection, candidate, said("{generator}: mean artifact", generator=label), space),
    ]


def _difference(artifact: np.ndarray, reference: Reference, crop: int) -> np.ndarray:
    """An artifact (d,) in a basis as a plane of differences of log magnitudes."""
    return drawn(reference.space, reference.basis.differences(artifact[None])[0], crop)


def described(image: Image, collection: Collection) -> tuple[np.ndarray, np.ndarray]:
    """The embedding (D,) and the artifact (d,) of an image in the frequency space, means over its views."""
    embeddings = get_space(SPACE).embed(collection.form.views(image))
    return embeddings.mean(axis=0), collection.references[SPACE].view_artifacts(embeddings).mean(axis=0)


def mean_artifact(collection: Collection, name: str, title: str, space: str = SPACE) -> Figure:
    """The mean artifact of a generator's samples, computed from its fingerprint."""
    reference = collection.references[space]
    mean = collection.means[space][collection.names.index(name)]
    return mean_artifact_of(mean, reference, collection.form.crop, title, collection.cards[name].samples)


def mean_artifact_of(mean: np.ndarray, reference: Reference, crop: int, title: str, samples: int) -> Figure:
    """The same from a mean (d,) that is not in a registry yet."""
    caption = said("What {samples} of its images have in common.", samples=Grouped(samples))
    return artifact_figure(_difference(mean, reference, crop), title, caption, space=reference.space)


def side_by_side(collection: Collection, one: str, other: str) -> list[Figure]:
    """The mean artifacts of two generators and, between them, their difference; all on one scale."""
    basis, means, cards = collection.references[SPACE].basis, collection.means[SPACE], collection.cards
    left, right = (
        plane(basis.differences(means[collection.names.index(name)][None])[0], collection.form.crop)
        for name in (one, other)
    )
    limit = float(np.percentile(np.abs([left, right, left - right]), 99))
    first, second = cards[one].label, cards[other].label
    between = said("Where {one} is stronger (ochre) or weaker (blue) than {other}.", one=first, other=second)
    return [
        artifact_figure(left, first, _mean_of(cards[one].samples), limit),
        artifact_figure(left - right, said("The difference"), between, limit, said("equal")),
        artifact_figure(right, second, _mean_of(cards[other].samples), limit),
    ]


def _mean_of(samples: int) -> Sentence:
    return counted("Mean artifact of {number} image.", "Mean artifact of {number} images.", samples)


def stored_spectrum(collection: Collection, name: str) -> Figure | None:
    """The mean spectrum as it was drawn when the generator was added; None when its folder has none."""
    path = collection.picture(name, "spectrum.png")
    if not path.is_file():
        return None
    caption, label = said("Coarse shapes in the middle, finest detail outside."), collection.cards[name].label
    alt = said("Mean spectrum of the images of {generator}: a map of log magnitudes.", generator=label)
    scale = Scale(png_bytes(sequential(_RAMP, 0.0, 1.0)), said("weak"), said("magnitude"), said("strong"))
    return Figure(path.read_bytes(), said("Mean spectrum"), caption, alt, scale)


def artifact_strip(collection: Collection, name: str) -> list[Figure]:
    """The artifacts of up to six images of a generator, on one scale."""
    reference, kept = collection.references[SPACE], collection.fingerprint(name, SPACE).artifacts
    chosen = np.unique(np.linspace(0, len(kept) - 1, min(_STRIP, len(kept))).round().astype(int))
    planes = [plane(e, collection.form.crop) for e in reference.basis.differences(kept[chosen].astype(np.float32))]
    limit = float(np.percentile(np.abs(planes), 99))
    titles = [said("Image {number}", number=i + 1) for i in chosen]
    return [artifact_figure(values, title, "", limit) for title, values in zip(titles, planes, strict=True)]


def spectrum_figure(values: np.ndarray, title: str, caption: str, low: float, high: float) -> Figure:
    """``values`` (h, w): log magnitudes; several figures of one row share ``low`` and ``high``."""
    least, most = number(low, 1), number(high, 1)
    alt = said(
        "{title}: how strong each detail is, from {low} to {high} (logarithms), coarse shapes in the middle.",
        **{"title": title, "low": least, "high": most},
    )
    ramp = sequential(_RAMP, 0.0, 1.0)
    scale = Scale(png_bytes(ramp), least, said("log magnitude"), most)
    return Figure(png_bytes(sequential(values, low, high)), title, caption, alt, scale)


def artifact_figure(
    values: np.ndarray,
    title: str,
    caption: str,
    limit: float | None = None,
    neutral: str = _AS_REAL,
    space: str = SPACE,
) -> Figure:
    """``values`` (h, w): differences of log magnitudes, shown as factors: 1 (``neutral``) is what real images have."""
    limit = max(float(np.percentile(np.abs(values), 99)) if limit is None else limit, 1e-3)
    weak, strong = (f"× {number(float(np.exp(factor)), 2)}" for factor in (-limit, limit))
    alt = said(
        "{title}: a map of factors, from {weak} (blue) over {neutral} to {strong} (ochre); farthest {where}.",
        title=title,
        weak=weak,
        neutral=neutral,
        strong=strong,
        where=_where(values, _WORDS[space].centred),
    )
    scale = diverging_scale(weak, neutral, strong)
    return Figure(png_bytes(diverging(values, limit)), title, caption, alt, scale)


def diverging_scale(low: str, middle: str, high: str) -> Scale:
    """From blue over grey to ochre."""
    return Scale(png_bytes(diverging(2 * _RAMP - 1, 1.0)), low, middle, high)


def _where(values: np.ndarray, centred: bool) -> Sentence:
    """In words, in which band the differences are largest: coarse is the plane's middle, or its top left corner."""
    rows, columns = (np.linspace(-1.0 if centred else 0.0, 1.0, n) for n in values.shape)
    radius = np.hypot(rows[:, None], columns)
    bands = {
        said("in coarse shapes"): radius < 0.33,
        said("in middle detail"): (radius >= 0.33) & (radius < 0.75),
        said("in the finest detail"): radius >= 0.75,
    }
    return max(bands, key=lambda band: float(np.abs(values[bands[band]]).mean()))
