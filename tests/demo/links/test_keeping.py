"""Kept answers on disk: found until they expire, deleted by who may, bounded, whole after a restart."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.links.keeping import Limits, Links, NotKept
from demo.links.sweeping import Sweeper
from fingerprints.settings import SettingError, Settings

SHOWN = {"pages": {"en": {"title": "Probably <i>A</i>.", "html": "a\u2028b\nc"}}, "pictures": []}


def links_at(folder: Path, most: int = 3, days: int = 2, size: int = 10_000) -> Links:
    return Links(folder / "links", Limits(most, days, size))


@pytest.fixture
def links(tmp_path: Path) -> Links:
    return links_at(tmp_path)


def expire(links: Links, id_: str) -> Path:
    """As if its days had passed."""
    path = links._folder / f"{id_}.jsonl"
    facts, shown = path.read_text().split("\n")[:2]
    past = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    path.write_text(f"{json.dumps({**json.loads(facts), 'until': past})}\n{shown}\n")
    return path


def test_what_is_kept_is_found_again_after_a_restart_too(links: Links, tmp_path: Path) -> None:
    made = links.keep(SHOWN)
    for one in (links, links_at(tmp_path)):
        found = one.find(made.id)
        assert found is not None and found == (made.facts, SHOWN)
    days = datetime.fromisoformat(made.facts.until) - datetime.fromisoformat(made.facts.made)
    assert days == timedelta(days=2)


def test_ids_and_secrets_cannot_be_guessed_and_secrets_are_not_stored(links: Links) -> None:
    made = [links.keep(SHOWN) for _ in range(3)]
    words = {word for one in made for word in (one.id, one.secret)}
    assert len(words) == 6 and {len(word) for word in words} == {24}
    stored = "".join(path.read_text() for path in links._folder.iterdir())
    assert not any(one.secret in stored for one in made)


def test_what_has_expired_is_not_found_and_is_taken_away(links: Links, tmp_path: Path) -> None:
    old, new = links.keep(SHOWN), links.keep(SHOWN)
    path = expire(links, old.id)
    assert links.find(old.id) is None and path.exists()
    again = links_at(tmp_path)
    again.start()
    assert not path.exists() and again.find(new.id) is not None
    expire(links, new.id)
    assert links.sweep() is False and list(links._folder.iterdir()) == []


def test_what_a_stopped_server_left_half_written_is_taken_away(links: Links) -> None:
    links.keep(SHOWN)
    left, now = links._folder / ".write-left", links._folder / ".write-now"
    for path in (left, now):
        path.write_text("{")
    os.utime(left, (0, time.time() - 7200))
    assert links.sweep() and not left.exists() and now.exists()


def test_so_many_and_no_more_until_one_goes(links: Links) -> None:
    first, *_ = [links.keep(SHOWN) for _ in range(3)]
    with pytest.raises(NotKept, match="as many links as it may"):
        links.keep(SHOWN)
    expire(links, first.id)
    links.keep(SHOWN)


def test_so_large_and_no_larger(links: Links) -> None:
    with pytest.raises(NotKept, match="too large"):
        links.keep({"pages": "x" * 10_000})
    assert not links._folder.exists()


@pytest.mark.parametrize("limits", [(0, 2, 10_000), (3, 0, 10_000), (3, 2, 0)])
def test_the_owner_turns_it_off(tmp_path: Path, limits: tuple[int, int, int]) -> None:
    made, off = links_at(tmp_path).keep(SHOWN), links_at(tmp_path, *limits)
    assert not off.limits.on and off.find(made.id) is None and not off.delete(made.id, made.secret)
    with pytest.raises(NotKept, match="keeps no links"):
        off.keep(SHOWN)


def test_only_its_secret_deletes_it(links: Links) -> None:
    made, other = links.keep(SHOWN), links.keep(SHOWN)
    for wrong in ("", other.secret, made.id, made.secret[:-1], made.facts.deleting, "\ud800"):
        assert not links.delete(made.id, wrong)
    assert links.may_delete(made.id, made.secret) and links.delete(made.id, made.secret)
    assert links.find(made.id) is None and links.find(other.id) is not None
    assert not links.delete(made.id, made.secret)


@pytest.mark.parametrize(
    "id_",
    ["", ".", "..", "../current", "*", "a" * 23, "a" * 25, "a" * 23 + "/", "a" * 23 + "\n", "a" * 23 + "\0", "é" * 24],
)
def test_a_hostile_id_is_nothing(links: Links, id_: str) -> None:
    made = links.keep(SHOWN)
    (links._folder.parent / "current.jsonl").write_text('{"made": "", "until": "9999-01-01T00:00:00+00:00"}\n{}\n')
    assert links.find(id_) is None and not links.delete(id_, made.secret)
    assert links.find(made.id) is not None


@pytest.mark.parametrize(
    "content",
    [
        *("", "{}", "[]\n{}\n", "not JSON", '{"made": 1}\n'),
        *(f'{{"made": "", "until": "{until}", "deleting": ""}}\n{{}}\n' for until in ("soon", "9999-01-01T00:00:00")),
    ],
)
def test_a_damaged_file_is_nothing(links: Links, content: str) -> None:
    made = links.keep(SHOWN)
    (links._folder / f"{made.id}.jsonl").write_text(content)
    assert links.find(made.id) is None and not links.delete(made.id, made.secret) and links.sweep()


def test_a_disk_that_takes_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "links").write_text("a file where the folder should be")
    with pytest.raises(NotKept, match="disk"):
        links_at(tmp_path).keep(SHOWN)


def test_limits_are_the_owners() -> None:
    assert Limits.of(Settings()) == Limits(500, 30, 1_000_000)
    assert Limits.of(Settings(links="7", days_of_a_link="1", bytes_of_a_link="9")) == Limits(7, 1, 9)
    assert Limits.of(Settings(days_of_a_link="9" * 30)).days == 36_500
    on_a_space = Settings(space="owner/space", registry="/somewhere")  # where a restart would lose them
    assert not Limits.of(on_a_space).on and Limits.of(Settings(space="owner/space", links="9")).on
    for wrong in (Settings(links="many"), Settings(days_of_a_link="-1"), Settings(bytes_of_a_link="1e6")):
        with pytest.raises(SettingError, match="it may be a whole number"):
            wrong.check()


def test_a_sweeper_sleeps_when_nothing_is_left() -> None:
    seen: list[Any] = []

    def sweep() -> bool:
        seen.append(1)
        return len(seen) < 2

    sweeper = Sweeper(0.01, sweep)
    sweeper.wake()
    sweeper.wake()
    until = time.monotonic() + 10
    while len(seen) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.1)
    assert len(seen) == 2
