"""Contributions wait for the owner's word: on the command line, on the owner's page, with undo and a log."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from demo import build_demo
from demo.contribute.contribution import Prepared, Published, publish, undo
from demo.contribute.report import waiting_html
from demo.pages import owner
from fingerprints.settings import OWNER_TOKEN, SettingError, Settings
from registry.__main__ import main
from registry.contributions import quarantine
from registry.contributions.batch import Batch
from registry.contributions.contribute import Draft, draft
from registry.contributions.quarantine import SETTLED, hold, pending
from registry.contributions.submit import permitted
from registry.storage.audit import note, notes
from registry.storage.card import Card
from registry.storage.snapshot import Collection
from registry.storage.store import Store, StoreError
from small import COLLECTION, NEWCOMER, Small


@pytest.fixture
def collection(small_store: Store) -> Collection:
    return small_store.snapshot().collection(COLLECTION)


@pytest.fixture
def made(newcomer_batch: Batch, collection: Collection) -> Draft:
    return draft(newcomer_batch, Card(NEWCOMER, title="Shuffle <b>"), collection)


def held(store: Store, made: Draft, name: str = NEWCOMER) -> str:
    return hold(store, COLLECTION, replace(made.card, name=name), made.files, ["Odd <i>."], ["Nice."], "a test").id


def names(store: Store) -> list[str]:
    return store.snapshot().collection(COLLECTION).names


class TestQuarantine:
    def test_what_waits_is_whole_and_in_no_answer(self, small_store: Store, made: Draft) -> None:
        id_ = held(small_store, made)
        [waits] = pending(small_store)
        assert (waits.id, waits.card, waits.reasons, waits.by) == (id_, made.card, ("Odd <i>.",), "a test")
        assert NEWCOMER not in names(small_store) and small_store.snapshot().verify() == []

    def test_accepted_it_is_what_it_would_have_been(self, small_store: Store, made: Draft) -> None:
        revision = quarantine.accept(small_store, held(small_store, made))
        assert small_store.revision == revision and NEWCOMER in names(small_store) and pending(small_store) == []
        assert small_store.snapshot().verify() == []
        folder = small_store.snapshot().path / COLLECTION / "generators" / NEWCOMER
        assert all((folder / path).read_bytes() == data for path, data in made.files.items())

    def test_rejected_and_undone(self, small_store: Store, made: Draft) -> None:
        before = small_store.revision
        id_ = held(small_store, made)
        quarantine.reject(small_store, NEWCOMER)
        assert pending(small_store) == [] and pending(small_store, SETTLED)[0].decision == "rejected"
        quarantine.undo(small_store, id_)
        assert [waits.id for waits in pending(small_store)] == [id_]
        quarantine.accept(small_store, id_)
        quarantine.undo(small_store, id_)
        assert small_store.revision == before and [waits.decision for waits in pending(small_store)] == [""]

    def test_undo_takes_out_nothing_that_was_added_later(self, small_store: Store, made: Draft) -> None:
        id_ = held(small_store, made)
        quarantine.accept(small_store, id_)
        small_store.remove(COLLECTION, NEWCOMER)
        small_store.add(COLLECTION, made.card, {p: d for p, d in made.files.items() if "gallery" not in p})
        quarantine.undo(small_store, id_)
        assert NEWCOMER in names(small_store)

    def test_a_crash_after_adding_loses_nothing(
        self, small_store: Store, made: Draft, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        id_ = held(small_store, made)
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(quarantine, "_settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            quarantine.accept(small_store, id_)
        assert NEWCOMER in names(small_store) and [waits.id for waits in pending(small_store)] == [id_]
        quarantine.accept(small_store, id_)
        assert pending(small_store) == [] and names(small_store).count(NEWCOMER) == 1

    def test_names_that_several_bear(self, small_store: Store, made: Draft) -> None:
        ids = [held(small_store, made) for _ in range(2)]
        with pytest.raises(StoreError, match="say which"):
            quarantine.accept(small_store, NEWCOMER)
        quarantine.accept(small_store, ids[0])
        with pytest.raises(StoreError, match="already has a generator"):
            quarantine.accept(small_store, hold(small_store, COLLECTION, made.card, {"card": b""}).id)
        with pytest.raises(StoreError, match="is not waiting"):
            quarantine.accept(small_store, "nothing")

    def test_so_many_may_wait(self, small_store: Store, made: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(quarantine, "MOST_WAITING", 2)
        held(small_store, made, "a")
        held(small_store, made, "b")
        with pytest.raises(StoreError, match="2 contributions wait"):
            held(small_store, made, "c")

    def test_damaged_ones_are_left_out(self, small_store: Store, made: Draft) -> None:
        for name, damage in (("a", b"{}"), ("b", b"\xff"), ("c", b'{"card": 3}')):
            (small_store.folder / "pending" / held(small_store, made, name) / "entry.json").write_bytes(damage)
        good = held(small_store, made)
        assert [waits.id for waits in pending(small_store)] == [good]


class TestAudit:
    def test_every_change_has_its_line(self, small_store: Store, made: Draft) -> None:
        id_ = held(small_store, made)
        quarantine.accept(small_store, id_, "the owner")
        small_store.remove(COLLECTION, "nearest")
        lines = [(line["action"], line["name"]) for line in notes(small_store.folder)]
        expected = [("received", NEWCOMER), ("added", NEWCOMER), ("accepted", NEWCOMER), ("removed", "nearest")]
        assert lines[-4:] == expected
        assert [line.get("by") for line in notes(small_store.folder)][-2] == "the owner"

    def test_half_a_line_costs_that_line_alone(self, tmp_path: Path) -> None:
        note(tmp_path, "one", name="\ud800")
        with (tmp_path / "audit.jsonl").open("ab") as opened:
            opened.write(b'{"time": "20')
        note(tmp_path, "two")
        (tmp_path / "audit.jsonl").open("ab").write(b"[1]\n\xff\n")
        assert [line["action"] for line in notes(tmp_path)] == ["one", "two"]
        assert os.stat(tmp_path / "audit.jsonl").st_mode & 0o077 == 0


class TestPolicy:
    def test_words(self) -> None:
        assert Settings().policy == "direct" and permitted(Settings(), "")
        with pytest.raises(SettingError, match="may be direct, open, token, closed"):
            _ = Settings(contributions="public").policy
        with pytest.raises(SettingError, match="is not set"):
            _ = Settings(contributions="token").policy
        by_token = Settings(contributions="token", contribution_token="s3cret")
        assert permitted(by_token, " s3cret ")
        assert not any(permitted(by_token, token) for token in ("", "s3cre", "é"))
        assert not permitted(replace(by_token, contributions="closed"), "s3cret")

    def test_on_a_public_server_everything_waits(self, small_store: Store, collection: Collection, made: Draft) -> None:
        prepared = Prepared(made, {s: collection.reference_digest(s) for s in collection.spaces}, (), 1.0)
        added = publish(Settings(contributions="open"), small_store, prepared, Card(NEWCOMER, title="Shuffle"))
        assert added.waiting and NEWCOMER not in names(small_store)
        assert pending(small_store)[0].card.samples == 98
        undo(small_store, added)
        assert pending(small_store) == []
        added = publish(Settings(contributions="direct"), small_store, prepared, Card(NEWCOMER))
        assert added.waiting == "" and NEWCOMER in names(small_store)

    def test_the_page_of_a_closed_server(self, small_store: Store) -> None:
        config = str(build_demo(small_store, settings=Settings(contributions="closed")).get_config_file())
        assert "takes no contributions" in config and "Compute the fingerprint" not in config

    def test_names_are_shown_as_text(self) -> None:
        assert "<i>" not in waiting_html(Published(COLLECTION, "<i>", "<i>"))


OWNED = Settings(owner_token="owner-secret")


class TestOwnersPage:
    @pytest.fixture(autouse=True)
    def _fast(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(owner, "_WRONG_SECONDS", 0.0)

    def test_it_exists_only_with_a_token(self, small_store: Store) -> None:
        assert "Owner's token" in str(build_demo(small_store, settings=OWNED).get_config_file())
        assert "Owner's token" not in str(build_demo(small_store, settings=Settings()).get_config_file())
        assert "not the owner's token" in owner.looked(Settings(), small_store, "").replace("&#x27;", "'")

    def test_accept_reject_and_undo(self, small_store: Store, made: Draft) -> None:
        id_ = held(small_store, made)
        for token in ("", "wrong"):
            assert id_ not in owner.decided(OWNED, small_store, "accept", token, id_)
        assert NEWCOMER not in names(small_store)
        shown = owner.looked(OWNED, small_store, "owner-secret")
        assert id_ in shown and "Odd &lt;i&gt;." in shown and "<b>" not in shown
        assert "accepted: small/shuffle" in owner.decided(OWNED, small_store, "accept", "owner-secret", NEWCOMER)
        assert NEWCOMER in names(small_store)
        assert f'data-waiting="{id_}"' in owner.decided(OWNED, small_store, "undo", "owner-secret", id_)
        assert "rejected: small/shuffle" in owner.decided(OWNED, small_store, "reject", "owner-secret", id_)
        assert "is not waiting" in owner.decided(OWNED, small_store, "reject", "owner-secret", "x")
        assert "page" in [line.get("by", "") for line in notes(small_store.folder)][-1]


class TestCommandLine:
    def test_from_add_to_log(
        self, small: Small, small_store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def run(*arguments: str) -> tuple[int, str, str]:
            code = main([*arguments, "--registry", str(small_store.folder)])
            said = capsys.readouterr()
            return code, said.out, said.err

        monkeypatch.setenv(OWNER_TOKEN, "s3cret")
        copy = str(small.samples["nearest"])
        code, _, err = run("add", "nearest-2", copy, "--collection", COLLECTION)
        assert code == 1 and "made from the very samples of nearest" in err and "python -m registry accept" in err
        assert names(small_store) == ["bicubic", "nearest", "transposed"]
        code, out, _ = run("pending")
        assert code == 0 and "small/nearest-2, 98 samples" in out and "against: It was made from" in out
        assert json.loads(run("pending", "--json")[1])["card"]["name"] == "nearest-2"
        assert run("reject", "nearest-2")[0] == 0 and run("pending")[1] == ""
        assert run("undo", "nearest-2")[0] == 0
        assert run("accept", "nearest-2")[0] == 0 and "nearest-2" in names(small_store)
        assert run("accept", "nearest-2")[0] == 1
        actions = [json.loads(line)["action"] for line in run("log", "--json")[1].splitlines()]
        assert actions[-5:] == ["received", "rejected", "undone", "added", "accepted"]
        assert "accepted" in run("log")[1]
