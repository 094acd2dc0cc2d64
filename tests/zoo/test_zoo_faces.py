"""Real faces: cropped, small, and in three parts that share nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fingerprints.splits import is_test
from tiny_zoo import write_faces
from zoo.training.faces import FILE, cropped, is_training, read_faces


def test_the_three_parts_are_disjoint_and_together_everything(tmp_path: Path) -> None:
    write_faces(tmp_path, 80)
    faces = read_faces(tmp_path)
    parts = [faces.training, faces.manifold, faces.test]
    assert all(part.dtype == np.uint8 and part.shape[1:] == (32, 32, 3) and len(part) for part in parts)
    seen = [{face.tobytes() for face in part} for part in parts]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 80


def test_the_parts_are_split_by_content_as_the_benchmarks_split() -> None:
    contents = np.array([f"{i:06d}" for i in range(3000)])
    training, test = is_training(contents), is_test(contents)
    assert not (training & test).any()
    assert abs(training.mean() - 0.7 * 2 / 3) < 0.03
    np.testing.assert_array_equal(is_training(contents[::-1]), training[::-1])


def test_the_crop_is_the_square_around_the_face_and_leaves_the_picture_alone() -> None:
    picture = np.zeros((109, 89, 3), np.uint8)
    picture[17:97, 4:84] = 200
    before = picture.copy()
    assert (cropped(picture) == 200).all() and cropped(picture).shape == (32, 32, 3)
    np.testing.assert_array_equal(picture, before)


def test_what_is_wrong_with_the_data_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"cannot be read; --data takes the folder that holds celeba64/real.parquet"):
        read_faces(tmp_path)
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(b"not Parquet")
    with pytest.raises(ValueError, match="cannot be read"):
        read_faces(tmp_path)
    write_faces(tmp_path, 2, shape=(64, 64))
    with pytest.raises(ValueError, match="64 x 64 pixels; the crop is made for 89 x 109"):
        read_faces(tmp_path)
