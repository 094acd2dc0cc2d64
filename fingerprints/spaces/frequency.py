"""The paper's FREQ space and its high-pass sibling.

FREQ (ManiFPT, section 4.1): per channel log(|FFT2(x)| + 1e-12) of the float image in [0, 1]. A real image's
spectrum is symmetric, so half of it is kept, and its log magnitudes are averaged in bins (at most 32 x 33 a channel)
so that an embedded reference stays small; the paper's full-size map is ``Frequency(bins=None)``.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from ..sentence import said

_EPSILON = 1e-12
_ROWS, _COLUMNS = 32, 33


class Frequency:
    """Log magnitude spectrum per RGB channel."""

    name = "frequency"
    label = said("the whole spectrum")
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3) -> float32 (n, 3 * rows * columns), rows <= 32 from -Nyquist up, columns <= 33 from DC."""
        return binned_log_spectrum(views.astype(np.float32).transpose(0, 3, 1, 2) / 255.0)


class Residual:
    """Log magnitude spectrum per RGB channel of the image minus its 3 x 3 binomial blur."""

    name = "residual"
    label = said("the spectrum of the fine detail")
    version = 1

    def embed(self, views: np.ndarray) -> np.ndarray:
        """uint8 (n, h, w, 3) -> float32 (n, 3 * rows * columns), binned as in Frequency."""
        return binned_log_spectrum(high_pass(views.astype(np.float32).transpose(0, 3, 1, 2) / 255.0))


def high_pass(channels: np.ndarray) -> np.ndarray:
    """x minus its 3 x 3 binomial blur, borders mirrored; shape (n, c, h, w) in and out."""
    padded = np.pad(channels, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="reflect")
    rows = padded[:, :, :-2] + 2 * padded[:, :, 1:-1] + padded[:, :, 2:]
    blur = rows[..., :-2] + 2 * rows[..., 1:-1] + rows[..., 2:]
    return channels - blur / 16.0


def log_spectrum(channels: np.ndarray) -> np.ndarray:
    """(n, c, h, w) float32 -> log(|rfft2| + 1e-12), rows shifted so that zero frequency is in the middle row."""
    spectrum = scipy.fft.rfft2(channels, axes=(-2, -1), workers=2)
    return np.log(np.abs(scipy.fft.fftshift(spectrum, axes=-2)) + _EPSILON)


def binned_log_spectrum(channels: np.ndarray) -> np.ndarray:
    """(n, c, h, w) -> (n, c * rows * columns), bin means of the log spectrum."""
    spectrum = log_spectrum(channels)
    spectrum = _bin(_bin(spectrum, _ROWS, axis=-2), _COLUMNS, axis=-1)
    return spectrum.reshape(len(channels), -1).astype(np.float32)


def _bin(values: np.ndarray, count: int, axis: int) -> np.ndarray:
    length = values.shape[axis]
    if length <= count:
        return values
    edges = np.round(np.arange(count) * length / count).astype(int)
    sizes = np.diff(np.append(edges, length)).astype(np.float32)
    shape = [1] * values.ndim
    shape[axis] = count
    return np.add.reduceat(values, edges, axis=axis) / sizes.reshape(shape)


SPACES = (Residual(), Frequency())
