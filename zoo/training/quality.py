"""How far samples are from real faces: the Frechet distance between features of a fixed random network.

No pretrained network is at hand, so this is not the FID and its figures compare only with each other. Features of a
random convolutional network are known to rank generators much as learned ones do; what they miss is what only a
network that knows faces would see.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import scipy.linalg
import torch
import torch.nn.functional as F

MEASURE = "Frechet distance, 256 features of a fixed random convolutional network, unit variance over real faces"
_WIDTHS = (3, 32, 64, 64)


def frechet_distance(images: np.ndarray, reference: np.ndarray) -> float:
    """|m - m'|^2 + tr(C + C' - 2 (C C')^(1/2)), Heusel et al. 2017, of uint8 (n, 32, 32, 3) images and reference."""
    x, y = features(images), features(reference)
    scale = y.std(axis=0)
    x, y = x / scale, y / scale
    shift = x.mean(axis=0) - y.mean(axis=0)
    c, d = np.cov(x.T), np.cov(y.T)
    # tr (C D)^(1/2) by the symmetric D^(1/2) C D^(1/2), which has the same eigenvalues and no complex parts.
    root = scipy.linalg.sqrtm(d).real
    mixed = np.sqrt(np.clip(np.linalg.eigvalsh(root @ c @ root), 0, None)).sum()
    return float(shift @ shift + np.trace(c) + np.trace(d) - 2 * mixed)


@torch.no_grad()
def features(images: np.ndarray) -> np.ndarray:
    """uint8 (n, 32, 32, 3) -> float64 (n, 256): three strided random convolutions, averaged over quarters."""
    rng = np.random.default_rng(0)
    x = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 127.5 - 1
    for inward, outward in pairwise(_WIDTHS):
        kernel = rng.standard_normal((outward, inward, 4, 4)) / np.sqrt(8 * inward)
        x = F.leaky_relu(F.conv2d(x, torch.from_numpy(kernel.astype(np.float32)), stride=2, padding=1), 0.2)
    return F.adaptive_avg_pool2d(x, 2).flatten(1).double().numpy()
