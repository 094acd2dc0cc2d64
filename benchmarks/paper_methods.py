"""The rows of the study behind one interface: ManiFPT in its spaces, the baselines, and this project's default."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

import fingerprints
from fingerprints.attribution.network import Network, Schedule
from fingerprints.baselines import BASELINES, Baseline
from fingerprints.baselines.marra18 import Marra18
from fingerprints.baselines.yu19 import Yu19
from fingerprints.denoiser import Denoiser
from fingerprints.embedding import EmbeddedImages
from fingerprints.fitting import Recipe, fit_collection
from fingerprints.projection import LocalMean, Nearest, Projection
from fingerprints.spaces import get_space
from fingerprints.spaces.small_encoder import SmallEncoder
from fingerprints.spaces.small_learned import SmallLearned

from .attribution import posterior_of
from .paper_data import REAL, Study, Views
from .paper_learned import ManiFPTOfVectors
from .paper_manifpt import LARGEST_MAP, Attributor, BinnedNetwork, DiscriminantOfMaps, ManiFPT, blockwise

_NEIGHBOURS = 16


class Method(Protocol):
    """A row of the table. ``fitted`` is all that fitting adds, beside ``classes``."""

    classes: np.ndarray
    fitted: Any

    def fit(self, train: Views) -> Self: ...

    def scores(self, views: Views) -> np.ndarray:
        """(images, classes), larger is likelier."""
        ...


@dataclass(frozen=True)
class Row:
    """``sources``: the files that define the method. ``schedule``: of its network, if it trains one.

    ``paper``: the name of this method in the paper's tables.
    """

    name: str
    make: Callable[[], Method]
    sources: tuple[Path, ...]
    schedule: Schedule | None = None
    paper: str | None = None


@dataclass(frozen=True)
class _InSpace:
    """ManiFPT in one space: its pipeline, its network, and what the paper calls it."""

    title: str
    space: str
    network: Callable[[], Attributor]
    pipeline: type[ManiFPT] = ManiFPT
    paper: str | None = None


def rows(study: Study, recipe: Recipe, schedule: Schedule, pretrained: Sequence[str] = ()) -> list[Row]:
    """All methods, ready to fit on the training part of ``study``; ``pretrained``: the large spaces to add."""
    everything = tuple(sorted(Path(fingerprints.__file__).parent.rglob("*.py")))
    method = tuple(path for path in everything if path.parent.name != "baselines" and path.name != "network.py")
    return [
        *_manifpt_rows(study.bank, schedule, pretrained),
        *(_baseline_row(kind, schedule) for kind in BASELINES),
        Row("ours", lambda: Default(study.bank, recipe), method),
    ]


class PerView:
    """A baseline sees single views; the score of an image is the mean over its views."""

    def __init__(self, baseline: Baseline) -> None:
        self._start = baseline

    def fit(self, train: Views) -> Self:
        self.fitted = self._start.fit(train.pixels, train.row_labels)
        self.classes = self.fitted.classes
        return self

    def scores(self, views: Views) -> np.ndarray:
        return views.per_image(self.fitted.scores(views.pixels))


class Default:
    """The method of this project, fitted on the same images (its photos without added histories)."""

    def __init__(self, bank: Views, recipe: Recipe) -> None:
        self._bank, self._recipe = bank, recipe

    def fit(self, train: Views) -> Self:
        generators = {
            str(name): self._embedded(train.select(train.labels == name))
            for name in np.unique(train.labels)
            if name != REAL
        }
        photos = {
            f"{source} | as is": self._embedded(views)
            for source, views in (("bank", self._bank), (REAL, train.select(train.labels == REAL)))
        }
        self.fitted = fit_collection(photos, generators, self._recipe)
        self.classes = np.array([*generators, REAL])
        return self

    def scores(self, views: Views) -> np.ndarray:
        return np.log(posterior_of(self.fitted, self._embedded(views)).candidates + 1e-12)

    def _embedded(self, views: Views) -> EmbeddedImages:
        spaces = {name: blockwise(get_space(name).embed, views.pixels) for name in self._recipe.dimensions}
        return EmbeddedImages(spaces, views.image_of_row, views.contents)


def _manifpt_rows(bank: Views, schedule: Schedule, pretrained: Sequence[str]) -> list[Row]:
    height, width = bank.pixels.shape[1:3]
    searched: dict[str, Projection] = {"nearest": Nearest(), f"mean of {_NEIGHBOURS}": LocalMean(_NEIGHBOURS)}
    found = []
    for chosen in _spaces(LARGEST_MAP if height > LARGEST_MAP else None, schedule, pretrained):
        learned: dict[str, Projection] = {"denoiser": Denoiser((3, height, width))} if chosen.space == "rgb" else {}
        for how, projection in (searched | learned).items():
            found += [
                _manifpt_row(bank, chosen, how, projection, "network", chosen.network, schedule),
                _manifpt_row(bank, chosen, how, projection, "discriminant", DiscriminantOfMaps, None),
            ]
    return found


def _spaces(crop: int | None, schedule: Schedule, pretrained: Sequence[str]) -> list[_InSpace]:
    def perceptron() -> Network:
        return Network(schedule)

    large = {"resnet50": ("ResNet-50", "ManiFPT SL"), "dinov2": ("DINOv2", None)}
    return [
        _InSpace("RGB", "rgb", lambda: Network(schedule, crop), paper="ManiFPT RGB"),
        _InSpace("FREQ", "full-frequency", lambda: BinnedNetwork(schedule), paper="ManiFPT FREQ"),
        _InSpace("SL", "sl", perceptron, ManiFPTOfVectors, "ManiFPT SL"),
        _InSpace("SSL", "ssl", perceptron, ManiFPTOfVectors, "ManiFPT SSL"),
        *(_InSpace(large[name][0], name, perceptron, ManiFPTOfVectors, large[name][1]) for name in pretrained),
    ]


def _manifpt_row(
    bank: Views,
    chosen: _InSpace,
    how: str,
    projection: Projection,
    kind: str,
    attributor: Callable[[], Attributor],
    schedule: Schedule | None,
) -> Row:
    space = get_space(chosen.space)
    classifier = Network if schedule else DiscriminantOfMaps
    sources = _files(chosen.pipeline, type(space), type(projection), classifier)
    if isinstance(space, SmallLearned):
        sources += (*_files(SmallEncoder), space.weights)
    return Row(
        f"ManiFPT {chosen.title}, {how}, {kind}",
        lambda: chosen.pipeline(bank, chosen.space, projection, attributor),
        sources,
        schedule,
        chosen.paper if how == "nearest" and schedule else None,
    )


def _baseline_row(kind: type[Baseline], schedule: Schedule) -> Row:
    if issubclass(kind, Marra18 | Yu19):
        return Row(kind.name, lambda: PerView(kind(schedule)), _files(kind, Network), schedule, kind.name)
    return Row(kind.name, lambda: PerView(kind()), _files(kind), paper=kind.name)


def _files(*kinds: type) -> tuple[Path, ...]:
    """The files of this project that define these classes and what they inherit."""
    root = Path(fingerprints.__file__).parent.parent
    found = {Path(inspect.getfile(base)) for kind in kinds for base in kind.__mro__ if base.__module__ != "builtins"}
    return tuple(sorted(path for path in found if path.is_relative_to(root) and ".venv" not in path.parts))
