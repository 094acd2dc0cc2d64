"""The spaces against plain implementations of what their docstrings say."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.fft

from fingerprints.geometry.embedding import concatenate, embed, gather
from fingerprints.images.canonical import CanonicalForm
from fingerprints.images.image import from_pixels
from fingerprints.spaces import PRETRAINED, embed_each, get_space
from fingerprints.spaces.base import luma_and_chroma
from fingerprints.spaces.frequency import high_pass, log_spectrum
from fingerprints.spaces.learned import seen

SPECTRA = ("residual", "frequency")  # whose dimension depends on the side of a view
DIMENSIONS = {
    "dct": 3 * 2 * (8 * 8 + 16 * 16),
    "correlation": 2 * 9 * 64,
    "filters": 512,
    "learned": 336,
    "gram": 56 * 55,
    "autoencoder": 2 * (32 + 5 * 64) + 64 * 63,
    "shape": 8 * 8 * 9 + 16 * 16,
    "sl": 256,
    "ssl": 256,
}
SPACES = (*DIMENSIONS, *SPECTRA)
OTHERS = (*PRETRAINED, "rgb", "full-frequency")  # without their weights here, or as large as the view
SIDES = (28, 32, 64, 128)


def views_of(side: int, n: int = 3) -> np.ndarray:
    rng = np.random.default_rng(side)
    smooth = np.add.outer(np.arange(side), np.arange(side))[None, :, :, None] * 100 / side
    return np.clip(smooth + rng.normal(60, 25, (n, side, side, 3)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("space", SPACES)
def test_an_embedding_is_one_finite_float32_row_a_view(space: str, side: int) -> None:
    embedded = get_space(space).embed(views_of(side))
    spectrum = 3 * min(32, side) * min(33, side // 2 + 1)
    dimension = DIMENSIONS.get(space, spectrum)
    assert embedded.shape == (3, dimension) and dimension <= 5000
    assert embedded.dtype == np.float32 and np.isfinite(embedded).all()


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("value", [0, 255])
def test_a_flat_image_has_a_finite_embedding(space: str, value: int) -> None:
    assert np.isfinite(get_space(space).embed(np.full((1, 64, 64, 3), value, np.uint8))).all()


@pytest.mark.parametrize("space", SPACES)
def test_views_are_embedded_one_by_one_deterministically_and_left_alone(space: str) -> None:
    views = views_of(64, 4)
    before = views.copy()
    views.setflags(write=False)
    embedded = get_space(space).embed(views)
    np.testing.assert_array_equal(views, before)
    np.testing.assert_array_equal(get_space(space).embed(views), embedded)
    one_by_one = np.concatenate([get_space(space).embed(view[None]) for view in views])
    # one place of 62 x 62 may fall on the other side of a threshold of "filters"
    np.testing.assert_allclose(one_by_one, embedded, rtol=1e-4, atol=4e-4 if space == "filters" else 1e-4)


def test_filters_count_what_lies_above_each_threshold() -> None:
    """A plain loop over every place of a small view, and over every third of a large one."""
    filters = get_space("filters")
    kernels = filters._kernels.numpy()  # type: ignore[attr-defined]
    np.testing.assert_allclose(kernels.sum(axis=(1, 2, 3)), 0, atol=1e-5)
    for side, stride in ((28, 1), (96, 3)):
        view = views_of(side, 1)[0].astype(np.float32)
        places = [(y, x) for y in range(0, side - 2, stride) for x in range(0, side - 2, stride)]
        responses = np.array([np.sum(kernels[7] * view[y : y + 3, x : x + 3].transpose(2, 0, 1)) for y, x in places])
        expected = [(responses > threshold).mean() for threshold in (-8, 1e-3, 8)]
        expected.append(np.log(np.abs(responses).mean() + 0.1))
        found = filters.embed(views_of(side, 1))[0].reshape(4, 128)[:, 7]
        np.testing.assert_allclose(found, expected, atol=3e-3)


def plain_log_spectrum(channel: np.ndarray) -> np.ndarray:
    """The paper's FREQ of one channel (h, w), the columns from zero frequency on."""
    return np.log(np.abs(np.fft.fftshift(np.fft.fft2(channel))) + 1e-12)


def test_the_log_spectrum_is_half_of_the_papers() -> None:
    views = views_of(32)
    channels = views.transpose(0, 3, 1, 2).astype(np.float32) / 255
    ours = log_spectrum(channels)
    assert ours.shape == (3, 3, 32, 17)
    for image in range(3):
        for channel in range(3):
            whole = plain_log_spectrum(channels[image, channel].astype(np.float64))
            np.testing.assert_allclose(ours[image, channel, :, :16], whole[:, 16:], atol=2e-3)
            np.testing.assert_allclose(ours[image, channel, :, 16], whole[:, 0], atol=2e-3)  # Nyquist


def test_frequency_is_the_log_spectrum_where_nothing_is_binned() -> None:
    views = views_of(28)
    expected = [
        np.stack([plain_log_spectrum(view[:, :, c] / 255)[:, [*range(14, 28), 0]] for c in range(3)]) for view in views
    ]
    ours = get_space("frequency").embed(views)
    np.testing.assert_allclose(ours, np.stack(expected).reshape(3, -1), atol=2e-3)


def test_frequency_bins_hold_the_mean_of_the_log_spectrum() -> None:
    views = views_of(128, 2)
    ours = get_space("frequency").embed(views).reshape(2, 3, 32, 33)
    full = log_spectrum(views.transpose(0, 3, 1, 2).astype(np.float32) / 255)  # 128 x 65
    np.testing.assert_allclose(ours[:, :, 0, 0], full[:, :, :4, :2].mean(axis=(2, 3)), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(ours[:, :, 16, -1], full[:, :, 64:68, 63:].mean(axis=(2, 3)), rtol=1e-4, atol=1e-4)
    rows_in_bins = ours.shape[2] * 4
    assert rows_in_bins == full.shape[2]


def test_a_grating_stands_out_at_its_frequency() -> None:
    y, x = np.mgrid[:64, :64]
    grating = 128 + 40 * np.cos(2 * np.pi * (8 * y + 12 * x) / 64)
    view = np.repeat(np.rint(grating)[:, :, None], 3, axis=2).astype(np.uint8)
    plane = get_space("frequency").embed(view[None]).reshape(3, 32, 33)
    for channel in plane:
        channel[16] = -np.inf  # the mean grey
        assert np.unravel_index(channel.argmax(), channel.shape) == (16 + 8 // 2, 12)


def test_the_residual_is_the_image_minus_its_binomial_blur() -> None:
    channels = np.random.default_rng(0).normal(size=(1, 2, 9, 11)).astype(np.float32)
    kernel = np.outer([1, 2, 1], [1, 2, 1]) / 16
    padded = np.pad(channels[0, 1], 1, mode="reflect")
    blurred = [[(padded[y : y + 3, x : x + 3] * kernel).sum() for x in range(11)] for y in range(9)]
    np.testing.assert_allclose(high_pass(channels)[0, 1], channels[0, 1] - np.array(blurred), atol=1e-6)
    np.testing.assert_allclose(high_pass(np.full((1, 1, 8, 8), 0.7, np.float32)), 0, atol=1e-6)


@pytest.mark.parametrize("side", [28, 64])
def test_dct_is_the_statistics_of_scipys_block_dct(side: int) -> None:
    views = views_of(side, 2)
    planes = luma_and_chroma(views).astype(np.float64)
    expected = []
    for block in (8, 16):
        count = side // block
        cut = planes[:, :, : count * block, : count * block]
        tiles = cut.reshape(2, 3, count, block, count, block).transpose(0, 1, 2, 4, 3, 5)
        logs = np.log(np.abs(scipy.fft.dctn(tiles, axes=(4, 5), norm="ortho")) + 0.1)
        logs = logs.reshape(2, 3, count * count, block * block)
        expected.append(np.concatenate([logs.mean(axis=2), logs.std(axis=2)], axis=2).reshape(2, -1))
    ours = get_space("dct").embed(views)
    np.testing.assert_allclose(ours, np.concatenate(expected, axis=1), atol=2e-3)


def test_luma_and_chroma_are_jpegs() -> None:
    colours = np.array([[[[255, 255, 255], [255, 0, 0], [0, 0, 255], [128, 128, 128]]]], np.uint8)
    y, cb, cr = luma_and_chroma(colours)[0, :, 0]
    np.testing.assert_allclose(y, [127, 0.299 * 255 - 128, 0.114 * 255 - 128, 0], atol=1e-3)
    np.testing.assert_allclose(cb, [0, -0.168736 * 255, 127.5, 0], atol=1e-2)
    np.testing.assert_allclose(cr, [0, 127.5, -0.081312 * 255, 0], atol=1e-2)


def test_an_unknown_space_is_refused_with_the_known_ones() -> None:
    known = ", ".join(sorted((*SPACES, *OTHERS)))
    with pytest.raises(ValueError, match=f"'colour'; known: {known}"):
        get_space("colour")


def test_spaces_of_one_network_share_its_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    views, passes = views_of(32), []
    expected = {name: get_space(name).embed(views) for name in ("gram", "dct", "learned")}
    monkeypatch.setattr("fingerprints.spaces.cores", lambda: 1)
    monkeypatch.setattr("fingerprints.spaces.learned.seen", lambda views: passes.append(1) or seen(views))
    found = list(embed_each(views, list(expected)))
    assert [name for name, _ in found] == list(expected) and len(passes) == 1
    for name, rows in found:
        np.testing.assert_array_equal(rows, expected[name])


@pytest.mark.parametrize("count", [1, 9])
def test_views_that_cores_share_are_embedded_as_by_one(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    views, names = views_of(32, count), ["dct", "learned", "rgb", "correlation", "gram"]
    found = {}
    for cores in (1, 2, 16):
        monkeypatch.setattr("fingerprints.spaces.cores", lambda cores=cores: cores)
        found[cores] = list(embed_each(views, names))
        assert [name for name, _ in found[cores]] == names
    for other in (2, 16):
        for (_, rows), (_, expected) in zip(found[other], found[1], strict=True):
            assert rows.shape == expected.shape
            np.testing.assert_allclose(rows, expected, rtol=1e-5, atol=1e-5)


# Sets of images


FORM = CanonicalForm(min_side=32, max_side=None, crop=32, max_crops=4)


def test_embeddings_of_images_are_put_together_in_order() -> None:
    images = [from_pixels(views_of(side, 1)[0]) for side in (32, 64, 100)]
    rows = [embed(image, FORM, ("dct", "frequency")) for image in images]
    together = gather(rows, ["a", "b", "b"])
    np.testing.assert_array_equal(together.image_of_row, [0, 1, 1, 1, 1, 2, 2, 2, 2])
    np.testing.assert_array_equal(together.rows["dct"], np.concatenate([row["dct"] for row in rows]))
    assert len(together) == 3 and list(together.contents) == ["a", "b", "b"]
    twice = concatenate([together, together])
    np.testing.assert_array_equal(np.bincount(twice.image_of_row), [1, 4, 4, 1, 4, 4])
    last = twice.select(np.array([False] * 5 + [True]))
    np.testing.assert_array_equal(last.rows["frequency"], rows[2]["frequency"])
    np.testing.assert_array_equal(last.image_of_row, [0, 0, 0, 0])
    with pytest.raises(ValueError, match="one content an image"):
        gather(rows, ["a"])


def test_correlations_are_those_of_numpy() -> None:
    torch = pytest.importorskip("torch")
    from fingerprints.spaces.networks.differences import correlations

    maps = np.random.default_rng(0).normal(size=(2, 5, 6, 4)).astype(np.float32)
    maps[:, 1] += 2 * maps[:, 0]
    found = correlations(torch.from_numpy(maps)).numpy()
    for one, values in zip(maps, found, strict=True):
        expected = np.corrcoef(one.reshape(5, -1))[np.triu_indices(5, 1)]
        np.testing.assert_allclose(values, expected, atol=1e-4)
