"""How far a batch is, in words."""

from __future__ import annotations

from ..parts.html import problem, text, working
from .jobs import Batch


def progress_html(batch: Batch) -> str:
    """At work: how many were looked at, and for how long it will go on. At the end: what came of it."""
    if not batch.ended:
        return _at_work(batch)
    kept = f'<p class="fp-small">{text(_kept(batch))}</p>' if batch.rows else ""
    if batch.trouble:
        return problem(batch.trouble, "Not all of it was looked at." if batch.rows else "Nothing was looked at.") + kept
    return f'<p class="fp-count" role="status">{text(_result(batch))}</p>{kept}'


def time_left(seconds: float) -> str:
    """For people, who need no seconds: "about 2 minutes"."""
    minutes = round(seconds / 60)
    if seconds < 50:
        return "less than a minute"
    return "about a minute" if minutes <= 1 else f"about {minutes} minutes"


def _at_work(batch: Batch) -> str:
    if not batch.total:
        return working("Counting the pictures …")
    done, left = len(batch.rows), batch.seconds_left()
    soon = f"; {time_left(left)} left" if left is not None else ""
    sentence = f"Looked at {done} of {batch.total}{soon}"
    if batch.cancelled:
        return working("Stopping …")
    # No role: it changes every second, and who listens would hear nothing else.
    said = f'<p class="fp-working"><span class="fp-dot" aria-hidden="true"></span>{text(sentence)}</p>'
    return f'{said}<progress class="fp-progress" aria-label="Looked at" max="{batch.total}" value="{done}"></progress>'


def _result(batch: Batch) -> str:
    if batch.cancelled:
        return f"Cancelled after {len(batch.rows)} of {batch.total}. What was found is kept."
    return f"All {len(batch.rows)} were looked at." if len(batch.rows) > 1 else "It was looked at."


def _kept(batch: Batch) -> str:
    return (
        f"The address of this page leads back here until {batch.until:%H:%M} UTC; then all of it is deleted. Whoever "
        "has the address can see it."
    )
