"""Giudice, Guarnera and Battiato, "Fighting deepfakes by detecting GAN DCT anomalies" (J. Imaging 2021).

The AC coefficients of 8 x 8 blocks follow a Laplace distribution; its scale, beta_i = mean |c_i| (maximum likelihood),
is the feature of an image for i = 1, ..., 63. Simplified: a linear model on log beta in place of the gradient boosting
of the paper.
"""

from __future__ import annotations

import numpy as np
import scipy.fft

from .parts.base import FeatureBaseline, grey

_BLOCK = 8


class Giudice21(FeatureBaseline):
    name = "Giudice21"

    def feature(self, image: np.ndarray) -> np.ndarray:
        """(63,): log of the Laplace scale of each AC coefficient of the grey image."""
        rows, columns = (side // _BLOCK for side in image.shape[:2])
        cut = grey(image)[: rows * _BLOCK, : columns * _BLOCK]
        blocks = cut.reshape(rows, _BLOCK, columns, _BLOCK).transpose(0, 2, 1, 3)
        coefficients = scipy.fft.dctn(blocks, axes=(2, 3), norm="ortho")
        return np.log(np.abs(coefficients).mean(axis=(0, 1)).ravel()[1:] + 1e-3)
