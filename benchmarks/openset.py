"""What it knows, and what it knows not to know: ``python -m benchmarks.openset --data DIR/t2i``.

Each generator is left out of a build in turn. Printed: AUROC and OSCR of known against left-out images; what is stated
against what is right, level by level; the calibration error among the generators and the conformal coverage of members;
accuracy of the left-out generator once it is added from 5 to 200 samples; and
the joint answer for ten images that share a source. Test contents are in no build, no sample and no calibration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from fingerprints.attribution.calibration import Posterior
from fingerprints.attribution.verdict import REAL
from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.learning.fitting import Fitted
from fingerprints.model.evidence import Evidence, together

from .attribution import MANY
from .common.answers import Judged, calibration_error, evidence_of, judge, posterior, posterior_of, reliability
from .common.data import as_made, load, split
from .common.group_command import group_parser, write_figures
from .newcomers import added

SHOTS = (5, 10, 20, 50, 100, 200)
TOGETHER = 10


@dataclass(frozen=True)
class Scored:
    """Of images: is their generator known, how sure is the best generator, and is it the true one."""

    known: np.ndarray
    certainty: np.ndarray
    right: np.ndarray


def main() -> None:
    parser = group_parser(__doc__)
    parser.add_argument("--left-out", type=int, default=8, help="at most so many generators are left out (default: 8)")
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    photos, photos_test = split(group.embedded.photos)
    generators, held = split(group.embedded.generators)
    test = {
        name: as_made(images) for name, images in held.items() if len(as_made(group.embedded.generators[name])) >= MANY
    }
    fitted = group.fit(photos, generators)
    results: dict[str, Any] = {**_calibrated(fitted, test, photos_test), **_jointly(fitted, test)}
    scored: list[Scored] = []
    shots: dict[int, list[float]] = {}
    for name in list(test)[:: max(1, len(test) // arguments.left_out)]:
        others = {other: images for other, images in generators.items() if other != name}
        without = group.fit(photos, others)
        scored.append(_open_set(without, test, name))
        for count, accuracy in _few_shots(without, generators[name], test, name).items():
            shots.setdefault(count, []).append(accuracy)
    results |= _summary(scored)
    results["accuracy of a new generator from so many samples"] = {
        str(count): round(float(np.mean(found)), 3) for count, found in shots.items()
    }
    for label, figure in results.items():
        print(f"{label:50} {figure}", flush=True)
    write_figures(arguments.json, {"group": group.name, **results})


def _calibrated(
    fitted: Fitted, test: Mapping[str, EmbeddedImages], photos: Mapping[str, EmbeddedImages]
) -> dict[str, Any]:
    """Of known generators' images and of photos (all kinds of photos weigh the same): are the probabilities true?"""
    judged = {name: judge(fitted, images) for name, images in test.items()}
    of_photos = [judge(fitted, images) for label, images in photos.items() if label.endswith("| as is")]
    parts: list[tuple[str | None, Judged, float]] = [(name, one, 0.5 / len(judged)) for name, one in judged.items()]
    parts += [(REAL, one, 0.5 / len(of_photos)) for one in of_photos]
    among, p_value = [], []
    for name, images in test.items():
        found = posterior_of(fitted, images)
        right = np.array(list(fitted.fingerprints))[found.shares.argmax(axis=1)] == name
        among.append((found.shares.max(axis=1), right, np.full(len(right), 1 / len(right))))
        p_value.append(found.p_value[right])
    covered = {f"{level:.2f}": float((np.concatenate(p_value) >= 1 - level).mean()) for level in (0.8, 0.9, 0.95)}
    columns = zip(*among, strict=True)
    return {
        "stated and right, by level": reliability(parts),
        "expected calibration error among generators": calibration_error(*map(np.concatenate, columns)),
        "conformal coverage, nominal: found": {level: round(share, 3) for level, share in covered.items()},
    }


def _jointly(fitted: Fitted, test: Mapping[str, EmbeddedImages]) -> dict[str, Any]:
    """Accuracy over the generators of one image and of ten together, drawn at random from one generator."""
    names, rng = list(fitted.fingerprints), np.random.default_rng(0)
    single, joint = [], []
    for name, images in test.items():
        evidence, truth = evidence_of(fitted, images), names.index(name)
        single.append(float((_best(fitted, evidence) == truth).mean()))
        draws = [rng.permutation(len(images))[:TOGETHER] for _ in range(40)]
        joint.append(
            float(
                np.mean(
                    [_best(fitted, {s: together(e.select(d)) for s, e in evidence.items()})[0] == truth for d in draws]
                )
            )
        )
    return {
        "accuracy of one image": round(float(np.mean(single)), 3),
        f"accuracy of {TOGETHER} images together": round(float(np.mean(joint)), 3),
    }


def _best(fitted: Fitted, evidence: dict[str, Evidence]) -> np.ndarray:
    best: np.ndarray = posterior(fitted, evidence).candidates[:, :-1].argmax(axis=1)
    return best


def _open_set(without: Fitted, test: Mapping[str, EmbeddedImages], left_out: str) -> Scored:
    names = list(without.fingerprints)
    known, certainty, right = [], [], []
    for name, images in test.items():
        score, choice = _known_score(posterior_of(without, images))
        known.append(np.full(len(score), name != left_out))
        certainty.append(score)
        right.append(choice == (names.index(name) if name != left_out else -1))
    return Scored(np.concatenate(known), np.concatenate(certainty), np.concatenate(right))


def _known_score(posterior: Posterior) -> tuple[np.ndarray, np.ndarray]:
    """How sure it is of the best generator, "unknown" and "real" deducted, and which that is."""
    return posterior.names.max(axis=1) * posterior.generated, posterior.shares.argmax(axis=1)


def _summary(scored: list[Scored]) -> dict[str, Any]:
    return {
        "AUROC, known against left out": round(
            float(np.mean([roc_auc_score(s.known, s.certainty) for s in scored])), 3
        ),
        "OSCR": round(float(np.mean([_oscr(s) for s in scored])), 3),
    }


def _oscr(s: Scored) -> float:
    """Area under (share of known images rightly named) against (share of left-out images named), over thresholds."""
    order = np.argsort(-s.certainty, kind="stable")
    named_right = np.cumsum((s.known & s.right)[order]) / s.known.sum()
    named_wrong = np.cumsum(~s.known[order]) / (~s.known).sum()
    return float(np.trapezoid(named_right, named_wrong))


def _few_shots(
    without: Fitted, train: EmbeddedImages, test: Mapping[str, EmbeddedImages], name: str
) -> dict[int, float]:
    """Share of the new generator's test images that are given its name, against how many samples it was added from."""
    found, rng = {}, np.random.default_rng(0)
    contents = np.unique(train.contents)
    for count in SHOTS:
        draws = []
        for _ in range(3 if count < len(contents) else 1):
            chosen = train.select(np.isin(train.contents, rng.permutation(contents)[:count]))
            draws.append(_added(without, chosen, test[name]))
        found[count] = float(np.mean(draws))
    return found


def _added(without: Fitted, samples: EmbeddedImages, images: EmbeddedImages) -> float:
    grown = added(without, "newcomer", samples)
    return float((_best(grown, evidence_of(grown, images)) == len(without.fingerprints)).mean())


if __name__ == "__main__":
    main()
