"""What a registry covers: its collections, those for everyday pictures first, and how many models there are of each
kind. One number for all would count small generators of 64 px faces as if they were the models that people ask about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce

from fingerprints.sentence import Sentence, counted, said

from ..storage.snapshot import Collection, Snapshot

# How one and how several generators of a collection are called; of others the title says it.
_KINDS: dict[str, Callable[[int], Sentence]] = {
    "text-to-image": lambda n: counted("{number} text-to-image model", "{number} text-to-image models", n),
    "faces-64": lambda n: counted("{number} small face generator", "{number} small face generators", n),
    "zoo": lambda n: counted("{number} practice generator", "{number} practice generators", n),
}
_ABOUT = {"faces": said("faces")}


def about_in_words(about: str) -> str:
    """What a collection says that it is about, so that it can be said in other languages where they have the word."""
    return _ABOUT.get(about, about)


def in_order(snapshot: Snapshot) -> list[Collection]:
    """Those that cover pictures however large first, then by the largest that they cover."""
    return sorted(snapshot.collections.values(), key=_smallness)


def listed(parts: Sequence[str]) -> str:
    """ "A, B and C"."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    return said("{most} and {last}", most=with_commas(parts[:-1]), last=parts[-1])


def with_commas(parts: Sequence[str]) -> str:
    """ "A, B"; at least one."""
    return reduce(lambda some, next_: said("{some}, {next}", some=some, next=next_), parts)


def kinds(counts: Iterable[tuple[Collection, int]]) -> str:
    """So many of each collection: "8 text-to-image models; 23 small face generators and 40 practice generators"."""
    each: list[str] = [kind(collection, count) for collection, count in counts if count]
    first, *rest = each or [""]
    return said("{first}; {others}", first=first, others=listed(rest)) if rest else first


def all_kinds(snapshot: Snapshot) -> str:
    """The same of everything that a registry holds; empty when it holds nothing."""
    return kinds((collection, len(collection.names)) for collection in in_order(snapshot))


def covers(collection: Collection) -> str:
    """Which pictures, by their shorter side: "128 px and more"."""
    least, most = collection.form.min_side, collection.form.max_side
    if most is None:
        return said("{least} px and more", least=least)
    return f"{least} px" if least == most else said("{least} to {most} px", least=least, most=most)


def kind(collection: Collection, count: int) -> Sentence:
    """So many of one collection: "8 text-to-image models"."""
    if collection.name in _KINDS:
        return _KINDS[collection.name](count)
    return counted("{number} model of “{title}”", "{number} models of “{title}”", count, title=collection.title)


def _smallness(collection: Collection) -> tuple[float, str]:
    largest = collection.form.max_side
    return (-largest if largest else float("-inf"), collection.name)
