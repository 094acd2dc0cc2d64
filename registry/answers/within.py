"""What of an image an answer can be about: a part that was chosen, or the picture within a screen, bars or a border; no
collage, no noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fingerprints.errors import UserError
from fingerprints.images.detail import Detail
from fingerprints.images.histories import scaled
from fingerprints.images.image import Image
from fingerprints.images.resampled import Enlarged, enlarged
from fingerprints.images.surroundings import Box, is_collage, picture_within
from fingerprints.sentence import Sentence, said

COLLAGE = said(
    "Several pictures seem to be put together here, and nothing can be said of all of them at once: cut one out, and "
    "give that."
)
BLURRED = said(
    "Nothing in this picture is fine enough to show how it was made: it is blurred or was enlarged, and nothing can be "
    "said of it. The original says more."
)
DRAWN = said(
    "Most of this picture is plain colour, or it has very few colours, as drawings, charts and screens have: nothing "
    "can be said of it."
)
SMOOTH = said(
    "The picture is very smooth (blurred, enlarged or out of focus) and shows few traces of its making: more proof "
    "than usual is asked for before it is said to be generated, and it is not called a photo."
)
NOISY = said(
    "The picture is noisy, dark beside its noise, or reduced to few colours, and a model's traces are hard to see in "
    "it: more proof than usual is asked for before it is said to be generated, and it is not called a photo."
)
SMALL = said(
    "The picture is small, so that few traces can be seen in it: more proof than usual is asked for before it is said "
    "to be generated, and it is not called a photo."
)
WORN = said(
    "Strong compression or smoothing has left little fine detail in this picture: to find no traces of a model in it "
    "does not make it a photo."
)
ENLARGED = said("This picture seems to have been enlarged. Enlarging hides traces: the original says more.")
_ENLARGED_BY = said(
    "This picture seems to have been enlarged about {factor} times. Enlarging hides traces: the original says more.",
    factor="",
)
_SCALED_BACK = said(
    "This picture seems to have been enlarged about {factor} times: the answer is about it scaled back to {width} x "
    "{height} pixels. The original says more.",
    factor="",
    width=0,
    height=0,
)
LEAST_PART = 128  # px: in less there is too little to see
_LEAST_FACTOR = 1.45  # of less little is gained by scaling back, and more lost (benchmarks.field.scaled_back)
_LEAST_SIDE = 192  # px: smaller images are pictures, not screens


class NoPart(UserError, ValueError):
    """What was chosen is no part of the image; the text says what would be one."""


def looked_at(image: Image, part: Box | None = None) -> tuple[Image, Box | None]:
    """The image without what lies around it, with a note that says so, and where that is; itself where there is
    nothing. Of a ``part`` that was chosen, nothing more is cut away. Raises NoPart."""
    return (_chosen(image, part), part) if part is not None else _found(image)


def _chosen(image: Image, part: Box) -> Image:
    height, width = part.bottom - part.top, part.right - part.left
    inside = min(part.top, part.left) >= 0 and part.bottom <= image.height and part.right <= image.width
    if not inside or min(height, width) < LEAST_PART:
        raise NoPart(
            said(
                "The part must lie in the picture, which has {width} x {height} pixels, and be at least {least} pixels "
                "wide and high.",
                **{"width": image.width, "height": image.height, "least": LEAST_PART},
            )
        )
    note = said(
        "The answer is about the part that was chosen: {width} x {height} pixels, {left} from the left and {top} from "
        "the top.",
        **{"width": width, "height": height, "left": part.left, "top": part.top},
    )
    return replace(image, pixels=part.of(image.pixels), notes=(*image.notes, note))


def _found(image: Image) -> tuple[Image, Box | None]:
    box = picture_within(image.pixels) if image.shorter_side >= _LEAST_SIDE else None
    if box is None:
        return image, None
    inside = box.of(image.pixels)
    note = said(
        "Something lies around the picture (a screen, bars or a border): the answer is about the {width} x {height} "
        "pixels within, {left} from the left and {top} from the top.",
        **{"width": inside.shape[1], "height": inside.shape[0], "left": box.left, "top": box.top},
    )
    return replace(image, pixels=inside, notes=(*image.notes, note)), box


def scaled_back(image: Image) -> tuple[Image, Enlarged | None]:
    """The image as large as it was before it was enlarged, where that is sure, and by what factor it seems to have been
    enlarged; with a note in its ``notes``."""
    found = enlarged(image.pixels)
    if found is None:
        return image, None
    factor = found.factor or 1.0
    if factor < _LEAST_FACTOR or image.shorter_side < factor * LEAST_PART:
        note = ENLARGED if found.factor is None else _ENLARGED_BY.of(factor=f"{factor:.1f}")
        return replace(image, notes=(*image.notes, note)), found
    pixels = np.ascontiguousarray(scaled(image.pixels, 1 / factor))
    note = _SCALED_BACK.of(factor=f"{factor:.1f}", width=pixels.shape[1], height=pixels.shape[0])
    return replace(image, pixels=pixels, notes=(*image.notes, note)), found


def why_nothing(detail: Detail) -> Sentence | None:
    """Why an image can show no trace of how it was made, if that is so."""
    if detail.drawn:
        return DRAWN
    return BLURRED if detail.blurred else None


def why_little(detail: Detail, crops: int) -> Sentence | None:
    """Why traces cannot be told from smoothness, or hardly be seen, in so many crops, if that is so."""
    if detail.smooth:
        return SMOOTH
    if detail.noisy or detail.palette:
        return NOISY
    return SMALL if detail.small(crops) else None


def put_together(image: Image) -> bool:
    return image.shorter_side >= _LEAST_SIDE and is_collage(image.pixels)
