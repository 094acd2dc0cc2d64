"""What was learned once, and means are compared in: that of one space (Reference), or of all spaces at once (Joint)."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from .discriminant import Discriminant
from .fisher import FisherLine
from .reference import Members, Spread


class Frame(Protocol):
    """See Reference, whose words these are."""

    @property
    def dimension(self) -> int: ...

    @property
    def contrast(self) -> Discriminant: ...

    @property
    def real_means(self) -> np.ndarray: ...

    @property
    def spread(self) -> Spread: ...

    @property
    def founders(self) -> np.ndarray: ...

    @property
    def line(self) -> FisherLine: ...

    def members(self, histories: int) -> list[Members]: ...

    def centre(self, history: int) -> np.ndarray: ...
