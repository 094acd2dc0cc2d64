"""Propose, review, merge: one generator as a pull request, looked at with everything that can be recomputed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fingerprints.images.image import decode
from loopback_hub.double import Hub
from loopback_hub.faults import Fault
from registries import REPO, add, content, listed, names, publish, published, retitle, take
from registry.__main__ import main
from registry.answers.identify import identify
from registry.contributions import contribute
from registry.contributions.batch import Batch
from registry.hub.client import Hub as Remote
from registry.hub.client import HubError, Moved
from registry.hub.propose import propose
from registry.hub.review import Review, merge, review
from registry.storage.card import Card
from registry.storage.collection import fingerprint_bytes, read_fingerprint
from registry.storage.files import arrays_bytes, canonical_json, read_arrays
from registry.storage.store import Store, StoreError
from small import COLLECTION, NEWCOMER, Small

pytestmark = pytest.mark.waits

FOLDER = f"{COLLECTION}/generators/{NEWCOMER}"
Files = dict[str, bytes]
Change = Callable[[Files, Path], Files]


@pytest.fixture
def contributor(hub: Hub, small_store: Store, newcomer_batch: Batch, tmp_path: Path) -> Store:
    """Somebody's registry, synced from the double, with the newcomer added."""
    publish(hub, small_store)
    store = Store(tmp_path / "contributor", builtin=None)
    take(store)
    card = Card(NEWCOMER, title="Shuffle", decoder="pixel shuffle", licence="MIT", source="https://example.org/shuffle")
    contribute.add(store, contribute.draft(newcomer_batch, card, store.snapshot().collection(COLLECTION)))
    return store


@pytest.fixture
def owner(hub: Hub, contributor: Store, small_store: Store) -> Store:
    """The owner's registry: what is published, before the newcomer."""
    take(small_store)
    return small_store


def offered(hub: Hub, store: Store) -> int:
    return propose(store, Remote(REPO, hub.contributor_token), COLLECTION, NEWCOMER).number


def reviewed(hub: Hub, store: Store, number: int) -> Review:
    return review(store, Remote(REPO, hub.token), number)


def test_a_proposal_adds_one_folder_and_nothing_else(hub: Hub, contributor: Store) -> None:
    base = hub.head(REPO)
    proposal = propose(contributor, Remote(REPO, hub.contributor_token), COLLECTION, NEWCOMER)
    before, after = hub.files(REPO), hub.files(REPO, f"refs/pr/{proposal.number}")
    assert {path: after[path] for path in before} == before and hub.head(REPO) == base == proposal.commit
    mine = contributor.snapshot()
    assert set(after) - set(before) == {path for path in mine.files if path.startswith(f"{FOLDER}/")}
    assert all(after[path] == (mine.path / path).read_bytes() for path in set(after) - set(before))
    assert proposal.url == f"{hub.endpoint}/datasets/{REPO}/discussions/{proposal.number}"


def test_its_text_holds_the_quality_report(hub: Hub, contributor: Store) -> None:
    asked = hub.repositories[REPO].discussions[offered(hub, contributor) - 1]
    text = json.dumps(asked.events)
    for part in ("Quality", "are recognised as this generator", "| samples | 98 |", "pixel shuffle", "card.json"):
        assert part in text
    assert asked.title == "Add Shuffle to small" and asked.author == "contributor"


def test_a_good_proposal_is_accepted_and_published(hub: Hub, contributor: Store, owner: Store, small: Small) -> None:
    number = offered(hub, contributor)
    (owner.folder / ".review-killed").mkdir()
    state = content(owner), hub.head(REPO)
    found = reviewed(hub, owner, number)
    assert found.accepted and found.reasons == () and (found.collection, found.name) == (COLLECTION, NEWCOMER)
    assert any("are recognised as this generator" in remark for remark in found.remarks)
    assert (content(owner), hub.head(REPO)) == state, "a review changes nothing"
    assert not list(owner.folder.glob(".review-*")) and not (owner.folder / "incoming").exists()

    merged, commit = merge(owner, Remote(REPO, hub.token), number)
    assert merged == found and commit == hub.head(REPO)
    discussion = hub.repositories[REPO].discussions[number - 1]
    assert discussion.status == "closed" and f"Published in {commit}" in json.dumps(discussion.events)
    assert b"| 4 |" in hub.files(REPO)["README.md"]
    assert take(owner).changed and NEWCOMER in names(owner) and owner.snapshot().verify() == []
    image = decode(small.held_out[NEWCOMER] / "000.png")
    answer = list(identify(owner.snapshot(), image))[-1]
    assert answer.registry == f"{REPO}@{commit}" and answer.verdict.candidates[0].generator == NEWCOMER
    assert take(contributor).kept == (), "what was proposed is published now"


def test_a_proposal_does_not_go_stale(hub: Hub, contributor: Store, owner: Store) -> None:
    number = offered(hub, contributor)
    add(owner, "another", like="nearest")
    publish(hub, owner)
    retitle(hub, "bicubic", "Cubic")
    found, commit = merge(owner, Remote(REPO, hub.token), number)
    assert found.accepted and commit
    listed = json.loads(published(hub)["registry.json"])["collections"][COLLECTION]["generators"]
    assert sorted(listed) == sorted(["another", "bicubic", "nearest", NEWCOMER, "transposed"])
    assert listed["bicubic"]["title"] == "Cubic"
    take(owner, replace_local=True)
    assert content(owner) == published(hub)


def test_a_merge_that_was_cut_short_is_finished(hub: Hub, contributor: Store, owner: Store) -> None:
    number = offered(hub, contributor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Remote, "close", lambda *_: (_ for _ in ()).throw(HubError("gone")))
        with pytest.raises(HubError, match="gone"):
            merge(owner, Remote(REPO, hub.token), number)
    commit = hub.head(REPO)
    assert merge(owner, Remote(REPO, hub.token), number)[1] == commit == hub.head(REPO)
    assert hub.repositories[REPO].discussions[number - 1].status == "closed"
    assert reviewed(hub, owner, number).reasons == ("the pull request is closed.",)


def test_a_merge_over_another_commit_is_refused(hub: Hub, contributor: Store, owner: Store) -> None:
    number, original = offered(hub, contributor), Remote.commit

    def late(self: Remote, *arguments: Any) -> str:
        retitle(hub, "nearest", "Closest")
        return original(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Remote, "commit", late)
        with pytest.raises(Moved, match="was changed in the meantime; run the command again"):
            merge(owner, Remote(REPO, hub.token), number)
    assert hub.repositories[REPO].discussions[number - 1].status == "open"
    assert merge(owner, Remote(REPO, hub.token), number)[1] == hub.head(REPO)


def test_only_the_owner_merges(hub: Hub, contributor: Store, owner: Store) -> None:
    number = offered(hub, contributor)
    for token in (hub.contributor_token, hub.reader_token):
        with pytest.raises(HubError, match="one with write access is needed"):
            merge(owner, Remote(REPO, token), number)
    assert review(owner, Remote(REPO, hub.contributor_token), number).accepted, "but everyone may review"


# What cannot be proposed


def test_what_does_not_fit_is_not_proposed(hub: Hub, contributor: Store, small_store: Store) -> None:
    remote = Remote(REPO, hub.contributor_token)
    with pytest.raises(StoreError, match=f"{REPO} already has {COLLECTION}/nearest"):
        propose(contributor, remote, COLLECTION, "nearest")
    with pytest.raises(KeyError, match="has no generator 'ghost'"):
        propose(contributor, remote, COLLECTION, "ghost")
    hub.create("owner/other", _renamed(small_store))
    with pytest.raises(StoreError, match=f"owner/other has no collection '{COLLECTION}'; it has other"):
        propose(contributor, Remote("owner/other", hub.contributor_token), COLLECTION, NEWCOMER)
    with pytest.raises(HubError, match="with write access"):
        propose(contributor, Remote(REPO, hub.reader_token), COLLECTION, NEWCOMER)
    assert hub.repositories[REPO].discussions == []


def _renamed(store: Store) -> Files:
    """The registry with its collection under another name."""
    files = {path.replace(f"{COLLECTION}/", "other/"): data for path, data in content(store).items()}
    manifest = json.loads(files["registry.json"])
    manifest["files"] = {path.replace(f"{COLLECTION}/", "other/"): digest for path, digest in manifest["files"].items()}
    manifest["collections"] = {"other": manifest["collections"][COLLECTION]}
    return {**files, "registry.json": canonical_json(manifest)}


def test_an_entry_of_another_reference_is_not_proposed(hub: Hub, contributor: Store, small_store: Store) -> None:
    path = f"{COLLECTION}/reference/dct.safetensors"
    arrays, facts = read_arrays(small_store.snapshot().path / path)
    rebuilt = {path: arrays_bytes({**arrays, "real_means": arrays["real_means"] + 1}, facts)}
    hub.create("owner/other", listed({**content(small_store), **rebuilt}))
    with pytest.raises(StoreError, match=f"{NEWCOMER} was made against another reference of {COLLECTION}/dct"):
        propose(contributor, Remote("owner/other", hub.contributor_token), COLLECTION, NEWCOMER)


# What is not accepted


def card(**facts: object) -> Change:
    path = f"{FOLDER}/card.json"
    return lambda files, root: {**files, path: canonical_json({**json.loads(files[path]), **facts})}


def fingerprint(change: Callable[[Any], Any], reference: str | None = None) -> Change:
    def changed(files: Files, root: Path) -> Files:
        path = f"{FOLDER}/dct.safetensors"
        made, digest = read_fingerprint(root / path)
        return {**files, path: fingerprint_bytes(change(made), reference or digest)}

    return changed


def copy_of(name: str) -> Change:
    """The fingerprints of a known generator under the new name."""

    def changed(files: Files, root: Path) -> Files:
        folder = root / COLLECTION / "generators" / name
        copied = {f"{FOLDER}/{p.name}": p.read_bytes() for p in folder.glob("*.safetensors")}
        return {**files, **copied}

    return changed


def also(path: str, data: bytes) -> Change:
    return lambda files, root: {**files, path: data}


def shifted(made: Any) -> Any:
    return replace(made, mean=made.mean + 3 * made.artifacts.astype(np.float32).std(axis=0))


def scaled(factor: float) -> Callable[[Any], Any]:
    return lambda made: replace(
        made, artifacts=made.artifacts * np.float16(factor), mean=made.mean * factor, norm=made.norm * factor
    )


def disguised(files: Files, root: Path) -> Files:
    """Its own fingerprint, but after some history it claims to be a known generator."""
    for space in ("dct", "residual", "frequency"):
        other, _ = read_fingerprint(root / COLLECTION / "generators" / "nearest" / f"{space}.safetensors")
        made, digest = read_fingerprint(root / FOLDER / f"{space}.safetensors")
        files[f"{FOLDER}/{space}.safetensors"] = fingerprint_bytes(replace(made, changed=other.mean[None]), digest)
    return files


def constant(made: Any) -> Any:
    artifacts = np.repeat(made.artifacts[:1], len(made.artifacts), axis=0)
    mean = artifacts[0].astype(np.float32)
    return replace(made, artifacts=artifacts, mean=mean, norm=float(np.linalg.norm(mean)))


SUSPICIOUS = {
    "not finite": (fingerprint(lambda m: replace(m, mean=m.mean * np.inf)), "not finite: mean"),
    "another reference": (fingerprint(lambda m: m, "f" * 64), "was made against the reference ffffffffffff"),
    "wrong shape": (fingerprint(lambda m: replace(m, mean=m.mean[1:])), "does not have the 48 values"),
    "no fingerprint": (also(f"{FOLDER}/dct.safetensors", b"x"), "cannot be read"),
    "no picture": (also(f"{FOLDER}/gallery/spectrum.png", b"<svg>"), "is not a PNG picture"),
    "alike": (fingerprint(constant), "are all alike"),
    "huge": (fingerprint(scaled(30.0)), "have a norm of"),
    "tiny": (fingerprint(scaled(0.01)), "have a norm of"),
    "false norm": (fingerprint(lambda m: replace(m, norm=m.norm * 2)), "states a norm"),
    "false mean": (fingerprint(shifted), "is not that of its artifacts"),
    "false looseness": (fingerprint(lambda m: replace(m, looseness=99.0)), "states a looseness"),
    "fewer artifacts": (fingerprint(lambda m: replace(m, artifacts=m.artifacts[:9])), "it stores 9 artifacts of 98"),
    "other counts": (card(samples=500), "counts 98 samples, and its card 500"),
    "too few": (card(contents=2), "2 contents of 98 samples"),
    "same samples": (
        lambda files, root: card(samples_digest=_digest(root, "nearest"))(files, root),
        "very samples of near",
    ),
    "a copy": (copy_of("nearest"), "It is nearest over again"),
    "a disguise": (disguised, "It is nearest over again"),
    "markup": (card(title="<img src=x onerror=alert(1)>"), "The title on its card holds '<'"),
    "a link": (card(source="javascript:alert(1)"), "The source on its card holds 'javascript:'"),
    "a path": (card(family="../../etc"), r"The family on its card holds '\.\./'"),
    "unprintable": (card(title="a\u202eb"), "title of a card"),
    "another name": (card(name="else"), "bears another name"),
    "unknown key": (card(colour="red"), "only known keys"),
    "two entries": (also(f"{COLLECTION}/generators/second/card.json", b"{}"), "does not add exactly one generator"),
    "the list too": (also("registry.json", b"{}"), "changes registry.json; a proposal only adds one generator"),
    "a taken name": (
        lambda files, root: {k.replace(NEWCOMER, "nearest"): v for k, v in files.items()},
        r"changes small/generators/nearest/",
    ),
    "a new collection": (
        lambda files, root: {k.replace(f"{COLLECTION}/", "other/"): v for k, v in files.items()},
        "no collection 'other'",
    ),
    "a strange path": (also("run.py", b"x"), "'run.py' is not a path that a registry has"),
    "a reserved name": (
        lambda files, root: {k.replace(NEWCOMER, "real"): v for k, v in files.items()},
        "reserved word",
    ),
    "nothing": (lambda files, root: {}, "does not add exactly one generator: no file"),
    "too large": (also(f"{FOLDER}/gallery/large.png", b"\0" * (65 << 20)), "larger than a generator's folder"),
}


def _digest(root: Path, name: str) -> str:
    return str(json.loads((root / COLLECTION / "generators" / name / "card.json").read_bytes())["samples_digest"])


@pytest.mark.parametrize("name", SUSPICIOUS)
def test_it_is_not_accepted(hub: Hub, contributor: Store, owner: Store, name: str) -> None:
    change, reason = SUSPICIOUS[name]
    root = contributor.snapshot().path
    files = {p.relative_to(root).as_posix(): p.read_bytes() for p in (root / FOLDER).rglob("*") if p.is_file()}
    number = hub.propose(REPO, change(files, root), title="\x1b[31mred <b>")
    before = content(owner), hub.head(REPO)
    found, commit = merge(owner, Remote(REPO, hub.token), number)
    assert not found.accepted and commit is None
    assert any(re.search(reason, text) for text in found.reasons), found.reasons
    assert (content(owner), hub.head(REPO)) == before and owner.snapshot().verify() == []
    assert hub.repositories[REPO].discussions[number - 1].status == "open"


def test_a_pull_request_that_removes_is_not_accepted(hub: Hub, contributor: Store, owner: Store) -> None:
    number = hub.propose(REPO, {}, delete=[f"{COLLECTION}/generators/nearest/"])
    assert "removes small/generators/nearest/" in reviewed(hub, owner, number).reasons[0]
    with pytest.raises(HubError, match=r"has no revision 'refs/pr/9'|does not have"):
        reviewed(hub, owner, 9)


def test_a_file_that_comes_damaged_is_not_published(hub: Hub, contributor: Store, owner: Store) -> None:
    number = offered(hub, contributor)
    hub.inject(Fault(flip=-5), path=f"*/resolve/*/{FOLDER}/dct.safetensors")
    found, commit = merge(owner, Remote(REPO, hub.token), number)
    assert commit is None and "came damaged" in found.reasons[0]


# The command line


def test_the_commands_propose_review_and_merge(
    hub: Hub, contributor: Store, owner: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.__main__.Store", lambda folder: Store(folder, builtin=None))

    def run(store: Store, token: str, *arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([*arguments, "--token", token, "--registry", str(store.folder)])
        return code, *capsys.readouterr()

    code, out, _ = run(contributor, hub.contributor_token, "propose", REPO, NEWCOMER, "--collection", COLLECTION)
    assert code == 0 and out.strip().endswith("/discussions/1")
    code, out, err = run(owner, hub.token, "review", REPO, "1")
    assert code == 0 and out == "accept\n" and "by contributor: small/shuffle" in err
    bad = hub.propose(REPO, {"run.py": b"x"}, title="\x1b[31m", author="\x1b[31mred")
    code, out, err = run(owner, hub.token, "review", REPO, str(bad))
    assert code == 1 and out.startswith("against: 'run.py' is not a path") and "\x1b" not in out + err
    code, out, err = run(owner, hub.token, "merge", REPO, "1")
    assert code == 0 and "is published in" in err
    code, out, err = run(owner, hub.token, "merge", REPO, "77")
    assert code == 1 and "77" in err
