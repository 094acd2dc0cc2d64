"""Arrays as pictures: spectra in a perceptually uniform map, artifacts in a diverging one where zero is neutral."""

from __future__ import annotations

import numpy as np

from fingerprints.images.image import png_bytes

DRAWN = ("dct", "residual", "frequency")  # spaces that have a picture; the others are numbers without a place
_SCALE = 256
# Polynomial fits (degree 6) of the colour maps inferno and viridis, coefficients of t**0 to t**6 for red, green, blue.
_INFERNO = np.array(
    [
        [0.00021894, 0.00165100, -0.01948090],
        [0.10651342, 0.56395644, 3.93271239],
        [11.60249308, -3.97285397, -15.94239411],
        [-41.70399613, 17.43639888, 44.35414520],
        [77.16293570, -33.40235894, -81.80730926],
        [-71.31942824, 32.62606426, 73.20951986],
        [25.13112622, -12.24266895, -23.07032500],
    ]
)
_COLD, _NEUTRAL, _WARM = (np.array(c, float) for c in ((33, 80, 160), (246, 246, 244), (176, 88, 12)))


def sequential(values: np.ndarray, low: float | None = None, high: float | None = None) -> np.ndarray:
    """(h, w) -> uint8 (h, w, 3) in inferno, from ``low`` to ``high`` (by default the 1st and 99th percentile)."""
    low = float(np.percentile(values, 1)) if low is None else low
    high = float(np.percentile(values, 99)) if high is None else high
    t = np.clip((values - low) / max(high - low, 1e-9), 0.0, 1.0)[..., None]
    colours = sum(coefficient * t**power for power, coefficient in enumerate(_INFERNO))
    return (np.clip(colours, 0.0, 1.0) * 255).round().astype(np.uint8)


def diverging(values: np.ndarray, limit: float | None = None) -> np.ndarray:
    """(h, w) -> uint8 (h, w, 3): blue below zero, ochre above, up to ``limit`` (by default the 99th percentile)."""
    limit = float(np.percentile(np.abs(values), 99)) if limit is None else limit
    t = np.clip(values / max(limit, 1e-9), -1.0, 1.0)[..., None]
    colours = np.where(t < 0, _NEUTRAL + (-t) * (_COLD - _NEUTRAL), _NEUTRAL + t * (_WARM - _NEUTRAL))
    return colours.round().astype(np.uint8)


def drawn(space: str, embedding: np.ndarray, crop: int) -> np.ndarray:
    """An embedding (d,) of one of the spaces in DRAWN -> a plane of log magnitudes."""
    return blocks(embedding) if space == "dct" else plane(embedding, crop)


def blocks(embedding: np.ndarray) -> np.ndarray:
    """An embedding (d,) of the dct space -> (16, 16): the means of the luma coefficients of 16 px blocks, the block's
    mean grey level at the top left, the finest detail at the bottom right."""
    begin = 3 * 2 * 8 * 8  # the statistics of 8 px blocks come first
    return np.asarray(embedding[begin : begin + 256].reshape(16, 16))


def plane(embedding: np.ndarray, crop: int) -> np.ndarray:
    """An embedding (d,) of the frequency or residual space -> its full plane (rows, columns), mean over
    channels, DC in the middle.

    The space keeps half of the plane; the other half mirrors it, because the spectrum of a real signal is symmetric.
    """
    rows, columns = min(32, crop), min(33, crop // 2 + 1)
    half = embedding.reshape(3, rows, columns).mean(axis=0)
    mirrored = np.roll(half[::-1, 1:-1][:, ::-1], 1, axis=0)
    return np.concatenate([mirrored, half], axis=1)


def enlarged(picture: np.ndarray, side: int = _SCALE) -> np.ndarray:
    """uint8 (h, w, 3) -> about (side, side, 3), each value a block: nothing is smoothed that was not measured."""
    rows, columns = max(1, side // picture.shape[0]), max(1, side // picture.shape[1])
    return np.repeat(np.repeat(picture, rows, axis=0), columns, axis=1)


def gallery(mean_artifact: np.ndarray, spectrum: np.ndarray, artifacts: np.ndarray, crop: int) -> dict[str, bytes]:
    """The pictures of one generator from embeddings of the frequency space, as PNG files by name.

    ``mean_artifact`` and ``spectrum`` (d,), ``artifacts`` (n, d): up to six of them are shown.
    """
    limit = float(np.percentile(np.abs(plane(mean_artifact, crop)), 99))
    strip = [enlarged(diverging(plane(a, crop)), 128) for a in artifacts[:6]]
    gap = np.full((strip[0].shape[0], 6, 3), 255, np.uint8)
    joined = [part for picture in strip for part in (picture, gap)][:-1]
    return {
        "mean-artifact.png": png_bytes(enlarged(diverging(plane(mean_artifact, crop), limit))),
        "spectrum.png": png_bytes(enlarged(sequential(plane(spectrum, crop)))),
        "artifacts.png": png_bytes(np.concatenate(joined, axis=1)),
    }
