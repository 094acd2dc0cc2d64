"""Nguyen et al., "Forensic self-descriptions are all you need" (CVPR 2025).

A residual r is described by how its own neighbours predict it, phi = argmin sum_p (r(p) - sum_q phi(q) r(p + q))^2 with
q the eight neighbours at distances 1, 2 and 4, solved for each image; one Gaussian mixture per source models phi.
Simplified for a CPU: two fixed high-pass filters of the grey image in place of eight learned ones, the normal equations
in place of gradient descent, and each mixture has two components that share a covariance, in the leading principal
components of phi.
"""

from __future__ import annotations

from typing import Self

import numpy as np
from scipy.ndimage import convolve
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

from .parts.base import Images, grey

_KERNELS = (
    np.array([[-1, 2, -1], [2, -4, 2], [-1, 2, -1]], dtype=np.float32) / 4,
    np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]], dtype=np.float32) / 4,
)
_SCALES = (1, 2, 4)
_NEIGHBOURS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
_REACH = max(_SCALES)
_COORDINATES, _COMPONENTS, _MIN_IMAGES = 32, 2, 40


class SelfDescriptions:
    name = "Self-descriptions"
    classes: np.ndarray

    def fit(self, images: Images, labels: np.ndarray) -> Self:
        self.classes = np.unique(labels)
        described = np.stack([describe(image) for image in images])
        self._scaler = StandardScaler().fit(described)
        standard = self._scaler.transform(described)
        self._principal = PCA(min(_COORDINATES, *standard.shape), whiten=True, random_state=0).fit(standard)
        phi = self._principal.transform(standard)
        self._mixtures = [_mixture(phi[labels == name]) for name in self.classes]
        return self

    def scores(self, images: Images) -> np.ndarray:
        """log p(phi | source): (n, classes)."""
        phi = self._principal.transform(self._scaler.transform(np.stack([describe(image) for image in images])))
        return np.column_stack([mixture.score_samples(phi) for mixture in self._mixtures])


def describe(image: np.ndarray) -> np.ndarray:
    """The self-description of uint8 (h, w, 3): predictors of both residuals, then the log of what they leave over."""
    parts: list[np.ndarray] = []
    for kernel in _KERNELS:
        residual = convolve(grey(image), kernel, mode="reflect")
        centre = residual[_REACH:-_REACH, _REACH:-_REACH]
        height, width = centre.shape
        columns = [
            residual[_REACH + s * dy : _REACH + s * dy + height, _REACH + s * dx : _REACH + s * dx + width].ravel()
            for s in _SCALES
            for dy, dx in _NEIGHBOURS
        ]
        a, b = np.stack(columns, axis=1).astype(np.float64), centre.ravel().astype(np.float64)
        gram = a.T @ a
        phi = np.linalg.solve(gram + (1e-3 * np.trace(gram) / len(gram) + 1e-6) * np.eye(len(gram)), a.T @ b)
        left_over = np.mean((b - a @ phi) ** 2)
        parts.append(np.append(phi, np.log(left_over + 1e-3)))
    return np.concatenate(parts)


def _mixture(phi: np.ndarray) -> GaussianMixture:
    components = _COMPONENTS if len(phi) >= _MIN_IMAGES else 1
    return GaussianMixture(components, covariance_type="tied", reg_covar=0.1, random_state=0).fit(phi)
