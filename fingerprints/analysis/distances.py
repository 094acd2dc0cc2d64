"""How far fingerprints lie apart, and whether relatives lie near."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .permutation import p_value


def squared_distances(points: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Moments (g, d) of g generators -> (g, g): squared distances divided by d, never below 0.

    With whitened means it is the squared Mahalanobis distance under the covariance that the generators share: 1 says
    that two lie one deviation of their images apart in every coordinate. ``noise`` (g,), the expected squared error of
    each point, is subtracted: two samples of one generator are at distance 0 on average, however few images they have.
    """
    norms = np.einsum("gd,gd->g", points, points)
    squared = norms[:, None] + norms - 2 * points @ points.T - noise[:, None] - noise
    np.fill_diagonal(squared, 0.0)
    return np.asarray(np.maximum(squared, 0.0) / points.shape[1])


@dataclass(frozen=True)
class Nearness:
    """How near relatives lie: ``rank`` of the nearest, from 0 (nearer than all others) to 1, averaged; chance .5.

    ``first``: the share that has a relative as the very nearest; ``chance``: the same for permuted labels; ``p``: the
    share of permutations with a rank as low; ``count``: how many have a relative.
    """

    rank: float
    first: float
    chance: float
    p: float
    count: int


def nearness(squared: np.ndarray, kin: np.ndarray, sides: np.ndarray | None = None, draws: int = 1000) -> Nearness:
    """Squared distances (g, g); relatives share a label of ``kin`` (g,): one design under two seeds.

    With ``sides`` (g,) each is compared only with those on another side (the same algorithm in another code base), and
    labels are permuted within sides.
    """
    apart = ~np.eye(len(squared), dtype=bool)
    among = apart if sides is None else apart & (sides[:, None] != sides)
    ranks = _ranks(squared, kin, among)
    random = np.random.default_rng(0)
    null = [_ranks(squared, _shuffled_within(kin, sides, random), among) for _ in range(draws)]
    chance = float(np.mean([(other == 0).mean() for other in null]))
    p = p_value(-ranks.mean(), [-other.mean() for other in null])
    return Nearness(float(ranks.mean()), float((ranks == 0).mean()), chance, p, len(ranks))


def _ranks(squared: np.ndarray, kin: np.ndarray, among: np.ndarray) -> np.ndarray:
    """The share of strangers that lie nearer than the nearest relative, for each generator that has both."""
    ranks = []
    for row, others, same in zip(squared, among, kin[:, None] == kin, strict=True):
        if (others & same).any() and (others & ~same).any():
            ranks.append(float((row[others & ~same] < row[others & same].min()).mean()))
    if not ranks:
        raise ValueError("no generator has both a relative and a stranger to compare it with.")
    return np.array(ranks)


def _shuffled_within(kin: np.ndarray, sides: np.ndarray | None, random: np.random.Generator) -> np.ndarray:
    shuffled = kin.copy()
    for side in [None] if sides is None else np.unique(sides):
        rows = np.flatnonzero(np.ones(len(kin), bool) if side is None else sides == side)
        shuffled[rows] = kin[random.permutation(rows)]
    return shuffled
