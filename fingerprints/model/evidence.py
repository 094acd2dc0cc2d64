"""What one space says about images: how well each generator, and the class "real", explains their artifacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import scipy.linalg

from .discriminant import Apart, Whitened
from .few_samples import steadied
from .frame import Frame
from .reference import Members

_MANY = 1000  # generators, whose means are not read twice for one answer
_FEW = 4  # artifacts, of which that is true
_BLOCK = 256  # means that stay in the cache meanwhile


@dataclass(frozen=True)
class Evidence:
    """Of n images against g generators in one space, each after h histories of its images.

    ``likelihood`` (n, g, h): log-likelihoods, up to a term shared by all of an image.
    ``over_real`` (n, g): by how much each generator's log-likelihood exceeds that of the best kind of real photo.
    ``views`` (n,): how many views each image had.
    ``distance`` (n, g, h) and ``real_distance`` (n,): squared distance to the members expected there; 1 is typical.
    ``share`` (n, g, h): how much the image shows of what sets a generator apart from the middle of all; 1 is typical.
    ``line`` (n,): where it lies on the line between photos and images by founders (fisher.py); 0 is the middle.
    """

    likelihood: np.ndarray
    over_real: np.ndarray
    distance: np.ndarray
    real_distance: np.ndarray
    views: np.ndarray
    share: np.ndarray
    line: np.ndarray

    def select(self, images: np.ndarray) -> Evidence:
        """Of the images with these numbers, in this order."""
        return Evidence(*(values[images] for values in vars(self).values()))

    def against(self, generators: Sequence[int] | np.ndarray) -> Evidence:
        """The same images against the generators of these numbers alone, in this order."""
        names = ("likelihood", "over_real", "distance", "share")
        return replace(self, **{name: getattr(self, name)[:, generators] for name in names})


@dataclass(frozen=True)
class Known:
    """The generators (g,) of a reference as they are compared: whitened once, so that an answer costs one product.

    A generator has h means, one for each history of its images, and ``members`` how they vary. ``within``: for each
    history the means (g, d); ``contrast`` (g h + R, d), the kinds of real photos last; ``real`` (R, d).
    """

    reference: Frame
    members: Sequence[Members]
    determinants: Sequence[float]
    within: Sequence[Whitened]
    contrast: Whitened
    real: Whitened
    looseness: np.ndarray

    @classmethod
    def of(cls, reference: Frame, means: np.ndarray, looseness: np.ndarray, samples: np.ndarray | None = None) -> Known:
        """From generator means (g, d), or (g, h, d) under h histories, of ``looseness`` (g,).

        ``samples`` (g,): from how many different images; None when the means are beyond doubt.
        """
        means = means if means.ndim == 3 else means[:, None]
        members = reference.members(means.shape[1])
        means = means if samples is None else steadied(means, samples, reference)
        return cls(
            reference,
            members,
            [one.within.log_determinant() for one in members],
            [one.within.whiten(means[:, history]) for history, one in enumerate(members)],
            reference.contrast.whiten(np.concatenate([means.reshape(-1, means.shape[-1]), reference.real_means])),
            reference.contrast.whiten(reference.real_means),
            looseness,
        )

    @staticmethod
    def shapes(reference: Frame, generators: int, histories: int) -> dict[str, tuple[int, ...]]:
        """Of the arrays, by name, that hold so many generators: ``put`` fills them, ``of_arrays`` takes them."""
        d = reference.dimension
        return {
            "within": (histories, generators, d),
            "contrast": (generators * histories + len(reference.real_means), d),
            "squares": (generators, 2 * histories),
        }

    def put(self, arrays: Mapping[str, np.ndarray], start: int) -> None:
        """Write these generators into arrays that hold as many or more, from the number ``start`` on."""
        g, h = len(self.looseness), len(self.within)
        own, inner = self.contrast, [means.squares for means in self.within]
        arrays["within"][:, start : start + g] = [means.rows for means in self.within]
        arrays["contrast"][start * h : (start + g) * h] = own.rows[: g * h]
        arrays["contrast"][len(arrays["squares"]) * h :] = self.real.rows
        arrays["squares"][start : start + g] = np.column_stack([*inner, own.squares[: g * h].reshape(g, h)])

    @classmethod
    def of_arrays(cls, reference: Frame, arrays: Mapping[str, np.ndarray], looseness: np.ndarray) -> Known:
        """From arrays that are full; nothing is whitened again, and the large ones are not copied."""
        squares = np.array(arrays["squares"], np.float32)
        h = squares.shape[1] // 2
        members, real = reference.members(h), reference.contrast.whiten(reference.real_means)
        return cls(
            reference,
            members,
            [one.within.log_determinant() for one in members],
            [Whitened(rows, squares[:, history]) for history, rows in enumerate(arrays["within"])],
            Whitened(arrays["contrast"], np.concatenate([squares[:, h:].ravel(), real.squares])),
            real,
            looseness,
        )

    @cached_property
    def means(self) -> np.ndarray:
        """The means (g, h, d) again."""
        own = self.contrast.rows[: len(self.looseness) * len(self.within)]
        rows = scipy.linalg.solve_triangular(self.reference.contrast.whitening, own.T, trans="T").T
        return np.asarray(rows, np.float32).reshape(len(self.looseness), len(self.within), self.reference.dimension)

    def select(self, generators: Sequence[int] | np.ndarray) -> Known:
        """The same with the generators of these numbers, in this order; nothing is whitened again."""
        chosen, h = np.asarray(generators, dtype=int), len(self.within)
        of_generators = (chosen[:, None] * h + np.arange(h)).ravel()
        rows = np.append(of_generators, np.arange(len(self.looseness) * h, len(self.contrast.rows)))
        return replace(
            self,
            within=[Whitened(means.rows[chosen], means.squares[chosen]) for means in self.within],
            contrast=Whitened(self.contrast.rows[rows], self.contrast.squares[rows]),
            looseness=self.looseness[chosen],
        )

    @cached_property
    def apart(self) -> list[Apart]:
        """For each history what sets the means apart from the middle of the founders."""
        centres = (self.reference.centre(h) @ one.within.whitening for h, one in enumerate(self.members))
        return [Apart.of(means, centre) for means, centre in zip(self.within, centres, strict=True)]

    @cached_property
    def bridges(self) -> list[np.ndarray]:
        """For each history the matrix (d, d) that takes an artifact in the coordinates of ``contrast`` to where its
        inner products with the rows of ``within`` are those with the rows of ``contrast``."""
        outer = self.reference.contrast.whitening
        return [np.linalg.solve(one.within.whitening, outer).T for one in self.members]

    def weigh(self, artifacts: np.ndarray, views: np.ndarray) -> Evidence:
        """Image artifacts (n, d) with their number of views (n,).

        The mean over n views varies less the more views there are: the covariances are scaled accordingly, so that
        one crop weighs what one crop is worth.
        """
        n, h, outer = len(artifacts), len(self.members), self.reference.contrast.whiten(artifacts)
        likelihoods, distances, shares, over = [], [], [], np.full((n, len(self.looseness)), -np.inf, np.float32)
        for history, (members, means) in enumerate(zip(self.members, self.within, strict=True)):
            if history == 0 or members.within is not self.members[history - 1].within:
                inner = members.within.whiten(artifacts)
            products, outer_products = self._products(history, inner.rows, outer.rows)
            squared = np.maximum(inner.squares[:, None] - 2 * products + means.squares, 0.0) / artifacts.shape[1]
            expected = members.spread.of(views)[:, None]
            likelihoods.append(self._log_likelihood(history, squared / expected, expected))
            distances.append(squared / expected / np.clip(self.looseness, 0.5, 4.0))
            shares.append(self.apart[history].shares(inner, products))
            outer_squares = self.contrast.squares[history : len(means.rows) * h : h]
            over = np.maximum(over, outer_products - 0.5 * outer_squares)
        expected = self.reference.spread.of(views)
        return Evidence(
            likelihood=np.stack(likelihoods, axis=2),
            over_real=(over - outer.log_likelihoods(self.real).max(axis=1, keepdims=True)) / expected[:, None],
            distance=np.stack(distances, axis=2),
            real_distance=outer.squared_distances(self.real).min(axis=1) / expected,
            views=views,
            share=np.stack(shares, axis=2),
            line=self.reference.line(outer.rows) / expected,
        )

    def _products(self, history: int, inner: np.ndarray, outer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Of artifacts (n, d), whitened both ways, with the means after a history whitened alike: twice (n, g).

        To read the means of thousands costs more than anything else, so both products are made of the same rows.
        """
        rows, h = self.within[history].rows, len(self.within)
        if len(rows) < _MANY or len(inner) > _FEW:
            return inner @ rows.T, outer @ self.contrast.rows[history : len(rows) * h : h].T
        queries = np.concatenate([inner, outer @ self.bridges[history]])
        found = np.empty((len(queries), len(rows)), np.float32)
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            for products, query in zip(found, queries, strict=True):
                np.matmul(block, query, out=products[start : start + _BLOCK])
        return found[: len(inner)], found[len(inner) :]

    def _log_likelihood(self, history: int, squared: np.ndarray, expected: np.ndarray) -> np.ndarray:
        """(n, g) from squared distances in units of what is expected."""
        d = self.reference.dimension
        return np.asarray(self.determinants[history] - 0.5 * d * (squared + np.log(expected)))


def together(part: Evidence) -> Evidence:
    """One row for all images of ``part``, said to share a source: what each says adds up, the rest is averaged."""
    return Evidence(
        likelihood=part.likelihood.sum(axis=0, keepdims=True),
        over_real=part.over_real.sum(axis=0, keepdims=True),
        distance=part.distance.mean(axis=0, keepdims=True),
        real_distance=part.real_distance.mean(keepdims=True),
        views=part.views.sum(keepdims=True),
        share=part.share.mean(axis=0, keepdims=True),
        line=part.line.sum(keepdims=True),
    )


def beside(one: Evidence, other: Evidence) -> Evidence:
    """Of the same images against the generators of both, those of ``other`` last: as if they had been weighed against
    all of them, because each generator is weighed by itself."""
    return Evidence(
        likelihood=np.concatenate([one.likelihood, other.likelihood], axis=1),
        over_real=np.concatenate([one.over_real, other.over_real], axis=1),
        distance=np.concatenate([one.distance, other.distance], axis=1),
        real_distance=one.real_distance,
        views=one.views,
        share=np.concatenate([one.share, other.share], axis=1),
        line=one.line,
    )


def join(parts: Sequence[Evidence]) -> Evidence:
    """The evidence of several sets of images against the same generators, one after the other."""
    return Evidence(*(np.concatenate(values) for values in zip(*(vars(part).values() for part in parts), strict=True)))
