"""Attribution on one group of the evaluation data: ``python -m benchmarks.attribution --data DIR/t2i``.

Prints, for each space and fused: accuracy and balanced accuracy over the generators with intervals; recall of real; the
metadata-only control; the operating point (also with each generator left out); milliseconds an image. Test contents
are in no training image, no bank, no class "real" and no calibration.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from scipy.special import logsumexp

from fingerprints.attribution.calibration import JOINT, fuse
from fingerprints.geometry.embedding import EmbeddedImages, embed, gather
from fingerprints.images.histories import with_history
from fingerprints.learning.fitting import Fitted
from fingerprints.model.evidence import Evidence
from registry.building.presets import Preset
from registry.building.sources import cards_of

from .common.answers import (
    Judged,
    evidence_of,
    judge,
    known_figures,
    photo_figures,
    posterior,
    posterior_of,
    stranger_figures,
)
from .common.data import Group, as_made, chance, load, package_photos, samples, split
from .common.group_command import group_parser, write_figures
from .common.metadata import control
from .common.scores import Estimate, balanced, share

MANY = 80  # generators with fewer images stand apart: their figures are mostly noise
_STRANGER_GROUPS = 8


def main() -> None:
    parser = group_parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="leave no generators out (the slow part)")
    arguments = parser.parse_args()
    group = load(arguments.data, arguments.cache, arguments.wallpapers)
    results = run(group, strangers=not arguments.quick)
    write_figures(arguments.json, results)


def run(group: Group, strangers: bool) -> dict[str, Any]:
    """Fit on the training part, measure on the test part, print, and return all figures."""
    photos, photos_test = split(group.embedded.photos)
    generators, test = split(group.embedded.generators)
    fitted = group.fit(photos, generators)
    results: dict[str, Any] = {
        "group": group.name,
        "images": {name: len(as_made(images)) for name, images in group.embedded.generators.items()},
    }
    changed, test = _by_history(test, group.preset), {name: as_made(images) for name, images in test.items()}
    results["spaces"] = _spaces(fitted, test, group)
    if group.name == "t2i":
        results["image decoder"] = _decoders(fitted, test)
    results["metadata only"] = control(
        {name: group.file(name) for name in group.embedded.generators}, group.preset.form
    )
    results["photos"] = _photos(fitted, photos_test, group)
    results["known"] = _known(fitted, test)
    results |= {f"known, {history}": _known(fitted, images) for history, images in changed.items()}
    results["operating point"] = {step: asdict(bars) for step, bars in fitted.calibration.bars.items()}
    results["milliseconds an image"] = _milliseconds(fitted, group)
    _print(results)
    if strangers:
        results["left out"] = _strangers(group, photos, generators, test)
        print("left-out generators (each left out of a build of its own, or in groups):")
        for name, figure in results["left out"].items():
            print(f"  {name:34} {figure}")
    return results


def _by_history(test: Mapping[str, EmbeddedImages], preset: Preset) -> dict[str, dict[str, EmbeddedImages]]:
    """The test images after each history of the preset but the first ("as is")."""
    return {
        history: {
            name: images.select(images.histories == number)
            for name, images in test.items()
            if (images.histories == number).any()
        }
        for number, history in enumerate(preset.generated)
        if number
    }


def _spaces(fitted: Fitted, test: Mapping[str, EmbeddedImages], group: Group) -> dict[str, Any]:
    """Bare arg max over the generators ("real" and "unknown" aside), a space and fused."""
    names = np.array(list(fitted.fingerprints))
    spaces = [*fitted.references, *([JOINT] if fitted.joint else [])]
    hits: dict[str, list[np.ndarray]] = {space: [] for space in [*spaces, "fused"]}
    labels, contents = [], []
    for name, images in test.items():
        evidence = evidence_of(fitted, images)
        for space, one in evidence.items():
            hits[space].append(names[_best(one)] == name)
        hits["fused"].append(names[posterior(fitted, evidence).candidates[:, :-1].argmax(axis=1)] == name)
        labels.append(np.full(len(images), name))
        contents.append(images.contents)
    label, content = np.concatenate(labels), np.concatenate(contents)
    many = np.isin(label, [name for name, images in group.embedded.generators.items() if len(as_made(images)) >= MANY])
    found: dict[str, Any] = {}
    for space, parts in hits.items():
        hit = np.concatenate(parts)
        found[space] = {
            "accuracy": share(hit[many], content[many]),
            "balanced": balanced(hit[many], content[many], label[many]),
        }
        if not many.all():
            found[space]["balanced, few images"] = balanced(hit[~many], content[~many], label[~many])
    found["chance"] = chance(label[many])
    return found


def _best(one: Evidence) -> np.ndarray:
    """The likeliest generator (n,) by one space alone."""
    return np.asarray(logsumexp(fuse([1.0], [one.likelihood]), axis=2).argmax(axis=1))


def _decoders(fitted: Fitted, test: Mapping[str, EmbeddedImages]) -> dict[str, Estimate]:
    """Of the image decoder that generators share: that with the largest probability, added over its generators. One
    that is not published is its generator's own."""
    cards = cards_of("text-to-image")
    level = {name: str(cards[name].get("decoder") or name) for name in fitted.fingerprints}
    decoders = sorted(set(level.values()))
    belongs = np.array([[level[name] == decoder for decoder in decoders] for name in fitted.fingerprints], float)
    hits, labels, contents = [], [], []
    for name, images in test.items():
        answer = (posterior_of(fitted, images).candidates[:, :-1] @ belongs).argmax(axis=1)
        hits.append(answer == decoders.index(level[name]))
        labels.append(np.full(len(images), level[name]))
        contents.append(images.contents)
    hit, label, content = map(np.concatenate, (hits, labels, contents))
    return {"accuracy": share(hit, content), "balanced": balanced(hit, content, label)}


def _photos(fitted: Fitted, photos: Mapping[str, EmbeddedImages], group: Group) -> dict[str, Any]:
    """By source and history: accused (a generator is named), called real, real at the bare arg max."""
    sets = dict(photos)
    if group.name == "t2i":
        sets.update(_package_sets(group))
    found = {}
    for label, images in sets.items():
        judged = judge(fitted, images)
        found[label] = {
            "images": len(images),
            **photo_figures([judged]),
            "recall of real, bare": share(judged.prefers_real, judged.contents),
        }
    return found


def _package_sets(group: Group) -> dict[str, EmbeddedImages]:
    sets = {}
    photos = package_photos()
    for history in group.preset.histories:
        changed = [with_history(photo, history) for photo in photos]
        kept = [photo for photo in changed if group.preset.form.covers(photo.shorter_side)]
        rows = [embed(photo, group.preset.form, list(group.preset.recipe.dimensions)) for photo in kept]
        sets[f"packages | {history}"] = gather(rows, [photo.origin for photo in kept])
    return sets


def _known(fitted: Fitted, test: Mapping[str, EmbeddedImages]) -> dict[str, Any]:
    """The operating point on known generators' unseen images."""
    return known_figures([(name, judge(fitted, images)) for name, images in test.items()])


def _strangers(
    group: Group,
    photos: Mapping[str, EmbeddedImages],
    generators: Mapping[str, EmbeddedImages],
    test: Mapping[str, EmbeddedImages],
) -> dict[str, Any]:
    """Builds that never saw a generator, asked about it."""
    names = list(generators)
    groups = [names[i::_STRANGER_GROUPS] for i in range(min(_STRANGER_GROUPS, len(names)))]
    every: list[Judged] = []
    found: dict[str, Any] = {}
    for left_out in groups:
        others = {name: images for name, images in generators.items() if name not in left_out}
        fitted = group.fit(photos, others)
        for name in set(left_out) & set(test):
            judged = judge(fitted, test[name])
            found[name] = f"named {judged.named.mean():.3f}, called real {judged.called_real.mean():.3f}"
            every.append(judged)
    return found | {f"all: {label}": figure for label, figure in stranger_figures(every).items()}


def _milliseconds(fitted: Fitted, group: Group) -> float:
    """Median time of one image through canonical form, all spaces and attribution."""
    first = next(iter(group.embedded.generators))
    times = []
    for sample in samples(group.file(first), limit=15):
        start = time.perf_counter()
        one = gather([embed(sample.image, group.preset.form, list(group.preset.recipe.dimensions))], [sample.content])
        posterior_of(fitted, one)
        times.append(1000 * (time.perf_counter() - start))
    return round(float(np.median(times[3:])), 1)


def _print(results: Mapping[str, Any]) -> None:
    print(f"group {results['group']}, chance {results['spaces']['chance']:.3f}")
    known = [section for section in results if section.startswith("known")]
    for section in ("spaces", "image decoder", "metadata only", *known, "operating point", "photos"):
        if section in results:
            print(f"{section}:")
        for name, figures in results.get(section, {}).items():
            if isinstance(figures, dict):
                line = "; ".join(f"{key} {value}" for key, value in figures.items())
            else:
                line = str(figures)
            print(f"  {name:34} {line}")
    print(f"milliseconds an image: {results['milliseconds an image']}", flush=True)


if __name__ == "__main__":
    main()
