"""Files made to do harm, at least 300, of every kind that a visitor may give: images, zips and Parquet files.

Each is made here from nothing, the same on every machine. ``hostile_images`` are given as images, ``hostile_metadata``
among them for what they say of themselves, ``hostile_sources`` as batches of samples.
"""

from .images import hostile_images
from .metadata import hostile_metadata
from .seeds import mutated, seeds
from .sources import hostile_sources

__all__ = ["hostile_images", "hostile_metadata", "hostile_sources", "mutated", "seeds"]
