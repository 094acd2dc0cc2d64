"""Zips and Parquet files for the intake of samples."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .images import hostile_images
from .seeds import mutated, seeds


def hostile_sources(folder: Path) -> Iterator[Path]:
    """Zips and Parquet files, written to ``folder``, for the intake of samples."""
    picture, rng = seeds()["plain.png"], np.random.default_rng(2)
    members: dict[str, list[tuple[str, bytes]]] = {
        "leads outside": [("../../evil.png", picture), ("/etc/evil.png", picture), ("c:\\evil.png", picture)],
        "of zeros": [("zeros.png", bytes(300_000_000))],
        "in a zip": [("inner.zip", bytes(3000)), ("a.png", picture)],
        "of hostile images": list(hostile_images())[:150],
        "of names": [("\u202e\x1b[2J" + "n" * 3000 + ".png", picture)],
        "of many": [(f"{number}.png", b"") for number in range(20_000)],
    }
    for name, files in members.items():
        with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for inside, data in files:
                archive.writestr(inside, data)
        yield folder / f"{name}.zip"
    rows = {"image": [{"bytes": picture, "path": "/etc/passwd"}] * 40, "content_id": [str(n) for n in range(40)]}
    pq.write_table(pa.table(rows), folder / "good.parquet")
    pq.write_table(pa.table({"image": [b"", None, b"hello", picture]}), folder / "holes.parquet")
    pq.write_table(pa.table({"image": [bytes(50_000_000)] * 20}), folder / "of zeros.parquet", compression="zstd")
    pq.write_table(pa.table({f"c{n}": [1] for n in range(5000)}), folder / "columns.parquet")
    yield from (folder / f"{name}.parquet" for name in ("good", "holes", "of zeros", "columns"))
    for kind in ("good.parquet", "in a zip.zip"):
        data = (folder / kind).read_bytes()
        for number in range(20):
            path = folder / f"mutated {number} {kind}"
            path.write_bytes(mutated(data, rng))
            yield path
