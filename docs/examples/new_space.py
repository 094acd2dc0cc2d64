"""Try a representation space of your own on views (n, h, w, 3), before it becomes a file in fingerprints/spaces."""

import numpy as np

from fingerprints.geometry.artifact import artifacts
from fingerprints.geometry.manifold import Manifold
from fingerprints.geometry.projection import Nearest


def phi(views: np.ndarray) -> np.ndarray:
    """How neighbouring pixels differ, in each colour: uint8 (n, h, w, 3) -> float32 (n, 6)."""
    steps = [np.diff(views.astype(np.float32), axis=axis).std(axis=(1, 2)) for axis in (1, 2)]
    return np.concatenate(steps, axis=1)


def recognised(reals: np.ndarray, generators: dict[str, np.ndarray]) -> float:
    """The share of each generator's second half that lies nearest to the mean artifact of its first half."""
    manifold = Manifold(phi(reals))
    found = [artifacts(phi(views), manifold, Nearest()) for views in generators.values()]  # a = phi - pi(phi)
    means = np.stack([rows[: len(rows) // 2].mean(axis=0) for rows in found])  # a fingerprint, in one vector
    distances = [np.linalg.norm(rows[len(rows) // 2 :, None] - means, axis=2) for rows in found]
    return float(np.mean(np.concatenate([d.argmin(axis=1) == g for g, d in enumerate(distances)])))
