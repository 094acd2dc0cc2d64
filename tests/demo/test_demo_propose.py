"""A proposal from the page: with the visitor's own token, which is sent to the Hub and told to nobody."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from demo.contribute.contribution import Published
from demo.contribute.proposing import proposed
from loopback_hub.double import Hub
from registries import REPO, publish, take
from registry.contributions import contribute
from registry.contributions.batch import Batch
from registry.storage.card import Card
from registry.storage.store import Store
from small import COLLECTION, NEWCOMER

pytestmark = pytest.mark.waits

ADDED = Published(COLLECTION, NEWCOMER)


@pytest.fixture
def contributor(hub: Hub, small_store: Store, newcomer_batch: Batch, tmp_path: Path) -> Store:
    """A server's registry, synced from the double, to which a visitor has added the newcomer."""
    publish(hub, small_store)
    store = Store(tmp_path / "contributor", builtin=None)
    take(store)
    draft = contribute.draft(newcomer_batch, Card(NEWCOMER), store.snapshot().collection(COLLECTION))
    contribute.add(store, draft)
    return store


def test_a_proposal_is_made_in_the_visitors_name(
    hub: Hub,
    contributor: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.token)  # the server's own, which must not be used
    html, done = proposed(contributor, REPO, ADDED, f"  {hub.contributor_token}\n")
    assert done and f'href="{hub.endpoint}/datasets/{REPO}/discussions/1"' in html
    assert hub.repositories[REPO].discussions[0].author == "contributor"


@pytest.mark.parametrize(
    ("token", "words"),
    [
        ("", "there is none"),
        ("hf_secret\nX-Other: 1", "characters that no token has"),
        ("hf_sécret", "characters that no token has"),
        ("hf_secret", "did not accept the token"),
        ("hf_owner_reads", "write access"),
    ],
)
def test_a_refusal_is_one_sentence_without_the_token(
    hub: Hub,
    contributor: Store,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    token: str,
    words: str,
) -> None:
    monkeypatch.setenv("HF_TOKEN", hub.contributor_token)
    with caplog.at_level(logging.DEBUG):
        html, done = proposed(contributor, REPO, ADDED, token)
    assert not done and words in html and "It was not proposed." in html
    assert not token or token not in html + caplog.text
    assert hub.repositories[REPO].discussions == []


def test_the_token_stays_nowhere(hub: Hub, contributor: Store, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        html, _ = proposed(contributor, REPO, ADDED, hub.contributor_token)
    token = hub.contributor_token
    assert token not in html and token not in caplog.text
    assert token not in json.dumps(hub.repositories[REPO].discussions[0].events)
    kept = [path for path in contributor.folder.parent.rglob("*") if path.is_file()]
    assert kept and not [path for path in kept if token.encode() in path.read_bytes()]


def test_what_the_repository_refuses_is_said(hub: Hub, contributor: Store) -> None:
    html, done = proposed(contributor, "owner/elsewhere", ADDED, hub.contributor_token)
    assert not done and "no data set owner/elsewhere" in html
    html, done = proposed(contributor, REPO, Published(COLLECTION, "nearest"), hub.contributor_token)
    assert not done and "already has" in html
    html, done = proposed(contributor, REPO, None, hub.contributor_token)
    assert not done and "session has ended" in html
