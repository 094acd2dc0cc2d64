"""What a fingerprint needs of an image, and no more: its mean artifact in each space, one vector in place of its views.

An image of 512 px has 16 views, and as many again after each history; of all of them one mean a space is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..geometry.artifact import ViewArtifacts
from ..geometry.embedding import CHANGED_VIEWS, check_versions, detail_of, views_of
from ..images.canonical import CanonicalForm
from ..images.detail import ENOUGH
from ..images.histories import with_history
from ..images.image import Image
from ..spaces import embed_each
from .reference import Reference


@dataclass(frozen=True)
class Summary:
    """One image after one history: ``artifacts`` space -> (d,), the mean over its ``views``; and ``spectrum`` (D,), its
    mean embedding in the frequency space, which a gallery draws: None after a history, or without that space; and how
    much the image ``shows`` of how it was made (images/detail.py)."""

    artifacts: dict[str, np.ndarray]
    views: int
    spectrum: np.ndarray | None = None
    shows: int = ENOUGH


@dataclass(frozen=True)
class Summarise:
    """image -> its summaries by the number of the history, 0 as it was made, without those that leave it too small.

    It holds all that it needs, so that it can be sent to another machine; there it raises SpaceError when the spaces
    have other versions than here.
    """

    form: CanonicalForm
    references: Mapping[str, Reference]
    histories: Sequence[str]

    def __call__(self, image: Image) -> dict[int, Summary]:
        check_versions({space: reference.version for space, reference in self.references.items()})
        views = {}
        for number, history in enumerate(self.histories):
            changed = with_history(image, history) if number else image
            if number == 0 or self.form.covers(changed.shorter_side):
                views[number] = views_of(changed, self.form, CHANGED_VIEWS if number else None)
        rows = dict(embed_each(np.concatenate(list(views.values())), list(self.references)))  # of all at once
        artifacts = {space: reference.view_artifacts(rows[space]) for space, reference in self.references.items()}
        found, start = {}, 0
        for number, of_history in views.items():
            these = slice(start, start + len(of_history))
            means = {space: of_views[these].mean(axis=0) for space, of_views in artifacts.items()}
            drawn = number == 0 and "frequency" in rows
            spectrum = rows["frequency"][these].mean(axis=0) if drawn else None
            shows = ENOUGH if number else int(detail_of(image, self.form).shows(len(of_history)))
            found[number] = Summary(means, len(of_history), spectrum, shows)
            start = these.stop
        return found


@dataclass(frozen=True)
class ImageArtifacts(ViewArtifacts):
    """The same when only the mean over each image's views was kept: ``rows`` (images, d) are those means.

    ``counts`` (images,): how many views each image had. What needs single views raises ValueError.
    """

    counts: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=int))

    @classmethod
    def of(cls, images: Sequence[Summary], contents: Sequence[str], space: str) -> ImageArtifacts:
        """Of images as they were made, in one space."""
        rows = np.stack([image.artifacts[space] for image in images])
        views, shows = (np.array([getattr(image, name) for image in images]) for name in ("views", "shows"))
        return cls(rows, np.arange(len(rows)), np.asarray(contents, dtype=str), shows=shows, counts=views)

    def views(self, keep: int | None = None) -> np.ndarray:
        """The number of views of each image (images,), at most ``keep`` of them."""
        return self.counts if keep is None else np.minimum(self.counts, keep)

    def select(self, images: np.ndarray) -> ImageArtifacts:
        """The images where the boolean mask (images,) is true, numbered anew."""
        rows, rest = self.rows[images], ("contents", "histories", "shows", "counts")
        return ImageArtifacts(rows, np.arange(len(rows)), **{name: getattr(self, name)[images] for name in rest})

    def _thinned(self, keep: int) -> tuple[np.ndarray, np.ndarray]:
        raise ValueError(f"the views of these images were not kept, so none of them are {keep}.")


@dataclass
class RunningMean:
    """The mean of vectors that are not kept, in float64."""

    total: np.ndarray
    weight: float = 0.0

    @classmethod
    def of(cls, vector: np.ndarray) -> RunningMean:
        """An empty mean of vectors like this one."""
        return cls(np.zeros(vector.shape, dtype=np.float64))

    def add(self, vector: np.ndarray, weight: float = 1.0) -> None:
        self.total += weight * vector
        self.weight += weight

    @property
    def mean(self) -> np.ndarray:
        return np.asarray(self.total / self.weight, dtype=np.float32)
