"""Marra et al., "Do GANs leave artificial fingerprints?" (MIPR 2019): the mean residual, and correlation with it.

R = x - D(x); the fingerprint of a generator is the mean of R over its images (R = F + W, the noise W averages out);
an image goes to the generator with the largest normalised correlation. No training. Simplified for a CPU: D is a local
Wiener filter in place of the non-local denoiser of the paper.
"""

from __future__ import annotations

from typing import Self

import numpy as np

from .parts.base import Images
from .parts.residuals import noise_residual


class Marra19:
    name = "Marra19"
    classes: np.ndarray
    fingerprints: np.ndarray

    def fit(self, images: Images, labels: np.ndarray) -> Self:
        """``fingerprints`` (classes, h, w, 3): the mean residuals, in grey levels."""
        self.classes, column = np.unique(labels, return_inverse=True)
        sums = np.zeros((len(self.classes), *images[0].shape), dtype=np.float64)
        for image, c in zip(images, column, strict=True):
            sums[c] += noise_residual(image)
        self.fingerprints = sums / np.bincount(column)[:, None, None, None]
        return self

    def scores(self, images: Images) -> np.ndarray:
        """The normalised correlation of each residual with each fingerprint: (n, classes)."""
        residuals = np.stack([_normalised(noise_residual(image)) for image in images])
        return residuals @ np.stack([_normalised(f) for f in self.fingerprints]).T


def _normalised(pattern: np.ndarray) -> np.ndarray:
    centred = pattern.ravel() - pattern.mean()
    flat: np.ndarray = centred / (np.linalg.norm(centred) + 1e-12)
    return flat
