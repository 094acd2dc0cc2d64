"""The metadata-only control: what file size, format, dimensions and quantisation tables alone give away.

A method that does not beat it has shown nothing. It is run on the files as given and on their canonical form.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pyarrow.parquet
from sklearn.ensemble import RandomForestClassifier

from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import decode, jpeg_bytes, png_bytes
from fingerprints.splits import is_test
from registry.building.sources import content_of

from .scores import Estimate, balanced


def control(files: Mapping[str, Path], form: CanonicalForm) -> dict[str, Estimate]:
    """Balanced accuracy over the generators, whose ``files`` are given: {"as given": ..., "canonical": ...}."""
    given, canonical, labels, contents = [], [], [], []
    for name, file in files.items():
        for row in pyarrow.parquet.read_table(file).to_pylist():
            data = image_bytes(row)
            if not form.covers(min(PIL.Image.open(io.BytesIO(data)).size)):
                continue
            given.append(_facts(data))
            canonical.append(_canonical_facts(data, form))
            labels.append(name)
            contents.append(content_of(name, row["content_id"]))
    y, where = np.array(labels), np.array(contents)
    return {"as given": _score(given, y, where), "canonical": _score(canonical, y, where)}


def image_bytes(row: Mapping[str, Any]) -> bytes:
    """Of a row of the evaluation data, which holds them as they are or with a path beside them."""
    cell = row["image"]
    return bytes(cell["bytes"] if isinstance(cell, dict) else cell)


def _facts(data: bytes) -> list[float]:
    with PIL.Image.open(io.BytesIO(data)) as opened:
        tables = getattr(opened, "quantization", None) or {}
        sums = [float(sum(tables[i])) if i in tables else 0.0 for i in (0, 1)]
        width, height = opened.size
        kind = float(("PNG", "JPEG", "WEBP", "GIF", "BMP").index(opened.format or "PNG"))
    return [len(data), len(data) / (width * height), width, height, kind, *sums]


def _canonical_facts(data: bytes, form: CanonicalForm) -> list[float]:
    views = form.views(decode(data))
    quality = form.jpeg_quality
    sizes = [len(png_bytes(view) if quality is None else jpeg_bytes(view, quality)) for view in views]
    return [float(np.mean(sizes)), float(np.std(sizes)), float(len(views))]


def _score(rows: list[list[float]], labels: np.ndarray, contents: np.ndarray) -> Estimate:
    x = np.array(rows)
    held = is_test(contents)
    model = RandomForestClassifier(200, min_samples_leaf=3, random_state=0, class_weight="balanced", n_jobs=2)
    predicted = model.fit(x[~held], labels[~held]).predict(x[held])
    return balanced(predicted == labels[held], contents[held], labels[held])
