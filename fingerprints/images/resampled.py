"""By what factor a picture was enlarged, from the traces that interpolation leaves in its pixels.

A pixel between two of the original varies less than one that lies on it, so the differences along a line grow and
shrink with the period of the original: over all lines they have a peak at the frequency 1 / factor (Gallagher,
"Detection of linear and cubic interpolation in JPEG compressed images", 2005). An enlarged picture shows nothing finer
than its original did, so that its spectrum is empty beyond half that frequency. And blocks of 8 px that were enlarged
with it repeat every 8 * factor px. Codecs and decoders that scale up have periods of 2, 4 and 8 px without any
enlarging: what is seen there has weights of its own.

The weights are those of a conditional logit (McFadden, 1974) between all factors and none, fitted to photos and
generated pictures that were enlarged with common filters and saved (training/learn_enlarged.py, which prints what comes
of them).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

_SIDE = 512  # px of the piece that is looked at, and the length of every spectrum
_BINS = _SIDE // 2 + 1
_LEAST = 128  # px: in less nothing is repeated often enough
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_EDGE = 6.0  # grey levels: a larger difference is an edge, which says nothing of interpolation
_EVERY = 4  # lines between two whose spectrum is taken
_SMOOTHED, _AROUND = 9, 17  # over how many bins, and how many px, a mean is taken
_HIGHEST_PEAK, _HIGHEST_COMB = 8.0, 5.0  # logarithms
_EMPTY = 1.5  # logarithm: what is so little above the end of a spectrum is empty
_CODEC = _SIDE // 8  # bins between the frequencies at which codecs and decoders have peaks

_FREQUENCIES = np.arange(118, 427, 2)  # bins: from 4.3 times to 1.2 times
FACTORS = _SIDE / _FREQUENCIES
_CUTOFFS = _FREQUENCIES / 2  # bins


class Enlarged(NamedTuple):
    """``factor``: 1.2 to 4.3; None where the traces do not say by how much."""

    factor: float | None


def enlarged(pixels: np.ndarray) -> Enlarged | None:
    """Whether uint8 (h, w, 3) seems to have been enlarged, and by what factor; None where no trace says so, which
    smoothing, scaling down again and strong compression bring about too."""
    if min(pixels.shape[:2]) < _LEAST:
        return None
    scores = signs(pixels) @ _WEIGHTS
    if scores.max() < _BAR:
        return None
    return Enlarged(float(FACTORS[scores.argmax()]) if sure(scores) else None)


def sure(scores: np.ndarray) -> bool:
    """Do the factors near the likeliest have most of all chances, given the scores (factors,)?"""
    alike = np.abs(np.log(FACTORS / FACTORS[scores.argmax()])) < np.log(_ALIKE)
    chances = np.exp(scores - scores.max())
    return bool(chances[alike].sum() >= _SURE * chances.sum())


def signs(pixels: np.ndarray) -> np.ndarray:
    """What speaks for each factor: (factors, signs)."""
    lines = _middle(pixels) @ _LUMA
    axes = (lines, np.ascontiguousarray(lines.T))
    first, second = (np.mean([_peaks(axis, order) for axis in axes], axis=0) for order in (1, 2))
    return np.stack([*_of_period(first, second), *_of_spectrum(np.mean([_spectrum(axis) for axis in axes], axis=0))], 1)


def _middle(pixels: np.ndarray) -> np.ndarray:
    """A piece on the grid of a codec's blocks."""
    top, left = (max(0, side - _SIDE) // 2 // 16 * 16 for side in pixels.shape[:2])
    return pixels[top : top + _SIDE, left : left + _SIDE]


def _peaks(lines: np.ndarray, order: int) -> np.ndarray:
    """(n, w) -> (bins,): how far each frequency of the mean absolute difference stands out, as a logarithm."""
    profile = np.log(np.minimum(np.abs(np.diff(lines, order)), _EDGE).mean(axis=0) + 0.02)
    waves = (profile - _smoothed(profile, _AROUND)) * np.hanning(len(profile))
    power = np.abs(np.fft.rfft(waves, _SIDE)) ** 2
    return np.asarray(np.log(power / (np.median(power) + 1e-12) + 1))


def _spectrum(lines: np.ndarray) -> np.ndarray:
    """(n, w) -> (bins,): the mean logarithm of the power of some lines."""
    some = lines[::_EVERY]
    window = np.hanning(some.shape[1]).astype(np.float32)
    power = np.abs(np.fft.rfft((some - some.mean(axis=1, keepdims=True)) * window, _SIDE, axis=1)) ** 2
    return np.asarray(np.log(power / some.shape[1] + 0.02).mean(axis=0))


def _of_period(first: np.ndarray, second: np.ndarray) -> list[np.ndarray]:
    """Of first and second differences: peaks at 1 / factor, where codecs have none and where they have; at twice that;
    against the highest peak elsewhere; and of enlarged blocks."""
    of_codec = np.abs((_FREQUENCIES + _CODEC // 2) % _CODEC - _CODEC // 2) < 4
    one, two = (np.minimum(_at(peaks, _FREQUENCIES), _HIGHEST_PEAK) for peaks in (first, second))
    twice = np.minimum(_at(second, 2 * _FREQUENCIES), _HIGHEST_PEAK)
    highest = min(float(second[_BESIDE_CODECS].max()), _HIGHEST_PEAK)
    comb = [np.minimum(_at(second, _FREQUENCIES * k / 8), _HIGHEST_COMB) for k in (1, 2, 3, 5)]
    apart = [sign * ~of_codec for sign in (two, one, two - highest)]
    return [*apart, two * of_codec, one * of_codec, highest * of_codec, twice, np.mean(comb, axis=0)]


def _of_spectrum(power: np.ndarray) -> list[np.ndarray]:
    """How much there is below, at and beyond the cut-off; how far it lies from where the spectrum ends and from where
    it falls most steeply; and the factor itself."""
    below, beyond = _mean(power, 0.65, 0.9), _mean(power, 1.15, 9)
    smooth = _smoothed(power, _SMOOTHED)
    empty = smooth < smooth[-40:].mean() + _EMPTY
    end = max(20, int(empty[20:].argmax()) + 20)
    steepest = int((smooth[28:-16] - smooth[44:]).argmax()) + 36
    off = [np.clip(np.log(at / _CUTOFFS), -1.2, 1.2) for at in (end, steepest)]
    drop, size = _mean(power, 0.7, 0.92) - _mean(power, 1.08, 1.3), np.log(FACTORS)
    levels = [drop, beyond, below, below**2 / 10, _mean(power, 0.3, 0.5)]
    return [*levels, *off, *(distance**2 for distance in off), size, size**2, np.ones(len(size))]


def _at(peaks: np.ndarray, bins: np.ndarray) -> np.ndarray:
    """The highest of three bins around each, which may lie beyond the highest frequency and are folded back."""
    folded = np.rint(bins).astype(int) % _SIDE
    folded = np.minimum(folded, _SIDE - folded)
    return np.asarray(np.max([peaks[np.clip(folded + by, 0, _BINS - 1)] for by in (-1, 0, 1)], axis=0))


def _mean(power: np.ndarray, low: float, high: float) -> np.ndarray:
    """Over a band that is given in cut-offs; of four bins at least, all below the highest frequency."""
    start = np.minimum(low * _CUTOFFS, _BINS - 8).astype(int)
    end = np.clip(np.ceil(high * _CUTOFFS).astype(int), start + 4, _BINS - 3)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    return np.asarray((sums[end] - sums[start]) / (end - start))


def _smoothed(values: np.ndarray, width: int) -> np.ndarray:
    return np.convolve(np.pad(values, width // 2, mode="edge"), np.ones(width) / width, "valid")


_BESIDE_CODECS = np.array([k for k in range(10, _BINS) if 4 <= k % _CODEC <= _CODEC - 4])
_WEIGHTS = np.array(
    [
        *(1.54, 1.52, -0.45, 0.381, 0.673, 0.716, -0.0652, 2.43),  # of periods
        *(-1.1, -2.74, 0.945, -1.46, 1.5, -5.79, 3.09, -2.54, 0.946, -2.64, 1.74, -17.3),  # of the spectrum
    ]
)
_BAR = -1.04  # beside none, whose score is 0: few pictures that were not enlarged reach it
_ALIKE, _SURE = 1.1, 0.8  # factors that are said as one; the share of all chances that these need to be said
