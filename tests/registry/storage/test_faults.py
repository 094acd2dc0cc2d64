"""Faults around a registry that others have not tested: what waits and the log survive them too, and nothing is lost.

Those of the store itself are in test_store.py (kill, full disk, locks, seeding), those of the Hub in hub/.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.answers.single import steps
from demo.pages.registry import contents_html, verified
from fingerprints.settings import Settings
from registry.__main__ import main
from registry.contributions import quarantine
from registry.contributions.batch import Batch
from registry.contributions.contribute import Draft, draft
from registry.contributions.quarantine import SETTLED, accept, hold, pending, reject, undo
from registry.storage import audit, files
from registry.storage.audit import notes
from registry.storage.card import Card
from registry.storage.store import Store, StoreError
from small import COLLECTION, NEWCOMER, Small


@pytest.fixture
def made(newcomer_batch: Batch, small_store: Store) -> Draft:
    return draft(newcomer_batch, Card(NEWCOMER), small_store.snapshot().collection(COLLECTION))


def received(store: Store, made: Draft) -> str:
    return hold(store, COLLECTION, made.card, made.files).id


def is_in(store: Store) -> bool:
    return NEWCOMER in store.snapshot().collection(COLLECTION).names


def told(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Stdout and stderr, but for the note that a small registry is not the embedded one."""
    out, err = capsys.readouterr()
    lines = err.splitlines(keepends=True)
    return out, "".join(line for line in lines if not line.startswith("This program embeds a newer registry"))


def killed_after(moves: int, act: Callable[[], object]) -> bool:
    """kill -9 before one of the steps that change the disk, in a process of its own; False when it needs fewer."""
    child = os.fork()
    if child == 0:
        left = [moves]

        def counted(function: Callable[..., Any]) -> Callable[..., Any]:
            def step(*given: Any, **named: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*given, **named)

            return step

        for name in ("rename", "replace", "fsync", "link", "write"):
            setattr(os, name, counted(getattr(os, name)))
        act()
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def test_a_kill_at_any_moment_leaves_a_contribution_waiting_or_decided(
    small_store: Store, made: Draft, tmp_path: Path
) -> None:
    id_ = received(small_store, made)
    for moves in range(0, 200, 3):
        store = Store(Path(shutil.copytree(small_store.folder, tmp_path / f"{moves}")), builtin=None)
        ended = not killed_after(moves, lambda store=store: accept(store, id_))
        waits, settled = pending(store), pending(store, SETTLED)
        assert [held.id for held in waits + settled] == [id_] and store.snapshot().verify() == []
        if waits:
            accept(store, id_)
        assert is_in(store) and pending(store) == [] and store.snapshot().verify() == []
        undo(store, id_)
        assert not is_in(store) and [held.id for held in pending(store)] == [id_]
        shutil.rmtree(store.folder)
        if ended:
            return
    pytest.fail("accepting never came to its end")


def test_a_kill_while_receiving_leaves_nothing_half(small_store: Store, made: Draft) -> None:
    for moves in range(0, 60, 2):
        if not killed_after(moves, lambda: received(small_store, made)):
            break
        assert all(held.card == made.card for held in pending(small_store))
    accept(small_store, pending(small_store)[-1].id)
    assert is_in(small_store)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EIO])
def test_a_disk_that_takes_nothing(small_store: Store, made: Draft, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    id_, before = received(small_store, made), small_store.revision

    def fails(*_: Any, **__: Any) -> Any:
        raise OSError(code, os.strerror(code))

    for module, name in ((os, "fsync"), (audit.os, "write"), (files.os, "replace"), (quarantine.os, "rename")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, fails)
            for act in (accept, reject):
                with pytest.raises(StoreError, match=os.strerror(code)):
                    act(small_store, id_)
            if name != "replace":  # which receiving needs not
                with pytest.raises(StoreError, match="the disk said"):
                    received(small_store, made)
        assert small_store.snapshot().verify() == []
        for held in pending(small_store, SETTLED):  # decided before the log could not be written
            undo(small_store, held.id)
        if is_in(small_store):
            small_store.remove(COLLECTION, NEWCOMER)
        assert id_ in [held.id for held in pending(small_store)] and small_store.revision == before
        for held in pending(small_store):
            if held.id != id_:
                quarantine.withdraw(small_store, held.id)


def test_a_folder_that_may_only_be_read(small_store: Store, small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers and pages go on; changes say so. (Tests may run as root, whom permissions do not stop.)"""

    def fails(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("registry.storage.store.FileLock", fails)
    monkeypatch.setattr(os, "mkdir", fails)
    with pytest.raises(StoreError, match="Read-only"):
        small_store.remove(COLLECTION, "nearest")
    with pytest.raises(StoreError, match="Read-only"):
        hold(small_store, COLLECTION, Card("a"), {})
    *_, last = steps(small_store, next(small.held_out["nearest"].iterdir()))
    assert "fp-bar" in last.answer and "Small crops" in contents_html(Settings(), small_store)


def test_damaged_files_are_said_and_the_rest_goes_on(small_store: Store, small: Small) -> None:
    card = small_store.snapshot().path / COLLECTION / "generators" / "nearest" / "card.json"
    card.unlink()  # it may be shared with another folder by a hard link
    card.write_bytes(b"\0" * 100)
    assert "Something is wrong" in list(verified(small_store))[-1]
    *_, last = steps(small_store, next(small.held_out["nearest"].iterdir()))
    assert "card.json" in last.answer and "Traceback" not in last.answer
    small_store.folder.joinpath("current").write_text("0000000000000000\n")
    fresh = Store(small_store.folder, builtin=None)
    assert "cannot be read" in contents_html(Settings(), fresh)


def test_a_disk_that_is_full_at_first_use(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, not a list of all files; and nothing is left, so that it works once there is room."""
    copied = []

    def full(source: Path, target: Path) -> None:
        copied.append(target)
        if len(copied) > 3:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(source))
        shutil.copyfile(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copy2", full)
        assert main(["list", "--registry", str(tmp_path / "new")]) == 1
    assert capsys.readouterr().err == "nothing was changed: the disk said No space left on device.\n"
    assert list((tmp_path / "new" / "revisions").iterdir()) == [] and len(copied) == 4
    assert main(["list", "--registry", str(tmp_path / "new")]) == 0
    assert Store(tmp_path / "new").snapshot().verify() == []


@pytest.mark.parametrize(
    "path", ["registry.json", f"{COLLECTION}/collection.json", f"{COLLECTION}/reference/dct.safetensors", "current"]
)
@pytest.mark.parametrize(
    "damage", [lambda data: data[: len(data) // 2], lambda data: b"\xff\0" * 8], ids=["cut", "bytes"]
)
def test_a_damaged_registry_says_what_to_do_for_each_input(
    small_store: Store, small: Small, path: str, damage: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    file = (small_store.folder if path == "current" else small_store.snapshot().path) / path
    data = file.read_bytes()
    file.unlink()  # it may be shared with another folder by a hard link
    file.write_bytes(damage(data))
    inputs = [str(image) for image in sorted(small.held_out["nearest"].iterdir())[:2]]
    registry = ["--registry", str(small_store.folder)]
    capsys.readouterr()
    assert main(["identify", *inputs, "--json", *registry]) == 1
    out, err = told(capsys)
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["path"] for answer in answers] == inputs
    assert all(set(answer) == {"schema", "path", "error"} for answer in answers)
    assert err.count("\n") == 1 and "`python -m registry verify`" in err and "python -m registry sync OWNER/NAME" in err
    assert main(["verify", *registry]) == 1
    said = capsys.readouterr()
    assert file.name in said.out + said.err and "Traceback" not in said.err


def test_a_damaged_card_does_not_end_the_answers(
    small_store: Store, small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    card = small_store.snapshot().path / COLLECTION / "generators" / "nearest" / "card.json"
    card.unlink()
    card.write_bytes(b"{")
    folder, registry = str(small.held_out["nearest"]), ["--registry", str(small_store.folder)]
    assert main(["identify", folder, *registry]) == 1
    said = told(capsys)[1]
    assert "card.json in nearest cannot be read" in said and said.count("\n") == 1
    assert main(["identify", folder, "--json", *registry]) == 0, "an answer in JSON needs no card"


def test_a_registry_of_another_form_says_what_to_do(
    small_store: Store, small: Small, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = small_store.snapshot().path / "registry.json"
    manifest.unlink()
    manifest.write_text('{"schema": 1}')
    for command in (["identify", str(small.reals)], ["list"], ["verify"]):
        assert main([*command, "--registry", str(small_store.folder)]) == 1
        said = capsys.readouterr()
        assert "not as this version knows it: it lacks '" in said.out + said.err


def test_a_clock_that_goes_back(small_store: Store, made: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    first = received(small_store, made)
    accept(small_store, first)

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(1999, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(audit, "datetime", Earlier)
    small_store.remove(COLLECTION, NEWCOMER)
    second = received(small_store, made)
    for path in (small_store.folder / "revisions").iterdir():
        os.utime(path, (0, 0))
    accept(small_store, second)
    assert is_in(small_store) and small_store.snapshot().verify() == []
    assert [line["action"] for line in notes(small_store.folder)][-2:] == ["added", "accepted"]
    assert [line["time"][:4] for line in notes(small_store.folder)][-1] == "1999"


def test_two_versions_of_the_app_on_one_folder(small_store: Store, made: Draft) -> None:
    """A newer one may write what this one does not know: it is left alone, said, and nothing of ours is lost."""
    id_ = received(small_store, made)
    newer = small_store.folder / "pending" / "newer"
    shutil.copytree(small_store.folder / "pending" / id_, newer)
    facts = json.loads((newer / "entry.json").read_bytes())
    (newer / "entry.json").write_text(json.dumps({**facts, "card": {**facts["card"], "colour": "green"}}))
    (small_store.folder / "unheard-of").mkdir()
    assert [held.id for held in pending(small_store)] == [id_]
    older, newest = Store(small_store.folder, builtin=None), Store(small_store.folder, builtin=None)
    accept(older, id_)
    assert is_in(newest) and (newer / "entry.json").exists() and (small_store.folder / "unheard-of").exists()
    manifest = small_store.snapshot().path / "registry.json"
    text = json.loads(manifest.read_bytes())
    target = small_store.folder / "revisions" / "newer-schema"
    shutil.copytree(small_store.snapshot().path, target)
    (target / "registry.json").unlink()
    (target / "registry.json").write_text(json.dumps({**text, "schema": 2}))
    (small_store.folder / "current").write_text("newer-schema\n")
    assert "this version reads schema 1" in contents_html(Settings(), older)
