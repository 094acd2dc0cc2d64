"""Edited photos for the class "real", from Debian's wallpaper packages: ``python -m registry.building.wallpapers
FILE.parquet``.

ImageNet's photos are small, and those of the cameras are as the camera wrote them; what people publish has been
developed, smoothed, sharpened and scaled. Each photo is written twice, with one content_id: the middle at its own
scale, and the whole scaled down.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet

from fingerprints.images.canonical import GRID
from fingerprints.images.histories import scaled
from fingerprints.images.image import decode, jpeg_bytes, png_bytes
from fingerprints.terminal import tell

_CHOSEN = Path(__file__).with_name("wallpapers.json")  # by package; drawings and renderings are left out
_SIDE = 768  # px: of the middle that is cut out, and of the shorter side of the whole that is scaled down
_QUALITY = 92


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="the Parquet file to write: columns image and content_id")
    file = parser.parse_args().file
    rows = [
        {"image": image, "content_id": f"{package}/{name}"}
        for package, names in json.loads(_CHOSEN.read_text()).items()
        for name, photo in _photos(package, names)
        for image in _twice(photo)
    ]
    file.parent.mkdir(parents=True, exist_ok=True)
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), file)
    tell(f"{len(rows)} images in {file}")


def _photos(package: str, names: list[str]) -> Iterator[tuple[str, Path]]:
    """Files of a Debian package, which need not be installed."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["apt-get", "download", "--quiet", package], cwd=scratch, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(scratch).glob("*.deb")
        subprocess.run(["dpkg-deb", "--extract", archive, "files"], cwd=scratch, check=True)
        for name in names:
            (path,) = Path(scratch, "files").rglob(f"*/{name}")
            yield name, path


def _twice(path: Path) -> Iterator[bytes]:
    image = decode(path)
    top, left = ((side - _SIDE) // 2 // GRID * GRID for side in (image.height, image.width))  # on its JPEG's grid
    yield png_bytes(np.ascontiguousarray(image.pixels[top : top + _SIDE, left : left + _SIDE]))
    yield jpeg_bytes(scaled(image.pixels, _SIDE / image.shorter_side), _QUALITY)


if __name__ == "__main__":
    main()
