"""A sample of benchmarks.hostile.visitors: many at once, every one of them answered with their own answer, or told to
wait."""

from __future__ import annotations

import pytest

from benchmarks.hostile import visitors
from benchmarks.hostile.visitors import Tally, _ends, _judge, _last

pytestmark = pytest.mark.waits


def test_answers_are_judged() -> None:
    tally, right = Tally(), {"file": "a.jpg", "verdict": "real"}
    _judge(right, {**right, "file": "warm.jpg"}, "a.jpg", 1.0, tally)
    _judge({"refused": "The server is busy: try again."}, right, "a.jpg", 1.0, tally)
    assert tally.answered == 1 and tally.wrong == [] and sum(tally.refused.values()) == 1
    _judge(right, {**right, "file": "warm.jpg"}, "b.jpg", 1.0, tally)
    _judge(right, {"file": "", "verdict": "unknown"}, "a.jpg", 1.0, tally)
    _judge({"refused": "Traceback"}, right, "a.jpg", 1.0, tally)
    assert len(tally.wrong) == 3


def test_streams_are_read_to_their_end() -> None:
    lines = ["event: generating", 'data: [{"in_line": 3}]', "", "event: complete", 'data: [{"final": true}]', ""]
    assert _last(iter(lines)) == {"final": True}
    assert "error" in _last(iter(["event: error", "data: null"]))["refused"]
    assert "ended" in _last(iter([]))["refused"]


def test_memory_of_the_first_and_the_last_minute() -> None:
    assert _ends([(float(second), 100.0 if second < 150 else 110.0) for second in range(301)]) == (100.0, 110.0)


def test_fifty_visitors() -> None:
    facts = visitors.run(50, 20.0, 4.0)
    assert facts["wrong"] == [] and facts["answered"] > 0


@pytest.mark.slow
def test_fifty_visitors_for_five_minutes() -> None:
    facts = visitors.run(50, 300.0, 60.0)
    assert facts["wrong"] == [] and 0.9 <= facts["last to first"] <= 1.1
