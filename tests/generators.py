"""Two simulated generators: real decoding pipelines of different design, deterministic and without a model.

What distinguishes image generators at the pixel level is how their decoders scale up. Both functions take a photo
through a bottleneck and a decoder of their own, so that their outputs share the content and differ in the trace.
"""

from __future__ import annotations

import numpy as np
import PIL.Image

# A 4x4 kernel of a stride-2 transposed convolution: bilinear weights whose four phases do not have the same gain,
# the classical cause of checkerboards.
_BILINEAR = np.array([0.25, 0.75, 0.75, 0.25])
_PHASE_GAINS = np.array([[1.10, 0.95], [0.93, 1.02]])
_TRANSPOSED = np.outer(_BILINEAR, _BILINEAR) * np.tile(_PHASE_GAINS, (2, 2))
_SHARPEN = np.array([[-0.02, -0.05, -0.02], [-0.05, 1.28, -0.05], [-0.02, -0.05, -0.02]])
# One 3x3 filter for each of R, G, B, none symmetric, as a trained layer would have; light enough that the
# staircases of nearest scaling stay.
_PER_CHANNEL = (
    np.array([[0.00, 0.06, 0.01], [0.09, 0.74, 0.05], [0.00, 0.04, 0.01]]),
    np.array([[0.03, 0.09, 0.01], [0.11, 0.54, 0.10], [0.01, 0.08, 0.03]]),
    np.array([[-0.03, 0.05, -0.02], [0.03, 0.98, 0.02], [-0.02, 0.04, -0.05]]),
)
_HIGH_BAND = 0.25


def transposed_decoder(crop: np.ndarray) -> np.ndarray:
    """Scale down by 2, insert zeros, filter with an uneven 4x4 kernel, then 3x3. uint8 (h, w, 3) in and out."""
    half = _scaled_down(crop, 2)
    padded = np.pad(half, ((1, 1), (1, 1), (0, 0)), mode="edge")
    spread = np.zeros((2 * padded.shape[0], 2 * padded.shape[1], 3))
    spread[::2, ::2] = padded
    grown = _correlate(spread, _TRANSPOSED)[1 : 1 + crop.shape[0], 1 : 1 + crop.shape[1]]
    return _to_uint8(_same_size(grown, _SHARPEN))


def nearest_decoder(crop: np.ndarray) -> np.ndarray:
    """Scale down by 4, twice nearest x2 and a 3x3 filter of each channel's own, with some of the high band put back.

    uint8 (h, w, 3) in and out.
    """
    grown = _scaled_down(crop, 4)
    for _ in range(2):
        grown = grown.repeat(2, axis=0).repeat(2, axis=1)
        grown = np.stack([_same_size(grown[:, :, c], kernel) for c, kernel in enumerate(_PER_CHANNEL)], axis=2)
    low = _resized(_scaled_down(crop, 4), crop.shape[1], crop.shape[0])
    return _to_uint8(grown + _HIGH_BAND * (crop - low))


def crops(photo: np.ndarray, size: int, count: int, seed: int) -> list[np.ndarray]:
    """``count`` different crops of size x size whose corners are multiples of 16, the same for the same seed."""
    rows, columns = (photo.shape[0] - size) // 16 + 1, (photo.shape[1] - size) // 16 + 1
    if rows * columns < count or rows < 1 or columns < 1:
        raise ValueError(f"a photo of {photo.shape[1]} x {photo.shape[0]} has no {count} aligned crops of {size} px")
    chosen = np.random.default_rng(seed).choice(rows * columns, size=count, replace=False)
    corners = [(16 * int(i // columns), 16 * int(i % columns)) for i in chosen]
    return [photo[y : y + size, x : x + size].copy() for y, x in corners]


def _scaled_down(crop: np.ndarray, factor: int) -> np.ndarray:
    height, width = crop.shape[:2]
    if height % factor or width % factor:
        raise ValueError(f"the sides must be multiples of {factor}, found {width} x {height}")
    small = PIL.Image.fromarray(crop).resize((width // factor, height // factor), PIL.Image.Resampling.BICUBIC)
    return np.asarray(small).astype(np.float64)


def _resized(values: np.ndarray, width: int, height: int) -> np.ndarray:
    grown = PIL.Image.fromarray(_to_uint8(values)).resize((width, height), PIL.Image.Resampling.BICUBIC)
    return np.asarray(grown).astype(np.float64)


def _same_size(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Correlation with a 3x3 kernel, edges repeated."""
    return _correlate(np.pad(values, ((1, 1), (1, 1)) + ((0, 0),) * (values.ndim - 2), mode="edge"), kernel)


def _correlate(values: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Correlation of (h, w[, c]) with a (k, k) kernel, without padding: (h - k + 1, w - k + 1[, c])."""
    size = kernel.shape[0]
    height, width = values.shape[0] - size + 1, values.shape[1] - size + 1
    total = np.zeros((height, width, *values.shape[2:]))
    for dy in range(size):
        for dx in range(size):
            total += kernel[dy, dx] * values[dy : dy + height, dx : dx + width]
    return total


def _to_uint8(values: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
