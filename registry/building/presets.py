"""The collections that this project knows how to build: canonical form, spaces, and histories of their photos."""

from __future__ import annotations

from dataclasses import dataclass

from fingerprints.attribution.domain import SPACE
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.histories import AS_IS, GENERATED, HISTORIES
from fingerprints.learning.fitting import Recipe


@dataclass(frozen=True)
class Preset:
    """How a collection is built. ``histories``: what its photos have gone through, one kind of "real" each;
    ``generated``: what the images of its generators have gone through, a mean each, "as is" first. ``about``: the one
    kind of thing that all of its pictures show, if they do (domain.py)."""

    title: str
    form: CanonicalForm
    recipe: Recipe
    histories: tuple[str, ...] = (AS_IS,)
    generated: tuple[str, ...] = (AS_IS,)
    about: str = ""

    @property
    def spaces(self) -> list[str]:
        """All that its images are embedded in."""
        return [*self.recipe.dimensions, *([SPACE] if self.about else [])]


PRESETS: dict[str, Preset] = {
    "text-to-image": Preset(
        "Text-to-image models",
        CanonicalForm(min_side=128, max_side=None, crop=128, max_crops=9, jpeg_quality=75),
        Recipe(
            {"dct": 384, "learned": 336, "gram": 320, "autoencoder": 384, "correlation": 256, "frequency": 128},
            shrinkage=0.008,
            max_bank_rows=1800,
            joint_shrinkage=0.3,
        ),
        histories=tuple(HISTORIES),
        generated=GENERATED,
    ),
    "faces-64": Preset(
        "Faces of 64 pixels",
        CanonicalForm(min_side=64, max_side=127, crop=64, resize=64),
        Recipe({"dct": 512, "residual": 320, "frequency": 256, "correlation": 320, "gram": 160}, max_bank_rows=1500),
        about="faces",
    ),
    "zoo": Preset(
        "Zoo: small generators of known design",
        CanonicalForm(min_side=32, max_side=32, crop=32),
        Recipe({"dct": 384, "correlation": 320, "frequency": 128, "gram": 160, "residual": 160}, max_bank_rows=1500),
    ),
    "cifar-10": Preset(
        "CIFAR-10",
        CanonicalForm(min_side=32, max_side=32, crop=32, jpeg_quality=75),
        Recipe(
            {"dct": 512, "learned": 336, "correlation": 384, "filters": 512, "rgb": 768, "frequency": 256},
            shrinkage=0.1,
        ),
    ),
    "digits": Preset(
        "Handwritten digits (MNIST)",
        CanonicalForm(min_side=28, max_side=28, crop=28),
        Recipe(
            {
                "dct": 256,
                "learned": 336,
                "correlation": 256,
                "filters": 384,
                "rgb": 512,
                "residual": 320,
                "frequency": 128,
            },
            shrinkage=0.1,
        ),
    ),
}
