"""The canonical form: an aligned grid, and the same pixels whichever way they came."""

from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fingerprints.images import codecs
from fingerprints.images.canonical import GRID, CanonicalForm, grid
from fingerprints.images.image import decode, from_pixels, jpeg_bytes

TEXT_TO_IMAGE = CanonicalForm(min_side=128, max_side=None, crop=128, max_crops=16, jpeg_quality=75)
FACES = CanonicalForm(min_side=64, max_side=127, crop=64, resize=64)


@settings(deadline=None, max_examples=200)
@given(
    height=st.integers(128, 6000),
    width=st.integers(128, 6000),
    max_crops=st.integers(1, 40),
    crop=st.sampled_from([32, 64, 128]),
)
def test_grid_is_aligned_inside_and_leaves_out_no_wide_border(
    height: int, width: int, max_crops: int, crop: int
) -> None:
    corners = grid(height, width, CanonicalForm(crop, None, crop, max_crops))
    assert 1 <= len(corners) <= max_crops
    assert all(y % GRID == 0 and x % GRID == 0 for y, x in corners)
    assert all(y + crop <= height and x + crop <= width for y, x in corners)
    assert corners == sorted(set(corners))
    for side, starts in ((height, {y for y, _ in corners}), (width, {x for _, x in corners})):
        apart = min((b - a for a, b in pairwise(sorted(starts))), default=crop)
        covered = max(starts) + crop - min(starts)
        assert apart >= crop or side - covered < max(GRID, crop // 4) + GRID  # they overlap only to reach the borders


@pytest.mark.parametrize(
    ("side", "per_side"),
    [(128, 1), (150, 1), (192, 2), (256, 2), (288, 3), (381, 3), (384, 3), (512, 4), (1024, 4), (4000, 4)],
)
def test_grid_of_usual_sizes(side: int, per_side: int) -> None:
    corners = grid(side, side, TEXT_TO_IMAGE)
    assert len(corners) == per_side**2
    assert len({y for y, _ in corners}) == len({x for _, x in corners}) == per_side


@pytest.mark.parametrize(("height", "width", "count"), [(128, 4096, 16), (4096, 128, 16), (300, 3000, 16)])
def test_grid_of_a_long_image_uses_all_crops(height: int, width: int, count: int) -> None:
    assert len(grid(height, width, TEXT_TO_IMAGE)) == count


def test_grid_spreads_over_the_whole_image() -> None:
    columns = sorted({x for _, x in grid(1024, 2048, TEXT_TO_IMAGE)})
    gaps = [b - a for a, b in zip([-128, *columns], [*columns, 2048], strict=True)]
    assert max(gaps) - min(gaps) <= 2 * GRID


def test_grid_without_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="100 x 200 has no room for a 128 px crop"):
        grid(200, 100, TEXT_TO_IMAGE)


@pytest.mark.parametrize(
    "wrong",
    [
        {"min_side": 128, "max_side": None, "crop": 4},
        {"min_side": 128, "max_side": None, "crop": 128, "max_crops": 0},
        {"min_side": 64, "max_side": None, "crop": 128},
        {"min_side": 64, "max_side": 127, "crop": 128, "resize": 64},
        {"min_side": 64, "max_side": 32, "crop": 64},
        {"min_side": 64, "max_side": None, "crop": 40, "max_crops": 4},
        {"min_side": 64, "max_side": None, "crop": 64, "jpeg_quality": 0},
    ],
)
def test_a_form_that_cannot_work_is_refused(wrong: dict[str, int | None]) -> None:
    with pytest.raises(ValueError, match="must"):
        CanonicalForm(**wrong)


def test_covers_the_range_of_the_shorter_side() -> None:
    assert [FACES.covers(side) for side in (63, 64, 127, 128)] == [False, True, True, False]
    assert [TEXT_TO_IMAGE.covers(side) for side in (127, 128, 9000)] == [False, True, True]


def test_crops_come_from_the_canonical_jpeg(photos: list[np.ndarray]) -> None:
    photo = photos[1]
    views = TEXT_TO_IMAGE.views(from_pixels(photo))
    corners = grid(*photo.shape[:2], TEXT_TO_IMAGE)
    assert views.shape == (len(corners), 128, 128, 3) and views.dtype == np.uint8
    for view, (y, x) in zip(views, corners, strict=True):
        crop = photo[y : y + 128, x : x + 128]
        stored = jpeg_bytes(np.ascontiguousarray(crop), 75)
        np.testing.assert_array_equal(view, decode(stored).pixels)


def test_saving_once_more_as_the_same_jpeg_changes_crops_little(photos: list[np.ndarray]) -> None:
    def change(photo: np.ndarray, saved: np.ndarray) -> float:
        first, second = (TEXT_TO_IMAGE.views(from_pixels(pixels)).astype(int) for pixels in (photo, saved))
        return float(np.abs(first - second).mean())

    def moved(pixels: np.ndarray) -> np.ndarray:
        return np.roll(pixels, (3, 5), axis=(0, 1))

    for photo in photos:
        saved = codecs.jpeg(photo, 75)
        assert change(photo, saved) < 1.0
        assert change(photo, saved) < 0.25 * change(moved(photo), moved(saved))  # what the block-aligned grid is for


@pytest.mark.parametrize("file_format", ["PNG", "WEBP", "BMP", "TIFF"])
def test_views_do_not_depend_on_the_container(file_format: str, photos: list[np.ndarray]) -> None:
    buffer = io.BytesIO()
    PIL.Image.fromarray(photos[0]).save(buffer, file_format, **({"lossless": True} if file_format == "WEBP" else {}))
    views = TEXT_TO_IMAGE.views(decode(buffer.getvalue()))
    np.testing.assert_array_equal(views, TEXT_TO_IMAGE.views(from_pixels(photos[0])))


def test_a_lossless_form_keeps_native_pixels(photos: list[np.ndarray]) -> None:
    tile = photos[3][:64, :64]
    assert FACES.lossless and not TEXT_TO_IMAGE.lossless
    np.testing.assert_array_equal(FACES.views(from_pixels(tile))[0], tile)


def test_resizing_takes_the_centre_square(photos: list[np.ndarray]) -> None:
    wide = np.zeros((100, 120, 3), np.uint8)
    wide[:, 10:110] = 200
    view = FACES.views(from_pixels(wide))[0]
    assert view.shape == (64, 64, 3) and np.all(view == 200)


def test_views_leave_the_image_alone(photos: list[np.ndarray]) -> None:
    pixels = photos[0].copy()
    image = from_pixels(pixels)
    for form in (TEXT_TO_IMAGE, CanonicalForm(128, None, 128), CanonicalForm(64, None, 64, resize=64)):
        form.views(image)[:] = 0
        np.testing.assert_array_equal(pixels, photos[0])
