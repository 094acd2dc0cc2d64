"""What a build would answer about its own images, each scored by what it had no part in: its errors, as shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

from ..attribution.bars import Bars
from ..attribution.calibration import Posterior
from ..attribution.verdict import AMONG, GENERATED, GENERATOR, MADE, REAL, levels
from ..images.histories import AS_IS
from .operating_point import Judged, photo_kinds
from .tuning import of_photos, unchanged


def cross_fitted_figures(judged: Judged, bars: Bars) -> dict[str, float]:
    """Of images as they were made, of photos ("accused" is whatever says that a model made them), and of images by
    generators that the collection does not know. The bars were chosen on the same images, so these are a little better
    than what other images would give."""
    return {
        **_of_generated(judged, bars),
        **_of_photos(judged, bars),
        **_of_strangers(judged, bars),
        **_of_newcomers(judged.newcomers, bars),
        **_apart(judged),
    }


def _of_generated(judged: Judged, bars: Bars) -> dict[str, float]:
    found = levels(judged.known, bars)
    right = found.best == judged.labels
    held = found.sets[np.arange(len(right)), judged.labels]
    made, changed = judged.kinds.as_made, judged.kinds.changed
    named, given = made & (found.verdict == GENERATOR), made & (found.verdict == AMONG)
    return {
        "best generator right": _share(right, made),
        "best generator right, changed images": _share(right, changed),
        "answered by name": _share(named, made),
        "right, of those named": _share(right, named),
        "given a set": _share(given, made),
        "sets that hold the truth": _share(held, given),
        "said to be generated": _share(np.isin(found.verdict, MADE), made),
        "called real": _share(found.verdict == REAL, made),
    }


def _of_photos(judged: Judged, bars: Bars) -> dict[str, float]:
    verdict = levels(judged.photos, bars).verdict
    accused = np.isin(verdict, MADE)
    kinds = {name: _share(accused, which) for name, which in photo_kinds(judged.sources).items()}
    worst = max(kinds, key=kinds.__getitem__, default="")
    return {
        "photos accused": float(of_photos(judged.sources) @ accused),
        **{f"{name}, accused": share for name, share in kinds.items() if AS_IS in name or name == worst},
        "photos called real": float(of_photos(judged.sources) @ (verdict == REAL)),
    }


def _of_strangers(judged: Judged, bars: Bars) -> dict[str, float]:
    if judged.strangers is None or judged.strangers_kinds is None:
        return {}
    verdict, made = levels(judged.strangers, bars).verdict, judged.strangers_kinds.as_made
    words = {"given a name": GENERATOR, "given a set": AMONG, "called generated": GENERATED, "called real": REAL}
    return {f"strangers {label}": _share(verdict == word, made) for label, word in words.items()}


def _of_newcomers(newcomers: Sequence[Posterior], bars: Bars) -> dict[str, float]:
    """Of generators that were added later, from half of their images."""
    if not newcomers:
        return {}
    found = [(levels(posterior, bars), posterior.added > 0) for posterior in newcomers]
    named = [((one.verdict == GENERATOR) & its_own).mean() for one, its_own in found]
    held = [((one.verdict == AMONG) & one.sets[:, -1]).mean() for one, _ in found]
    return {"newcomers named": float(np.mean(named)), "newcomers in a set": float(np.mean(held))}


def _apart(judged: Judged) -> dict[str, float]:
    """AUROC of images as they were made against photos as they are, by the probability that a model made them."""
    photos = judged.photos.made[unchanged(judged.sources)]
    found = {"AUROC, generated against photos": _auroc(judged.known.made[judged.kinds.as_made], photos)}
    if judged.strangers is not None and judged.strangers_kinds is not None:
        strangers = judged.strangers.made[judged.strangers_kinds.as_made]
        found["AUROC, strangers against photos"] = _auroc(strangers, photos)
    return found


def _auroc(made: np.ndarray, photos: np.ndarray) -> float:
    both = np.append(made, photos)
    return float(roc_auc_score(np.arange(len(both)) < len(made), both)) if len(made) and len(photos) else 0.5


def _share(of: np.ndarray, among: np.ndarray) -> float:
    """How many of the rows ``among`` (a mask) are ``of`` (another)."""
    return float(of[among].mean()) if among.any() else 0.0
