"""Real faces of 32 px, in three parts that share no content: for the generators, for the manifold, for tests.

CelebA's 89 x 109 JPEGs are cropped to the face and made 2.5 times smaller, which removes most traces of the JPEG.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet

from fingerprints.images.image import decode, resize
from fingerprints.splits import content_share, is_test

from ..designs.errors import ZooError

SIDE = 32
FILE = Path("celeba64") / "real.parquet"
_SALT = "zoo"
_GENERATORS_SHARE = 2 / 3
_TOP, _LEFT, _CROP = 17, 4, 80  # of 89 x 109


@dataclass(frozen=True)
class Faces:
    """Disjoint parts, each uint8 (n, 32, 32, 3): ``training`` of generators, ``manifold`` and class real, ``test``."""

    training: np.ndarray
    manifold: np.ndarray
    test: np.ndarray


def read_faces(data: Path) -> Faces:
    """The faces of the evaluation data's folder, in the file's order. Raises ZooError where they are not there."""
    contents, faces = _read(data / FILE)
    test, training = is_test(contents), is_training(contents)
    return Faces(faces[training], faces[~training & ~test], faces[test])


def is_training(contents: np.ndarray) -> np.ndarray:
    """Which contents (n,) the generators are trained on: two thirds of those that no benchmark tests on."""
    return ~is_test(contents) & (content_share(contents, _SALT) < _GENERATORS_SHARE)


def cropped(pixels: np.ndarray) -> np.ndarray:
    """uint8 (109, 89, 3) -> (32, 32, 3): the square around the face, scaled down by Lanczos."""
    return resize(np.ascontiguousarray(pixels[_TOP : _TOP + _CROP, _LEFT : _LEFT + _CROP]), SIDE, SIDE)


def _read(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        table = pyarrow.parquet.read_table(path, columns=["image", "content_id"])
    except (OSError, pyarrow.ArrowException) as error:
        raise ZooError(f"{path} cannot be read; --data takes the folder that holds {FILE}.") from error
    faces = [cropped(_pixels(row["bytes"])) for row in table["image"].to_pylist()]
    return np.array(table["content_id"].to_pylist()), np.stack(faces)


def _pixels(stored: bytes) -> np.ndarray:
    pixels = decode(stored).pixels
    if pixels.shape != (109, 89, 3):
        raise ZooError(f"A face is {pixels.shape[1]} x {pixels.shape[0]} pixels; the crop is made for 89 x 109.")
    return pixels
