"""Build the embedded registry (registry/builtin): ``python -m registry.building.embed --data DIR --zoo SAMPLES``.

Text-to-image models and faces come from the evaluation data, the zoo from what ``python -m zoo export`` wrote; more
photos for the class "real" of everyday pictures from what ``python -m registry.building.wallpapers`` wrote.

Derived data alone goes in: bases, banks of embeddings, covariances, artifacts and rendered spectra; no source image.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..storage.files import copy_folder
from ..storage.store import BUILTIN, Store
from .create import create_collection

_CARDS = Path(__file__).parent / "embedded_cards.json"
_SOURCES = {
    "text-to-image": ("t2i", {"photos": ["real.parquet"], "cameras": ["real-cameras.parquet"]}, None),
    "faces-64": ("celeba64", {"celeba": ["real.parquet"]}, 4000),
}
_ELSEWHERE = {"faces-64": "t2i/real.parquet"}  # photos of other things than a collection is about
OF_EVERYDAY_PICTURES = ("text-to-image",)  # collections that learn from wallpapers too
_OUTSIDERS = {"text-to-image": "modern"}  # folders of generators that teach what strangers look like


_ZOO = "zoo"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with t2i/ and celeba64/")
    parser.add_argument("--zoo", type=Path, help="folder that python -m zoo export wrote")
    parser.add_argument("--wallpapers", type=Path, help="file that python -m registry.building.wallpapers wrote")
    parser.add_argument("--cache", type=Path, help="keep the embeddings in this folder, for the next time")
    parser.add_argument("--only", choices=[*sorted(_SOURCES), _ZOO], help="build one collection, keep the others")
    arguments = parser.parse_args()
    wanted = [arguments.only] if arguments.only else [*_SOURCES, _ZOO]
    if not arguments.zoo and _ZOO in wanted:
        parser.error("the zoo is built from --zoo, a folder that python -m zoo export writes.")
    if not arguments.data and wanted != [_ZOO]:
        parser.error(f"{', '.join(_SOURCES)} are built from --data, the folder of the evaluation data.")
    with tempfile.TemporaryDirectory(prefix="manifpt-embed-") as scratch:
        store = Store(Path(scratch), builtin=BUILTIN)
        for collection in wanted:
            if collection == _ZOO:
                build_zoo(store, arguments.zoo, arguments.cache)
            else:
                build(store, collection, arguments.data, arguments.cache, arguments.wallpapers)
        replace_folder(store.snapshot().path, BUILTIN)


def build(store: Store, collection: str, data: Path, cache: Path | None = None, wallpapers: Path | None = None) -> None:
    """Create or rebuild a collection of the evaluation data in ``store``."""
    group, photo_files, limit = _SOURCES[collection]
    cards = {facts["name"]: facts for facts in json.loads(_CARDS.read_text())[collection]}
    photos = {source: [data / group / name for name in names] for source, names in photo_files.items()}
    if wallpapers and collection in OF_EVERYDAY_PICTURES:
        photos["wallpapers"] = [wallpapers]
    generators = {name: data / group / f"{name}.parquet" for name in cards}
    outsiders = {path.stem: [path] for path in outsiders_of(collection, data)}
    elsewhere = [data / _ELSEWHERE[collection]] if collection in _ELSEWHERE else []
    _create(store, collection, photos, generators, cards, outsiders, limit, cache, elsewhere)


def outsiders_of(collection: str, data: Path) -> list[Path]:
    """The files of generators that are no part of a collection, and teach it what strangers look like."""
    folder = _OUTSIDERS.get(collection)
    return sorted((data / folder).glob("*.parquet")) if folder else []


def build_zoo(store: Store, samples: Path, cache: Path | None = None) -> None:
    """Create or rebuild the collection of the zoo in ``store``."""
    cards = {facts["name"]: facts for facts in json.loads((samples / "cards.json").read_text())}
    photos = {"faces": [samples / "real"]}
    _create(store, _ZOO, photos, {name: samples / name for name in cards}, cards, cache=cache)


def _create(
    store: Store,
    collection: str,
    photos: Mapping[str, Sequence[Path]],
    generators: Mapping[str, Path],
    cards: Mapping[str, Mapping[str, object]],
    outsiders: Mapping[str, Sequence[Path]] | None = None,
    limit: int | None = None,
    cache: Path | None = None,
    elsewhere: Sequence[Path] = (),
) -> None:
    create_collection(
        store,
        collection,
        photos,
        {name: [path] for name, path in generators.items()},
        cards,
        replace_it=store.revision is not None and collection in store.snapshot().collections,
        drop=True,
        outsiders=outsiders,
        limit=limit,
        cache=cache,
        elsewhere=elsewhere,
        tell=lambda text: print(text, file=sys.stderr),
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
