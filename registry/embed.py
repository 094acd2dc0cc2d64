"""Build the embedded registry (registry/builtin) from the evaluation data: ``python -m registry.embed --data DIR``.

Derived data alone goes in: bases, banks of embeddings, covariances, artifacts and rendered spectra; no source image.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from .create import create_collection
from .store import BUILTIN, Store

_CARDS = Path(__file__).parent / "embedded_cards.json"
_SOURCES = {
    "text-to-image": ("t2i", {"photos": ["real.parquet"], "cameras": ["real-cameras.parquet"]}, None),
    "faces-64": ("celeba64", {"celeba": ["real.parquet"]}, 4000),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with t2i/ and celeba64/")
    parser.add_argument("--only", choices=sorted(_SOURCES), help="build one collection, keep the other")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="manifpt-embed-") as scratch:
        store = Store(Path(scratch), builtin=BUILTIN)
        for collection in _SOURCES:
            if arguments.only in (None, collection):
                build(store, collection, arguments.data)
        replace_folder(store.snapshot().path, BUILTIN)


def build(store: Store, collection: str, data: Path) -> None:
    """Create or rebuild one of the embedded collections in ``store``."""
    group, photo_files, limit = _SOURCES[collection]
    cards = {facts["name"]: facts for facts in json.loads(_CARDS.read_text())[collection]}
    create_collection(
        store,
        collection,
        photos={source: [data / group / name for name in names] for source, names in photo_files.items()},
        generators={name: [data / group / f"{name}.parquet"] for name in cards},
        cards=cards,
        replace_it=store.revision is not None and collection in store.snapshot().collections,
        drop=True,
        limit=limit,
        tell=lambda text: print(text, file=sys.stderr),
    )


def replace_folder(source: Path, target: Path) -> None:
    """Put a copy of ``source`` where ``target`` is."""
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(source, fresh)
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)


if __name__ == "__main__":
    main()
