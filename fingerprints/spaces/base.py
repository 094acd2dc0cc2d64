"""What a representation space is: a named, versioned map phi from image views to vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import numpy as np


class Space(Protocol):
    """phi of the paper (section 3.1). Change phi, and ``version`` must change: it enters every digest.

    ``label``: what it looks at, in words for people who know nothing of it, to follow "it looks at".
    """

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def version(self) -> int: ...

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, height, width, 3) -> float32 (n, d); d depends on the size of the views alone."""
        ...


@runtime_checkable
class BeginsAlike(Space, Protocol):
    """A space whose first step others share: ``embed(views)`` is ``of(begin(views))``."""

    @property
    def begin(self) -> Callable[[np.ndarray], Any]: ...

    def of(self, begun: Any) -> np.ndarray:
        """What ``begin`` gives for n views -> float32 (n, d)."""
        ...


def luma_and_chroma(views: np.ndarray) -> np.ndarray:
    """uint8 RGB (n, h, w, 3) -> float32 (n, 3, h, w): Y, Cb, Cr of BT.601 (JPEG), all centred on zero."""
    n, height, width, _ = views.shape
    rgb = np.ascontiguousarray(views.transpose(0, 3, 1, 2)).reshape(n, 3, -1).astype(np.float32)
    return np.asarray((_YCC @ (rgb - np.float32(128))).reshape(n, 3, height, width))


_YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], dtype=np.float32)
