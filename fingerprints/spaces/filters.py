"""Statistics of random filters: how often the responses of small high-pass filters exceed a few thresholds.

The shares describe the joint distribution of neighbouring pixels, which spectra and correlations do not: a classifier
with a network's local view, and nothing to train (random convolutional kernels and the proportion of positive values:
Dempster et al., ROCKET, 2020).
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from ..sentence import said
from .networks import batched

_FILTERS, _SIZE = 128, 3
_LARGE, _STRIDE = 96, 3  # of a large view every third place is enough; 3 is odd: all phases of a block are met
_THRESHOLDS = (-8.0, 1e-3, 8.0)  # grey levels; the second counts nothing where an image is flat


class Filters:
    """Of each filter: the shares of responses above the thresholds, and the log of the mean absolute response."""

    name = "filters"
    label = said("how neighbouring pixels differ")
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3), h and w >= 3 -> float32 (n, 4 * 128)."""
        return batched(self._statistics, views)

    def _statistics(self, views: Any) -> Any:
        import torch

        stride = 1 if views.shape[1] < _LARGE else _STRIDE
        pixels = views.permute(0, 3, 1, 2).float()
        responses = torch.nn.functional.conv2d(pixels, self._kernels, stride=stride).flatten(2)
        shares = [(responses > threshold).float().mean(dim=2) for threshold in _THRESHOLDS]
        return torch.cat([*shares, (responses.abs_().mean(dim=2) + 0.1).log_()], dim=1)

    @cached_property
    def _kernels(self) -> Any:
        """(filters, 3, size, size): each sums to 0, of norm 1. The stream of RandomState never changes."""
        import torch

        drawn = np.random.RandomState(0).normal(size=(_FILTERS, 3 * _SIZE * _SIZE))
        drawn -= drawn.mean(axis=1, keepdims=True)
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        return torch.from_numpy(drawn.reshape(_FILTERS, 3, _SIZE, _SIZE).astype(np.float32))


SPACES = (Filters(),)
