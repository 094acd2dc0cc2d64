"""What a repository from elsewhere may not do: each is refused with its reason, and nothing changes here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from loopback_hub.double import Hub
from loopback_hub.faults import Fault
from registries import REPO, content, listed, publish, published, retitle, take
from registry.hub.client import Hub as Remote
from registry.hub.client import HubError
from registry.storage.collection import fingerprint_bytes, learned_bytes, read_fingerprint, read_reference
from registry.storage.files import canonical_json
from registry.storage.store import Store
from small import COLLECTION

pytestmark = pytest.mark.waits

DCT = f"{COLLECTION}/reference/dct.safetensors"
CARD = f"{COLLECTION}/generators/nearest/card.json"
PRINT = f"{COLLECTION}/generators/nearest/dct.safetensors"
PICTURE = f"{COLLECTION}/generators/nearest/gallery/spectrum.png"
Files = dict[str, bytes]
Change = Callable[[Files, Path], Files]


@pytest.fixture
def empty(tmp_path: Path) -> Store:
    """A registry that holds nothing yet."""
    return Store(tmp_path / "empty", builtin=None)


def state(store: Store) -> dict[str, Any]:
    """Whatever a person or an answer could notice of a registry folder."""
    inodes = {p.relative_to(store.folder).as_posix(): p.stat().st_ino for p in store.folder.glob("revisions/**/*")}
    return {"revision": store.revision, "origin": store.snapshot().origin, "inodes": inodes}


def manifest(change: Callable[[dict[str, Any]], object]) -> Change:
    """A change of registry.json."""

    def changed(files: Files, root: Path) -> Files:
        parsed = json.loads(files["registry.json"])
        change(parsed)
        return {**files, "registry.json": canonical_json(parsed)}

    return changed


def line(**facts: object) -> Change:
    return manifest(lambda m: m["collections"][COLLECTION]["generators"]["nearest"].update(facts))


def file(path: str, data: bytes | None, is_listed: bool = True) -> Change:
    """Another content for a file, or none; ``is_listed``: registry.json agrees."""

    def changed(files: Files, root: Path) -> Files:
        files = {**files, path: data} if data is not None else {p: d for p, d in files.items() if p != path}
        return listed(files) if is_listed else files

    return changed


def fingerprint(change: Callable[[Any], Any], reference: str | None = None) -> Change:
    """Another fingerprint, or the same one of another reference."""

    def changed(files: Files, root: Path) -> Files:
        made, digest = read_fingerprint(root / PRINT)
        return listed({**files, PRINT: fingerprint_bytes(change(made), reference or digest)})

    return changed


def not_finite(made: Any) -> Any:
    return replace(made, mean=made.mean * np.inf)


def too_short(made: Any) -> Any:
    return replace(made, mean=made.mean[:-1], artifacts=made.artifacts[:, :-1])


def with_others(made: Any) -> Any:
    """Means after histories that have other dimensions."""
    return replace(made, changed=np.zeros((3, 5), np.float32))


def other_space_version(files: Files, root: Path) -> Files:
    """The reference of a newer version of its space; the fingerprints were made with the old one."""
    reference = read_reference(root / DCT)
    return listed({**files, DCT: learned_bytes(replace(reference, version=reference.version + 1))})


def card(**facts: object) -> Change:
    def changed(files: Files, root: Path) -> Files:
        return {**files, CARD: canonical_json({**json.loads(files[CARD]), **facts})}

    return changed


HOSTILE = {
    "newer schema": (manifest(lambda m: m.update(schema=2)), "schema '2'; this version reads schema 1"),
    "no schema": (manifest(lambda m: m.pop("schema")), "schema 'None'; this version reads schema 1"),
    "no json": (file("registry.json", b"{", is_listed=False), "registry.json cannot be read"),
    "deep json": (file("registry.json", b"[" * 200_000, is_listed=False), "registry.json cannot be read"),
    "no registry": (file("registry.json", None, is_listed=False), "it has no registry.json"),
    "no files": (manifest(lambda m: m.update(files=[])), "does not list its files"),
    "no digest": (manifest(lambda m: m["files"].update({CARD: "abc"})), "not a sha256"),
    "no collections": (manifest(lambda m: m.update(collections=3)), "does not list its collections"),
    "file not there": (file(PICTURE, None, is_listed=False), f"lists {PICTURE}, which is not there"),
    "file not listed": (file(PICTURE.replace("spectrum", "more"), b"x", is_listed=False), "does not list small/"),
    "hidden file": (file(".git/config", b"x", is_listed=False), "'.git/config' is not a path that a registry has"),
    "program": (file(f"{COLLECTION}/run.py", b"x", is_listed=False), "'small/run.py' is not a path"),
    "another file": (file(DCT, b"x" * 99, is_listed=False), f"{DCT} is not the file that its registry.json lists"),
    "another card": (card(title="Else"), "card.json came damaged"),
    "path up": (
        manifest(lambda m: m["files"].update({"../../etc/passwd": "0" * 64})),
        "passwd' is not a path",
    ),
    "absolute path": (manifest(lambda m: m["files"].update({"/etc/passwd": "0" * 64})), "'/etc/passwd' is not a path"),
    "dots in a name": (
        manifest(lambda m: m["files"].update({f"{COLLECTION}/generators/a..b/card.json": "0" * 64})),
        "is not a path",
    ),
    "reserved name": (
        manifest(lambda m: m["files"].update({f"{COLLECTION}/generators/real/card.json": "0" * 64})),
        "'real' is a reserved word",
    ),
    "generator without files": (
        manifest(lambda m: m["collections"][COLLECTION]["generators"].update(ghost={})),
        "says of 'ghost'",
    ),
    "files without generator": (
        manifest(lambda m: m["collections"][COLLECTION]["generators"].pop("nearest")),
        "lists small/nearest without files, or files without it",
    ),
    "line that no card gives": (line(samples="many"), "says of 'nearest'"),
    "line with more": (line(html="<b>"), "says of 'nearest'"),
    "unprintable line": (line(title="a\u202eb"), "printable"),
    "line that its card does not give": (line(samples=5), "does not say what the list says"),
    "title of a collection": (manifest(lambda m: m["collections"][COLLECTION].update(title="a\nb")), "not one line"),
    "another reference": (fingerprint(lambda made: made, "f" * 64), "was made against the reference ffffffffffff"),
    "another space version": (other_space_version, "was made against the reference"),
    "not finite": (fingerprint(not_finite), "not finite: mean"),
    "wrong shape": (fingerprint(too_short), "does not have the 48 values of its reference"),
    "wrong histories": (fingerprint(with_others), "does not have the 48 values of its reference"),
    "no fingerprint": (file(PRINT, b"nothing"), "dct.safetensors in nearest cannot be read"),
    "no reference": (file(DCT, b"nothing"), "dct.safetensors in reference cannot be read"),
    "no picture": (file(PICTURE, b"<script>alert(1)</script>"), "spectrum.png is not a PNG picture"),
    "unknown card key": (file(CARD, b'{"name":"nearest","colour":1}', is_listed=False), "came damaged|only known keys"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_and_nothing_changes(hub: Hub, small_store: Store, empty: Store, name: str) -> None:
    publish(hub, small_store)
    take(empty)
    before = state(empty)
    change, reason = HOSTILE[name]
    files = change(published(hub), small_store.snapshot().path)
    hub.commit(REPO, files, delete=set(published(hub)) - set(files))
    with pytest.raises(ValueError, match=reason) as refused:
        take(empty)
    assert state(empty) == before and empty.snapshot().verify() == []
    assert "\n" not in str(refused.value) and len(str(refused.value)) < 400, "one clear sentence"
    fresh = Store(empty.folder.with_name("fresh"), builtin=None)
    with pytest.raises(ValueError, match=reason):
        take(fresh)
    assert fresh.revision is None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault(flip=-10), "came damaged from owner/registry"),
        (Fault(truncate=500), r"should have .* bytes .*, but [\d,]+ came"),
        (Fault(body=b"<html>login</html>"), "should have .* bytes"),
        (Fault(drop=0), "the Hub cannot be reached"),
        (Fault(status=404), "does not have what was asked for"),
    ],
    ids=["flipped", "truncated", "a page in its place", "no answer", "missing"],
)
@pytest.mark.parametrize("path", [DCT, "registry.json"])
def test_a_file_that_does_not_come_whole_changes_nothing(
    hub: Hub, small_store: Store, empty: Store, fault: Fault, reason: str, path: str
) -> None:
    publish(hub, small_store)
    hub.inject(fault, path=f"*/resolve/*/{path}")
    with pytest.raises(ValueError, match=f"{reason}|cannot be read|was not taken"):
        take(empty)
    assert empty.revision is None and list((empty.folder / "revisions").iterdir()) == []
    hub.reset()
    take(empty)
    assert content(empty) == content(small_store)


def test_answers_that_are_no_answers_are_refused(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    for path in ("/api/datasets/owner/registry", "*/tree/*"):
        for body in (b"[]", b"{}", b"<html>", b'[{"type":"file"}]', b'{"id":"a","sha":"../x"}'):
            hub.reset()
            hub.inject(Fault(body=body), path=path)
            with pytest.raises(ValueError, match=r"was not understood|holds no registry"):
                take(empty)
    assert empty.revision is None


def test_a_rollback_is_refused_unless_it_is_named(hub: Hub, small_store: Store, empty: Store) -> None:
    old = publish(hub, small_store)
    new = retitle(hub, "nearest", "Closest")
    take(empty)
    before = state(empty)
    hub.point(REPO, "refs/heads/main", old)
    with pytest.raises(ValueError, match=f"{old[:12]} now, .*not build on {new[:12]}.*name it with --revision"):
        take(empty)
    assert state(empty) == before
    take(empty, "main")
    assert content(empty) == content(small_store)


def test_a_rewritten_history_is_refused(hub: Hub, small_store: Store, empty: Store) -> None:
    old = publish(hub, small_store)
    retitle(hub, "nearest", "Closest")
    take(empty)
    hub.point(REPO, "refs/heads/main", old)
    retitle(hub, "nearest", "Nearer")
    with pytest.raises(ValueError, match="does not build on"):
        take(empty)


def test_a_long_history_is_read_only_as_far_as_needed(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    hub.page_size = 50
    for number in range(120):
        hub.commit(REPO, {"README.md": str(number).encode()})
    take(empty)
    hub.commit(REPO, {"README.md": b"last"})
    hub.reset()
    take(empty)
    assert hub.count(path="*/commits/*") == 1


@pytest.mark.parametrize("repo_id", ["registry", "a/b/c", "../x", "a/..", "owner/reg istry", "owner/registry?x=1", ""])
def test_what_is_no_repository_id_is_not_asked_for(repo_id: str) -> None:
    with pytest.raises(HubError, match="is not the id of a Hub repository"):
        Remote(repo_id)


def test_a_full_disk_is_noticed_before_it_is_full(
    hub: Hub, small_store: Store, empty: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub, small_store)
    monkeypatch.setattr("registry.hub.sync._ROOM", 1 << 62)
    with pytest.raises(ValueError, match=r"the disk has no room for the [\d,]+ bytes"):
        take(empty)


def test_a_file_that_was_damaged_here_is_fetched_again(hub: Hub, small_store: Store, empty: Store) -> None:
    publish(hub, small_store)
    take(empty)
    path = empty.snapshot().path / DCT
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    retitle(hub, "nearest", "Closest")
    assert take(empty).files == 2
    assert empty.snapshot().verify() == [] and content(empty) == published(hub)


def test_a_summary_is_read_without_the_artifacts(small_store: Store) -> None:
    path = small_store.snapshot().path / PRINT
    (whole, digest), (summary, same) = read_fingerprint(path), read_fingerprint(path, with_artifacts=False)
    assert len(whole.artifacts) and not len(summary.artifacts) and digest == same
    assert (whole.mean == summary.mean).all() and whole.norm == summary.norm
