"""The files of one generator's folder: a fingerprint in each space, and the pictures of its gallery."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping

from fingerprints.geometry.embedding import EmbeddedImages
from fingerprints.model.fingerprint import Fingerprint
from fingerprints.model.reference import Reference

from .collection import fingerprint_bytes
from .pictures import gallery

_SHOWN = 6


def entry_files(
    prints: Mapping[str, Fingerprint],
    images: EmbeddedImages,
    references: Mapping[str, Reference],
    digests: Mapping[str, str],
    crop: int,
) -> dict[str, bytes]:
    """By path inside the folder, the card aside. ``digests``: of the reference in each space."""
    files = {f"{space}.safetensors": fingerprint_bytes(print_, digests[space]) for space, print_ in prints.items()}
    if "frequency" in prints:
        basis, fingerprint = references["frequency"].basis, prints["frequency"]
        shown = fingerprint.artifacts[:: max(1, len(fingerprint.artifacts) // _SHOWN)].astype("float32")
        pictures = gallery(
            basis.differences(fingerprint.mean[None])[0],
            images.select(images.histories == 0).rows["frequency"].mean(axis=0),
            basis.differences(shown),
            crop,
        )
        files.update({f"gallery/{name}": data for name, data in pictures.items()})
    return files


def samples_digest(digests: Iterable[str]) -> str:
    """One digest for a set of decoded images, whatever their order and file format."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()
