"""How far a batch is, in words."""

from __future__ import annotations

from fingerprints.sentence import Sentence, counted, said

from ..parts.html import problem, text, working
from .jobs import Batch
from .words import NOTHING


def progress_html(batch: Batch) -> str:
    """At work: how many were looked at, and for how long it will go on. At the end: what came of it."""
    if not batch.ended:
        return _at_work(batch)
    kept = f'<p class="fp-small">{text(_kept(batch))}</p>' if batch.rows else ""
    if batch.trouble:
        return problem(batch.trouble, said("Not all of it was looked at.") if batch.rows else NOTHING) + kept
    return f'<p class="fp-count" role="status">{text(_result(batch))}</p>{kept}'


def time_left(seconds: float) -> Sentence:
    """For people, who need no seconds: "about 2 minutes"."""
    minutes = round(seconds / 60)
    if seconds < 50:
        return said("less than a minute")
    return counted("about a minute", "about {number} minutes", max(minutes, 1))


def _at_work(batch: Batch) -> str:
    if not batch.total:
        return working(said("Counting the pictures …"))
    done, left = len(batch.rows), batch.seconds_left()
    if batch.cancelled:
        return working(said("Stopping …"))
    if left is None:
        sentence = said("Looked at {done} of {all}", done=done, all=batch.total)
    else:
        sentence = said("Looked at {done} of {all}; {time} left", done=done, all=batch.total, time=time_left(left))
    # No role: it changes every second, and who listens would hear nothing else.
    shown = f'<p class="fp-working"><span class="fp-dot" aria-hidden="true"></span>{text(sentence)}</p>'
    bar = f'aria-label="{text(said("Looked at"))}" max="{batch.total}" value="{done}"'
    return f'{shown}<progress class="fp-progress" {bar}></progress>'


def _result(batch: Batch) -> Sentence:
    done = len(batch.rows)
    if batch.cancelled:
        return said("Cancelled after {done} of {all}. What was found is kept.", done=done, all=batch.total)
    return counted("It was looked at.", "All {number} were looked at.", done)


def _kept(batch: Batch) -> Sentence:
    return said(
        "The address of this page leads back here until {time} UTC; then all of it is deleted. Whoever has the address "
        "can see it.",
        time=f"{batch.until:%H:%M}",
    )
