"""Propose: one generator as a pull request. It adds that generator's folder and never touches registry.json, so that
proposals neither collide nor go stale; ``merge`` lists the entry when it publishes it (review.py)."""

from __future__ import annotations

from dataclasses import dataclass

from ..analysis.quality import quality
from ..storage.files import sha256_of
from ..storage.manifest import by_entry
from ..storage.snapshot import Collection, NotFound, Snapshot
from ..storage.store import Store, StoreError
from .client import Hub
from .readme import plain
from .sync import Published, read_published


@dataclass(frozen=True)
class Proposal:
    """A pull request that is open now."""

    number: int
    commit: str
    url: str


def propose(store: Store, hub: Hub, collection: str, name: str) -> Proposal:
    """Open a pull request with the contributor's own token. Raises StoreError, NotFound, HubError."""
    snapshot = store.snapshot()
    mine = snapshot.collection(collection)
    if name not in mine.names:
        raise NotFound(f"{collection} has no generator {name!r}.")
    mine.check_entry(name)
    published = read_published(hub, _built_on(snapshot, hub))
    _refuse_unfit(snapshot, mine, name, published, hub.repo_id)
    files = {path: snapshot.path / path for path in by_entry(snapshot.files)[collection, name]}
    title = f"Add {mine.card(name).label} to {collection}"
    number = hub.propose(published.commit, title, proposal_text(mine, name), files)
    return Proposal(number, published.commit, hub.url(number))


def proposal_text(collection: Collection, name: str) -> str:
    """What the pull request says: the card, the quality report, the digests. Every value is shown as text."""
    card = collection.card(name)
    prints = {space: collection.fingerprint(name, space) for space in collection.spaces}
    facts = {key: value for key, value in card.to_json().items() if value not in ("", 0)}
    folder = collection.path / "generators" / name
    return "\n".join(
        [
            f"One generator for `{collection.name}`. To review: `python -m registry review REPO_ID PR`.",
            "",
            "| card | |",
            "|---|---|",
            *(f"| {key} | {plain(str(value))} |" for key, value in facts.items()),
            "",
            "## Quality",
            "",
            *(f"- {plain(sentence)}" for sentence in quality(prints, collection, name).sentences()),
            "",
            "## Files",
            "",
            *(
                f"- `{p.relative_to(folder).as_posix()}` {sha256_of(p)}"
                for p in sorted(folder.rglob("*"))
                if p.is_file()
            ),
        ]
    )


def _built_on(snapshot: Snapshot, hub: Hub) -> str:
    """The commit that the registry here was synced from; the newest when it came from elsewhere."""
    source = snapshot.source
    return source.commit if source and source.repo_id == hub.repo_id else hub.head()


def _refuse_unfit(snapshot: Snapshot, mine: Collection, name: str, published: Published, repo_id: str) -> None:
    theirs = published.manifest
    if mine.name not in theirs["collections"]:
        raise StoreError(
            f"{repo_id} has no collection {mine.name!r}; it has {', '.join(theirs['collections']) or 'none'}."
        )
    if name in theirs["collections"][mine.name]["generators"]:
        raise StoreError(f"{repo_id} already has {mine.name}/{name}; add yours under another name.")
    for space in mine.spaces:
        path = f"{mine.name}/reference/{space}.safetensors"
        if theirs["files"].get(path) != snapshot.files[path]:
            raise StoreError(
                f"{name} was made against another reference of {mine.name}/{space} than {repo_id} has; "
                f"sync {repo_id} and add it there."
            )
