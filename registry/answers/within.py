"""What of an image an answer is about: all of it, or the picture within a screen, bars or a border."""

from __future__ import annotations

from dataclasses import replace

from fingerprints.images.image import Image
from fingerprints.images.surroundings import Box, is_collage, picture_within

COLLAGE = (
    "Several pictures seem to be put together here, and nothing can be said of all of them at once: cut one out, and "
    "give that."
)
_LEAST_SIDE = 192  # px: smaller images are pictures, not screens
_WITHIN = (
    "Something lies around the picture (a screen, bars or a border): the answer is about the {width} x {height} pixels "
    "within, {left} from the left and {top} from the top."
)


def looked_at(image: Image) -> tuple[Image, Box | None]:
    """The image without what lies around it, with a note that says so, and where that is; itself where there is
    nothing."""
    box = picture_within(image.pixels) if image.shorter_side >= _LEAST_SIDE else None
    if box is None:
        return image, None
    inside = box.of(image.pixels)
    note = _WITHIN.format(width=inside.shape[1], height=inside.shape[0], left=box.left, top=box.top)
    return replace(image, pixels=inside, notes=(*image.notes, note)), box


def put_together(image: Image) -> bool:
    return image.shorter_side >= _LEAST_SIDE and is_collage(image.pixels)
