"""Fisher's linear discriminant (1936) of two classes: images by any of the founders, and photos of any kind.

How near an image lies to one generator says little of a model that nobody has listed. This direction is what all
generators have in common that photos have not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .discriminant import Discriminant

_AS_MADE = 0.7  # of the generated images; the rest went through a history


@dataclass(frozen=True)
class FisherLine:
    """``direction`` (d,), in coordinates that the contrast has whitened, and ``bias``: the log-odds of "generated"
    against "photo" if both classes were Gaussian, of the same covariance."""

    direction: np.ndarray
    bias: float

    @classmethod
    def of(cls, contrast: Discriminant, founders: np.ndarray, photos: np.ndarray) -> FisherLine:
        """From the means of founders after each history (f, h, d) and of the kinds of photos (R, d), around which
        images vary as ``contrast`` says. Without founders it says nothing."""
        if not founders.any():
            return cls(np.zeros(len(contrast.whitening), np.float32), 0.0)
        others = founders.shape[1] - 1
        of_histories = np.array([_AS_MADE, *[(1 - _AS_MADE) / max(others, 1)] * others])
        rows, weights = founders.reshape(-1, founders.shape[2]), np.tile(of_histories, len(founders))
        made, around_made = _middle(contrast.whiten(rows).rows, weights)
        real, around_real = _middle(contrast.whiten(photos).rows, np.ones(len(photos)))
        # the covariance is I + U^T U, where U (few rows) are the means around the middle of their side
        u, difference = np.concatenate([around_made, around_real]) * np.sqrt(0.5), made - real
        direction = difference - u.T @ np.linalg.solve(np.eye(len(u)) + u @ u.T, u @ difference)
        return cls(direction.astype(np.float32), float(-0.5 * (made + real) @ direction))

    def __call__(self, whitened: np.ndarray) -> np.ndarray:
        """Artifacts (n, d), whitened by the contrast: (n,)."""
        return np.asarray(whitened @ self.direction + self.bias)


def _middle(means: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The weighted middle (d,) of means (k, d), and these around it, each times the square root of its weight."""
    weights = weights / weights.sum()
    middle = weights @ means
    return middle, (means - middle) * np.sqrt(weights)[:, None]
