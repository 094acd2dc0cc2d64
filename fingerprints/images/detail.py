"""What can be seen in an image at all: how noisy, smooth, worn or plain it is, and so how much can be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .drawn import colours, is_grey, plain_share
from .noise import noise_of_blocks
from .resampled import enlarged

ENOUGH, LITTLE, NOTHING = range(3)  # what an image shows of how it was made

_QUIET, _FINE = 0.1, 0.9  # the share of blocks that show noise alone, and that show less than the most detailed ones
_HIDES, _HIDES_OF_LIGHT = 1.5, 0.09  # grey levels, of which a phone's night mode leaves more; of the mean grey level
_SMOOTH = 1.2  # grey levels; benchmarks.field.parts prints how many photos and generated images have less
_WORN = 0.5  # grey levels, of half of the blocks
_BLURRED = 0.28  # grey levels, a little more than rounding alone makes
_PLAIN = 0.66  # of one in a hundred photos it is more than .6
_LEAST_CROPS = 4
_FEW, _PALETTE = 64, 256  # colours; the latter of GIF and PNG-8


class Detail(NamedTuple):
    """Of one image, or (n,) each of n images; NaN where it was not measured, and then nothing follows from it.

    ``quiet``, ``half``, ``fine``: the noise (noise.py), in grey levels, that a tenth, half and nine tenths of all
    blocks have less of. ``light``: the mean grey level. ``plain``: the share of pixels that are as the next one.
    ``colours``: how many; ``grey``: 1 where all are. ``enlarged``: 1 where it seems to have been, if it is smooth.
    """

    quiet: Any
    half: Any
    fine: Any
    light: Any
    plain: Any
    colours: Any
    grey: Any
    enlarged: Any

    @classmethod
    def of(cls, crops: Sequence[np.ndarray], pixels: np.ndarray) -> Detail:
        """Of the uint8 (h, w, 3) crops of an image with these ``pixels``."""
        quiet, half, fine = np.quantile(noise_of_blocks(crops), (_QUIET, 0.5, _FINE)).tolist()
        light = float(np.mean([crop.mean() for crop in crops]))
        grown = float(fine < _SMOOTH and enlarged(pixels) is not None)
        return cls(quiet, half, fine, light, plain_share(crops), colours(crops), float(is_grey(crops)), grown)

    @classmethod
    def unknown(cls) -> Detail:
        return cls(*[float("nan")] * len(cls._fields))

    @property
    def drawn(self) -> Any:
        """Drawn, and not taken or generated as photos are: plain areas, or very few colours. Sensors and decoders of
        generators leave no two neighbouring pixels alike for long; drawings, charts and the screens of programs do."""
        return (self.plain > _PLAIN) | (self.colours <= _FEW)

    @property
    def blurred(self) -> Any:
        """Nothing is left of fine detail but what rounding makes, or the little that there is was enlarged: no trace
        can be seen, whoever made the image."""
        return (self.fine < _BLURRED) | (self.smooth & (self.enlarged == 1))

    @property
    def smooth(self) -> Any:
        """There is next to no fine detail even where there is most: blurred, enlarged, out of focus. Such photos are
        the likeliest to be taken for generated ones."""
        return np.less(self.fine, _SMOOTH)

    @property
    def noisy(self) -> Any:
        """There is so much noise, or so little light beside it, that the trace of a generator, of about one grey level,
        would not be seen."""
        return (self.quiet >= _HIDES) | (self.quiet >= _HIDES_OF_LIGHT * self.light)

    @property
    def palette(self) -> Any:
        """There are no more colours than a palette holds, and yet some that are not grey."""
        return (self.colours <= _PALETTE) & (self.grey == 0)

    def small(self, crops: Any) -> Any:
        """There are few crops to look at, as in thumbnails, so that their mean is uncertain."""
        return (crops < _LEAST_CROPS) & np.isfinite(self.fine)

    @property
    def worn(self) -> Any:
        """There is next to no fine detail in half of the picture, as strong compression leaves it. A generator's trace
        may be gone with it."""
        return np.less(self.half, _WORN)

    def shows(self, crops: Any) -> Any:
        """NOTHING, LITTLE or ENOUGH for a verdict, by so many ``crops``."""
        little = self.smooth | self.noisy | self.palette | self.small(crops)
        return np.select([self.drawn | self.blurred, little], [NOTHING, LITTLE], ENOUGH)
