"""What is computed from a collection once: a collection belongs to one revision, which never changes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from ..storage.snapshot import Collection

T = TypeVar("T")


def once_per_collection(function: Callable[..., T]) -> Callable[..., T]:
    """Keep the results of ``function(collection, *asked)`` for as long as the collection itself is kept."""
    kept: WeakKeyDictionary[Collection, dict[tuple[Hashable, ...], T]] = WeakKeyDictionary()

    @wraps(function)
    def found(collection: Collection, *asked: Hashable) -> T:
        known = kept.setdefault(collection, {})
        if asked not in known:
            known[asked] = function(collection, *asked)
        return known[asked]

    return found
