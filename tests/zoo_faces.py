"""Self-made "faces" in the layout of the evaluation data, for tests of the zoo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet

from fingerprints.images import jpeg_bytes
from zoo.faces import FILE


def write_faces(data: Path, n: int = 60, shape: tuple[int, int] = (109, 89)) -> None:
    """A Parquet file of ``n`` JPEGs: an oval of a random colour on a ground of another."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[: shape[0], : shape[1]]
    oval = ((y - shape[0] / 2) / 30) ** 2 + ((x - shape[1] / 2) / 24) ** 2 < 1
    pictures = [np.where(oval[:, :, None], *rng.integers(0, 256, (2, 3))).astype(np.uint8) for _ in range(n)]
    rows = [{"bytes": jpeg_bytes(picture, 75), "path": None} for picture in pictures]
    (data / FILE).parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(
        pyarrow.table({"image": rows, "content_id": [f"{i:06d}" for i in range(n)]}), data / FILE
    )
