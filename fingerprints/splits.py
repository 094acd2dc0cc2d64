"""Splits by content: images that share a prompt, a latent or a source always fall on the same side."""

from __future__ import annotations

import hashlib

import numpy as np

TEST_SHARE = 0.3


def content_share(contents: np.ndarray, salt: str) -> np.ndarray:
    """A number in [0, 1) for each content (n,), the same on every machine and in every build."""
    digests = (hashlib.sha256(f"{salt}:{content}".encode()).digest() for content in contents)
    return np.array([int.from_bytes(digest[:6], "big") / 2**48 for digest in digests])


def fold_of(contents: np.ndarray, folds: int) -> np.ndarray:
    """The fold (n,) of each content, 0 to folds - 1."""
    return (content_share(contents, "fold") * folds).astype(int)


def is_test(contents: np.ndarray, salt: str = "test") -> np.ndarray:
    """Which contents (n,) every benchmark tests on, and nothing that ships was trained on: TEST_SHARE of them."""
    return np.asarray(content_share(contents, salt) < TEST_SHARE)
