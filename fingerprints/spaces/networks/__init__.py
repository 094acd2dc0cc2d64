"""Networks of the learned spaces, one a file; and views through a network, a few at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_AT_ONCE = 8  # of more the maps leave the cache


def batched(network: Callable[[Any], Any], views: np.ndarray) -> np.ndarray:
    """``network`` maps a uint8 tensor (n, h, w, 3) to a tensor (n, d); views (n, h, w, 3) -> float32 (n, d)."""
    import torch  # slow to import: not before a view is embedded

    with torch.inference_mode():
        parts = [network(torch.from_numpy(views[i : i + _AT_ONCE])).numpy() for i in range(0, len(views), _AT_ONCE)]
    return np.concatenate(parts)
