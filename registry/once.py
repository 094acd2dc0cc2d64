"""What is computed from a collection once: a collection belongs to one revision, which never changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from .snapshot import Collection

T = TypeVar("T")


def once_per_collection(function: Callable[..., T]) -> Callable[..., T]:
    """Keep the results of ``function(collection, *names)`` for as long as the collection itself is kept."""
    kept: WeakKeyDictionary[Collection, dict[tuple[Any, ...], T]] = WeakKeyDictionary()

    @wraps(function)
    def found(collection: Collection, *names: str) -> T:
        known = kept.setdefault(collection, {})
        if names not in known:
            known[names] = function(collection, *names)
        return known[names]

    return found
