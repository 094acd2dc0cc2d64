"""What is compared of a fingerprint: two moments of its set of artifacts, in whitened coordinates.

The mean artifact says where the images of a generator lie, the log spread how far they scatter: a loss shows in
diversity and noise as well as in the mean. Both are scaled so that n images leave a sampling variance of about 1 / n
in every coordinate, whatever the space; distances and kernels may then add them up.
"""

from __future__ import annotations

import numpy as np

MOMENTS = ("mean", "spread")


def moment(artifacts: np.ndarray, name: str) -> np.ndarray:
    """Whitened artifacts (n, d), n >= 2 -> (d,): "mean", or "spread", the log of each coordinate's deviation.

    For a Gaussian of unit variance Var(mean) = 1 / n, and Var(log s) = 1 / 2n for the deviation s: hence sqrt(2).
    """
    if name not in MOMENTS:
        raise ValueError(f"no moment is called {name!r}; known: {', '.join(MOMENTS)}.")
    if name == "mean":
        return np.asarray(artifacts.mean(axis=0))
    return np.asarray(np.sqrt(2.0) * np.log(artifacts.std(axis=0, ddof=1) + 1e-6))


def sampling_noise(artifacts: np.ndarray, name: str) -> float:
    """The expected squared sampling error of ``moment``, from two halves of the images: |half - half|^2 / 4.

    Each half of n images has 2 / n of the noise, their difference 4 / n; no distribution is assumed.
    """
    halves = moment(artifacts[::2], name) - moment(artifacts[1::2], name)
    return float(halves @ halves) / 4.0
