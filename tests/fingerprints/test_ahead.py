"""Work that others may begin with is done once, whoever does it, and nobody waits for somebody who waits."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from fingerprints import ahead
from fingerprints.ahead import Ahead


@pytest.fixture(params=[0, 1, 3])
def helpers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """So many threads that help."""
    pool = ThreadPoolExecutor(request.param) if request.param else None
    monkeypatch.setattr(ahead, "_helpers", lambda: pool)
    return int(request.param)


def test_each_piece_is_done_once(helpers: int) -> None:
    done: list[int] = []
    pieces = [Ahead(lambda number=number: done.append(number) or number) for number in range(50)]
    assert [piece.result() for piece in pieces] == list(range(50))
    assert sorted(done) == list(range(50))


def test_a_piece_may_wait_for_another(helpers: int) -> None:
    inner = [Ahead(lambda number=number: number) for number in range(8)]
    outer = [Ahead(lambda piece=piece: piece.result() + 1) for piece in inner]
    assert [piece.result() for piece in reversed(outer)] == list(range(8, 0, -1))


def test_what_is_raised_is_raised_where_it_is_asked_for(helpers: int) -> None:
    def fails() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Ahead(fails).result()


def test_nobody_waits_for_those_who_are_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, let_go = ThreadPoolExecutor(1), threading.Event()
    monkeypatch.setattr(ahead, "_helpers", lambda: pool)
    pool.submit(let_go.wait, 60)
    assert Ahead(threading.get_ident).result() == threading.get_ident()
    let_go.set()


def test_what_is_dropped_is_not_begun_with(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, let_go, done = ThreadPoolExecutor(1), threading.Event(), []
    monkeypatch.setattr(ahead, "_helpers", lambda: pool)
    pool.submit(let_go.wait, 60)
    Ahead(lambda: done.append(1)).drop()
    let_go.set()
    pool.shutdown()
    assert not done
