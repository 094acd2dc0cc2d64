"""What syncing costs and what a large registry costs: ``python -m benchmarks.hub [--quick] [--json FILE]``.

Syncing is measured against a double of the Hub on this machine, beside snapshot_download in the same run. The large
registry has 2,000 generators of random artifacts in three spaces, on the references of the embedded registry.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from fingerprints.images.image import Image, decode, png_bytes
from fingerprints.model.fingerprint import KEPT_ARTIFACTS, Fingerprint
from registry.answers.identify import identify
from registry.hub.client import Hub as Remote
from registry.hub.sync import sync
from registry.storage.card import Card
from registry.storage.collection import fingerprint_bytes
from registry.storage.files import canonical_json, sha256
from registry.storage.manifest import line_of
from registry.storage.snapshot import SCHEMA, Collection, Snapshot
from registry.storage.store import BUILTIN, Store

if TYPE_CHECKING:
    from loopback_hub.double import Hub

REPO = "owner/registry"
FEW, MANY = 20, 2000
Row = tuple[str, str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and 20 artifacts a generator")
    parser.add_argument("--json", type=Path, help="write the table here too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="manifpt-hub-") as scratch:
        rows = syncing(Path(scratch), 3 if arguments.quick else 9)
        rows += large(Path(scratch), 20 if arguments.quick else KEPT_ARTIFACTS, 15 if arguments.quick else 60)
    for row in (("what", "here", "beside it"), *rows):
        print(f"{row[0]:58} {row[1]:>22} {row[2]:>24}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


def syncing(scratch: Path, repeats: int) -> list[Row]:
    """Requests and seconds of sync, beside snapshot_download into a folder, in three cases."""
    from loopback_hub.double import Hub

    hub = Hub().start()
    for name in [name for name in os.environ if name.startswith("HF_")]:
        del os.environ[name]
    os.environ.update(hub.environment(scratch / "home"))  # before huggingface_hub is imported
    published = {path: (BUILTIN / path).read_bytes() for path in [*Snapshot(BUILTIN).files, "registry.json"]}
    rows, cases = [], {"first": first_sync, "one": one_changed, "none": nothing_changed}
    hub.create(REPO, published)
    for name, case in cases.items():
        costs = [(case(hub, scratch, ours), case(hub, scratch, theirs)) for _ in range(repeats)]
        label = {"first": f"first sync of {len(published)} files", "one": "one file changed", "none": "no change"}[name]
        rows.append((label, *(_cost([pair[side] for pair in costs]) for side in (0, 1))))
    hub.stop()
    return rows


def first_sync(hub: Hub, scratch: Path, take: Callable[[Path], None]) -> tuple[int, float]:
    shutil.rmtree(scratch / take.__name__, ignore_errors=True)
    return _measured(hub, scratch, take)


def one_changed(hub: Hub, scratch: Path, take: Callable[[Path], None]) -> tuple[int, float]:
    """A card gets another title, and registry.json with it."""
    take(scratch / take.__name__)
    manifest = json.loads(hub.files(REPO)["registry.json"])
    collection = next(iter(manifest["collections"]))
    generator = next(iter(manifest["collections"][collection]["generators"]))
    path = f"{collection}/generators/{generator}/card.json"
    card = {**json.loads(hub.files(REPO)[path]), "title": f"Changed at {time.time_ns()}"}
    data = canonical_json(card)
    manifest["files"][path] = sha256(data)
    manifest["collections"][collection]["generators"][generator]["title"] = card["title"]
    hub.commit(REPO, {path: data, "registry.json": canonical_json(manifest)})
    return _measured(hub, scratch, take)


def nothing_changed(hub: Hub, scratch: Path, take: Callable[[Path], None]) -> tuple[int, float]:
    take(scratch / take.__name__)
    return _measured(hub, scratch, take)


def ours(folder: Path) -> None:
    for _ in sync(Store(folder, builtin=None), Remote(REPO)):
        pass


def theirs(folder: Path) -> None:
    from huggingface_hub import snapshot_download

    snapshot_download(REPO, repo_type="dataset", local_dir=folder)


def large(scratch: Path, artifacts: int, repeats: int) -> list[Row]:
    """Listing, opening and identifying with 2,000 generators, beside 20."""
    rows: list[Row] = []
    for name, side in (("text-to-image", 512), ("faces-64", 64)):
        stores = [random_registry(scratch / f"{name}-{count}", name, count, artifacts) for count in (MANY, FEW)]
        image = decode(png_bytes(np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)))
        costs = [_costs(store, image, repeats) for store in stores]
        for what in costs[0]:
            many, few = costs[0][what], costs[1][what]
            rows.append((f"{name}, {MANY} generators: {what}", f"{1e3 * many:.1f} ms", f"{FEW}: {1e3 * few:.1f} ms"))
        ratio = costs[0]["identify"] / costs[1]["identify"]
        rows.append((f"{name}, {MANY} generators: identify, times slower", f"{ratio:.2f}", ""))
        shutil.rmtree(scratch / f"{name}-{MANY}")
    return rows


def random_registry(folder: Path, name: str, count: int, artifacts: int) -> Store:
    """A registry of one embedded collection's references, with ``count`` generators near those that it has."""
    collection, rng = Snapshot(BUILTIN).collection(name), np.random.default_rng(count)
    root, files, lines = folder / "revisions" / "new", {}, {}

    def write(path: str, data: bytes) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
        files[path] = sha256(data)

    for path in (collection.path / "collection.json", *(collection.path / "reference").iterdir()):
        write(f"{name}/{path.relative_to(collection.path).as_posix()}", path.read_bytes())
    for number in range(count):
        card = Card(
            f"random-{number:04}", f"Random {number}", decoder=f"decoder {number % 50}", samples=200, contents=200
        )
        lines[card.name] = line_of(card)
        write(f"{name}/generators/{card.name}/card.json", canonical_json(card.to_json()))
        for space in collection.spaces:
            data = _random_fingerprint(collection, space, artifacts, rng)
            write(f"{name}/generators/{card.name}/{space}.safetensors", data)
    title = {name: {"title": collection.title, "generators": lines}}
    manifest = canonical_json({"schema": SCHEMA, "collections": title, "files": files})
    (root / "registry.json").write_bytes(manifest)
    root.rename(root.with_name(sha256(manifest)[:16]))
    (folder / "current").write_text(f"{sha256(manifest)[:16]}\n")
    return Store(folder, builtin=None)


def _random_fingerprint(collection: Collection, space: str, count: int, rng: np.random.Generator) -> bytes:
    mean = rng.choice(collection.means[space])
    drawn = mean + rng.normal(size=(count, len(mean))) * np.abs(mean).mean()
    norm = float(np.linalg.norm(drawn, axis=1).mean())
    changed = np.tile(drawn.mean(axis=0), (len(collection.histories) - 1, 1))
    made = Fingerprint(space, drawn, drawn.mean(axis=0), 200, 200, looseness=1.0, norm=norm, changed=changed)
    return fingerprint_bytes(made, collection.reference_digest(space))


def _costs(store: Store, image: Image, repeats: int) -> dict[str, float]:
    """Seconds of the three uses. ``open`` reads what the first answer needs."""
    command = [sys.executable, "-m", "registry", "list", "--registry", str(store.folder)]
    commanding = [_seconds(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(5)]
    listing = [_seconds(lambda: list(Store(store.folder, builtin=None).snapshot().listed())) for _ in range(5)]
    opening = [_seconds(lambda: _open(Store(store.folder, builtin=None))) for _ in range(3)]
    snapshot = store.snapshot()
    answering = [_seconds(lambda: list(identify(snapshot, image))) for _ in range(repeats + 2)]
    return {
        "list": statistics.median(listing),
        "list, as a command": statistics.median(commanding),
        "open": statistics.median(opening),
        "identify": statistics.median(answering[2:]),
    }


def _open(store: Store) -> None:
    for collection in store.snapshot().collections.values():
        _ = collection.known, collection.cards


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _measured(hub: Hub, scratch: Path, take: Callable[[Path], None]) -> tuple[int, float]:
    """Requests and seconds of one take."""
    hub.reset()
    seconds = _seconds(lambda: take(scratch / take.__name__))
    return len(hub.requests), seconds


def _cost(costs: list[tuple[int, float]]) -> str:
    seconds = statistics.median(seconds for _, seconds in costs)
    return f"{statistics.median_low(requests for requests, _ in costs)} requests, {1e3 * seconds:.0f} ms"


if __name__ == "__main__":
    main()
