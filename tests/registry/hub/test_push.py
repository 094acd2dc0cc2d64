"""Push: one command creates the repository, its page and its attributes, and sends only what changed."""

from __future__ import annotations

from pathlib import Path

import huggingface_hub
import pytest

from loopback_hub.double import Hub
from loopback_hub.faults import Fault
from loopback_hub.repositories.cards import card_data
from registries import REPO, add, content, names, publish, published, retitle, take
from registry.__main__ import main
from registry.hub.client import Hub as Remote
from registry.hub.client import HubError, Moved
from registry.hub.push import push
from registry.hub.readme import licence_of, plain, readme
from registry.storage.card import Card
from registry.storage.origin import origin_path
from registry.storage.store import Store, StoreError
from small import COLLECTION

pytestmark = pytest.mark.waits


@pytest.fixture
def empty(tmp_path: Path) -> Store:
    """A registry that holds nothing yet."""
    return Store(tmp_path / "empty", builtin=None)


@pytest.fixture
def owner(hub: Hub) -> Remote:
    """The repository, with its owner's token."""
    return Remote(REPO, hub.token)


def test_a_first_push_creates_everything(hub: Hub, small_store: Store, empty: Store, owner: Remote) -> None:
    pushed = push(small_store, owner)
    assert published(hub) == content(small_store)
    assert pushed.commit == hub.head(REPO) and set(pushed.sent) >= {"registry.json", "README.md"}
    assert not hub.repositories[REPO].private
    assert small_store.snapshot().origin == f"{REPO}@{pushed.commit}"
    take(empty)
    assert content(empty) == content(small_store)


def test_an_upload_that_breaks_off_is_no_fault_of_the_disk(
    hub: Hub, small_store: Store, owner: Remote, monkeypatch
) -> None:
    """Large files go to the Hub's storage by a client of its own (Xet), whose errors are those of Python."""

    def broken(*_: object, **__: object) -> None:
        raise ConnectionError("Network error: HTTP status client error (404 Not Found)")

    monkeypatch.setattr(huggingface_hub.HfApi, "create_commit", broken)
    with pytest.raises(HubError, match=r"^the Hub cannot be reached: Network error"):
        push(small_store, owner)
    assert small_store.snapshot().source is None


def test_a_private_repository_can_be_asked_for(hub: Hub, small_store: Store, owner: Remote) -> None:
    push(small_store, owner, private=True)
    assert hub.repositories[REPO].private


def test_the_page_says_what_it_is_and_how_to_use_it(hub: Hub, small_store: Store, owner: Remote) -> None:
    push(small_store, owner, licence="cc-by-4.0")
    page = hub.files(REPO)["README.md"]
    facts = card_data(page)
    assert facts["license"] == "cc-by-4.0" == licence_of(page)
    assert "manifpt-registry" in facts["tags"] and facts["viewer"] is False and facts["pretty_name"]
    text = page.decode()
    assert f"| Small crops (`{COLLECTION}`) | 64 to 127 px | 3 | 294 |" in text
    assert f"python -m registry sync {REPO}" in text and f"FINGERPRINT_REPO={REPO}" in text
    assert "How to ask for the removal of a generator" in text and "Community tab" in text
    assert b"*.safetensors filter=lfs" in hub.files(REPO)[".gitattributes"]


def test_titles_from_others_are_text_on_the_page(small_store: Store) -> None:
    nasty = "<script>alert(1)</script> [x](javascript:y) `z` | # **"
    small_store.replace_collection(COLLECTION, nasty, {"collection.json": b"{}"}, {})
    shown = plain(nasty)
    assert not set("<>[]()`|#*") & set(shown.replace("&#", ""))
    assert "\n" not in plain("a\nb\u2028c")
    with pytest.raises(ValueError, match=r"collection\.json"):
        readme(small_store.snapshot(), REPO)


def test_only_what_changed_is_sent(hub: Hub, small_store: Store, owner: Remote) -> None:
    first = push(small_store, owner).commit
    hub.reset()
    again = push(small_store, owner)
    assert (again.commit, again.sent, again.deleted) == (first, (), ())
    assert hub.count("PUT") == 0 and hub.count("POST", "*/commit/*") == 0
    add(small_store, "newcomer", like="nearest")
    pushed = push(small_store, owner)
    assert set(pushed.sent) == {"README.md", "registry.json", f"{COLLECTION}/generators/newcomer/card.json"} | {
        path for path in small_store.snapshot().files if "/newcomer/" in path
    }
    assert hub.count("PUT") == 0, "its arrays and pictures are on the Hub already, under another name"
    small_store.remove(COLLECTION, "newcomer")
    deleted = push(small_store, owner).deleted
    assert deleted and all("/newcomer/" in path for path in deleted) and published(hub) == content(small_store)


def test_a_push_over_what_others_published_is_refused(
    hub: Hub, small_store: Store, empty: Store, owner: Remote
) -> None:
    publish(hub, small_store)
    take(empty)
    retitle(hub, "nearest", "Closest")
    theirs = published(hub)
    add(empty, "mine")
    with pytest.raises(Moved, match=f"yours does not build on; take it first: python -m registry sync {REPO}"):
        push(empty, owner)
    assert published(hub) == theirs
    assert take(empty).kept == (f"{COLLECTION}/mine",)
    push(empty, owner)
    assert published(hub) == content(empty) and "mine" in names(empty)


def test_a_commit_in_between_is_refused(hub: Hub, small_store: Store, owner: Remote) -> None:
    push(small_store, owner)
    add(small_store, "mine")
    original = Remote.commit

    def late(self: Remote, *arguments: object) -> str:
        retitle(hub, "nearest", "Closest")
        return original(self, *arguments)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Remote, "commit", late)
        with pytest.raises(Moved, match=f"{REPO} was changed in the meantime; run the command again"):
            push(small_store, owner)
    assert "mine" not in str(published(hub)["registry.json"])


def test_a_repository_with_other_files_is_left_alone(hub: Hub, small_store: Store, owner: Remote) -> None:
    hub.create(REPO, {"thesis.tex": b"x"})
    with pytest.raises(StoreError, match=r"nothing was pushed: 'thesis.tex' is not a path .* Remove it"):
        push(small_store, owner)
    assert set(hub.files(REPO)) == {".gitattributes", "thesis.tex"}


def test_a_damaged_registry_is_not_pushed(hub: Hub, small_store: Store, owner: Remote) -> None:
    (small_store.snapshot().path / COLLECTION / "collection.json").write_bytes(b"{}")
    with pytest.raises(StoreError, match=r"nothing was pushed, because the registry here is damaged: small/collection"):
        push(small_store, owner)
    assert REPO not in hub.repositories


def test_who_may_not_write_is_told(hub: Hub, small_store: Store) -> None:
    publish(hub, small_store)
    take(small_store)
    add(small_store, "mine")
    before = hub.head(REPO)
    for token, reason in (
        (None, "there is no data set owner/registry on the Hub, or it is private and the token"),
        ("hf_nobody", "the Hub did not accept the token"),
        (hub.reader_token, "this token may not do that with owner/registry; one with write access is needed"),
        (hub.contributor_token, "this token may not do that"),
    ):
        with pytest.raises(ValueError, match=reason) as refused:
            push(small_store, Remote(REPO, token or False))
        assert "hf_" not in str(refused.value).replace("hf auth login", "")
    assert hub.head(REPO) == before


def test_an_upload_that_breaks_publishes_nothing(hub: Hub, small_store: Store, owner: Remote) -> None:
    hub.inject(Fault(status=400), method="PUT")
    with pytest.raises(HubError, match=f"nothing was published on {REPO}: "):
        push(small_store, owner)
    assert published(hub) == {}
    hub.reset()
    push(small_store, owner)
    assert published(hub) == content(small_store)


def test_a_push_that_was_not_noted_here_is_noticed(hub: Hub, small_store: Store, owner: Remote) -> None:
    """Killed between the commit and the note of it."""
    push(small_store, owner)
    origin_path(small_store.snapshot().path).unlink()
    again = push(small_store, owner)
    assert again.sent == () and small_store.snapshot().origin == f"{REPO}@{again.commit}"


def test_the_command_pushes_and_says_so(
    hub: Hub, small_store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.token)
    arguments = ["push", REPO, "--private", "--registry", str(small_store.folder)]
    monkeypatch.setattr("registry.__main__.Store", lambda folder: Store(folder, builtin=None))
    assert main(arguments) == 0
    assert f"{REPO} is at {hub.head(REPO)[:12]}: " in capsys.readouterr().err
    assert main(arguments) == 0 and "nothing had changed" in capsys.readouterr().err
    monkeypatch.setenv("HF_TOKEN", hub.reader_token)
    small_store.add(COLLECTION, Card("mine", samples=1), _entry(small_store))
    assert main(arguments) == 1 and "one with write access is needed" in capsys.readouterr().err


def _entry(store: Store) -> dict[str, bytes]:
    folder = store.snapshot().path / COLLECTION / "generators" / "nearest"
    return {p.name: p.read_bytes() for p in folder.glob("*.safetensors")}
