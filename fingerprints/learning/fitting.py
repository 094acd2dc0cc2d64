"""Build a collection: references, class "real", calibration and fingerprints from embedded images.

Photos are split by content: one part becomes the bank (the manifold), the other the class "real". The calibration
is cross-fitted (crossfit.py) on the artifacts of the images that are not in the bank.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from ..attribution.calibration import JOINT, Calibration
from ..attribution.verdict import STANDARD
from ..geometry.artifact import ViewArtifacts
from ..geometry.embedding import EmbeddedImages, concatenate
from ..geometry.manifold import Manifold
from ..geometry.projection import LocalMean, Projection
from ..model.discriminant import Discriminant
from ..model.eight_bits import coarse
from ..model.fingerprint import Fingerprint
from ..model.joint import Joint, all_side_by_side
from ..model.reference import Basis, Reference, Spread
from ..spaces import get_space
from ..splits import content_share
from .blocks import Rewhitening
from .classes import learn_classes
from .crossfit import cross_fit, histories_of
from .figures import cross_fitted_figures
from .joint import joint_trials, learn_joint
from .operating_point import OperatingPoint, weigh_and_judge, with_bars
from .withheld import Examples


@dataclass(frozen=True)
class Recipe:
    """Choices of a build.

    ``dimensions``: the spaces, and how many coordinates of each are kept. ``bank_share``: the part of the photos'
    contents that goes into the bank. ``shrinkage``: of the covariances. ``projection``: onto the manifold (Nearest():
    the paper's). ``joint_shrinkage``: of the covariance of all spaces at once, None for no such covariance.
    ``point``: the operating point aimed at.
    """

    dimensions: Mapping[str, int]
    shrinkage: float = 0.03
    bank_share: float = 0.25
    max_bank_rows: int = 3000
    projection: Projection = field(default_factory=lambda: LocalMean(16))
    joint_shrinkage: float | None = None
    point: OperatingPoint = field(default_factory=OperatingPoint)


@dataclass(frozen=True)
class Fitted:
    """What a build yields: space -> Reference, the calibration, generator -> space -> Fingerprint; what was learned of
    all spaces at once, where the recipe asks for it; and its cross-fitted ``figures``."""

    references: dict[str, Reference]
    calibration: Calibration
    fingerprints: dict[str, dict[str, Fingerprint]]
    joint: Joint | None = None
    figures: Mapping[str, float] = field(default_factory=dict)


def fit_collection(
    photos: Mapping[str, EmbeddedImages],
    generators: Mapping[str, EmbeddedImages],
    recipe: Recipe,
    outsiders: Mapping[str, EmbeddedImages] | None = None,
    unrelated: Collection[str] = (),
) -> Fitted:
    """``photos``: label -> images, where the label names source and history ("cameras | half size") and histories of
    one photo share its content. ``generators``: name -> images. ``outsiders``: images of generators that are no part of
    the collection; from them it is learned what strangers look like, and nothing else. ``unrelated``: the generators
    that share no design with another, which are such strangers too while they are left out."""
    bank, reals = split_photos(photos, recipe)
    references, fingerprints, trials = {}, {name: {} for name in generators}, {}  # type: ignore[var-annotated]
    artifacts: dict[str, list[ViewArtifacts]] = {}
    for space, dimension in recipe.dimensions.items():
        draft = _draft(space, bank, generators, dimension, recipe.projection)
        generated = {name: draft.artifacts_of(images) for name, images in generators.items()}
        real = {label: draft.artifacts_of(images) for label, images in reals.items()}
        outside = [draft.artifacts_of(images) for images in (outsiders or {}).values()]
        examples = Examples(list(generated.values()), real)
        reference = learn_classes(draft, examples, recipe.shrinkage)
        histories = histories_of(examples.generated)
        for name, part in generated.items():
            fingerprints[name][space] = Fingerprint.from_artifacts(part, reference, histories)
        references[space] = reference
        trials[space] = cross_fit(reference, examples, recipe.shrinkage, outside)
        artifacts[space] = [*generated.values(), *real.values(), *outside]
    joint = None
    if recipe.joint_shrinkage is not None:
        rows = all_side_by_side(references, artifacts)
        others = rows[len(generators) :]
        examples = Examples(rows[: len(generators)], dict(zip(reals, others, strict=False)))
        joint = learn_joint(list(references), examples, recipe.joint_shrinkage)
        turns = [trials[space].withins for space in references]
        rewhitening = Rewhitening([reference.within for reference in references.values()], turns)
        trials[JOINT] = joint_trials(examples, recipe.joint_shrinkage, rewhitening, others[len(reals) :])
    weighted, judged = weigh_and_judge(trials, list(generators), unrelated)
    calibration = with_bars(weighted, judged, recipe.point)
    figures = cross_fitted_figures(judged, calibration.bars[STANDARD])
    return Fitted(references, calibration, fingerprints, joint, figures)


def split_photos(
    photos: Mapping[str, EmbeddedImages], recipe: Recipe
) -> tuple[EmbeddedImages, dict[str, EmbeddedImages]]:
    """The bank, and the photos of the class "real" by label. A content is in one of them, whatever its histories.

    In the bank an image is a content: all histories of one photo are one witness of the manifold.
    """
    in_bank = {label: content_share(images.contents, "bank") < recipe.bank_share for label, images in photos.items()}
    bank = concatenate([images.select(in_bank[label]) for label, images in photos.items() if in_bank[label].any()])
    reals = {label: images.select(~in_bank[label]) for label, images in photos.items() if (~in_bank[label]).any()}
    content_of_row = np.unique(bank.contents, return_inverse=True)[1][bank.image_of_row]
    keep = np.sort(np.random.default_rng(0).permutation(len(content_of_row))[: recipe.max_bank_rows])
    rows = {space: values[keep] for space, values in bank.rows.items()}
    return EmbeddedImages(rows, content_of_row[keep], np.unique(bank.contents)), reals


def _draft(
    space: str, bank: EmbeddedImages, generators: Mapping[str, EmbeddedImages], dimension: int, projection: Projection
) -> Reference:
    """Basis and bank; the classes come next."""
    step = max(1, sum(len(images.rows[space]) for images in generators.values()) // 8000)
    generated = np.concatenate([images.rows[space] for images in generators.values()])[::step].astype(np.float32)
    photos = bank.rows[space].astype(np.float32)
    basis = Basis.fit(photos, generated, dimension)
    manifold = Manifold(coarse(basis.coordinates(photos)), bank.image_of_row)
    d = basis.components.shape[1]
    flat = Discriminant(np.eye(d, dtype=np.float32))
    fitted = projection.fitted(manifold)
    return Reference(
        space, get_space(space).version, basis, manifold, fitted, flat, flat, np.zeros((0, d)), (), Spread()
    )
