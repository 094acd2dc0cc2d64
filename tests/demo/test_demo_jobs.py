"""A contribution's computation apart from its page: followed, found by its key, cancelled, and forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from demo.contribute import jobs as module
from demo.contribute.contribution import Prepared, Progress
from demo.contribute.jobs import Jobs
from registry.intake.samples import IntakeError

pytestmark = pytest.mark.waits

PREPARED = Prepared(draft=None, references={}, unreadable=(), seconds=1.0)  # type: ignore[arg-type]


def steps(until: threading.Event | None = None) -> Iterator[Progress | Prepared]:
    yield Progress(1, 0, 0, 0.1)
    if until is not None:
        until.wait(20)
    yield PREPARED


def test_it_is_followed_to_its_end() -> None:
    job = Jobs(()).start(steps)
    seen = list(job.follow())
    assert job.ended and job.prepared is PREPARED and not job.trouble
    assert all(state is None or isinstance(state, Progress) for state in seen)


def test_who_knows_the_key_finds_it_and_nobody_else() -> None:
    jobs = Jobs(())
    job = jobs.start(steps)
    assert jobs.find(job.key) is job and len(job.key) >= 32
    assert jobs.find("") is None and jobs.find(None) is None and jobs.find(job.key[:-1]) is None


def test_two_that_follow_see_the_same_end() -> None:
    release, job = threading.Event(), None
    job = Jobs(()).start(lambda: steps(release))
    first = job.follow()
    next(first)
    release.set()
    assert list(first) is not None and list(job.follow()) == [] and job.prepared is PREPARED


def test_a_problem_is_its_sentence_and_other_errors_end_it_too(recwarn: pytest.WarningsRecorder) -> None:
    def refused() -> Iterator[Progress | Prepared]:
        raise IntakeError("Five are needed.")
        yield

    job = Jobs((IntakeError,)).start(refused)
    list(job.follow())
    assert job.trouble == "Five are needed." and job.prepared is None


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unforeseen_error_ends_it_with_a_sentence() -> None:
    def broken() -> Iterator[Progress | Prepared]:
        raise KeyError("secret")
        yield

    job = Jobs((IntakeError,)).start(broken)
    list(job.follow())
    assert job.ended and "without a result" in job.trouble and "secret" not in job.trouble


def test_a_cancelled_one_prepares_nothing_and_is_gone() -> None:
    release, jobs = threading.Event(), Jobs(())
    job = jobs.start(lambda: steps(release))
    next(job.follow())
    jobs.forget(job.key)
    release.set()
    assert list(job.follow()) == [] and job.prepared is None and jobs.find(job.key) is None


def test_one_is_computed_at_a_time() -> None:
    release, jobs = threading.Event(), Jobs(())
    first, second = jobs.start(lambda: steps(release)), jobs.start(steps)
    assert next(second.follow()) is None
    release.set()
    list(first.follow()), list(second.follow())
    assert first.prepared is PREPARED and second.prepared is PREPARED


def test_they_are_forgotten_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = Jobs(())
    old = jobs.start(steps)
    list(old.follow())
    monkeypatch.setattr(module, "_KEPT_SECONDS", -1)
    jobs.start(steps)
    assert jobs.find(old.key) is None
