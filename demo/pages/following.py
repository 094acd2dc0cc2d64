"""A followed repository in words: what its follower is doing, how far it is, and how the last time went."""

from __future__ import annotations

from registry.hub.follow import State
from registry.hub.sync import Progress, Synced

from ..parts.html import facts, problem, size, text, when, working

_TRIED_AGAIN = "What was in use before still is. It is tried again by itself every few minutes."


def following_html(state: State) -> str:
    """``state`` at one moment."""
    parts = [f"<h2>Following {text(state.repo_id)}</h2>", _activity(state)]
    if state.error is not None:
        parts.append(problem(f"{_sentence(state.error)} {_TRIED_AGAIN}", "The last sync did not work."))
    if state.synced is not None and state.time is not None:
        parts.append(facts({"Last success": when(state.time), "It brought": _brought(state.synced)}))
    return f'<section data-activity="{text(state.activity)}">{"".join(parts)}</section>'


def _activity(state: State) -> str:
    if state.activity == "stopped":
        return '<p role="status">The app no longer looks for new revisions.</p>'
    if state.activity == "idle":
        never = state.synced is None and state.error is None
        return f'<p role="status">{"Waiting for the first sync." if never else "Waiting for the next turn."}</p>'
    if state.progress is None:
        return working("Asking what is new …")
    return working(_progress(state.progress)) + _bar(state.progress)


def _progress(progress: Progress) -> str:
    files = f"{progress.files} of {progress.files_total} files"
    came = f"{size(progress.bytes)} of {size(progress.bytes_total)}"
    return f"Syncing: {files}, {came}, {size(progress.rate)} a second …"


def _bar(progress: Progress) -> str:
    value, most = progress.bytes, max(progress.bytes_total, 1)
    return f'<progress aria-label="Bytes that came" value="{value}" max="{most}"></progress>'


def _brought(synced: Synced) -> str:
    if not synced.changed:
        return f"nothing new: commit {synced.origin.commit[:12]} was in use already"
    kept = f"; added here and kept on top: {', '.join(synced.kept)}" if synced.kept else ""
    return f"commit {synced.origin.commit[:12]}: {synced.files} files, {synced.bytes:,} bytes{kept}"


def _sentence(reason: str) -> str:
    """The registry's reasons begin small and may end without a full stop."""
    return f"{reason[:1].upper()}{reason[1:].rstrip('.')}."
