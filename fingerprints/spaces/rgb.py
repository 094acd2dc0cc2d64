"""The paper's RGB space: the image itself."""

from __future__ import annotations

import numpy as np

from ..sentence import said


class RGB:
    """The float image in [0, 1], no other normalisation (ManiFPT, section 4.1)."""

    name = "rgb"
    label = said("the pixels themselves")
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3) -> float32 (n, 3 * h * w), channel by channel."""
        return views.transpose(0, 3, 1, 2).reshape(len(views), -1).astype(np.float32) / 255.0


SPACES = (RGB(),)
