"""What a registry covers: its collections, those for everyday pictures first, and how many models there are of each
kind. One number for all would count small generators of 64 px faces as if they were the models that people ask about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..storage.snapshot import Collection, Snapshot

# How one and how several generators of a collection are called; of others the title says it.
_KINDS = {
    "text-to-image": ("text-to-image model", "text-to-image models"),
    "faces-64": ("small face generator", "small face generators"),
    "zoo": ("of a teaching zoo", "of a teaching zoo"),
}


def in_order(snapshot: Snapshot) -> list[Collection]:
    """Those that cover pictures however large first, then by the largest that they cover."""
    return sorted(snapshot.collections.values(), key=_smallness)


def listed(parts: Sequence[str]) -> str:
    """ "A, B and C"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def kinds(counts: Iterable[tuple[Collection, int]]) -> str:
    """So many of each collection: "8 text-to-image models; 23 small face generators and 40 of a teaching zoo"."""
    first, *rest = [kind(collection, count) for collection, count in counts if count] or [""]
    return f"{first}; {listed(rest)}" if rest else first


def all_kinds(snapshot: Snapshot) -> str:
    """The same of everything that a registry holds; empty when it holds nothing."""
    return kinds((collection, len(collection.names)) for collection in in_order(snapshot))


def covers(collection: Collection) -> str:
    """Which pictures, by their shorter side: "128 px and more"."""
    least, most = collection.form.min_side, collection.form.max_side
    if most is None:
        return f"{least} px and more"
    return f"{least} px" if least == most else f"{least} to {most} px"


def kind(collection: Collection, count: int) -> str:
    """So many of one collection: "8 text-to-image models"."""
    one, several = _KINDS.get(collection.name, (f"model of “{collection.title}”", f"models of “{collection.title}”"))
    return f"{count:,} {one if count == 1 else several}"


def _smallness(collection: Collection) -> tuple[float, str]:
    largest = collection.form.max_side
    return (-largest if largest else float("-inf"), collection.name)
