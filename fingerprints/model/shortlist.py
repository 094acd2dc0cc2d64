"""All spaces at once among thousands of generators: only those that the sum over spaces puts first are compared.

To whiten the means of thousands by the joint covariance takes a minute and gigabytes. But the product of an artifact x
and a mean m, both whitened, is (x W) (m W)^T = (x W W^T) m^T: the artifact alone goes through W, twice, and the means
are read as the spaces keep them. How long the whitened means are does not depend on the image: it is taken once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .discriminant import Whitened
from .evidence import Evidence, Known
from .joint import Joint

COMPARED = 64  # generators of each image; no more than that, and all of them are compared as they are (Known)


def lengths_of(known: Known) -> np.ndarray:
    """What is taken once of generators as all spaces at once compare them (Joint.known): float32 (g, 3, h), the squared
    lengths of the means by ``within``, their products with the middle of the founders, the squared lengths by
    ``contrast``."""
    g, h = len(known.looseness), len(known.within)
    inner = [means.squares for means in known.within]
    along = [apart.along for apart in known.apart]
    outer = known.contrast.squares[: g * h].reshape(g, h).T
    return np.stack([inner, along, outer]).transpose(2, 0, 1).astype(np.float32)


@dataclass(frozen=True)
class Shortlist:
    """The generators (g,) of ``known``, by space, with their ``lengths`` (g, 3, h); none of them is read before it is
    chosen."""

    joint: Joint
    known: Mapping[str, Known]
    lengths: np.ndarray

    def weigh(
        self, artifacts: np.ndarray, views: np.ndarray, chosen: np.ndarray, numbers: Sequence[int] | None = None
    ) -> Evidence:
        """Image artifacts (n, D) of ``views`` (n,) against the generators that are ``chosen`` for each (n, g), or for
        all (1, g), as Known.weigh would; of all others nothing is said (NaN). ``numbers`` (g,): where not all of them
        are meant."""
        chosen = np.broadcast_to(chosen, (len(artifacts), chosen.shape[1]))
        asked = np.flatnonzero(chosen.any(axis=0))
        columns = asked if numbers is None else np.asarray(numbers)[asked]
        squares, along, outer_squares = np.moveaxis(np.asarray(self.lengths[columns]), 1, 0)
        inner, outer = self.joint.within.whiten(artifacts), self.joint.contrast.whiten(artifacts)
        twice = [inner.rows @ self.joint.within.whitening.T, outer.rows @ self.joint.contrast.whitening.T]
        products, outer_products = np.split(self._products(np.concatenate(twice), columns), 2)
        d, expected = artifacts.shape[1], self.joint.spread.of(views)[:, None, None]
        squared = np.maximum(inner.squares[:, None, None] - 2 * products + squares, 0.0) / d / expected
        looseness = np.mean([one.looseness[columns] for one in self.known.values()], axis=0)
        apart = np.maximum(squares - 2 * along + self._centres.squares, 1e-6)
        own = (inner.rows @ self._centres.rows.T)[:, None]
        over = (outer_products - 0.5 * outer_squares).max(axis=2)
        return Evidence(
            likelihood=_put_back(self._determinant - 0.5 * d * (squared + np.log(expected)), asked, chosen),
            over_real=_put_back(
                (over - outer.log_likelihoods(self._real).max(axis=1, keepdims=True)) / expected[:, 0], asked, chosen
            ),
            distance=_put_back(squared / np.clip(looseness, 0.5, 4.0)[:, None], asked, chosen),
            real_distance=outer.squared_distances(self._real).min(axis=1) / expected[:, 0, 0],
            views=views,
            share=_put_back((products - own - along + self._centres.squares) / apart, asked, chosen),
            line=self.joint.line(outer.rows) / expected[:, 0, 0],
        )

    def _products(self, query: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Of artifacts (n, D) that went through a W twice with the means of ``columns`` (k,): (n, k, h)."""
        h = self.lengths.shape[2]
        rows = (columns[:, None] * h + np.arange(h)).ravel()
        found, start = np.zeros((len(query), len(rows)), np.float32), 0
        for space, bridge in self._bridges.items():
            means = np.asarray(self.known[space].contrast.rows[rows])
            found += query[:, start : start + len(bridge)] @ bridge.T @ means.T
            start += len(bridge)
        return found.reshape(len(query), len(columns), h)

    @cached_property
    def _bridges(self) -> dict[str, np.ndarray]:
        """By space, the matrix (d, d) that takes a mean as the space keeps it, whitened by its ``contrast``, to where
        all spaces lie side by side, whitened by their ``within``."""
        frames = {space: self.known[space].reference for space in self.joint.spaces}
        return {
            space: np.linalg.solve(frame.contrast.whitening, frame.members(1)[0].within.whitening)
            for space, frame in frames.items()
        }

    @cached_property
    def _centres(self) -> Whitened:
        """The middles of the founders after each history (h, D)."""
        joint = self.joint.with_founders(self.known)
        return joint.within.whiten(np.stack([joint.centre(history) for history in range(self.lengths.shape[2])]))

    @cached_property
    def _real(self) -> Whitened:
        return self.joint.contrast.whiten(self.joint.real_means)

    @cached_property
    def _determinant(self) -> float:
        return self.joint.within.log_determinant()


def _put_back(values: np.ndarray, columns: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Values (n, k) or (n, k, h) of some ``columns`` (k,) among all (g,), NaN where a generator is not ``chosen``
    (n, g)."""
    full = np.full((*chosen.shape, *values.shape[2:]), np.nan, np.float32)
    asked = chosen[:, columns] if values.ndim == 2 else chosen[:, columns, None]
    full[:, columns] = np.where(asked, values, np.nan)
    return full
