"""What the tests of the registry's Hub side share: publishing a store on the double, and changing what is published."""

from __future__ import annotations

import json

from loopback_hub.double import Hub
from registry.hub.client import Hub as Remote
from registry.hub.sync import Synced, sync
from registry.storage.card import Card
from registry.storage.files import canonical_json, sha256
from registry.storage.manifest import line_of
from registry.storage.snapshot import UNLISTED
from registry.storage.store import Store
from small import COLLECTION

REPO = "owner/registry"


def content(store: Store) -> dict[str, bytes]:
    """Every file of the revision in use that belongs to the repository, by path."""
    snapshot = store.snapshot()
    return {path: (snapshot.path / path).read_bytes() for path in [*snapshot.files, "registry.json"]}


def publish(hub: Hub, store: Store, private: bool = False) -> str:
    """Put the revision in use on the double, without the code under test. Returns the commit."""
    if REPO not in hub.repositories:
        return hub.create(REPO, content(store), private=private)
    return hub.commit(REPO, content(store), delete=set(published(hub)) - set(content(store)))


def published(hub: Hub) -> dict[str, bytes]:
    """The registry on the double, by path."""
    return {path: data for path, data in hub.files(REPO).items() if path not in UNLISTED - {"registry.json"}}


def retitle(hub: Hub, name: str, title: str) -> str:
    """Publish another card for a generator: one changed file, and registry.json. Returns the commit."""
    files, path = published(hub), f"{COLLECTION}/generators/{name}/card.json"
    files[path] = canonical_json({**json.loads(files[path]), "title": title})
    files = listed(files)
    return hub.commit(REPO, {path: files[path], "registry.json": files["registry.json"]})


def take(store: Store, revision: str | None = None, replace_local: bool = False, token: str | None = None) -> Synced:
    """Sync to the end."""
    *_, last = sync(store, Remote(REPO, token), revision, replace_local)
    if not isinstance(last, Synced):
        raise TypeError("a sync ends with what is in use")
    return last


def names(store: Store) -> list[str]:
    return store.snapshot().collection(COLLECTION).names


def entry(store: Store, name: str) -> dict[str, bytes]:
    """The files of a generator, by path inside its folder."""
    folder = store.snapshot().path / COLLECTION / "generators" / name
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def add(store: Store, name: str, samples: int = 98, like: str = "bicubic") -> str:
    """Another generator with the fingerprints of one that is there. Returns the revision."""
    files = {path: data for path, data in entry(store, like).items() if path != "card.json"}
    return store.add(COLLECTION, Card(name, samples=samples, contents=5), files)


def listed(files: dict[str, bytes]) -> dict[str, bytes]:
    """The same with a registry.json that agrees with them, as a forger would make it."""
    manifest = json.loads(files["registry.json"])
    manifest["files"] = {p: sha256(d) for p, d in files.items() if p not in UNLISTED}
    generators: dict[str, dict[str, object]] = {name: {} for name in manifest["collections"]}
    for path, data in files.items():
        if path.endswith("/card.json"):
            collection, _, name, _ = path.split("/")
            generators[collection][name] = line_of(Card.from_json(json.loads(data)))
    for name, facts in manifest["collections"].items():
        facts["generators"] = generators[name]
    return {**files, "registry.json": canonical_json(manifest)}
