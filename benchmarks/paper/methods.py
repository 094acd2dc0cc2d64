"""The rows of the study behind one interface: ManiFPT in its spaces, the baselines, and this project's default."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np

import fingerprints
from fingerprints.baselines import BASELINES, Baseline
from fingerprints.baselines.marra18 import Marra18
from fingerprints.baselines.parts.classifier import Network, Schedule
from fingerprints.baselines.yu19 import Yu19
from fingerprints.geometry.denoiser import Denoiser
from fingerprints.geometry.projection import LocalMean, Nearest, Projection
from fingerprints.learning.fitting import Recipe
from fingerprints.spaces import get_space
from fingerprints.spaces.networks.small import SmallEncoder
from fingerprints.spaces.small_learned import SmallLearned
from registry.building.presets import Preset

from .rows.attempts import Beside, Linear, OneCovariance
from .rows.data import Study, Views
from .rows.default import Default
from .rows.learned import ManiFPTOfVectors
from .rows.manifpt import LARGEST_MAP, Attributor, BinnedNetwork, DiscriminantOfMaps, ManiFPT
from .rows.search import SearchedOnce

_NEIGHBOURS = 16
_MORE = {"gram": 600, "residual": 320}  # spaces that might be missing, and how many coordinates are kept of each
OURS = "ours"


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

    ``paper``: the name of this method in the paper's tables. ``attempt``: it stands in the main table alone.
    """

    name: str
    make: Callable[[], Method]
    sources: tuple[Path, ...]
    schedule: Schedule | None = None
    paper: str | None = None
    attempt: bool = False


@dataclass(frozen=True)
class _InSpace:
    """ManiFPT in one space: its pipeline, its network, and what the paper calls it."""

    title: str
    space: str
    network: Callable[[], Attributor]
    pipeline: type[ManiFPT] = ManiFPT
    paper: str | None = None


def rows(
    study: Study, recipe: Recipe, schedule: Schedule, pretrained: Sequence[str] = (), denoising: int = 1000
) -> list[Row]:
    """All methods, ready to fit on the training part of ``study``.

    ``pretrained``: the large spaces to add. ``denoising``: the steps for which the learned projection is trained.
    """
    everything = tuple(sorted(Path(fingerprints.__file__).parent.rglob("*.py")))
    method = tuple(path for path in everything if "baselines" not in path.parts)
    method += (Path(inspect.getfile(Preset)),)
    # One for all rows: each is fitted once.
    denoiser = Denoiser((3, *study.bank.pixels.shape[1:3]), denoising)
    default = Default(study.bank, recipe)
    return [
        *_manifpt_rows(study.bank, denoiser, schedule, pretrained),
        *(_baseline_row(kind, schedule) for kind in BASELINES),
        Row(OURS, lambda: default, method),
        *_attempts(study.bank, denoiser, default, recipe, schedule, method),
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


def _attempts(
    bank: Views,
    denoiser: Denoiser,
    default: Default,
    recipe: Recipe,
    schedule: Schedule,
    method: tuple[Path, ...],
) -> list[Row]:
    """What might beat the default with its own artifacts; nothing of it ships."""
    sources = (*method, Path(inspect.getfile(OneCovariance)))

    def network() -> ManiFPT:
        return ManiFPT(bank, "rgb", denoiser, lambda: Network(schedule, _crop(bank)))

    missing = next(space for space in _MORE if space not in recipe.dimensions)
    more = replace(recipe, dimensions={**recipe.dimensions, missing: _MORE[missing]})

    return [
        Row(f"{OURS}, one covariance of all spaces", lambda: OneCovariance(default), sources, attempt=True),
        Row(f"{OURS}, linear classifier", lambda: Linear(default), sources, attempt=True),
        Row(f"{OURS} and linear classifier", lambda: Beside(default, lambda: Linear(default)), sources, attempt=True),
        Row(f"{OURS} with {missing}", lambda: Default(bank, more), sources, attempt=True),
        Row(
            f"{OURS} and RGB, denoiser, network",
            lambda: Beside(default, network),
            (*sources, *_files(ManiFPT, Network)),
            schedule,
            attempt=True,
        ),
    ]


def _crop(bank: Views) -> int | None:
    """Of the maps that a network trains on: larger ones than it can afford are cropped."""
    return LARGEST_MAP if bank.pixels.shape[1] > LARGEST_MAP else None


def _manifpt_rows(bank: Views, denoiser: Denoiser, schedule: Schedule, pretrained: Sequence[str]) -> list[Row]:
    searched: dict[str, Projection] = {"nearest": Nearest(), f"mean of {_NEIGHBOURS}": LocalMean(_NEIGHBOURS)}
    found = []
    for chosen in _spaces(_crop(bank), schedule, pretrained):
        learned: dict[str, Projection] = {"denoiser": denoiser} if chosen.space == "rgb" else {}
        known: dict[bytes, tuple[np.ndarray, np.ndarray]] = {}
        for how, projection in (searched | learned).items():
            used = SearchedOnce(projection, _NEIGHBOURS, known) if how in searched else projection
            found += [
                _manifpt_row(bank, chosen, how, projection, used, "network", chosen.network, schedule),
                _manifpt_row(bank, chosen, how, projection, used, "discriminant", DiscriminantOfMaps, None),
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
    used: Projection,
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
        lambda: chosen.pipeline(bank, chosen.space, used, attributor),
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
