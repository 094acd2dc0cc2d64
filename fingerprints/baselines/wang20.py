"""Wang et al., "CNN-generated images are surprisingly easy to spot... for now" (CVPR 2020): blur and JPEG augmentation.

Each training image is blurred with probability one half (sigma uniform in 0 to 3) and re-encoded as JPEG with
probability one half (quality uniform in 30 to 100). Simplified for a CPU: the network of Marra18, softmax over the
generators, in place of a ResNet-50 that knows real and generated alone.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter

from ..images import codecs
from .marra18 import Marra18

_PROBABILITY = 0.5


class Wang20(Marra18):
    name = "Wang20"

    def augment(self, crops: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Blur, then JPEG, each with probability one half for each crop; uint8 (n, 3, h, w) in and out."""
        changed = [_encoded(_blurred(crop, rng), rng) for crop in crops.transpose(0, 2, 3, 1)]
        return np.stack(changed).transpose(0, 3, 1, 2)


def _blurred(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() >= _PROBABILITY:
        return crop
    sigma = rng.uniform(0.0, 3.0)
    return np.round(gaussian_filter(crop.astype(np.float32), (sigma, sigma, 0))).astype(np.uint8)


def _encoded(crop: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return crop if rng.random() >= _PROBABILITY else codecs.jpeg(crop, int(rng.integers(30, 101)))
