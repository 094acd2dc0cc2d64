"""Build the embedded registry (registry/builtin): ``python -m registry.building.embed --data DIR --zoo SAMPLES``.

Text-to-image models and faces come from the evaluation data, the zoo from what ``python -m zoo export`` wrote; more
photos for the class "real" of everyday pictures from what ``python -m registry.building.wallpapers`` wrote.

Derived data alone goes in: bases, banks of embeddings, covariances, artifacts and rendered spectra; no source image.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from fingerprints.terminal import tell

from ..storage.files import copy_folder
from ..storage.store import BUILTIN, Store
from .create import create_collection
from .sources import MOST_PHOTOS, Sources, cards_of, content_of, sources_of

_GROUPS = {"text-to-image": "t2i", "faces-64": "celeba64"}
_ZOO = "zoo"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with t2i/, modern/ and celeba64/")
    parser.add_argument("--zoo", type=Path, help="folder that python -m zoo export wrote")
    parser.add_argument("--wallpapers", type=Path, help="file that python -m registry.building.wallpapers wrote")
    parser.add_argument("--cache", type=Path, help="keep the embeddings in this folder, for the next time")
    parser.add_argument("--only", choices=[*sorted(_GROUPS), _ZOO], help="build one collection, keep the others")
    arguments = parser.parse_args()
    wanted = [arguments.only] if arguments.only else [*_GROUPS, _ZOO]
    if not arguments.zoo and _ZOO in wanted:
        parser.error("the zoo is built from --zoo, a folder that python -m zoo export writes.")
    if not arguments.data and wanted != [_ZOO]:
        parser.error(f"{', '.join(_GROUPS)} are built from --data, the folder of the evaluation data.")
    with tempfile.TemporaryDirectory(prefix="manifpt-embed-") as scratch:
        store = Store(Path(scratch), builtin=BUILTIN)
        for collection in wanted:
            if collection == _ZOO:
                build_zoo(store, arguments.zoo, arguments.cache)
            else:
                build(store, collection, arguments.data, arguments.cache, arguments.wallpapers)
        replace_folder(store.snapshot().path, BUILTIN)


def build(store: Store, collection: str, data: Path, cache: Path | None = None, wallpapers: Path | None = None) -> None:
    """Create or rebuild a collection of the evaluation data in ``store``: the generators that have a card."""
    sources, cards = sources_of(collection, data / _GROUPS[collection], wallpapers), cards_of(collection)
    generators = {name: sources.generators[name] for name in cards}
    _create(store, collection, replace(sources, generators=generators), cards, cache)


def build_zoo(store: Store, samples: Path, cache: Path | None = None) -> None:
    """Create or rebuild the collection of the zoo in ``store``."""
    cards = {facts["name"]: facts for facts in json.loads((samples / "cards.json").read_text())}
    _create(
        store, _ZOO, Sources({"faces": [samples / "real"]}, {name: [samples / name] for name in cards}), cards, cache
    )


def _create(
    store: Store, collection: str, sources: Sources, cards: Mapping[str, Mapping[str, object]], cache: Path | None
) -> None:
    create_collection(
        store,
        collection,
        sources.photos,
        sources.generators,
        cards,
        replace_it=store.revision is not None and collection in store.snapshot().collections,
        drop=True,
        limit=MOST_PHOTOS,
        cache=cache,
        elsewhere=sources.elsewhere,
        content_of=content_of,
        tell=tell,
    )


def replace_folder(source: Path, target: Path) -> None:
    """Put a copy of ``source`` where ``target`` is."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    copy_folder(source, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


if __name__ == "__main__":
    main()
